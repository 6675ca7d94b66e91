// Writes the events of one execution.
#pragma once

#include <unordered_map>

#include "record/coding.hpp"
#include "record/deed.hpp"
#include "record/events.hpp"

namespace rvm::record {

/// Takes what a tracer is told, in order. One thread.
class StepWriter {
  public:
    /// Instructions after the first `most_steps` are counted and left out.
    explicit StepWriter(std::uint64_t most_steps) : most_steps_(most_steps) {}

    void enter(std::uint64_t frame_id, const rvm_message& message, const char* format);
    void leave(std::uint64_t frame_id, const rvm_result& result);
    void op(const rvm_op_event& event);
    void fault(const rvm_op_event& event, rvm_status status);
    void state(const rvm_state_event& event);
    void log(const rvm_log_event& event);
    void external(const External& answer);
    void block_hash(const BlockHash& answer);
    void deed(const Deed& deed);

    [[nodiscard]] Bytes take() noexcept { return out_.take(); }
    [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; } ///< told
    [[nodiscard]] std::uint64_t kept() const noexcept { return kept_; }   ///< written

  private:
    void instruction(const rvm_op_event& event);
    [[nodiscard]] std::size_t index_of(const rvm_op_event& event, bool& is_new);

    struct Place {
        const char* name;
        const char* format;
        std::uint32_t opcode;
        std::uint32_t word_bytes;
        bool operator==(const Place&) const = default;
    };
    struct PlaceHash {
        std::size_t operator()(const Place& place) const noexcept {
            return std::hash<const void*>{}(place.name) ^ (std::size_t{place.opcode} << 20);
        }
    };

    Encoder out_;
    std::vector<FrameState> frames_;
    std::vector<Instruction> instructions_;
    std::unordered_map<Place, std::size_t, PlaceHash> places_; ///< by the addresses of texts: what was met before
    std::map<std::tuple<std::string, std::string, std::uint32_t, std::uint32_t>, std::size_t> known_;
    std::uint64_t next_frame_ = 1;
    std::uint64_t memory_ = 0; ///< of all open frames
    std::uint64_t most_steps_, steps_ = 0, kept_ = 0;
    bool ended_ = false;
};

/// The places where `after` differs from `before`, which is taken as zero beyond its end. Pieces that are close are one.
[[nodiscard]] std::vector<Patch> differences(ByteView before, ByteView after);

} // namespace rvm::record
