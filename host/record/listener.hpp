// Who hears what happens in the execution of this thread: a recorder, or a replay that compares.
#pragma once

#include <exception>
#include <utility>

#include "record/deed.hpp"
#include <rvm/runtime.hpp>

namespace rvm::record {

/// Told everything in order, and asked for what comes from outside. What a function throws is kept until rethrow(): the
/// callers are C.
class Listener {
  public:
    Listener() = default;
    virtual ~Listener() = default;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    virtual void enter(std::uint64_t frame, const rvm_message& message, const char* format) = 0;
    virtual void leave(std::uint64_t frame, const rvm_result& result) = 0;
    virtual void op(std::uint64_t frame, const rvm_op_event& event) = 0;
    virtual void fault(std::uint64_t frame, const rvm_op_event& event, rvm_status status) = 0;
    virtual void state(std::uint64_t frame, const rvm_state_event& event) = 0;
    virtual void log(std::uint64_t frame, const rvm_log_event& event) = 0;

    /// What an EXTERNAL item answers, and a hash of an earlier block: `item` and `env` have what would have been called.
    virtual rvm_status syscall(const rvm_syscall& item, rvm_frame* frame, rvm_view input, rvm_span output,
                               std::uint64_t* output_size) = 0;
    virtual rvm_status opcode(const rvm_opcode& item, rvm_frame* frame, rvm_word* args, std::uint64_t immediate) = 0;
    virtual std::uint32_t block_hash(const rvm_tx_env& env, std::uint64_t number, rvm_bytes32* out) = 0;

    /// What such an item is about to do to the world in its frame; gas is not filled in. Only while ItemRuns.
    virtual void deed(const rvm_frame&, Deed) {}
    /// A call that it made is over.
    virtual void called(const rvm_frame&) {}

    void keep(std::exception_ptr error) noexcept {
        if (!error_) error_ = std::move(error);
    }
    void rethrow() {
        if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    }

  private:
    std::exception_ptr error_;
};

/// Makes `listener` the one of this thread while it lives; those of outer executions come back afterwards.
class Hearing {
  public:
    explicit Hearing(Listener& listener) noexcept;
    ~Hearing();
    Hearing(const Hearing&) = delete;
    Hearing& operator=(const Hearing&) = delete;
    [[nodiscard]] static Listener* current() noexcept;

  private:
    Listener* before_;
    ItemRuns program_{false}; ///< also where an item opens a world of its own
};

/// What a deployment must be opened with for a Hearing to work: adds an observer, and a tap of the items that are EXTERNAL and of
/// what they do.
void listen(RuntimeOptions& options, bool with_steps);
/// A transaction's environment whose block hashes come from the listener; `real` must outlive the transaction.
void divert_block_hash(rvm_tx_env& env, const rvm_tx_env& real) noexcept;

} // namespace rvm::record
