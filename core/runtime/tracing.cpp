#include "runtime/tracing.hpp"

#include "runtime/frame.hpp"

namespace rvm::runtime {

rvm_status Tracing::begin(const rvm_tracer* tracer, const rvm_tracer* observer, const char* config,
                          std::uint64_t execution) {
    end(nullptr);
    const std::array<const rvm_tracer*, 2> both{tracer, observer};
    for (std::size_t i = 0; i < both.size(); ++i) {
        if (both[i] == nullptr) continue;
        void* cookie = nullptr;
        const char* settings = i != 0 || config == nullptr ? "{}" : config;
        if (both[i]->begin != nullptr && both[i]->begin(both[i]->self, settings, execution, &cookie) != RVM_OK) {
            end(nullptr);
            return RVM_E_INVALID_ARGUMENT;
        }
        listeners_[i] = {both[i], cookie};
        interest_ |= both[i]->interest;
    }
    next_frame_ = 0;
    current_frame_ = 0;
    return RVM_OK;
}

void Tracing::end(const rvm_result* result) {
    for (Listener& listener : listeners_) {
        if (listener.tracer != nullptr && listener.tracer->end != nullptr)
            listener.tracer->end(listener.tracer->self, listener.cookie, result);
        listener = {};
    }
    interest_ = 0;
}

std::string Tracing::text() const {
    const auto& [tracer, cookie] = listeners_[0];
    rvm_view view{};
    if (tracer == nullptr || tracer->text == nullptr || tracer->text(tracer->self, cookie, &view) != RVM_OK) return {};
    return {reinterpret_cast<const char*>(view.data), view.size};
}

// A tracer gets copies: one that writes through its pointers all the same changes no result.
template <auto Member, class Event, class... More>
void Tracing::tell(std::uint32_t kind, std::uint64_t frame, const Event& event, More... more) const {
    for (const auto& [tracer, cookie] : listeners_) {
        if (tracer == nullptr || (tracer->interest & kind) == 0 || tracer->*Member == nullptr) continue;
        const Event seen = event;
        (tracer->*Member)(tracer->self, cookie, frame, &seen, more...);
    }
}

void Tracing::enter(Frame& frame, const char* format) {
    frame.id = ++next_frame_;
    current_frame_ = frame.id;
    tell<&rvm_tracer::enter>(RVM_TRACE_FRAME, frame.id, frame.message, format);
}

void Tracing::leave(Frame& frame, const rvm_result& result) {
    tell<&rvm_tracer::leave>(RVM_TRACE_FRAME, frame.id, result);
    current_frame_ = frame.parent == nullptr ? 0 : frame.parent->id;
}

void Tracing::op(const Frame& frame, const rvm_op_event& event) {
    tell<&rvm_tracer::op>(RVM_TRACE_OP, frame.id, event);
}

void Tracing::fault(const Frame& frame, const rvm_op_event& event, rvm_status status) {
    tell<&rvm_tracer::fault>(RVM_TRACE_OP, frame.id, event, status);
}

void Tracing::state(const rvm_state_event& event) noexcept {
    tell<&rvm_tracer::state>(RVM_TRACE_STATE, current_frame_, event);
}

void Tracing::log(const rvm_log_event& event) noexcept {
    tell<&rvm_tracer::log>(RVM_TRACE_LOG, current_frame_, event);
}

} // namespace rvm::runtime
