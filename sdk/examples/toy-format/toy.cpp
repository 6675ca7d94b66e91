// The format `toy`: what a third party writes to bring a language of its own. Ten instructions on a stack of 64-bit
// words, no jumps; the host does everything else: accounts, calls into any format, rollback, gas of the callee.
//
// Code is the magic "TOY1" and instructions of one byte plus immediate. Words cross frames as 32 bytes, big-endian, so
// toy programs and EVM or native programs understand each other.
#include <rvm/plugin.hpp>

namespace {

namespace sdk = rvm::sdk;

constexpr std::uint8_t magic[4] = {'T', 'O', 'Y', '1'};
constexpr std::size_t address_bytes = 20;
constexpr std::size_t word_bytes = 32; ///< of inputs and outputs
constexpr std::size_t stack_limit = 64;
constexpr std::uint64_t gas_per_code_byte = 200; ///< deployment; the EVM's price (Ethereum yellow paper, G_codedeposit)

struct Instruction {
    const char* name;
    std::uint8_t immediate; ///< bytes after the opcode
    std::uint8_t pops;
    std::uint8_t pushes;
    std::uint64_t gas;
};

enum Opcode : std::uint8_t { stop, push, add, input, load, store, call, return_, revert, code, opcode_count };

// Prices: 1 for what touches the stack only; a slot and a call cost what they cost in the EVM once warm (EIP-2929).
constexpr Instruction instructions[opcode_count] = {
    {"stop", 0, 0, 0, 0},               // success without output
    {"push", 1, 0, 1, 1},               // the byte
    {"add", 0, 2, 1, 1},                // a b -> a + b
    {"input", 0, 0, 1, 1},              // low 64 bits of the input word, 0 when there is none
    {"load", 0, 1, 1, 100},             // key -> low 64 bits of the slot
    {"store", 0, 2, 0, 5000},           // key value ->
    {"call", address_bytes, 1, 2, 100}, // word -> word success: calls the address, input and output are words
    {"return", 0, 1, 0, 0},             // ends with the word as output
    {"revert", 0, 1, 0, 0},             // undoes everything, ends with the word as output
    {"code", 0, 0, 0, 0},               // ends with all that follows as output: how init code deploys
};

bool ends(std::uint8_t opcode) { return opcode == stop || opcode == return_ || opcode == revert || opcode == code; }

/// Everything a frame needs not check again: magic, known instructions, whole immediates, stack heights, an end.
bool valid(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < sizeof magic || std::memcmp(bytes.data(), magic, sizeof magic) != 0) return false;
    std::size_t height = 0;
    for (std::size_t at = sizeof magic; at < bytes.size();) {
        const std::uint8_t opcode = bytes[at++];
        if (opcode >= opcode_count) return false;
        const Instruction& instruction = instructions[opcode];
        if (instruction.immediate > bytes.size() - at || height < instruction.pops) return false;
        height = height - instruction.pops + instruction.pushes;
        if (height > stack_limit) return false;
        if (ends(opcode)) return true;
        at += instruction.immediate;
    }
    return false;
}

/// A word of another program, as far as 64 bits go.
std::uint64_t from_word(rvm_view view) {
    if (view.size < word_bytes) return 0;
    return rvm_u256_from_bytes(view.data, word_bytes).limbs[0];
}

class ToyPlugin {
  public:
    explicit ToyPlugin(sdk::Host host) : host_(host) {
        format_.struct_size = sizeof format_;
        format_.id = "toy";
        format_.summary = "ten instructions: slots, calls, return, revert";
        format_.rules = rules;
        format_.units_per_gas = 1;
        format_.native_stack_per_frame = 2048; // execute() keeps 64 words, a message and a result
        format_.self = this;
        format_.probe = [](const void*, rvm_view bytes) noexcept -> std::uint32_t {
            const bool ours = bytes.size >= sizeof magic && std::memcmp(bytes.data, magic, sizeof magic) == 0;
            return ours ? RVM_PROBE_YES : RVM_PROBE_NO;
        };
        format_.compile = [](const void*, rvm_view bytes, std::uint32_t, std::uint32_t, rvm_artifact** out,
                             rvm_error* error) noexcept -> rvm_status {
            *out = nullptr; // the code itself is all execute() needs
            if (valid(sdk::bytes(bytes))) return RVM_OK;
            sdk::set_error(error, RVM_TRAP_INVALID_CODE, "not a valid toy program");
            return RVM_TRAP_INVALID_CODE;
        };
        format_.release = [](const void*, rvm_artifact*) noexcept {};
        format_.execute = sdk::thunk<&ToyPlugin::execute>;
        format_.deployed = [](const void*, rvm_frame* frame, rvm_view* bytes, const char**) noexcept -> rvm_status {
            if (bytes->size != 0 && !valid(sdk::bytes(*bytes))) return RVM_TRAP_INVALID_CODE;
            return rvm_charge(frame, bytes->size * gas_per_code_byte); // below 2^64: outputs are bounded
        };
        format_.disassemble = [](const void*, rvm_view bytes, std::uint64_t at, char* text,
                                 std::uint64_t size) noexcept -> std::uint64_t {
            if (at >= bytes.size || size == 0) return 0;
            if (at < sizeof magic) at = 0;
            const bool known = at == 0 || bytes.data[at] < opcode_count;
            const char* name = at == 0 ? "TOY1" : known ? instructions[bytes.data[at]].name : "invalid";
            const std::size_t length = std::strlen(name) < size ? std::strlen(name) : size - 1;
            std::memcpy(text, name, length);
            text[length] = '\0';
            if (at == 0) return bytes.size < sizeof magic ? bytes.size : sizeof magic;
            const std::uint64_t used = 1 + (known ? instructions[bytes.data[at]].immediate : std::uint64_t{0});
            return used < bytes.size - at ? used : bytes.size - at;
        };
        items_.add(format_);
    }

