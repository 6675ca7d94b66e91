// What the subject contributes: one well-behaved item of each kind, and the ways in which a copy may break its promise.
#include "subject.hpp"

#include <climits>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <unistd.h>

namespace subject {
namespace {

constexpr std::uint64_t opcode_gas = 3;
constexpr rvm_status no_status = 9999; // neither a trap nor a failure

/// Answers that are no answers, of whatever kind of item; RVM_OK: behaves.
rvm_status unknown_status(std::string_view kind) {
    const std::string_view told = form.behaviour;
    if (told.substr(0, kind.size()) != kind) return RVM_OK;
    if (told.ends_with(": status 9999")) return no_status;
    if (told.ends_with(": status minimum")) return INT_MIN;
    if (told.ends_with(": throws")) throw std::runtime_error("thrown by an item");
    return RVM_OK;
}

rvm_status write_slot(rvm_frame* frame, rvm_word key, rvm_word value) {
    const rvm_u256 wide_key{{key, 0, 0, 0}};
    const rvm_u256 wide_value{{value, 0, 0, 0}};
    rvm_slot_write written{};
    return host_state->sstore(frame, &wide_key, &wide_value, 0, &written);
}

// ---- opcode: adds two words ----

rvm_status run_opcode(const void*, rvm_frame* frame, rvm_word* args, std::uint64_t) {
    if (const rvm_status status = unknown_status("opcode"); status != RVM_OK) return status;
    if (behaves("opcode: raises gas")) frame->gas += 1'000'000;
    if (behaves("opcode: slow")) {
        note_step("opcode begins");
        ::usleep(700'000);
        note_step("opcode ends");
    }
    if (behaves("opcode: writes state") || behaves("opcode: pure calls state")) {
        const rvm_status status = write_slot(frame, args[0], args[1]);
        args[0] = 1;
        return status;
    }
    args[0] += args[1];
    return RVM_OK;
}

rvm_opcode make_opcode(const char* id) {
    std::uint32_t flags = RVM_F_PURE;
    if (behaves("opcode: writes state")) flags = RVM_F_WRITES_STATE;
    if (behaves("opcode: external")) flags = RVM_F_EXTERNAL;
    if (behaves("opcode: raises gas")) flags = RVM_F_CHARGES | RVM_F_MEMORY;
    const std::uint8_t pops = behaves("opcode: 17 pops") ? 17 : 2;
    const std::uint8_t pushes = behaves("opcode: 17 pushes") ? 17 : 1;
    const std::uint8_t immediate = behaves("opcode: 9 immediate bytes")   ? 9
                                   : behaves("opcode: 8 immediate bytes") ? 8
                                                                          : 0;
    const std::uint64_t gas = behaves("opcode: free") ? 0 : opcode_gas;
    const char* mnemonic = behaves("opcode: shared mnemonic") ? "test.shared" : id;
    return {sizeof(rvm_opcode), flags, id, mnemonic,   "adds two words", gas, pops, pushes,
            immediate,          0,     0,  run_opcode, nullptr};
}

// ---- syscall: returns its input ----

rvm_status run_syscall(const void*, rvm_frame* frame, rvm_view input, rvm_span output, std::uint64_t* size) {
    if (const rvm_status status = unknown_status("syscall"); status != RVM_OK) return status;
    if (behaves("syscall: writes state")) {
        if (const rvm_status status = write_slot(frame, 1, 1); status != RVM_OK) return status;
    }
    if (input.size > output.size) return RVM_TRAP_LIMIT;
    if (input.size != 0) std::memcpy(output.data, input.data, input.size);
    *size = behaves("syscall: overstates output") ? output.size + 1 : input.size;
    return RVM_OK;
}

std::uint64_t no_price(const void*, rvm_view) { return UINT64_MAX; }

rvm_syscall make_syscall(const char* id) {
    static rvm_gas_schedule gas;
    gas = {sizeof(rvm_gas_schedule), 1, 10, 1, behaves("syscall: custom price without end") ? no_price : nullptr};
    if (behaves("syscall: price overflows")) gas.per_unit = INT64_MAX;
    if (behaves("syscall: free")) gas.base = 0;
    const bool writes = behaves("syscall: writes state");
    return {sizeof(rvm_syscall),
            writes ? RVM_F_WRITES_STATE : RVM_F_PURE,
            id,
            "returns its input",
            &gas,
            1024,
            run_syscall,
            nullptr};
}

// ---- crypto: the sum of all bytes as a 32-bit number ----

void run_hash(const void*, rvm_view input, std::uint8_t* digest) {
    std::uint32_t sum = 0;
    for (std::uint64_t i = 0; i < input.size; ++i)
        sum += input.data[i];
    for (int i = 0; i < 4; ++i)
        digest[i] = static_cast<std::uint8_t>(sum >> (24 - 8 * i));
}

rvm_crypto make_crypto(const char* id) {
    static const std::uint8_t text[] = {'a', 'b', 'c'};
    static const std::uint8_t right[] = {0, 0, 1, 0x26};
    static const std::uint8_t wrong[] = {0, 0, 1, 0x27};
    static rvm_kat answer;
    answer = {{text, sizeof text}, {behaves("crypto: wrong answer") ? wrong : right, sizeof right}, RVM_OK, 0};
    const std::uint64_t answers = behaves("crypto: no answers") ? 0 : 1;
    return {sizeof(rvm_crypto), RVM_F_PURE, id,      "sum of bytes", RVM_CRYPTO_HASH, 4,
            run_hash,           nullptr,    nullptr, &answer,        answers};
}

// ---- program at the address 0x00...77 ----

rvm_status run_program(const void*, rvm_view, std::int64_t* gas, rvm_span* out) {
    constexpr std::int64_t price = 10;
    if (*gas < price) return RVM_TRAP_OUT_OF_GAS;
    *gas -= price;
    out->size = 0;
    return unknown_status("program");
}

rvm_program make_program(const char* id) {
    rvm_program program{sizeof(rvm_program), RVM_F_PURE, id, "SUBJECT", {}, 0, nullptr, run_program, nullptr};
    program.address.bytes[19] = 0x77;
    if (behaves("program: address of an account"))
        std::memset(program.address.bytes, 0x77, sizeof program.address.bytes);
    return program;
}

// ---- format: "SUBJ" and one letter that says what the frame does ----

constexpr std::string_view magic = "SUBJ";

std::uint32_t probe(const void*, rvm_view code) {
    if (behaves("format: fallback")) return RVM_PROBE_FALLBACK;
    const std::string_view text{reinterpret_cast<const char*>(code.data), code.size};
    return text.substr(0, magic.size()) == magic ? RVM_PROBE_YES : RVM_PROBE_NO;
}

rvm_status compile(const void*, rvm_view code, std::uint32_t, std::uint32_t, rvm_artifact** out, rvm_error*) {
    if (code.size != magic.size() + 1) return RVM_TRAP_INVALID_CODE;
    *out = reinterpret_cast<rvm_artifact*>(const_cast<std::uint8_t*>(code.data)); // the code outlives its artifact
    return RVM_OK;
}

void release(const void*, rvm_artifact*) {}

rvm_status execute(const void*, const rvm_artifact* artifact, rvm_frame* frame, rvm_result* result) {
    constexpr std::int64_t price = 100;
    if (frame->gas < price) return RVM_TRAP_OUT_OF_GAS;
    frame->gas -= price;
    rvm_span output{};
    switch (reinterpret_cast<const char*>(artifact)[magic.size()]) {
    case 'g': // gives itself gas
        frame->gas += 1'000'000;
        return RVM_OK;
    case 's':
        return no_status;
    case 'm':
        return INT_MIN;
    case 'l': // more output than the deployment allows
        return host_vm->output(frame, std::uint64_t{1} << 40, &output);
    case 'w':
        return write_slot(frame, 1, 1);
    case 't':
        throw std::runtime_error("thrown by execute");
    case 'o':
        if (const rvm_status status = host_vm->output(frame, 1, &output); status != RVM_OK) return status;
        output.data[0] = 0x2a;
        result->output = {output.data, 1};
        return RVM_OK;
    default:
        return RVM_TRAP_ILLEGAL;
    }
}

rvm_status deployed(const void*, rvm_frame*, rvm_view*, const char**) { return RVM_OK; }

rvm_format make_format(const char* id) {
    static const char* const rules[] = {"test/rules", nullptr};
    rvm_format format{};
    format.struct_size = sizeof format;
    format.id = id;
    format.summary = "one letter a program";
    format.rules = rules;
    format.units_per_gas = 1;
    format.native_stack_per_frame = 4096;
    format.probe = probe;
    format.compile = compile;
    format.release = release;
    format.execute = execute;
    format.deployed = deployed;
    return format;
}

// ---- tracer ----

void trace_op(void*, void*, std::uint64_t, const rvm_op_event* event) {
    if (behaves("tracer: slow")) ::usleep(20'000);
    if (behaves("tracer: throws")) throw std::runtime_error("thrown by a tracer");
    if (!behaves("tracer: changes what it sees")) return;
    auto* seen = const_cast<rvm_op_event*>(event);
    seen->gas = 0;
    seen->cost = 0;
    seen->refund = -1;
    seen->pc = UINT64_MAX;
}

void trace_leave(void*, void*, std::uint64_t, const rvm_result* result) {
    if (!behaves("tracer: changes what it sees")) return;
    auto* seen = const_cast<rvm_result*>(result);
    seen->gas_left = 0;
    seen->status = RVM_TRAP_ILLEGAL;
    seen->output = {};
}

rvm_tracer make_tracer(const char* id) {
    rvm_tracer tracer{};
    tracer.struct_size = sizeof tracer;
    tracer.interest = RVM_TRACE_FRAME | RVM_TRACE_OP;
    tracer.id = id;
    tracer.summary = "watches";
    tracer.op = trace_op;
    tracer.leave = trace_leave;
    return tracer;
}

// ---- interface ----

rvm_interface make_interface(const char* id) {
    static const int table = 1;
    return {sizeof(rvm_interface), 0, id, &table};
}

/// The tables of one kind; addresses stay.
template <typename Table>
const void* keep(std::size_t at, Table made) {
    static Table tables[most_items];
    tables[at] = made;
    return &tables[at];
}

} // namespace

const rvm_contribution* build_items() noexcept {
    static rvm_contribution items[most_items + 1];
    static char kinds[most_items][text_bytes];
    std::size_t count = 0;
    for (std::size_t i = 0; i < most_items && form.provides[i][0] != '\0'; ++i) {
        const std::string_view promised = form.provides[i];
        const std::size_t colon = promised.find(':');
        std::memset(kinds[i], 0, text_bytes);
        promised.copy(kinds[i], colon);
        const char* id = form.provides[i] + colon + 1;
        const std::string_view kind = kinds[i];
        const void* item = nullptr;
        if (kind == RVM_KIND_OPCODE) item = keep(i, make_opcode(id));
        if (kind == RVM_KIND_SYSCALL) item = keep(i, make_syscall(id));
        if (kind == RVM_KIND_CRYPTO) item = keep(i, make_crypto(id));
        if (kind == RVM_KIND_PROGRAM) item = keep(i, make_program(id));
        if (kind == RVM_KIND_FORMAT) item = keep(i, make_format(id));
        if (kind == RVM_KIND_TRACER) item = keep(i, make_tracer(id));
        if (item == nullptr) item = keep(i, make_interface(id)); // also of kinds no host knows
        items[count++] = {kinds[i], item};
    }
    items[count] = {nullptr, nullptr};
    return items;
}

} // namespace subject
