// Reads the events of one execution.
#pragma once

#include "record/coding.hpp"
#include "record/deed.hpp"
#include "record/events.hpp"

namespace rvm::record {

/// One event. Which members count depends on the kind; views die with the next event.
struct Event {
    enum class Kind : std::uint8_t { op, fault, enter, leave, state, log, external, block_hash, steps_end, deed };
    Kind kind = Kind::op;
    std::uint64_t frame = 0;   ///< id of the frame it belongs to
    rvm_op_event op{};         ///< op, fault
    bool memory_known = false; ///< op, fault: its memory view is exact, not as it was some instructions before
    rvm_status status = RVM_OK; ///< fault
    Message message;           ///< enter
    const char* format = nullptr; ///< enter
    std::uint32_t depth = 0;   ///< enter, leave
    Answer answer;             ///< leave
    rvm_state_event state{};
    Log log;
    External external;
    BlockHash block_hash;
    Deed deed;
};

class StepReader {
  public:
    /// `events` must outlive the reader. `origin`: where in the file they begin. Without `with_memory` views of memory are
    /// empty and nothing of their size is allocated.
    explicit StepReader(ByteView events, std::uint64_t origin = 0, bool with_memory = true)
        : in_(events, origin), with_memory_(with_memory) {}

    /// The next event, or false at the end. Throws Malformed.
    [[nodiscard]] bool next(Event& out);
    [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; } ///< instructions read so far

  private:
    void enter(Event& out);
    void leave(Event& out);
    void instruction(std::uint8_t bits, std::uint64_t begin, Event& out);
    void new_instruction();
    void state(Event& out);
    void external(Event& out);
    [[nodiscard]] std::vector<Patch> patches(std::uint64_t size);

    Decoder in_;
    bool with_memory_;
    std::vector<FrameState> frames_;
    std::vector<Instruction> instructions_;
    std::uint64_t next_frame_ = 1;
    std::uint64_t memory_ = 0;
    std::uint64_t steps_ = 0;
    bool ended_ = false;
};

/// Whether instructions are a part of the recording: a replay then listens to them. One that only faults is one, too.
/// Throws Malformed.
[[nodiscard]] bool tells_instructions(const Recording& recording);

/// Judges a whole stream and counts its instructions. Throws Malformed.
std::uint64_t check_events(ByteView events, std::uint64_t origin);

} // namespace rvm::record
