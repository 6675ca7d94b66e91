#include "record/step_reader.hpp"

#include <algorithm>
#include <cstring>

#include "record/parts.hpp"

namespace rvm::record {

namespace {

constexpr std::uint64_t max_name = 256;

std::uint8_t flag(Decoder& in, const char* what) {
    const std::uint64_t begin = in.offset();
    const std::uint8_t value = in.byte(what);
    if (value > 1) Decoder::refuse(begin, "0 or 1", std::to_string(value));
    return value;
}

void append_word(Bytes& stack, const rvm_u256& word, std::size_t size) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(word.limbs);
    stack.insert(stack.end(), bytes, bytes + size);
}

} // namespace

std::vector<Patch> StepReader::patches(std::uint64_t size) {
    std::vector<Patch> out;
    const std::size_t count = get_count(in_, "the number of changed pieces", 2);
    std::uint64_t at = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t begin = in_.offset();
        const std::uint64_t gap = in_.number("an offset in memory");
        const ByteView bytes = in_.bytes("changed memory", max_memory);
        if (bytes.empty()) Decoder::refuse(begin, "a piece of memory", "nothing");
        if (gap > size - at || bytes.size() > size - at - gap)
            Decoder::refuse(begin, "a piece inside a memory of " + std::to_string(size) + " bytes", "one beyond it");
        out.push_back({at + gap, {bytes.begin(), bytes.end()}});
        at += gap + bytes.size();
    }
    return out;
}

void StepReader::enter(Event& out) {
    out.kind = Event::Kind::enter;
    const std::int64_t skipped = in_.signed_number("a frame");
    FrameState frame;
    frame.id = next_frame_ + static_cast<std::uint64_t>(skipped);
    next_frame_ = frame.id + 1;
    if (flag(in_, "whether a format follows") == 1) frame.format = in_.text("a format", max_name);
    out.message = get_message(in_);
    frame.creates = out.message.kind == RVM_CALL_CREATE;
    frame.given = wrapping_sum(out.message.gas, out.message.stipend);
    frame.recipient = out.message.recipient;
    out.frame = frame.id;
    out.depth = static_cast<std::uint32_t>(frames_.size());
    frames_.push_back(std::move(frame));
    out.format = frames_.back().format ? frames_.back().format->c_str() : nullptr;
}

void StepReader::leave(Event& out) {
    out.kind = Event::Kind::leave;
    const std::uint64_t begin = in_.offset();
    const std::uint64_t lost = in_.number("the number of frames that were lost");
    out.answer = get_answer(in_);
    if (lost >= frames_.size()) Decoder::refuse(begin, "an open frame", std::to_string(frames_.size()) + " open");
    for (std::uint64_t i = 0; i < lost; ++i) {
        memory_ -= frames_.back().memory_kept;
        frames_.pop_back();
    }
    out.frame = frames_.back().id;
    out.depth = static_cast<std::uint32_t>(frames_.size() - 1);
    const bool created = frames_.back().creates && out.answer.status == RVM_OK;
    memory_ -= frames_.back().memory_kept;
    frames_.pop_back();
    if (!frames_.empty()) frames_.back().returned = created ? Bytes{} : out.answer.output;
}

void StepReader::new_instruction() {
    Instruction instruction;
    instruction.opcode = static_cast<std::uint32_t>(in_.number("an opcode", UINT32_MAX));
    const std::uint64_t begin = in_.offset();
    instruction.word_bytes = in_.byte("bytes of a word");
    if (instruction.word_bytes != 0 && instruction.word_bytes != 8 && instruction.word_bytes != 32)
        Decoder::refuse(begin, "words of 8 or 32 bytes, or 0", std::to_string(instruction.word_bytes));
    instruction.format = in_.text("a format", max_name);
    instruction.name = in_.text("the name of an instruction", max_name);
    instructions_.push_back(std::move(instruction));
}

