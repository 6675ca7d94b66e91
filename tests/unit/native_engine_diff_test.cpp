// The fast engine against the reference interpreter on generated programs: status, fault and its position, gas, output,
// memory, state, logs, nested calls and the memory budget must be equal.
//
// RVM_DIFF_PROGRAMS=1000000 RVM_DIFF_SEED=7 rvm_unit_native_diff runs as many as wanted from another seed.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>

#include <gtest/gtest.h>

#include "native/disassembler.hpp"
#include "support/native_generator.hpp"
#include "support/native_runner.hpp"

namespace {

using rvm::Bytes;
using rvm::Report;
using namespace rvm::native;
using rvm::native::test::Answer;
using rvm::native::test::generate_program;
using rvm::native::test::Random;
using rvm::native::test::Runner;
using rvm::native::test::RunResult;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// An imported opcode: mixes its operands and immediate into its results; charges, traps and cheats now and then.
rvm_status mix(const void* self, rvm_frame* frame, rvm_word* args, std::uint64_t immediate) {
    const auto& op = *static_cast<const rvm_opcode*>(self);
    rvm_word sum = immediate + op.gas;
    for (std::size_t i = 0; i < op.pops; ++i)
        sum = sum * 31 + args[i];
    if ((op.flags & RVM_F_PURE) == 0) {
        if (sum % 16 == 3) return RVM_TRAP_CRYPTO;
        if (sum % 16 == 4) ++frame->gas; // more than it got: an illegal promise
        if (sum % 4 == 1 && rvm_charge(frame, sum % 64) != RVM_OK) return RVM_TRAP_OUT_OF_GAS;
        rvm_span memory{};
        if ((op.flags & RVM_F_MEMORY) != 0 && rvm_memory(frame, sum % 900, 8, &memory) == RVM_OK)
            std::memcpy(memory.data, &sum, 8);
    }
    for (std::size_t i = 0; i < op.pushes; ++i)
        args[i] = sum + i;
    return RVM_OK;
}

rvm_status echo(const void*, rvm_frame*, rvm_view input, rvm_span output, std::uint64_t* size) {
    *size = std::min(input.size, output.size);
    for (std::uint64_t i = 0; i < *size; ++i)
        output.data[i] = static_cast<std::uint8_t>(input.data[i] + 1);
    return RVM_OK;
}

const rvm_gas_schedule echo_price{sizeof(rvm_gas_schedule), 16, 7, 2, nullptr};

/// Everything a program asks for, and a world that depends on the seed.
std::unique_ptr<Runner> world(std::uint64_t seed, const Program& program) {
    Random random{seed ^ 0x9999};
    auto runner = std::make_unique<Runner>();
    for (const Import& import : program.imports) {
        if (import.kind == ImportKind::opcode) {
            rvm_opcode& op = runner->opcodes[import.id];
            op = {};
            op.flags = random.chance(2) ? RVM_F_PURE : RVM_F_CHARGES | RVM_F_MEMORY;
            if (random.chance(20)) op.flags |= RVM_F_HALTS;
            if (random.chance(20)) op.flags |= RVM_F_WRITES_STATE;
            op.gas = 1 + random.below(50);
            op.pops = import.pops;
            op.pushes = import.pushes;
            op.immediate_size = import.immediate_size;
            op.id = op.mnemonic = import.id.c_str();
            op.run = mix;
            op.self = &op;
        } else if (import.kind == ImportKind::syscall) {
            runner->syscalls[import.id] = {
                sizeof(rvm_syscall), RVM_F_PURE, import.id.c_str(), "", &echo_price, 64, echo, nullptr};
        }
    }
    for (std::uint32_t i = 0; i < 6; ++i)
        runner->answers.push_back({random.chance(4) ? RVM_TRAP_REVERT : RVM_OK,
                                   Bytes(random.below(80), static_cast<std::uint8_t>(random.next())),
                                   random.below(40)});
    runner->input = Bytes(random.below(100), static_cast<std::uint8_t>(random.next()));
    for (auto& word : runner->env)
        word.limbs[0] = random.next();
    runner->message.value.limbs[0] = random.chance(2) ? 5 : 0;
    runner->self.balance.limbs[0] = random.next();
    runner->other.code_size = random.below(5000);
    if (random.chance(10)) runner->flags |= RVM_FRAME_STATIC;
    if (random.chance(10)) runner->flags |= RVM_FRAME_CANCELLABLE;
    if (random.chance(10)) runner->flags |= RVM_FRAME_CREATE;
    if (random.chance(10)) runner->memory_budget = random.below(20'000);
    if (random.chance(20)) runner->output_limit = random.below(100);
    return runner;
}

bool operator==(const rvm::native::test::LogLine& a, const rvm::native::test::LogLine& b) {
    return a.data == b.data && a.topics.size() == b.topics.size() &&
           std::ranges::equal(a.topics, b.topics, [](const rvm_bytes32& x, const rvm_bytes32& y) {
               return std::memcmp(x.bytes, y.bytes, 32) == 0;
           });
}

using Slots = std::map<rvm::native::test::Key, rvm_u256>;
bool same(const Slots& a, const Slots& b) {
    return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
        return x.first == y.first && std::memcmp(&x.second, &y.second, sizeof(rvm_u256)) == 0;
    });
}

/// Where two memories differ first, for messages.
std::string difference(const Bytes& a, const Bytes& b) {
    const auto [x, y] = std::ranges::mismatch(a, b);
    return x == a.end() && y == b.end() ? "nowhere" : std::to_string(x - a.begin());
}

struct Counts {
    std::uint64_t programs = 0, normal = 0, nested = 0, instructions = 0;
    std::map<std::string, std::uint64_t> executed; ///< by mnemonic, of a sample
    std::map<rvm_status, std::uint64_t> endings;
};

