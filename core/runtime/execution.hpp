// One world's executions: frames by depth, the rules in force, nested calls, the host's meter.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <rvm/plugin.h>

#include "runtime/format_table.hpp"
#include "runtime/frame.hpp"
#include "runtime/native_stack.hpp"
#include "runtime/runtime_impl.hpp"
#include "runtime/tracing.hpp"
#include "runtime/world_info.hpp"
#include "state/world_state.hpp"

namespace rvm::runtime {

/// Runs messages over one world. Lives in the world and is reused by its transactions, so that frames, buffers and
/// scratch areas are allocated once. One thread at a time; `cancel` may be called from any.
class Execution {
  public:
    /// `world_flags`: RVM_WORLD_*.
    Execution(Runtime::Impl& runtime, state::WorldState& state, std::uint32_t world_flags);
    Execution(const Execution&) = delete;
    Execution& operator=(const Execution&) = delete;

    /// Resolves what a transaction fixes: environment, rules, tracer.
    [[nodiscard]] rvm_status begin_tx(const rvm_tx_env* env, rvm_error* error);
    void end_tx();

    /// Runs one message at depth 0, on a large enough stack.
    [[nodiscard]] rvm_status run(const rvm_message& message, rvm_result& result, rvm_error* error);
    /// What vm_call() does.
    [[nodiscard, gnu::always_inline]] inline rvm_status call(Frame& caller, const rvm_message& message, rvm_result& result);

    /// rvm_host_vm.output, .reserve
    [[nodiscard]] rvm_status output(Frame& frame, std::uint64_t size, rvm_span& out) const;
    [[nodiscard]] rvm_status reserve(Frame& frame, std::int64_t bytes);

    /// Must run before an account whose address may_be_program() is looked at: marks the programs of the rules in
    /// force.
    [[nodiscard]] rvm_status mark_programs();
    /// The account of an address with what `want` names; as rvm_host_state.account.
    [[nodiscard]] rvm_status account(const rvm_address& address, std::uint32_t want, state::Account*& out,
                                     std::uint32_t* access) {
        if (may_be_program(address) && !programs_marked_) [[unlikely]] {
            if (const rvm_status status = mark_programs(); status != RVM_OK) return status;
        }
        return state_.account(address, want, &out, access);
    }

    void cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }
    [[nodiscard]] state::WorldState& state() noexcept { return state_; }
    [[nodiscard]] const rvm_tx_env& tx_env() const noexcept { return tx_env_; }
    [[nodiscard]] Tracing& tracing() noexcept { return tracing_; }
    /// The top frame of the last message.
    [[nodiscard]] const LastRun& last_run() const noexcept { return last_run_; }

  private:
    /// Frame of a depth, made on first use.
    [[nodiscard]] Frame& frame_at(std::uint32_t depth);
    [[nodiscard]] std::uint32_t rules_for(const FormatBinding& format) {
        const std::uint32_t rules = rules_[format.ordinal];
        return rules != kUnresolved ? rules : resolve_rules(format);
    }
    [[nodiscard]] std::uint32_t resolve_rules(const FormatBinding& format);
    /// The period that the transaction's block.number is in.
    [[nodiscard]] std::uint32_t period() const;
    [[nodiscard]] const FormatBinding* binding(const state::CodeFormat& format);