    void link() {
        vm_ = &host_.need<rvm_host_vm>(RVM_HOST_VM);
        state_ = &host_.need<rvm_host_state>(RVM_HOST_STATE);
    }
    [[nodiscard]] const rvm_contribution* contributions() const noexcept { return items_.data(); }

  private:
    rvm_status execute(const rvm_artifact*, rvm_frame* frame, rvm_result* result) const {
        std::uint64_t stack[stack_limit];
        std::size_t height = 0;
        const std::span<const std::uint8_t> bytes = sdk::bytes(frame->program);
        for (std::size_t at = sizeof magic;;) {
            result->fault_position = at;
            const std::uint8_t opcode = bytes[at++];
            const std::uint8_t* immediate = bytes.data() + at;
            rvm_status status = rvm_charge(frame, instructions[opcode].gas);
            if (status != RVM_OK) return status;
            at += instructions[opcode].immediate;
            switch (opcode) {
            case stop:
                return RVM_OK;
            case push:
                stack[height++] = *immediate;
                break;
            case add:
                --height;
                stack[height - 1] += stack[height];
                break;
            case input:
                stack[height++] = from_word(frame->msg->input);
                break;
            case load: {
                const rvm_u256 key = {{stack[height - 1], 0, 0, 0}};
                rvm_u256 value = {};
                std::uint32_t access = 0;
                status = state_->sload(frame, &key, 0, &value, &access);
                stack[height - 1] = value.limbs[0];
                break;
            }
            case store: {
                const rvm_u256 key = {{stack[height - 2], 0, 0, 0}};
                const rvm_u256 value = {{stack[height - 1], 0, 0, 0}};
                rvm_slot_write written;
                status = state_->sstore(frame, &key, &value, 0, &written);
                height -= 2;
                break;
            }
            case call:
                status = call_program(frame, immediate, stack + height - 1);
                ++height;
                break;
            case return_:
            case revert:
                status = give(frame, stack[height - 1], result);
                return status == RVM_OK && opcode == revert ? RVM_TRAP_REVERT : status;
            default: // code
                result->output = {immediate, bytes.size() - at};
                return RVM_OK;
            }
            if (status != RVM_OK) return status;
        }
    }

    /// cells[0]: the argument, then the answer; cells[1]: 1 for success, 0 for a trap of the callee.
    rvm_status call_program(rvm_frame* frame, const std::uint8_t* to, std::uint64_t* cells) const {
        std::uint8_t argument[word_bytes];
        const rvm_u256 word = {{cells[0], 0, 0, 0}};
        rvm_u256_to_bytes(&word, argument, sizeof argument);
        rvm_message message{};
        message.struct_size = sizeof message;
        message.kind = (frame->flags & RVM_FRAME_STATIC) != 0 ? RVM_CALL_STATIC : RVM_CALL_CALL;
        message.gas = frame->gas - frame->gas / 64; // one part stays for what follows (EIP-150)
        std::memcpy(message.recipient.bytes, to, address_bytes);
        message.code_address = message.recipient;
        message.input = {argument, sizeof argument};
        rvm_result answer{};
        answer.struct_size = sizeof answer;
        const rvm_status status = vm_->call(frame, &message, &answer);
        if (status < 0) return status; // a host failure unwinds every frame
        cells[0] = from_word(answer.output);
        cells[1] = status == RVM_OK ? 1 : 0;
        return RVM_OK;
    }

    rvm_status give(rvm_frame* frame, std::uint64_t value, rvm_result* result) const {
        rvm_span output;
        const rvm_status status = vm_->output(frame, word_bytes, &output);
        if (status != RVM_OK) return status;
        const rvm_u256 word = {{value, 0, 0, 0}};
        rvm_u256_to_bytes(&word, output.data, word_bytes);
        result->output = {output.data, word_bytes};
        return RVM_OK;
    }

    static constexpr const char* rules[] = {"toy/1", nullptr};
    sdk::Host host_;
    const rvm_host_vm* vm_ = nullptr;
    const rvm_host_state* state_ = nullptr;
    rvm_format format_{};
    sdk::Contributions items_;
};

constexpr const char* provides[] = {RVM_KIND_FORMAT ":toy", nullptr};
constexpr const char* needs[] = {RVM_HOST_VM, RVM_HOST_STATE, nullptr};
constexpr rvm_descriptor descriptor =
    sdk::describe({.id = RVM_PLUGIN_ID,
                   .version = RVM_PLUGIN_VERSION,
                   .name = "Toy format",
                   .vendor = "rvm",
                   .license = "MIT",
                   .description = "A format of ten instructions: slots, calls, return, revert",
                   .provides = provides,
                   .requires_ = needs});

} // namespace

RVM_PLUGIN(ToyPlugin, descriptor);