void StepReader::instruction(std::uint8_t bits, std::uint64_t begin, Event& out) {
    if (frames_.empty()) Decoder::refuse(begin, "a frame before its instructions", "an instruction");
    if (ended_) Decoder::refuse(begin, "no more instructions", "one");
    FrameState& frame = frames_.back();
    const std::uint64_t index = in_.number("an instruction", instructions_.size());
    if (index == instructions_.size()) new_instruction();
    const std::size_t now = static_cast<std::size_t>(index);
    Instruction nothing;
    Instruction& last = frame.started ? instructions_[frame.last] : nothing;
    const auto has = [&](std::uint8_t bit) { return (bits & bit) != 0; };

    std::uint64_t pc = frame.pc + static_cast<std::uint64_t>(last.step);
    if (has(op_bits::pc)) pc += static_cast<std::uint64_t>(in_.signed_number("a pc"));
    std::int64_t gas = frame.started ? wrapping_difference(frame.gas, frame.cost) : frame.given;
    if (has(op_bits::gas)) gas = wrapping_sum(gas, in_.signed_number("gas"));
    const std::int64_t cost = has(op_bits::cost) ? in_.signed_number("a cost") : instructions_[now].cost;

    const std::size_t word = instructions_[now].word_bytes;
    std::uint64_t dropped = last.dropped, pushed = last.pushed;
    if (has(op_bits::stack)) {
        dropped = in_.number("words that are gone from the stack");
        pushed = in_.number("words that are new on the stack", in_.left());
    }
    const std::size_t unit = word == 0 ? 1 : word;
    if (dropped > frame.stack.size() / unit)
        Decoder::refuse(begin, "at most " + std::to_string(frame.stack.size() / unit) + " words to drop",
                        std::to_string(dropped));
    if (word == 0 && pushed != 0) Decoder::refuse(begin, "no words where there is no stack", std::to_string(pushed));
    frame.stack.resize(frame.stack.size() - static_cast<std::size_t>(dropped) * unit);
    for (std::uint64_t i = 0; i < pushed; ++i)
        append_word(frame.stack, in_.word("a word of the stack"), word);
    last.step = static_cast<std::int64_t>(pc - frame.pc);
    last.dropped = dropped;
    last.pushed = pushed;

    std::vector<Patch> changed;
    if (has(op_bits::memory)) {
        frame.memory_size = in_.number("the size of a memory");
        changed = patches(frame.memory_size);
    }
    const std::uint64_t others = memory_ - frame.memory_kept;
    out.memory_known = look_at_memory(frame, frame.memory_size) && frame.memory_size <= max_memory - std::min(others, max_memory);
    if (!out.memory_known && !changed.empty())
        Decoder::refuse(begin, "no changes of a memory that is not looked at", "some");
    if (out.memory_known) {
        memory_ = others + frame.memory_size;
        frame.memory_kept = frame.memory_size;
    }
    if (with_memory_ && out.memory_known) {
        frame.memory.resize(static_cast<std::size_t>(frame.memory_size));
        for (const Patch& patch : changed)
            std::ranges::copy(patch.bytes, frame.memory.begin() + static_cast<std::ptrdiff_t>(patch.offset));
    }
    if (has(op_bits::refund)) frame.refund = wrapping_sum(frame.refund, in_.signed_number("a refund"));
    if (has(op_bits::returned)) {
        const ByteView returned = in_.bytes("returned data", max_blob);
        frame.returned.assign(returned.begin(), returned.end());
    }
    instructions_[now].cost = cost;
    frame.started = true;
    frame.last = now;
    frame.pc = pc;
    frame.gas = gas;
    frame.cost = cost;

    out.frame = frame.id;
    out.op = {};
    out.op.struct_size = sizeof out.op;
    out.op.opcode = instructions_[now].opcode;
    out.op.name = instructions_[now].name.c_str();
    out.op.format = instructions_[now].format.c_str();
    out.op.pc = pc;
    out.op.gas = frame.gas;
    out.op.cost = cost;
    out.op.refund = frame.refund;
    out.op.depth = static_cast<std::uint32_t>(frames_.size() - 1);
    out.op.word_bytes = static_cast<std::uint32_t>(word);
    out.op.stack = {frame.stack.data(), frame.stack.size()};
    out.op.memory = {frame.memory.data(), frame.memory.size()};
    out.op.returned = {frame.returned.data(), frame.returned.size()};
    out.op.address = frame.recipient;
}