    // Each runs the message in `frame.message` and fills status, gas_left, refund, output, detail of `result`.
    // Those that nest once a depth are inlined into vm_call(); see there.
    [[nodiscard, gnu::always_inline]] inline rvm_status run_message(Frame& frame, state::Account* caller, bool is_static, rvm_result& result);
    [[nodiscard, gnu::always_inline]] inline rvm_status run_call(Frame& frame, state::Account* caller, bool is_static, rvm_result& result);
    [[nodiscard]] rvm_status run_create(Frame& frame, state::Account& creator, rvm_result& result);
    [[nodiscard]] rvm_status run_program(Frame& frame, const rvm_program& program, rvm_result& result);
    /// Runs code to its end; on a trap nothing is reverted yet. `frame.gas` is what was left, clamped.
    [[nodiscard, gnu::always_inline]] inline rvm_status run_code(Frame& frame, const FormatBinding& format, const rvm_artifact* artifact,
                                      state::Account& self, state::Account& code, rvm_view program, std::uint32_t flags,
                                      rvm_result& result);
    /// What a call runs: the code of `owner`, following one delegation (then `owner` and the message name its target).
    /// Both results stay null without code; code without its format is a host failure.
    [[nodiscard]] rvm_status find_code(rvm_message& message, state::Account*& owner, const state::CodeObject*& code,
                                       const FormatBinding*& format);
    /// The format that runs a creation's init code: named, the creator's, or (top level) the one that recognises it.
    [[nodiscard]] const FormatBinding* creation_format(const Frame& frame, Report& report);
    [[nodiscard]] rvm_status artifact_of(const state::CodeObject& code, const FormatBinding& format,
                                         state::Account& owner, const rvm_artifact*& out);
    [[nodiscard]] rvm_status deploy(Frame& frame, const FormatBinding& format, state::Account& account,
                                    rvm_result& result);
    [[nodiscard]] rvm_status finish(state::Mark mark, rvm_status status, rvm_result& result);
    /// Ends a frame that a tracer saw begin, after finish(): `result` is final. Returns `status`.
    rvm_status leave(Frame& frame, rvm_status status, const rvm_result& result);
    /// Remembers why a host failure happened, for the error of the top-level call. Returns `status`.
    rvm_status host_failure(rvm_status status, std::string text);
    /// The same for what a format answered, unless there is a reason already. Out of line, to keep vm_call() small.
    [[gnu::cold, gnu::noinline]] void explain_failure(const rvm_format& format, rvm_status status);
    [[nodiscard]] rvm_status run_top_level(const rvm_message& message, rvm_result& result);

    static constexpr std::uint32_t kUnresolved = UINT32_MAX;

    Runtime::Impl& runtime_;
    state::WorldState& state_;
    const std::uint32_t frame_flags_; ///< RVM_FRAME_* that every frame of this world gets
    const std::uint32_t max_depth_;
    const std::uint64_t memory_budget_;
    std::uint64_t memory_used_ = 0;
    std::vector<std::unique_ptr<Frame>> frames_; ///< by depth
    std::array<std::uint32_t, kMaxFormats> rules_{};
    std::vector<std::string> tx_rules_; ///< rule-set names the transaction gave
    std::unique_ptr<rvm_u256[]> env_;   ///< RVM_ENV_LIMIT words
    const std::uint32_t block_number_;  ///< handle of the word; UINT32_MAX: the names had run out
    std::uint64_t env_used_ = 0;        ///< words that may be other than zero
    rvm_tx_env tx_env_{};
    std::uint32_t period_ = 0;       ///< of the deployment's activations, by the transaction's block.number
    std::uint32_t price_period_ = 0; ///< of `period_`: artifacts have the prices inside, and rule sets apart
    const ProgramSet* programs_ = nullptr; ///< the set that is marked in the state; nullptr: none
    bool programs_marked_ = false;
    bool running_ = false;
    std::atomic<bool> cancelled_{false};
    NativeStack stack_;
    Tracing tracing_;
    LastRun last_run_;
    std::string failure_; ///< text of the last host failure
    std::string refusal_; ///< why a format refused code in this execution
};

/// rvm_host_vm.call. One native function for all that the host does in a nested call: a return from deeper than the
/// processor's stack of return addresses (16 to 64 of them) is mispredicted, and 1,024 frames have as many returns
/// as the functions on the way from one to the next.
rvm_status vm_call(rvm_frame* frame, const rvm_message* message, rvm_result* result) noexcept;

} // namespace rvm::runtime
