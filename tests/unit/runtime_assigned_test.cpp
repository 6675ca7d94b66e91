// Syscalls that a manifest puts at addresses: what a call of the address gives, costs, and does when it fails; what is
// refused when the deployment opens.
#include <algorithm>
#include <cstring>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rvm/runtime.hpp>

#include "base/bytes.hpp"
#include "plugin/registry.hpp"
#include "runtime/assigned_programs.hpp"
#include "runtime/program_table.hpp"
#include "runtime/runtime_impl.hpp"

namespace rvm::runtime {
namespace {

constexpr std::uint64_t base = 7, per_unit = 2, unit_bytes = 4, longest = 5000;
constexpr rvm_gas_schedule schedule{sizeof(rvm_gas_schedule), unit_bytes, base, per_unit, nullptr};

// ---- the embedder's syscalls ----

rvm_status reverse(const void*, rvm_frame*, rvm_view input, rvm_span output, std::uint64_t* size) {
    *size = input.size;
    if (output.size < input.size) return RVM_TRAP_LIMIT;
    std::reverse_copy(input.data, input.data + input.size, output.data);
    return RVM_OK;
}
/// Says how much room it was given.
rvm_status room(const void*, rvm_frame*, rvm_view, rvm_span output, std::uint64_t* size) {
    *size = sizeof output.size;
    std::memcpy(output.data, &output.size, sizeof output.size);
    return RVM_OK;
}
/// Traps with the status that is its input, leaving an answer behind.
rvm_status trap(const void*, rvm_frame*, rvm_view input, rvm_span, std::uint64_t* size) {
    *size = 1;
    return static_cast<std::int8_t>(*input.data);
}
rvm_status boast(const void*, rvm_frame*, rvm_view, rvm_span output, std::uint64_t* size) {
    *size = output.size + 1;
    return RVM_OK;
}
/// Calls the host, which PURE items may not, when it is asked to.
rvm_status spy(const void*, rvm_frame* frame, rvm_view input, rvm_span, std::uint64_t*) {
    rvm_span out{};
    return input.size == 0 ? RVM_OK : vm_table().output(frame, 1, &out);
}
rvm_status program(const void*, rvm_view, std::int64_t*, rvm_span* out) {
    out->size = 0;
    return RVM_OK;
}

constexpr rvm_syscall syscall(const char* id, rvm_syscall_fn run, std::uint32_t flags = RVM_F_PURE) {
    return {sizeof(rvm_syscall), flags, id, "for tests", &schedule, longest, run, nullptr};
}
constexpr rvm_syscall syscalls[] = {syscall("own.reverse", reverse),
                                    syscall("own.room", room),
                                    syscall("own.trap", trap),
                                    syscall("own.boast", boast),
                                    syscall("own.spy", spy),
                                    syscall("own.reads", reverse, RVM_F_READS_STATE | RVM_F_CHARGES),
                                    syscall("own.memory", reverse, RVM_F_PURE | RVM_F_MEMORY)};
constexpr const char* later[] = {"native/later", nullptr}; // rules that no transaction here follows
constexpr rvm_program programs[] = {{sizeof(rvm_program),
                                     RVM_F_PURE,
                                     "own/program",
                                     "P",
                                     {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0}},
                                     0,
                                     later,
                                     program,
                                     nullptr},
                                    {sizeof(rvm_program),
                                     RVM_F_PURE,
                                     "own/always",
                                     "A",
                                     {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 4}},
                                     0,
                                     nullptr,
                                     program,
                                     nullptr}};
constexpr rvm_contribution items[] = {{RVM_KIND_SYSCALL, &syscalls[0]}, {RVM_KIND_SYSCALL, &syscalls[1]},
                                      {RVM_KIND_SYSCALL, &syscalls[2]}, {RVM_KIND_SYSCALL, &syscalls[3]},
                                      {RVM_KIND_SYSCALL, &syscalls[4]}, {RVM_KIND_SYSCALL, &syscalls[5]},
                                      {RVM_KIND_SYSCALL, &syscalls[6]}, {RVM_KIND_PROGRAM, &programs[0]},
                                      {RVM_KIND_PROGRAM, &programs[1]}, {nullptr, nullptr}};

