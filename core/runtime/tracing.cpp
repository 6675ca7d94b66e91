#include "runtime/tracing.hpp"

#include "plugin/registry.hpp"
#include "runtime/frame.hpp"

namespace rvm::runtime {

rvm_status Tracing::begin(plugin::Registry& registry, const char* id, const char* config, std::uint64_t execution,
                          std::string& problem) {
    end(nullptr);
    Report report;
    const auto found = registry.find<rvm_tracer>(id, report);
    if (!found) {
        problem = report.text();
        return RVM_E_INVALID_ARGUMENT;
    }
    void* cookie = nullptr;
    if (found->begin != nullptr) {
        const rvm_status status = found->begin(found->self, config == nullptr ? "{}" : config, execution, &cookie);
        if (status != RVM_OK) {
            problem = "tracer " + std::string(id) + " refused to start";
            return RVM_E_INVALID_ARGUMENT;
        }
    }
    tracer_ = found.item;
    cookie_ = cookie;
    interest_ = tracer_->interest;
    next_frame_ = 0;
    current_frame_ = 0;
    return RVM_OK;
}

void Tracing::end(const rvm_result* result) {
    if (tracer_ == nullptr) return;
    if (tracer_->end != nullptr) tracer_->end(tracer_->self, cookie_, result);
    tracer_ = nullptr;
    interest_ = 0;
}

std::string Tracing::text() const {
    rvm_view view{};
    if (tracer_ == nullptr || tracer_->text == nullptr || tracer_->text(tracer_->self, cookie_, &view) != RVM_OK)
        return {};
    return {reinterpret_cast<const char*>(view.data), view.size};
}

// A tracer gets copies: one that writes through its pointers all the same changes no result.

void Tracing::enter(Frame& frame, const char* format) {
    frame.id = ++next_frame_;
    current_frame_ = frame.id;
    if (tracer_->enter == nullptr) return;
    const rvm_message seen = frame.message;
    tracer_->enter(tracer_->self, cookie_, frame.id, &seen, format);
}

void Tracing::leave(Frame& frame, const rvm_result& result) {
    if (tracer_->leave != nullptr) {
        const rvm_result seen = result;
        tracer_->leave(tracer_->self, cookie_, frame.id, &seen);
    }
    current_frame_ = frame.parent == nullptr ? 0 : frame.parent->id;
}

void Tracing::op(const Frame& frame, const rvm_op_event& event) {
    if (!wants(RVM_TRACE_OP) || tracer_->op == nullptr) return;
    const rvm_op_event seen = event;
    tracer_->op(tracer_->self, cookie_, frame.id, &seen);
}

void Tracing::fault(const Frame& frame, const rvm_op_event& event, rvm_status status) {
    if (tracer_ == nullptr || tracer_->fault == nullptr) return;
    const rvm_op_event seen = event;
    tracer_->fault(tracer_->self, cookie_, frame.id, &seen, status);
}

void Tracing::state(const rvm_state_event& event) noexcept {
    if (!wants(RVM_TRACE_STATE) || tracer_->state == nullptr) return;
    const rvm_state_event seen = event;
    tracer_->state(tracer_->self, cookie_, current_frame_, &seen);
}

void Tracing::log(const rvm_log_event& event) noexcept {
    if (!wants(RVM_TRACE_LOG) || tracer_->log == nullptr) return;
    const rvm_log_event seen = event;
    tracer_->log(tracer_->self, cookie_, current_frame_, &seen);
}

} // namespace rvm::runtime
