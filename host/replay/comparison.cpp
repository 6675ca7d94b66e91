#include "replay/comparison.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "cli/values.hpp"
#include "replay/event_text.hpp"

namespace rvm::replay {

namespace {

constexpr std::size_t window = 8; // lines before, and from the difference on

using host::bytes_of;
using record::same;

bool same_text(const char* a, const char* b) {
    return a == nullptr || b == nullptr ? a == b : std::string_view(a) == b;
}
bool same_bytes(ByteView a, ByteView b) { return std::ranges::equal(a, b); }

} // namespace

Comparison::Comparison(ByteView events, Mode mode, bool with_steps, Effects& effects, std::size_t number,
                       std::function<void()> stop)
    : reader_(events, 0, mode == Mode::compare), mode_(mode), effects_(effects), number_(number), stop_(std::move(stop)), steps_ended_(!with_steps) {}

bool Comparison::advance() {
    if (have_) return true;
    while ((have_ = reader_.next(event_)) && event_.kind == Kind::steps_end)
        steps_ended_ = true;
    return have_;
}

Place Comparison::place_of(const rvm_op_event& event) const {
    Place place;
    place.execution = number_;
    place.step = steps_;
    place.pc = event.pc;
    place.opcode = event.opcode;
    place.depth = event.depth;
    place.gas = event.gas;
    place.cost = event.cost;
    place.format = text_of(event.format);
    place.name = text_of(event.name);
    place.address = event.address;
    if (!frames_.empty()) place.code = frames_.back().code;
    return place;
}

Comparison::Passed& Comparison::next_passed() {
    if (before_.size() < window) return before_.emplace_back();
    before_.push_back(std::move(before_.front())); // with the memory that it has
    before_.pop_front();
    return before_.back();
}

void Comparison::keep_line(std::string text) {
    Passed& passed = next_passed();
    passed.step.reset();
    passed.text = std::move(text);
}

void Comparison::keep_op(const rvm_op_event& event) {
    // Text is made when it is needed: most instructions are no part of any report.
    Passed& passed = next_passed();
    passed.step = steps_;
    passed.event = event;
    constexpr std::uint64_t most_words = 5; // one more than is shown, so that "more" is right
    const std::uint64_t size = event.word_bytes == 0 ? 0 : std::min(event.stack.size, most_words * event.word_bytes);
    passed.stack.clear();
    if (size != 0) passed.stack.assign(event.stack.data + event.stack.size - size, event.stack.data + event.stack.size);
}

void Comparison::hear(const std::string& text, std::optional<std::uint64_t> step) {
    if (!divergence_ || divergence_->replayed_window.size() >= 2 * window) return;
    divergence_->replayed_window.push_back({step, text, false});
    if (divergence_->replayed_window.size() == 2 * window && stop_) stop_();
}

void Comparison::diverge(std::string what, std::string recorded, std::string replayed, const std::optional<Place>& place) {
    if (divergence_) return;
    divergence_.emplace();
    divergence_->stage = "execution";
    divergence_->what = std::move(what);
    divergence_->recorded = std::move(recorded);
    divergence_->replayed = std::move(replayed);
    divergence_->place = place;
    for (Passed& passed : before_) {
        passed.event.stack = {passed.stack.data(), passed.stack.size()};
        divergence_->recorded_window.push_back({passed.step, passed.step ? op_text(passed.event) : passed.text, false});
    }
    divergence_->replayed_window = divergence_->recorded_window;
    // What was recorded from here on.
    bool first = true;
    if (comparing_) {
        const bool is_op = event_.kind == Kind::op;
        divergence_->recorded_window.push_back({is_op ? std::optional(reader_.steps() - 1) : std::nullopt, event_text(event_), true});
        first = false;
    }
    for (std::size_t i = 0; i < window && advance(); ++i) {
        const bool is_op = event_.kind == Kind::op;
        const std::uint64_t number = reader_.steps() - (is_op ? 1 : 0);
        divergence_->recorded_window.push_back({is_op ? std::optional(number) : std::nullopt, event_text(event_), first});
        first = false;
        have_ = false;
    }
}

template <class Text>
record::Event* Comparison::expect(Kind kind, const Text& own) {
    if (mode_ == Mode::answer || divergence_) return nullptr;
    comparing_ = false;
    const bool there = advance();
    if (there && event_.kind == kind) {
        have_ = false;
        comparing_ = true;
        return &event_;
    }
    diverge("what happens", there ? event_text(event_) : "the end", own(), last_);
    return nullptr;
}

void Comparison::enter(std::uint64_t id, const rvm_message& message, const char* format) {
    const std::string text = mode_ == Mode::compare ? enter_text(message, format) : "";
    if (const record::Event* recorded = expect(Kind::enter, [&] { return text; })) {
        const record::Message own(message);
        const record::Message& theirs = recorded->message;
        if (!same_text(recorded->format, format))
            diverge("format that runs", recorded->format == nullptr ? "none" : recorded->format, format == nullptr ? "none" : format, last_);
        else if (own.gas != theirs.gas || own.stipend != theirs.stipend)
            diverge("gas given", fmt::format("{}", record::wrapping_sum(theirs.gas, theirs.stipend)),
                    fmt::format("{}", record::wrapping_sum(own.gas, own.stipend)), last_);
        else if (own.input != theirs.input || own.init_code != theirs.init_code)
            diverge(bytes_difference("input", theirs.init_code.empty() ? theirs.input : theirs.init_code,
                                     own.init_code.empty() ? own.input : own.init_code), last_);
        else if (!(own == theirs))
            diverge("message", event_text(*recorded), text, last_);
        else if (recorded->frame != id)
            diverge("number of the frame", fmt::format("{}", recorded->frame), fmt::format("{}", id), last_);
        else
            keep_line(text);
    }
    hear(text, std::nullopt);
    OpenFrame& frame = frames_.emplace_back();
    if (message.kind != RVM_CALL_CREATE) frame.code = message.code_address;
}

void Comparison::leave(std::uint64_t id, const rvm_result& result) {
    const std::string text = mode_ == Mode::compare ? leave_text(result) : "";
    const std::optional<Place> by = frames_.empty() || !frames_.back().last ? last_ : frames_.back().last;
    if (const record::Event* recorded = expect(Kind::leave, [&] { return text; })) {
        const record::Answer& theirs = recorded->answer;
        if (theirs.status != result.status)
            diverge("how the frame ends", status_text(theirs.status), status_text(result.status), by);
        else if (theirs.gas_left != result.gas_left)
            diverge("gas left", fmt::format("{}", theirs.gas_left), fmt::format("{}", result.gas_left), by);
        else if (theirs.refund != result.refund)
            diverge("refund", fmt::format("{}", theirs.refund), fmt::format("{}", result.refund), by);
        else if (!same_bytes(theirs.output, bytes_of(result.output)))
            diverge(bytes_difference("output", theirs.output, bytes_of(result.output)), by);
        else if (!same(theirs.created, result.created))
            diverge("created account", host::address_text(theirs.created), host::address_text(result.created), by);
        else if (theirs.detail != result.detail || theirs.fault_position != result.fault_position)
            diverge("fault", fmt::format("{} at {}", theirs.detail, theirs.fault_position),
                    fmt::format("{} at {}", result.detail, result.fault_position), by);
        else if (recorded->frame != id)
            diverge("number of the frame", fmt::format("{}", recorded->frame), fmt::format("{}", id), by);
        else
            keep_line(text);
    }
    hear(text, std::nullopt);
    if (!frames_.empty()) frames_.pop_back();
    if (!frames_.empty() && frames_.back().last) last_ = frames_.back().last; // the call goes on having its effects
}

void Comparison::compare_instruction(const record::Event& recorded, const rvm_op_event& event, bool faults) {
    // What is seen before an instruction is what the one before it in its frame left; at the entry, what the caller gave.
    const auto by = [&] { return faults || frames_.empty() || !frames_.back().last ? place_of(event) : *frames_.back().last; };
    const rvm_op_event& theirs = recorded.op;
    if (theirs.pc != event.pc) return diverge("pc", fmt::format("{}", theirs.pc), fmt::format("{}", event.pc), by());
    if (theirs.stack.size != event.stack.size || theirs.word_bytes != event.word_bytes ||
        !same_bytes(bytes_of(theirs.stack), bytes_of(event.stack))) {
        if (theirs.word_bytes != 0 || event.word_bytes == 8 || event.word_bytes == 32)
            return diverge(stack_difference(theirs, event), by());
    }
    if (const auto found = memory_difference(recorded, event)) return diverge(*found, by());
    if (!same_bytes(bytes_of(theirs.returned), bytes_of(event.returned)))
        return diverge(bytes_difference("returned data", bytes_of(theirs.returned), bytes_of(event.returned)), by());
    if (theirs.gas != event.gas) return diverge("gas", fmt::format("{}", theirs.gas), fmt::format("{}", event.gas), by());
    if (theirs.refund != event.refund)
        return diverge("refund", fmt::format("{}", theirs.refund), fmt::format("{}", event.refund), by());
    if (theirs.opcode != event.opcode || text_of(theirs.name) != text_of(event.name) || text_of(theirs.format) != text_of(event.format))
        return diverge("instruction", fmt::format("{} {}", text_of(theirs.format), text_of(theirs.name)),
                       fmt::format("{} {}", text_of(event.format), text_of(event.name)), place_of(event));
    if (theirs.cost != event.cost)
        return diverge("cost", fmt::format("{}", theirs.cost), fmt::format("{}", event.cost), place_of(event));
}

void Comparison::op(std::uint64_t, const rvm_op_event& event) {
    if (mode_ == Mode::answer) return;
    if (!divergence_) static_cast<void>(advance()); // learns whether instructions go on
    if (steps_ended_ && !divergence_) {
        ++steps_;
        return;
    }
    if (const record::Event* recorded = expect(Kind::op, [&] { return op_text(event); })) {
        compare_instruction(*recorded, event, false);
        if (!divergence_) keep_op(event);
    }
    if (divergence_) hear(op_text(event), steps_);
    if (!divergence_) {
        last_ = place_of(event);
        if (!frames_.empty()) frames_.back().last = last_;
    }
    ++steps_;
}

void Comparison::fault(std::uint64_t, const rvm_op_event& event, rvm_status status) {
    if (mode_ == Mode::answer) return;
    if (!divergence_) static_cast<void>(advance());
    if (steps_ended_ && !divergence_) return;
    const std::string text = fmt::format("{}  fails: {}", op_text(event), status_text(status));
    if (const record::Event* recorded = expect(Kind::fault, [&] { return text; })) {
        compare_instruction(*recorded, event, true);
        if (!divergence_ && recorded->status != status)
            diverge("fault", status_text(recorded->status), status_text(status), place_of(event));
        if (!divergence_) keep_line(text);
    }
    hear(text, std::nullopt);
}

void Comparison::state(std::uint64_t, const rvm_state_event& event) {
    const std::string text = mode_ == Mode::compare ? state_text(event) : "";
    if (const record::Event* recorded = expect(Kind::state, [&] { return text; })) {
        const rvm_state_event& theirs = recorded->state;
        if (theirs.kind != event.kind || !same(theirs.address, event.address) || !same(theirs.key, event.key) ||
            !same(theirs.before, event.before) || !same(theirs.after, event.after))
            diverge("change of the state", state_text(theirs), text, last_);
        else
            keep_line(text);
        effects_.note(event, last_);
    }
    hear(text, std::nullopt);
}

void Comparison::log(std::uint64_t, const rvm_log_event& event) {
    const std::string text = mode_ == Mode::compare ? log_text(event.address, event.topics, event.topic_count, event.data) : "";
    if (const record::Event* recorded = expect(Kind::log, [&] { return text; })) {
        const record::Log& theirs = recorded->log;
        const bool equal = same(theirs.address, event.address) && theirs.topics.size() == event.topic_count &&
                           (event.topic_count == 0 || std::memcmp(theirs.topics.data(), event.topics,
                                                                  event.topic_count * sizeof(rvm_bytes32)) == 0) &&
                           same_bytes(theirs.data, bytes_of(event.data));
        if (equal)
            keep_line(text);
        else
            diverge("log", event_text(*recorded), text, last_);
        effects_.note_log(text, last_);
    }
    hear(text, std::nullopt);
}

record::Event* Comparison::answer_to(Kind kind, const std::string& own) {
    if (mode_ == Mode::compare) return expect(kind, [&] { return own; });
    while (advance()) {
        have_ = false;
        if (event_.kind == kind) return &event_;
    }
    return nullptr;
}

record::Event* Comparison::item_answer(rvm_frame* frame, const std::string& own) {
    const auto next = [&]() -> record::Event* {
        if (mode_ == Mode::compare) {
            if (divergence_ || !advance() || event_.kind != Kind::deed) return nullptr;
            have_ = false;
            return &event_;
        }
        while (advance() && event_.kind != Kind::external) {
            have_ = false;
            if (event_.kind == Kind::deed) return &event_;
        }
        return nullptr;
    };
    while (const record::Event* done = next()) {
        const record::Deed deed = done->deed; // a program that it calls reads on
        keep_line(deed_text(deed));
        hear(deed_text(deed), std::nullopt);
        if (record::repeat(deed, frame) < 0) return nullptr;
    }
    return answer_to(Kind::external, own);
}

rvm_status Comparison::syscall(const rvm_syscall& item, rvm_frame* frame, rvm_view input, rvm_span output,
                               std::uint64_t* output_size) {
    const std::string text = external_text(item.id, bytes_of(input));
    hear(text, std::nullopt);
    const record::Event* recorded = item_answer(frame, text);
    if (recorded == nullptr) return RVM_E_CANCELLED;
    const record::External& answer = recorded->external;
    if (answer.id != item.id || !same_bytes(answer.input, bytes_of(input))) {
        diverge("question to the outside", event_text(*recorded), text, last_);
        return RVM_E_CANCELLED;
    }
    keep_line(text);
    frame->gas = record::wrapping_difference(frame->gas, answer.gas);
    *output_size = answer.output.size();
    if (answer.output.size() > output.size) return RVM_TRAP_LIMIT;
    std::ranges::copy(answer.output, output.data);
    return answer.status;
}

rvm_status Comparison::opcode(const rvm_opcode& item, rvm_frame* frame, rvm_word* args, std::uint64_t) {
    const ByteView operands{reinterpret_cast<const std::uint8_t*>(args), item.pops * sizeof(rvm_word)};
    const std::string text = external_text(item.id, operands);
    hear(text, std::nullopt);
    const record::Event* recorded = item_answer(frame, text);
    if (recorded == nullptr) return RVM_E_CANCELLED;
    const record::External& answer = recorded->external;
    const bool fits = answer.status != RVM_OK || answer.output.size() == item.pushes * sizeof(rvm_word);
    if (answer.id != item.id || !same_bytes(answer.input, operands) || !fits) {
        diverge("question to the outside", event_text(*recorded), text, last_);
        return RVM_E_CANCELLED;
    }
    keep_line(text);
    frame->gas = record::wrapping_difference(frame->gas, answer.gas);
    if (answer.status == RVM_OK && !answer.output.empty()) std::memcpy(args, answer.output.data(), answer.output.size());
    for (const record::Patch& patch : answer.memory)
        if (patch.offset + patch.bytes.size() <= frame->memory.size)
            std::ranges::copy(patch.bytes, frame->memory.data + patch.offset);
    return answer.status;
}

std::uint32_t Comparison::block_hash(const rvm_tx_env&, std::uint64_t number, rvm_bytes32* out) {
    const std::string text = fmt::format("asks the hash of block {}", number);
    hear(text, std::nullopt);
    const record::Event* recorded = answer_to(Kind::block_hash, text);
    if (recorded == nullptr) return 0;
    if (recorded->block_hash.number != number) {
        diverge("question to the outside", event_text(*recorded), text, last_);
        return 0;
    }
    keep_line(text);
    if (recorded->block_hash.known) *out = recorded->block_hash.hash;
    return recorded->block_hash.known ? 1 : 0;
}

void Comparison::finish() {
    if (mode_ == Mode::answer || divergence_ || !advance()) return;
    diverge("what happens", event_text(event_), "the end", last_);
}

} // namespace rvm::replay
