#include "repl/capture.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "cli/values.hpp"
#include "program/builtin_tracer.hpp"

namespace rvm::host::repl {

namespace {

constexpr std::size_t most_lines = 2'000;     ///< of a trace: what a terminal keeps
constexpr std::size_t most_shown_words = 8;   ///< of a stack, from its top
constexpr std::size_t native_word = 8;

Capture the_capture;
std::size_t depth = 0; ///< frames that are open

std::uint64_t word_at(const rvm_view& stack, std::size_t index) {
    std::uint64_t word = 0;
    std::memcpy(&word, stack.data + index * native_word, native_word); // little-endian host, as everywhere
    return word;
}

std::string shown_word(const rvm_op_event& event, std::size_t index) {
    if (event.word_bytes == native_word) return fmt::format("{}", word_at(event.stack, index));
    rvm_u256 value{};
    std::memcpy(value.limbs, event.stack.data + index * event.word_bytes,
                std::min<std::size_t>(event.word_bytes, sizeof value.limbs));
    return hex_text(value);
}

std::string shown_stack(const rvm_op_event& event) {
    const std::size_t count = event.word_bytes == 0 ? 0 : event.stack.size / event.word_bytes;
    const std::size_t first = count > most_shown_words ? count - most_shown_words : 0;
    std::string text = first == 0 ? "" : "... ";
    for (std::size_t i = first; i < count; ++i)
        text += (i == first ? "" : " ") + shown_word(event, i);
    return text;
}

struct Observer {
    static constexpr const char* plugin = "org.rvm.repl";
    static constexpr const char* id = repl_tracer;
    static constexpr const char* summary = "What an entry of rvm repl leaves";
    static constexpr const char* provides = "rvm.tracer/1:rvm.host/repl";

    static rvm_status begin(void*, const char*, std::uint64_t, void** cookie) {
        depth = 0;
        *cookie = &the_capture;
        return RVM_OK;
    }
    static void enter(void*, void*, std::uint64_t, const rvm_message*, const char*) {
        ++depth;
    }
    static void leave(void*, void*, std::uint64_t, const rvm_result*) { --depth; }

    static void op(void*, void*, std::uint64_t, const rvm_op_event* event) {
        Capture& seen = the_capture;
        const bool outermost = depth == 1;
        const bool ours =
            outermost && (event->pc < seen.begin_pc || (event->pc >= seen.end_pc && event->pc <= seen.last_pc));
        if (seen.trace && !ours) trace(*event);
        if (!outermost || event->pc != seen.last_pc) return;
        const std::size_t words = event->stack.size / native_word;
        if (words < native::register_count) return;
        const std::size_t kept = words - native::register_count;
        seen.reached = true;
        seen.stack.clear();
        for (std::size_t i = 0; i < kept; ++i)
            seen.stack.push_back(word_at(event->stack, i));
        for (std::size_t i = 0; i < native::register_count; ++i)
            seen.registers[i] = word_at(event->stack, kept + i);
        const ByteView memory = bytes_of(event->memory);
        seen.memory.assign(memory.begin(), memory.end());
    }

    static void trace(const rvm_op_event& event) {
        if (std::strcmp(event.name, "label") == 0) return;
        if (the_capture.lines.size() == most_lines) {
            ++the_capture.left_out;
            return;
        }
        const std::int64_t gas = event.gas - (depth == 1 ? the_capture.gas_after : 0);
        the_capture.lines.push_back(fmt::format("{:{}}{:<14} {:>8}  [{}]", "", 2 * (depth > 0 ? depth - 1 : 0),
                                                event.name, gas, shown_stack(event)));
    }
};

} // namespace

const rvm_entry* repl_plugin() noexcept { return BuiltinTracer<Observer>::entry(); }

Capture& capture() noexcept { return the_capture; }

} // namespace rvm::host::repl
