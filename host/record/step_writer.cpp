#include "record/step_writer.hpp"

#include <algorithm>
#include <cstring>

#include "cli/values.hpp"
#include "record/parts.hpp"

namespace rvm::record {

namespace {

constexpr std::size_t block = 64;    // compared at once
constexpr std::size_t apart = 8;     // pieces closer than this are told as one

using host::bytes_of;

rvm_u256 word_at(const std::uint8_t* from, std::uint32_t size) {
    rvm_u256 word{};
    std::memcpy(word.limbs, from, size);
    return word;
}

void put(Encoder& out, const std::vector<Patch>& patches) {
    out.number(patches.size());
    std::uint64_t at = 0;
    for (const Patch& patch : patches) {
        out.number(patch.offset - at);
        out.bytes(patch.bytes);
        at = patch.offset + patch.bytes.size();
    }
}

} // namespace

std::vector<Patch> differences(ByteView before, ByteView after) {
    std::vector<Patch> patches;
    const std::size_t common = std::min(before.size(), after.size());
    const auto differs = [&](std::size_t i) { return i < common ? before[i] != after[i] : after[i] != 0; };
    for (std::size_t at = 0; at < after.size();) {
        if (at + block <= common && std::memcmp(before.data() + at, after.data() + at, block) == 0) {
            at += block;
            continue;
        }
        const std::size_t end = std::min(at + block, after.size());
        for (; at < end; ++at) {
            if (!differs(at)) continue;
            if (!patches.empty() && at < patches.back().offset + patches.back().bytes.size() + apart) {
                Patch& last = patches.back();
                const std::size_t from = static_cast<std::size_t>(last.offset) + last.bytes.size();
                last.bytes.insert(last.bytes.end(), after.begin() + static_cast<std::ptrdiff_t>(from),
                                  after.begin() + static_cast<std::ptrdiff_t>(at + 1));
            } else {
                patches.push_back({at, {after[at]}});
            }
        }
    }
    return patches;
}

void StepWriter::enter(std::uint64_t frame_id, const rvm_message& message, const char* format) {
    out_.byte(static_cast<std::uint8_t>(Tag::enter));
    out_.signed_number(static_cast<std::int64_t>(frame_id - next_frame_));
    next_frame_ = frame_id + 1;
    out_.byte(format == nullptr ? 0 : 1);
    if (format != nullptr) out_.text(format);
    FrameState& frame = frames_.emplace_back();
    frame.id = frame_id;
    frame.creates = message.kind == RVM_CALL_CREATE;
    frame.given = wrapping_sum(message.gas, message.stipend);
    frame.recipient = message.recipient;
    put(out_, Message(message));
}

void StepWriter::leave(std::uint64_t frame_id, const rvm_result& result) {
    // Frames that ended by a host failure may leave no event.
    std::uint64_t lost = 0;
    for (; !frames_.empty() && frames_.back().id != frame_id; ++lost) {
        memory_ -= frames_.back().memory_kept;
        frames_.pop_back();
    }
    out_.byte(static_cast<std::uint8_t>(Tag::leave));
    out_.number(lost);
    const Answer answer(result);
    put(out_, answer);
    if (frames_.empty()) return;
    const bool created = frames_.back().creates && result.status == RVM_OK;
    memory_ -= frames_.back().memory_kept;
    frames_.pop_back();
    if (!frames_.empty()) frames_.back().returned = created ? Bytes{} : answer.output;
}

std::size_t StepWriter::index_of(const rvm_op_event& event, bool& is_new) {
    const std::uint32_t word_bytes = event.word_bytes == 8 || event.word_bytes == 32 ? event.word_bytes : 0;
    const Place place{event.name, event.format, event.opcode, word_bytes};
    if (const auto found = places_.find(place); found != places_.end()) return found->second;
    const std::string name = event.name == nullptr ? "" : event.name, format = event.format == nullptr ? "" : event.format;
    const auto [at, added] = known_.try_emplace({format, name, event.opcode, word_bytes}, instructions_.size());
    if (added) {
        Instruction& instruction = instructions_.emplace_back();
        instruction.opcode = event.opcode;
        instruction.word_bytes = static_cast<std::uint8_t>(word_bytes);
        instruction.format = format;
        instruction.name = name;
        is_new = true;
    }
    places_[place] = at->second;
    return at->second;
}

void StepWriter::op(const rvm_op_event& event) {
    ++steps_;
    if (frames_.empty()) return; // no frame was told: nothing to compare it in
    if (kept_ == most_steps_) {
        if (!ended_) out_.byte(static_cast<std::uint8_t>(Tag::steps_end));
        ended_ = true;
        return;
    }
    ++kept_;
    instruction(event);
}

void StepWriter::fault(const rvm_op_event& event, rvm_status status) {
    if (ended_ || most_steps_ == 0 || frames_.empty()) return;
    out_.byte(static_cast<std::uint8_t>(Tag::fault));
    out_.signed_number(status);
    instruction(event);
}

void StepWriter::instruction(const rvm_op_event& event) {
    FrameState& frame = frames_.back();
    bool is_new = false;
    const std::size_t index = index_of(event, is_new);
    const bool with_stack = instructions_[index].word_bytes != 0;
    const ByteView stack = with_stack ? bytes_of(event.stack) : ByteView{};
    const std::size_t word = with_stack ? instructions_[index].word_bytes : 1;

    // What the instruction before did.
    Instruction nothing;
    Instruction& last = frame.started ? instructions_[frame.last] : nothing;
    const std::size_t least = std::min(frame.stack.size(), stack.size());
    std::size_t common = 0;
    while (common + word <= least && std::memcmp(frame.stack.data() + common, stack.data() + common, word) == 0)
        common += word;
    const std::uint64_t dropped = (frame.stack.size() - common) / word, pushed = (stack.size() - common) / word;

    const std::uint64_t expected_pc = frame.pc + static_cast<std::uint64_t>(last.step);
    const std::int64_t expected_gas = frame.started ? wrapping_difference(frame.gas, frame.cost) : frame.given;
    std::vector<Patch> patches;
    const bool resized = event.memory.size != frame.memory_size;
    const std::uint64_t others = memory_ - frame.memory_kept;
    if (look_at_memory(frame, event.memory.size) && event.memory.size <= max_memory - std::min(others, max_memory)) {
        patches = differences(frame.memory, bytes_of(event.memory));
        memory_ = others + event.memory.size;
        frame.memory_kept = event.memory.size;
        frame.memory.resize(static_cast<std::size_t>(event.memory.size));
        for (const Patch& patch : patches)
            std::ranges::copy(patch.bytes, frame.memory.begin() + static_cast<std::ptrdiff_t>(patch.offset));
    }
    const ByteView returned = bytes_of(event.returned);
    const bool other_return = !std::ranges::equal(returned, frame.returned);

    std::uint8_t bits = 0;
    if (event.pc != expected_pc) bits |= op_bits::pc;
    if (event.gas != expected_gas) bits |= op_bits::gas;
    if (event.cost != instructions_[index].cost) bits |= op_bits::cost;
    if (dropped != last.dropped || pushed != last.pushed) bits |= op_bits::stack;
    if (resized || !patches.empty()) bits |= op_bits::memory;
    if (event.refund != frame.refund) bits |= op_bits::refund;
    if (other_return) bits |= op_bits::returned;
    out_.byte(bits);
    out_.number(index);
    if (is_new) {
        out_.number(instructions_[index].opcode);
        out_.byte(instructions_[index].word_bytes);
        out_.text(instructions_[index].format);
        out_.text(instructions_[index].name);
    }
    if ((bits & op_bits::pc) != 0) out_.signed_number(static_cast<std::int64_t>(event.pc - expected_pc));
    if ((bits & op_bits::gas) != 0) out_.signed_number(wrapping_difference(event.gas, expected_gas));
    if ((bits & op_bits::cost) != 0) out_.signed_number(event.cost);
    if ((bits & op_bits::stack) != 0) {
        out_.number(dropped);
        out_.number(pushed);
    }
    for (std::size_t at = common; at < stack.size(); at += word)
        out_.word(word_at(stack.data() + at, static_cast<std::uint32_t>(word)));
    if ((bits & op_bits::memory) != 0) {
        out_.number(event.memory.size);
        put(out_, patches);
    }
    if ((bits & op_bits::refund) != 0) out_.signed_number(wrapping_difference(event.refund, frame.refund));
    if ((bits & op_bits::returned) != 0) {
        out_.bytes(returned);
        frame.returned.assign(returned.begin(), returned.end());
    }

    last.step = static_cast<std::int64_t>(event.pc - frame.pc);
    last.dropped = dropped;
    last.pushed = pushed;
    instructions_[index].cost = event.cost;
    frame.stack.resize(common);
    frame.stack.insert(frame.stack.end(), stack.begin() + static_cast<std::ptrdiff_t>(common), stack.end());
    frame.memory_size = event.memory.size;
    frame.started = true;
    frame.last = index;
    frame.pc = event.pc;
    frame.gas = event.gas;
    frame.cost = event.cost;
    frame.refund = event.refund;
}

void StepWriter::state(const rvm_state_event& event) {
    out_.byte(static_cast<std::uint8_t>(Tag::state));
    out_.byte(static_cast<std::uint8_t>(event.kind));
    out_.address(event.address);
    if (event.kind == RVM_STATE_SLOT || event.kind == RVM_STATE_TRANSIENT) out_.word(event.key);
    out_.word(event.before);
    out_.word(event.after);
}

void StepWriter::log(const rvm_log_event& event) {
    out_.byte(static_cast<std::uint8_t>(Tag::log));
    const ByteView data = bytes_of(event.data);
    put(out_, Log{event.address, {event.topics, event.topics + event.topic_count}, {data.begin(), data.end()}});
}

void StepWriter::external(const External& answer) {
    out_.byte(static_cast<std::uint8_t>(Tag::external));
    out_.text(answer.id);
    out_.bytes(answer.input);
    out_.signed_number(answer.status);
    out_.signed_number(answer.gas);
    out_.bytes(answer.output);
    put(out_, answer.memory);
}

void StepWriter::deed(const Deed& deed) {
    out_.byte(static_cast<std::uint8_t>(Tag::deed));
    put(out_, deed);
}

void StepWriter::block_hash(const BlockHash& answer) {
    out_.byte(static_cast<std::uint8_t>(Tag::block_hash));
    out_.number(answer.number);
    out_.byte(answer.known ? 1 : 0);
    if (answer.known) out_.hash(answer.hash);
}

} // namespace rvm::record
