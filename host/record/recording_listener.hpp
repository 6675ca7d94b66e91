// Writes down what a listener hears, and the answers of what comes from outside.
#pragma once

#include "record/listener.hpp"
#include "record/step_writer.hpp"

namespace rvm::record {

class RecordingListener final : public Listener {
  public:
    /// `outside` answers instead of the items themselves, when a replay is recorded; nullptr: they do.
    RecordingListener(std::uint64_t most_steps, Listener* outside) : writer_(most_steps), outside_(outside) {}
    [[nodiscard]] StepWriter& writer() noexcept { return writer_; }

    void enter(std::uint64_t frame, const rvm_message& message, const char* format) override;
    void leave(std::uint64_t frame, const rvm_result& result) override;
    void op(std::uint64_t frame, const rvm_op_event& event) override;
    void fault(std::uint64_t frame, const rvm_op_event& event, rvm_status status) override;
    void state(std::uint64_t frame, const rvm_state_event& event) override;
    void log(std::uint64_t frame, const rvm_log_event& event) override;
    rvm_status syscall(const rvm_syscall& item, rvm_frame* frame, rvm_view input, rvm_span output,
                       std::uint64_t* output_size) override;
    rvm_status opcode(const rvm_opcode& item, rvm_frame* frame, rvm_word* args, std::uint64_t immediate) override;
    std::uint32_t block_hash(const rvm_tx_env& env, std::uint64_t number, rvm_bytes32* out) override;
    void deed(const rvm_frame& frame, Deed deed) override;
    void called(const rvm_frame& frame) override { gas_ = frame.gas; }

  private:
    StepWriter writer_;
    Listener* outside_;
    std::int64_t gas_ = 0; ///< of the frame of the item that runs: when it began, or after its last deed
};

} // namespace rvm::record
