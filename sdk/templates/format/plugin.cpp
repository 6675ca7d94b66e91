// <<name>>: an execution format. Code is three magic bytes and instructions on a stack of 64-bit words.
#include <algorithm>

#include <rvm/plugin.hpp>

namespace {

namespace sdk = rvm::sdk;

constexpr std::size_t stack_limit = 16;
constexpr std::size_t word_bytes = 32; // of the result
constexpr std::array<std::uint8_t, 3> magic = {0xc0, 0xde, 0x01};
enum Opcode : std::uint8_t { end, push, add, mul, opcode_count };
constexpr const char* names[opcode_count] = {"end", "push", "add", "mul"};

// What one frame keeps: its result stays where the host can read it after execute() has returned.
struct Scratch {
    std::uint8_t output[word_bytes];
};

std::uint32_t probe(const void*, rvm_view code) noexcept {
    const auto bytes = sdk::bytes(code);
    const bool ours = bytes.size() >= magic.size() && std::ranges::equal(bytes.first(magic.size()), magic);
    return ours ? RVM_PROBE_YES : RVM_PROBE_NO;
}

// Everything that execute() need not check again: known instructions, whole immediates, stack heights, an end.
bool valid(rvm_view code) noexcept {
    if (probe(nullptr, code) != RVM_PROBE_YES) return false;
    std::size_t height = 0;
    for (std::size_t at = magic.size(); at < code.size;) {
        const std::uint8_t opcode = code.data[at++];
        if (opcode == end) return height >= 1;
        if (opcode == push && at < code.size && height < stack_limit) {
            ++at;
            ++height;
        } else if ((opcode == add || opcode == mul) && height >= 2) {
            --height;
        } else {
            return false;
        }
    }
    return false;
}

// [any]
rvm_status compile(const void*, rvm_view code, std::uint32_t, std::uint32_t, rvm_artifact** out, rvm_error* error) noexcept {
    *out = nullptr; // the code itself is all execute() needs
    if (valid(code)) return RVM_OK;
    sdk::set_error(error, RVM_TRAP_INVALID_CODE, "not valid code of the format <<name>>");
    return RVM_TRAP_INVALID_CODE;
}

void release(const void*, rvm_artifact*) noexcept {}

// Runs one frame to its end. One gas an instruction, paid before it. [frame]
rvm_status execute(const void*, const rvm_artifact*, rvm_frame* frame, rvm_result* result) noexcept {
    std::uint64_t stack[stack_limit];
    std::size_t height = 0;
    const std::uint8_t* code = frame->program.data;
    for (std::uint64_t at = magic.size();;) {
        result->fault_position = at;
        const rvm_status paid = rvm_charge(frame, 1);
        if (paid != RVM_OK) return paid;
        switch (code[at++]) {
        case push:
            stack[height++] = code[at++];
            break;
        case add:
            --height;
            stack[height - 1] += stack[height];
            break;
        case mul:
            --height;
            stack[height - 1] *= stack[height];
            break;
        default: { // end
            auto& scratch = *static_cast<Scratch*>(frame->scratch);
            const rvm_u256 value = {{stack[height - 1], 0, 0, 0}};
            rvm_u256_to_bytes(&value, scratch.output, word_bytes);
            result->output = {scratch.output, word_bytes};
            return RVM_OK;
        }
        }
    }
}

// Code that a creation leaves behind must be valid; 200 gas a byte, as Ethereum has it. [frame]
rvm_status deployed(const void*, rvm_frame* frame, rvm_view* code, const char**) noexcept {
    if (code->size != 0 && !valid(*code)) return RVM_TRAP_INVALID_CODE;
    return rvm_charge(frame, 200 * code->size);
}

// One instruction as text; returns the bytes it takes, 0 at the end. [any]
std::uint64_t disassemble(const void*, rvm_view code, std::uint64_t at, char* text, std::uint64_t size) noexcept {
    if (at >= code.size || size == 0) return 0;
    const bool begins = at == 0 && code.size >= magic.size();
    const std::uint8_t opcode = code.data[at];
    const char* name = begins ? "<<name>>" : opcode < opcode_count ? names[opcode] : "invalid";
    const std::size_t length = std::min<std::size_t>(std::strlen(name), size - 1);
    std::memcpy(text, name, length);
    text[length] = '\0';
    if (begins) return magic.size();
    return opcode == push && at + 1 < code.size ? 2 : 1;
}

constexpr const char* rules[] = {"<<name>>/1", nullptr};

constexpr rvm_format make_format() {
    rvm_format format{};
    format.struct_size = sizeof format;
    format.id = "<<name>>";
    format.summary = "sums and products of bytes";
    format.rules = rules;
    format.units_per_gas = 1;
    format.scratch_bytes = sizeof(Scratch);
    format.native_stack_per_frame = 1024; // execute() keeps 16 words
    format.probe = probe;
    format.compile = compile;
    format.release = release;
    format.execute = execute;
    format.deployed = deployed;
    format.disassemble = disassemble;
    return format;
}
constexpr rvm_format item = make_format();

<<tail>>