void StepReader::state(Event& out) {
    out.kind = Event::Kind::state;
    out.state = {};
    out.state.struct_size = sizeof out.state;
    const std::uint64_t begin = in_.offset();
    out.state.kind = in_.byte("a kind of change");
    if (out.state.kind < RVM_STATE_BALANCE || out.state.kind > RVM_STATE_DESTROY)
        Decoder::refuse(begin, "a kind of change", std::to_string(out.state.kind));
    out.state.address = in_.address("a changed account");
    if (out.state.kind == RVM_STATE_SLOT || out.state.kind == RVM_STATE_TRANSIENT) out.state.key = in_.word("a key");
    out.state.before = in_.word("a value");
    out.state.after = in_.word("a value");
}

void StepReader::external(Event& out) {
    out.kind = Event::Kind::external;
    External answer;
    answer.id = in_.text("the id of an item", max_name);
    const ByteView input = in_.bytes("the input of an item", max_blob);
    answer.input.assign(input.begin(), input.end());
    answer.status = get_status(in_);
    answer.gas = in_.signed_number("gas");
    const ByteView output = in_.bytes("the output of an item", max_blob);
    answer.output.assign(output.begin(), output.end());
    answer.memory = patches(max_memory);
    out.external = std::move(answer);
}

bool StepReader::next(Event& out) {
    if (in_.done()) return false;
    const std::uint64_t begin = in_.offset();
    const std::uint8_t first = in_.byte("an event");
    if (first < 0x80) {
        out.kind = Event::Kind::op;
        instruction(first, begin, out);
        ++steps_;
        return true;
    }
    out.frame = frames_.empty() ? 0 : frames_.back().id;
    switch (static_cast<Tag>(first)) {
    case Tag::enter:
        enter(out);
        return true;
    case Tag::leave:
        leave(out);
        return true;
    case Tag::fault: {
        out.kind = Event::Kind::fault;
        out.status = get_status(in_);
        const std::uint64_t at = in_.offset();
        const std::uint8_t bits = in_.byte("an instruction");
        if (bits >= 0x80) Decoder::refuse(at, "the instruction that failed", std::to_string(bits));
        instruction(bits, at, out);
        return true;
    }
    case Tag::state:
        state(out);
        return true;
    case Tag::log:
        out.kind = Event::Kind::log;
        out.log = get_log(in_);
        return true;
    case Tag::external:
        external(out);
        return true;
    case Tag::block_hash:
        out.kind = Event::Kind::block_hash;
        out.block_hash.number = in_.number("the number of a block");
        out.block_hash.known = flag(in_, "whether a hash follows") == 1;
        out.block_hash.hash = out.block_hash.known ? in_.hash("the hash of a block") : rvm_bytes32{};
        return true;
    case Tag::steps_end:
        out.kind = Event::Kind::steps_end;
        ended_ = true;
        return true;
    case Tag::deed:
        out.kind = Event::Kind::deed;
        out.deed = get_deed(in_);
        return true;
    }
    Decoder::refuse(begin, "an event", std::to_string(first));
}

bool tells_instructions(const Recording& recording) {
    if (recording.kept_steps != 0) return true;
    for (const World& world : recording.worlds)
        for (const Call& call : world.calls) {
            Event event;
            for (StepReader reader(call.events, 0, false); reader.next(event);)
                if (event.kind == Event::Kind::op || event.kind == Event::Kind::fault) return true;
        }
    return false;
}

std::uint64_t check_events(ByteView events, std::uint64_t origin) {
    StepReader reader(events, origin, false);
    Event event;
    while (reader.next(event)) {
    }
    return reader.steps();
}

} // namespace rvm::record