/// Runs one program both ways. False with a message when anything differs.
void compare(std::uint64_t seed, Counts& counts) {
    const bool tame = seed % 16 != 0;
    const Bytes bytes = generate_program(
        seed, {.hosted = true, .decorated = false, .tame = tame, .max_instructions = tame ? 160U : 60U});
    Report report;
    const auto program = load_program(bytes, "generated", report);
    ASSERT_TRUE(program.has_value()) << "seed " << seed << "\n" << report.text();
    Random random{seed ^ 0x7777};
    const std::int64_t gas = random.chance(4) ? random.below(3000) : 30'000 + random.below(60'000);

    const auto reference = world(seed, *program);
    const auto fast = world(seed, *program);
    reference->engine = false;
    fast->engine = true;
    const auto expected_code = reference->linked(bytes, report);
    const auto fast_code = fast->linked(bytes, report);
    ASSERT_TRUE(expected_code && fast_code) << "seed " << seed << "\n" << report.text();
    ASSERT_TRUE(fast_code->code.has_value()) << "seed " << seed;
    const RunResult expected = reference->run_artifact(*expected_code, bytes, gas);
    const RunResult found = fast->run_artifact(*fast_code, bytes, gas);

    const bool memory_kept = program->memory_pages <= 16;
    const std::uint64_t size = program->memory_pages * page_bytes;
    const bool equal = expected.status == found.status && expected.detail == found.detail &&
                       expected.position == found.position && expected.gas_used == found.gas_used &&
                       expected.output == found.output && same(reference->slots, fast->slots) &&
                       same(reference->transient, fast->transient) && reference->warm_slots == fast->warm_slots &&
                       reference->logs.size() == fast->logs.size() &&
                       std::equal(reference->logs.begin(), reference->logs.end(), fast->logs.begin(),
                                  [](const auto& a, const auto& b) { return a == b; }) &&
                       reference->call_inputs == fast->call_inputs && reference->reserved == fast->reserved &&
                       (!memory_kept || reference->memory_after(size) == fast->memory_after(size));
    if (!equal) {
        const auto text = disassemble(bytes, report);
        FAIL() << "seed " << seed << ", gas " << gas << "\nstatus " << expected.status << " / " << found.status
               << ", fault " << expected.detail << " / " << found.detail << ", position " << expected.position << " / "
               << found.position << ", gas used " << expected.gas_used << " / " << found.gas_used << ", reserved "
               << reference->reserved << " / " << fast->reserved << ", calls " << reference->calls.size() << " / "
               << fast->calls.size() << ", output equal " << (expected.output == found.output)
               << ", memory differs from " << difference(reference->memory_after(size), fast->memory_after(size))
               << ", slots equal " << same(reference->slots, fast->slots) << ", inputs equal "
               << (reference->call_inputs == fast->call_inputs) << "\n"
               << *text << "\n"
               << rvm::engine::listing(*fast_code->code);
    }
    ++counts.programs;
    counts.normal += expected.status == RVM_OK ? 1U : 0U;
    ++counts.endings[expected.status];
    const bool sampled = seed % 4 < 2;
    if (!sampled) return;
    const auto traced = world(seed, *program);
    traced->engine = false;
    traced->flags |= RVM_FRAME_TRACED;
    const auto traced_code = traced->linked(bytes, report);
    (void)traced->run_artifact(*traced_code, bytes, gas);
    bool nested = false;
    for (const auto& event : traced->events) {
        if (event.fault != RVM_OK) continue;
        bool imported = false;
        for (const auto& [id, op] : traced->opcodes)
            imported |= event.name == id;
        const std::string name = imported || event.name.find('.') != std::string::npos ? "ext" : event.name;
        ++counts.executed[name];
        nested |= imported || !traced->calls.empty();
    }
    counts.instructions += traced->events.size();
    counts.nested += nested ? 2U : 0U; // every second program is sampled
}

TEST(native_engine_diff, equals_the_reference_interpreter) {
    const std::uint64_t programs = number_from("RVM_DIFF_PROGRAMS", 8000);
    const std::uint64_t first = number_from("RVM_DIFF_SEED", 0) << 32;
    Counts counts;
    for (std::uint64_t seed = first; seed < first + programs; ++seed) {
        compare(seed, counts);
        if (HasFatalFailure()) return;
    }
    RecordProperty("instructions", std::to_string(counts.instructions));
    for (const auto& [status, count] : counts.endings)
        std::printf("status %d: %llu programs\n", status, static_cast<unsigned long long>(count));
    std::printf("%llu programs, %llu end normally, %llu with nested or plugin calls, %llu instructions sampled\n",
                static_cast<unsigned long long>(counts.programs), static_cast<unsigned long long>(counts.normal),
                static_cast<unsigned long long>(counts.nested), static_cast<unsigned long long>(counts.instructions));
    EXPECT_GE(counts.normal * 2, counts.programs);
    EXPECT_GE(counts.nested * 10, counts.programs);
    const std::uint64_t wanted = std::min<std::uint64_t>(1000, programs / 250); // of each opcode
    std::pair<std::uint64_t, std::string> rarest{~std::uint64_t{0}, ""};
    for (const OpInfo& info : op_table) {
        if (info.mnemonic.empty()) continue;
        const std::string name{info.mnemonic};
        if (name == "syscall" || name == "ext" || name == "label") continue; // counted under other names; not traced
        EXPECT_GE(counts.executed[name] * 2, wanted) << name << " is executed too seldom";
        rarest = std::min(rarest, {counts.executed[name] * 2, name});
    }
    std::printf("rarest opcode: %s, %llu executions\n", rarest.second.c_str(),
                static_cast<unsigned long long>(rarest.first));
}

} // namespace
