#include "runtime/execution.hpp"

#include <algorithm>
#include <cstring>

#include "runtime/env_keys.hpp"
#include "runtime/periods.hpp"

namespace rvm::runtime {
Execution::Execution(Runtime::Impl& runtime, state::WorldState& state, std::uint32_t world_flags)
    : runtime_(runtime), state_(state),
      frame_flags_(((world_flags & RVM_WORLD_RECORD_READS) != 0 ? RVM_FRAME_RECORD_READS : 0) |
                   ((world_flags & RVM_WORLD_CANCELLABLE) != 0 ? RVM_FRAME_CANCELLABLE : 0)),
      max_depth_(static_cast<std::uint32_t>(runtime.manifest.native_limits.call_depth)),
      memory_budget_(runtime.manifest.native_limits.memory_bytes), env_(std::make_unique<rvm_u256[]>(RVM_ENV_LIMIT)),
      block_number_(env_key("block.number")) {
    frames_.reserve(max_depth_ + 1);
    rules_.fill(kUnresolved);
}

rvm_status Execution::begin_tx(const rvm_tx_env* env, rvm_error* error) {
    static const rvm_tx_env nothing{sizeof(rvm_tx_env), 0, nullptr, 0, nullptr, nullptr, nullptr, nullptr, nullptr};
    tx_env_ = nothing;
    if (env != nullptr) std::memcpy(&tx_env_, env, std::min<std::size_t>(env->struct_size, sizeof tx_env_));
    const rvm_tx_env& tx = tx_env_;
    if (tx.word_count > RVM_ENV_LIMIT || (tx.word_count > 0 && tx.words == nullptr))
        return fail(error, RVM_E_INVALID_ARGUMENT, "more environment words than RVM_ENV_LIMIT");

    const auto words = static_cast<std::size_t>(tx.word_count);
    if (words > 0) std::memcpy(env_.get(), tx.words, words * sizeof(rvm_u256));
    if (env_used_ > words) std::fill(env_.get() + words, env_.get() + env_used_, rvm_u256{});
    env_used_ = words;
    tx_env_.words = nullptr; // the caller's array may be gone when the transaction runs
    period_ = runtime_.manifest.chain.activations.empty() ? 0 : period();
    price_period_ = runtime_.manifest.chain.price_period_of(period_);

    rules_.fill(kUnresolved);
    tx_rules_.clear();
    programs_marked_ = false;
    for (const char* const* name = tx.rules; name != nullptr && *name != nullptr; ++name) {
        tx_rules_.emplace_back(*name);
        // "FORMAT/RULES": the format must exist and know the name.
        Report report;
        const std::string& text = tx_rules_.back();
        const FormatBinding* format = runtime_.formats->find(text.substr(0, text.find('/')), report);
        if (format == nullptr) return fail(error, RVM_E_INVALID_ARGUMENT, report.text());
        const std::uint32_t index = format->rules_of(text);
        if (index == format->rule_count)
            return fail(error, RVM_E_INVALID_ARGUMENT,
                        "format " + std::string(format->table->id) + " has no rule set " + text);
        rules_[format->ordinal] = index;
    }
    tx_env_.rules = nullptr;

    tracing_.end(nullptr);
    const rvm_tracer* tracer = nullptr;
    if (tx.tracer != nullptr) {
        Report report;
        const auto found = runtime_.registry->find<rvm_tracer>(tx.tracer, report);
        if (!found) return fail(error, RVM_E_INVALID_ARGUMENT, report.text());
        tracer = found.item;
    }
    if (tracer != nullptr || runtime_.observer != nullptr) {
        const std::uint64_t number = runtime_.executions.fetch_add(1, std::memory_order_relaxed);
        if (tracing_.begin(tracer, runtime_.observer, tx.tracer_config, number) != RVM_OK)
            return fail(error, RVM_E_INVALID_ARGUMENT,
                        "tracer " + std::string(tracer == nullptr ? "of the host" : tx.tracer) + " refused to start");
    }
    state_.observe(tracing_.wants(RVM_TRACE_STATE | RVM_TRACE_LOG) ? &tracing_ : nullptr);
    cancelled_.store(false, std::memory_order_relaxed);
    return RVM_OK;
}

std::uint32_t Execution::period() const {
    if (block_number_ >= RVM_ENV_LIMIT) return 0; // nobody can set the word: it is zero
    const rvm_u256& number = env_[block_number_];
    const bool fits = (number.limbs[1] | number.limbs[2] | number.limbs[3]) == 0;
    return runtime_.manifest.chain.period_of(fits ? number.limbs[0] : UINT64_MAX);
}

void Execution::end_tx() {
    tracing_.end(nullptr);
    state_.observe(nullptr);
}

std::uint32_t Execution::resolve_rules(const FormatBinding& format) {
    return rules_[format.ordinal] = format.rules_in[period_]; // the transaction's own choices are resolved in begin_tx
}

rvm_status Execution::mark_programs() {
    programs_marked_ = true; // before the lookups below, which come here again
    Report report;
    std::vector<std::string> rules;
    for (const auto& provided : runtime_.registry->provided(RVM_KIND_FORMAT)) {
        const FormatBinding* format = runtime_.formats->find(provided.id, report);
        if (format != nullptr) rules.emplace_back(format->table->rules[rules_for(*format)]);
    }
    Report collisions;
    const ProgramSet* set = runtime_.programs->set_for(std::move(rules), collisions);
    if (set == nullptr) return host_failure(RVM_E_CONFIG, collisions.text());
    if (set == programs_) return RVM_OK; // the marks of the last transaction stand
    for (const rvm_program* program : programs_ == nullptr ? std::vector<const rvm_program*>{} : programs_->programs)
        if (const rvm_status status = state_.set_program(program->address, nullptr); status != RVM_OK) return status;
    for (const rvm_program* program : set->programs)
        if (const rvm_status status = state_.set_program(program->address, program); status != RVM_OK) return status;
    programs_ = set;
    return RVM_OK;
}

Frame& Execution::frame_at(std::uint32_t depth) {
    while (frames_.size() <= depth) {
        auto frame = std::make_unique<Frame>();
        frame->execution = this;
        frame->parent = frames_.empty() ? nullptr : frames_.back().get();
        frame->depth = static_cast<std::uint32_t>(frames_.size());
        frame->struct_size = sizeof(rvm_frame);
        frame->msg = &frame->message;
        frame->env = env_.get();
        frames_.push_back(std::move(frame));
    }
    return *frames_[depth];
}

const FormatBinding* Execution::binding(const state::CodeFormat& format) {
    for (std::uint32_t i = 0, n = runtime_.formats->count(); i < n; ++i)
        if ((*runtime_.formats)[i].table == format.format) return &(*runtime_.formats)[i];
    return nullptr;
}

rvm_status Execution::run(const rvm_message& message, rvm_result& result, rvm_error* error) {
    if (running_) return fail(error, RVM_E_INVALID_ARGUMENT, "this world is executing already");
    struct Call {
        Execution* self;
        const rvm_message* message;
        rvm_result* result;
        rvm_status status;
    } call{this, &message, &result, RVM_E_INTERNAL};
    failure_.clear();
    running_ = true;
    const PeriodScope scope(period_);
    const bool ran = stack_.run(
        native_stack_need(max_depth_, runtime_.formats->largest_frame()),
        [](void* argument) {
            auto& c = *static_cast<Call*>(argument);
            c.status = c.self->run_top_level(*c.message, *c.result);
        },
        &call);
    running_ = false;
    if (!ran) return fail(error, RVM_E_NO_MEMORY, "no native stack for the deployment's call depth");
    if (call.status < 0) return fail(error, call.status, failure_.empty() ? status_name(call.status) : failure_);
    if (call.status == RVM_TRAP_INVALID_CODE) fail(error, call.status, refusal_);
    return call.status;
}

rvm_status Execution::host_failure(rvm_status status, std::string text) {
    if (failure_.empty()) failure_ = std::move(text);
    return status;
}

rvm_status Execution::output(Frame& frame, std::uint64_t size, rvm_span& out) const {
    if (size > runtime_.manifest.native_limits.output_bytes) return RVM_TRAP_LIMIT;
    if (!frame.output.ensure(size)) return RVM_E_NO_MEMORY;
    out = {frame.output.data(), size};
    return RVM_OK;
}

rvm_status Execution::reserve(Frame& frame, std::int64_t bytes) {
    if (bytes >= 0) {
        const auto more = static_cast<std::uint64_t>(bytes);
        if (more > memory_budget_ - memory_used_) return RVM_TRAP_MEMORY;
        memory_used_ += more;
        frame.reserved += more;
        return RVM_OK;
    }
    const std::uint64_t less = 0 - static_cast<std::uint64_t>(bytes);
    if (less > frame.reserved) return RVM_E_INVALID_ARGUMENT;
    memory_used_ -= less;
    frame.reserved -= less;
    return RVM_OK;
}

} // namespace rvm::runtime