// ---- deployments ----

std::string address_text(unsigned number) {
    std::string digits = to_hex(Bytes{static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)});
    return "0x" + std::string(36, '0') + digits;
}
rvm_address address_of(unsigned number) {
    rvm_address out{};
    out.bytes[18] = static_cast<std::uint8_t>(number >> 8);
    out.bytes[19] = static_cast<std::uint8_t>(number);
    return out;
}
std::string at(unsigned number, const std::string& id) { return "\"" + address_text(number) + "\":\"" + id + "\""; }

std::unique_ptr<Runtime> open(const std::string& assignments, Report& report, const std::string& more = "") {
    const std::string text =
        R"({"format_version":1,"profile":"development","programs":{)" + assignments + "}" + more + "}";
    RuntimeOptions options;
    options.own_id = "own";
    options.own_items = items;
    return Runtime::open_text(text, "/node.json", options, report);
}
std::unique_ptr<Runtime> opened(const std::string& assignments, const std::string& more = "") {
    Report report;
    auto runtime = open(assignments, report, more);
    EXPECT_TRUE(report.findings().empty()) << report.text();
    if (runtime == nullptr) throw Failure(std::move(report));
    return runtime;
}
std::vector<std::string> refused(const std::string& assignments, Report& report) {
    EXPECT_EQ(open(assignments, report), nullptr);
    EXPECT_EQ(report.exit_status(), 78);
    std::vector<std::string> out;
    for (const Finding& finding : report.findings()) {
        EXPECT_EQ(finding.file, "/node.json");
        EXPECT_FALSE(finding.message.empty() || finding.expected.empty()) << finding.text();
        out.push_back(std::string(error_info(finding.code).text) + " " + finding.where + " " + finding.found);
    }
    return out;
}

class Called {
  public:
    explicit Called(Runtime& runtime, const TxOptions& options = {}) : world(runtime, World::ephemeral) {
        world.begin(options);
    }
    Outcome call(unsigned number, const Bytes& input, std::int64_t gas = 1000, std::uint64_t value = 0) {
        rvm_message message{};
        message.struct_size = sizeof message;
        message.gas = gas;
        message.sender = address_of(0xffff);
        message.value.limbs[0] = value;
        message.recipient = message.code_address = address_of(number);
        message.input = {input.data(), input.size()};
        return world.execute(message);
    }
    World world;
};

TEST(runtime_assigned, an_address_answers_what_the_syscall_answers_for_its_price_without_a_grant) {
    const auto runtime = opened(at(0x800, "own.reverse"));
    Called called(*runtime);
    const Outcome five = called.call(0x800, {1, 2, 3, 4, 5});
    EXPECT_EQ(five.status, RVM_OK);
    EXPECT_EQ(five.output, (Bytes{5, 4, 3, 2, 1}));
    EXPECT_EQ(five.gas_used, static_cast<std::int64_t>(base + 2 * per_unit));
    const Outcome nothing = called.call(0x800, {});
    EXPECT_TRUE(nothing.output.empty());
    EXPECT_EQ(nothing.gas_used, static_cast<std::int64_t>(base));
    EXPECT_EQ(called.call(0x801, {1, 2}).gas_used, 0) << "nothing is there";
    EXPECT_NE(called.world.account(address_of(0x800))->flags & RVM_ACCOUNT_PROGRAM, 0u) << "warm from the start";
}

TEST(runtime_assigned, a_call_that_fails_is_undone_and_burns_its_gas) {
    const auto runtime = opened(at(0x800, "own.reverse") + "," + at(0x801, "own.trap"));
    Called called(*runtime);
    called.world.add_balance(called.world.account(address_of(0xffff)), {{100, 0, 0, 0}});
    const auto balance = [&](unsigned number) { return called.world.account(address_of(number))->balance.limbs[0]; };
    const auto price = static_cast<std::int64_t>(base + per_unit);
    EXPECT_EQ(called.call(0x800, {1}, price, 30).status, RVM_OK);
    EXPECT_EQ(balance(0x800), 30u);
    const Outcome poor = called.call(0x800, {1}, price - 1, 30);
    EXPECT_EQ(poor.status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(poor.gas_used, price - 1);
    EXPECT_EQ(balance(0x800), 30u);
    const Outcome bad = called.call(0x801, {RVM_TRAP_CRYPTO}, 900, 30);
    EXPECT_EQ(bad.status, RVM_TRAP_CRYPTO);
    EXPECT_EQ(bad.gas_used, 900);
    EXPECT_TRUE(bad.output.empty());
    EXPECT_EQ(balance(0x801), 0u);
    EXPECT_EQ(called.call(0x800, Bytes(longest + 1), 9000).status, RVM_TRAP_LIMIT)
        << "as where the syscall is imported";
    const Outcome reverted = called.call(0x801, {RVM_TRAP_REVERT}, 900);
    EXPECT_EQ(reverted.status, RVM_TRAP_REVERT);
    EXPECT_EQ(reverted.gas_used, price) << "a revert keeps the rest";
    EXPECT_TRUE(reverted.output.empty());
}

TEST(runtime_assigned, a_syscall_has_the_room_it_may_fill_and_pays_once) {
    const auto runtime = opened(at(0x800, "own.room") + "," + at(0x801, "own.reverse"));
    Called called(*runtime);
    const Outcome told = called.call(0x800, {});
    std::uint64_t given = 0;
    ASSERT_EQ(told.output.size(), sizeof given);
    std::memcpy(&given, told.output.data(), sizeof given);
    EXPECT_EQ(given, longest);
    EXPECT_EQ(told.gas_used, static_cast<std::int64_t>(base));
    Bytes input(longest, 1);
    input.front() = 2;
    const Outcome all = called.call(0x801, input, 9000);
    ASSERT_EQ(all.output.size(), longest);
    EXPECT_EQ(all.output.back(), 2);
    EXPECT_EQ(all.gas_used, static_cast<std::int64_t>(base + longest / unit_bytes * per_unit));
}

TEST(runtime_assigned, a_syscall_that_breaks_its_promise_traps) {
    const auto runtime = opened(at(0x800, "own.boast") + "," + at(0x801, "own.spy") + "," + at(0x802, "own.trap"));
    Called called(*runtime);
    EXPECT_EQ(called.call(0x800, {}).status, RVM_TRAP_ILLEGAL) << "more bytes than it had room for";
    EXPECT_EQ(called.call(0x801, {}).status, RVM_OK);
    EXPECT_EQ(called.call(0x801, {1}).status, RVM_TRAP_ILLEGAL) << "it called the host";
    EXPECT_EQ(called.call(0x801, {}).status, RVM_TRAP_ILLEGAL) << "and is trusted no more";
    const auto status = [&](rvm_status of_syscall) {
        return called.call(0x802, {static_cast<std::uint8_t>(of_syscall)}).status;
    };
    EXPECT_EQ(status(RVM_E_IO), RVM_E_IO) << "a failure of the host stays one";
    EXPECT_EQ(status(RVM_E_BUFFER_TOO_SMALL), RVM_E_INTERNAL) << "it has all the room there is";
    EXPECT_EQ(status(RVM_TRAP_LIMIT + 1), RVM_E_INTERNAL) << "no status at all";
}

TEST(runtime_assigned, the_price_is_that_of_the_height) {
    const auto runtime =
        opened(at(0x800, "own.reverse"), R"(,"gas":{"own.reverse":{"base":50}},"chain":{"activations":[)"
                                         R"({"height":5,"gas":{"own.reverse":{"per_unit":100}}},)"
                                         R"({"height":9,"gas":{"own.reverse":{"base":11}}}]})");
    const auto used = [&](std::uint64_t height) {
        Called called(
            *runtime,
            TxOptions{.env = {{"block.number", {{height, 0, 0, 0}}}}, .rules = {}, .tracer = {}, .tracer_config = {}});
        return called.call(0x800, {1, 2, 3}).gas_used;
    };
    EXPECT_EQ(used(4), 52);
    EXPECT_EQ(used(5), 150);
    EXPECT_EQ(used(9), 111);
    EXPECT_EQ(used(4), 52);
}

TEST(runtime_assigned, what_cannot_be_at_an_address_is_refused_by_name_and_place) {
    const auto where = [](unsigned number) { return "/programs/" + address_text(number); };
    Report report;
    EXPECT_EQ(refused(at(0x800, "own.revers") + "," + at(0x801, "own.reads") + "," + at(0x802, "own.memory") + "," +
                          at(0x803, "own.reverse") + "," + at(0x900, "own.reverse") + "," + at(0x904, "own.none"),
                      report),
              (std::vector<std::string>{
                  "RVM-R10 " + where(0x800) + " \"own.revers\"",
                  "RVM-R11 " + where(0x801) + " own.reads: READS_STATE, CHARGES",
                  "RVM-R11 " + where(0x802) + " own.memory: PURE, MEMORY", "RVM-R12 " + where(0x900) + " own/program",
                  "RVM-R10 " + where(0x904) + " \"own.none\"", "RVM-R12 " + where(0x904) + " own/always"}));
    EXPECT_NE(report.findings().front().hint.find("own.reverse"), std::string::npos) << report.text();
    EXPECT_EQ(report.findings()[1].plugin, "own");
    EXPECT_EQ(report.findings()[3].plugin, "own");
    Report nothing;
    EXPECT_NE(open("", nothing), nullptr);
}

TEST(runtime_assigned, the_table_has_assigned_programs_under_all_rules_beside_those_of_plugins) {
    const auto runtime =
        opened(at(0x8ff, "own.reverse") + "," + at(0xa00, "own.reverse") + "," + at(0x903, "own.room"));
    AssignedPrograms assigned;
    Runtime::Impl& impl = runtime->impl();
    Report report;
    ASSERT_TRUE(assigned.open(runtime->manifest(), runtime->registry(), impl.guards, impl.prices, report))
        << report.text();
    ProgramTable table(runtime->registry(), assigned);
    const auto ids = [&](std::vector<std::string> rules) {
        std::vector<std::string> out;
        const ProgramSet* set = table.set_for(std::move(rules), report);
        if (set == nullptr) return out;
        for (const rvm_program* one : set->programs)
            out.push_back(std::string(one->id) +
                          address_text(one->address.bytes[18] * 256u + one->address.bytes[19]).substr(38));
        return out;
    };
    using Ids = std::vector<std::string>;
    EXPECT_EQ(ids({"native/1"}), (Ids{"own.reverse08ff", "own.room0903", "own/always0904", "own.reverse0a00"}));
    EXPECT_EQ(ids({"native/later"}),
              (Ids{"own.reverse08ff", "own/program0900", "own.room0903", "own/always0904", "own.reverse0a00"}));
}

TEST(runtime_assigned, deployments_that_assign_otherwise_have_other_fingerprints) {
    const auto fingerprint = [](const std::string& assignments, const std::string& more = "") {
        Report report;
        const auto runtime = opened(assignments, more);
        std::string out = runtime->semantics_fingerprint(report);
        EXPECT_TRUE(report.ok()) << report.text();
        return out;
    };
    const std::string granted = R"(,"syscalls":["*"])", dearer = R"(,"gas":{"own.reverse":{"base":8}})",
                      from_5 = R"(,"chain":{"activations":[{"height":5,"gas":{"own.reverse":{"base":8}}}]})";
    const std::string one = at(0x800, "own.reverse");
    std::vector<std::string> seen{fingerprint(""),
                                  fingerprint(one),
                                  fingerprint(at(0x801, "own.reverse")),
                                  fingerprint(at(0x800, "own.room")),
                                  fingerprint(one + "," + at(0x801, "own.reverse")),
                                  fingerprint(one, granted),
                                  fingerprint(one, dearer),
                                  fingerprint(one, from_5)};
    std::ranges::sort(seen);
    EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
    EXPECT_EQ(fingerprint(""), fingerprint("", dearer)) << "a price that no program can pay";
    EXPECT_EQ(fingerprint(one), fingerprint(one));
}

} // namespace
} // namespace rvm::runtime
