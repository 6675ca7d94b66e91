// Every kind of contribution: what is refused, and that the host works from its own copies.
#include "plugin/contribution.hpp"
#include "plugin_test_support.hpp"

namespace rvm::plugin {
namespace {

using namespace test;

rvm_status run_syscall(const void*, rvm_frame*, rvm_view, rvm_span, std::uint64_t* size) { return *size = 0, RVM_OK; }
void sum_hash(const void*, rvm_view input, std::uint8_t* digest) {
    digest[0] = 0;
    for (std::uint64_t i = 0; i < input.size; ++i)
        digest[0] = static_cast<std::uint8_t>(digest[0] + input.data[i]);
}

class plugin_contribution : public testing::Test {
  protected:
    struct Result {
        std::optional<ContributionSet> set;
        Report report;
    };

    template <typename Table>
    Result copy(const char* kind, const Table& item) {
        Result result;
        manifest::Sidecar sidecar;
        sidecar.id = "test.alone";
        sidecar.provides = {{kind, item.id != nullptr ? item.id : "none"}};
        result.set = copy_contributions({{kind, &item}}, sidecar, deployment, "a.so", result.report);
        return result;
    }
    template <typename Table>
    void accept(const char* kind, const Table& item) {
        const Result result = copy(kind, item);
        EXPECT_TRUE(result.set) << result.report.text();
    }
    /// Refused with `code`, the finding's place ending in `field`.
    template <typename Table>
    void refuse(const char* kind, const Table& item, ErrorCode code, std::string_view field) {
        const Result result = copy(kind, item);
        EXPECT_FALSE(result.set);
        const Finding* finding = find(result.report, code);
        ASSERT_NE(finding, nullptr) << field << ": " << result.report.text();
        EXPECT_TRUE(finding->where.ends_with(field)) << finding->where;
        EXPECT_FALSE(finding->expected.empty());
        EXPECT_FALSE(finding->found.empty());
        EXPECT_EQ(finding->plugin, "test.alone");
    }
    template <typename Table, typename Change>
    void refuse_changed(const char* kind, Table item, std::string_view field, Change change,
                        ErrorCode code = ErrorCode::contribution_invalid) {
        change(item);
        refuse(kind, item, code, field);
    }

    manifest::Manifest deployment = development("/");
    rvm_gas_schedule gas{sizeof(rvm_gas_schedule), 32, 10, 2, nullptr};
    rvm_syscall syscall{sizeof(rvm_syscall), RVM_F_PURE, "test.call", "calls", &gas, 64, run_syscall, nullptr};
    rvm_crypto hash{
        sizeof(rvm_crypto), RVM_F_PURE, "test.sum", "sums", RVM_CRYPTO_HASH, 1, sum_hash, nullptr, nullptr, nullptr, 0};
};

TEST_F(plugin_contribution, host_copies_descriptors_deeply) {
    std::string id = "test.add";
    std::string summary = "adds";
    rvm_opcode item = opcode(id.c_str());
    item.summary = summary.c_str();
    const Result result = copy(RVM_KIND_OPCODE, item);
    ASSERT_TRUE(result.set) << result.report.text();
    item.gas = 0;
    item.flags = RVM_F_WRITES_STATE;
    id = "XXXXXXXX";
    summary = "XXXX";
    const auto& copied = *static_cast<const rvm_opcode*>(result.set->items().front().table);
    EXPECT_EQ(copied.gas, 3U);
    EXPECT_EQ(copied.flags, RVM_F_PURE);
    EXPECT_STREQ(copied.id, "test.add");
    EXPECT_STREQ(copied.mnemonic, "test.add");
    EXPECT_STREQ(copied.summary, "adds");

    const Result call = copy(RVM_KIND_SYSCALL, syscall);
    ASSERT_TRUE(call.set) << call.report.text();
    gas.base = 0;
    EXPECT_EQ(static_cast<const rvm_syscall*>(call.set->items().front().table)->gas->base, 10U);
}

TEST_F(plugin_contribution, larger_tables_of_later_minors_are_accepted) {
    struct {
        rvm_opcode item;
        std::uint64_t later;
    } future{opcode("test.add"), 7};
    future.item.struct_size = sizeof future;
    const Result result = copy(RVM_KIND_OPCODE, future.item);
    ASSERT_TRUE(result.set) << result.report.text();
    EXPECT_EQ(static_cast<const rvm_opcode*>(result.set->items().front().table)->struct_size, sizeof(rvm_opcode));
    refuse_changed(RVM_KIND_OPCODE, opcode("test.add"), "struct_size", [](rvm_opcode& o) { o.struct_size = 16; });
}

TEST_F(plugin_contribution, free_items_must_be_allowed_by_the_deployment) {
    rvm_opcode item = opcode("test.add");
    item.gas = 0;
    refuse(RVM_KIND_OPCODE, item, ErrorCode::contribution_invalid, "gas");
    deployment.free_items = {"test.add"};
    accept(RVM_KIND_OPCODE, item);
    gas.base = 0;
    refuse(RVM_KIND_SYSCALL, syscall, ErrorCode::contribution_invalid, "gas.base");
}

TEST_F(plugin_contribution, deployment_may_replace_prices) {
    deployment.gas["test.add"] = {.base = 77, .per_unit = {}};
    deployment.gas["test.call"] = {.base = 5, .per_unit = 6};
    const Result op = copy(RVM_KIND_OPCODE, opcode("test.add"));
    EXPECT_EQ(static_cast<const rvm_opcode*>(op.set->items().front().table)->gas, 77U);
    const Result call = copy(RVM_KIND_SYSCALL, syscall);
    EXPECT_EQ(static_cast<const rvm_syscall*>(call.set->items().front().table)->gas->base, 5U);
    EXPECT_EQ(static_cast<const rvm_syscall*>(call.set->items().front().table)->gas->per_unit, 6U);
}

TEST_F(plugin_contribution, later_prices_of_units_are_those_of_the_syscall) {
    deployment.chain.activations = {{.height = 5, .rules = {}, .gas = {{"test.call", {.base = {}, .per_unit = 6}}}}};
    accept(RVM_KIND_SYSCALL, syscall);
    accept(RVM_KIND_OPCODE, opcode("test.call")); // may have the syscall's id, and no units
    gas.unit_bytes = 0;
    gas.per_unit = 0;
    refuse(RVM_KIND_SYSCALL, syscall, ErrorCode::contribution_invalid, "gas");
}

TEST_F(plugin_contribution, opcode_windows_and_immediates_are_bounded) {
    const rvm_opcode good = opcode("test.add");
    refuse_changed(RVM_KIND_OPCODE, good, "pops", [](rvm_opcode& o) { o.pops = 17; });
    refuse_changed(RVM_KIND_OPCODE, good, "pushes", [](rvm_opcode& o) { o.pushes = 255; });
    refuse_changed(RVM_KIND_OPCODE, good, "immediate_size", [](rvm_opcode& o) { o.immediate_size = 9; });
    refuse_changed(RVM_KIND_OPCODE, good, "gas", [](rvm_opcode& o) { o.gas = ~std::uint64_t{0}; });
    refuse_changed(RVM_KIND_OPCODE, good, "run", [](rvm_opcode& o) { o.run = nullptr; });
    refuse_changed(RVM_KIND_OPCODE, good, "mnemonic", [](rvm_opcode& o) { o.mnemonic = "ADD"; });
    refuse_changed(RVM_KIND_OPCODE, good, "mnemonic", [](rvm_opcode& o) { o.mnemonic = nullptr; });
    refuse_changed(RVM_KIND_OPCODE, good, "id", [](rvm_opcode& o) { o.id = "Has Space"; });
    rvm_opcode widest = good;
    widest.pops = widest.pushes = 16;
    widest.immediate_size = 8;
    accept(RVM_KIND_OPCODE, widest);
}

TEST_F(plugin_contribution, flags_must_agree_with_each_other_and_the_profile) {
    const auto flags = ErrorCode::contribution_flags;
    for (const std::uint32_t other :
         {RVM_F_READS_STATE, RVM_F_WRITES_STATE, RVM_F_MAY_CALL, RVM_F_CHARGES, RVM_F_HALTS, RVM_F_EXTERNAL}) {
        rvm_opcode item = opcode("test.add");
        item.flags = RVM_F_PURE | other;
        refuse(RVM_KIND_OPCODE, item, flags, "flags");
    }
    refuse_changed(
        RVM_KIND_OPCODE, opcode("test.add"), "flags", [](rvm_opcode& o) { o.flags = 0; }, flags);
    refuse_changed(
        RVM_KIND_OPCODE, opcode("test.add"), "flags", [](rvm_opcode& o) { o.flags = 1U << 20; }, flags);
    rvm_opcode external = opcode("test.add");
    external.flags = RVM_F_EXTERNAL;
    accept(RVM_KIND_OPCODE, external);
    deployment.profile = manifest::Profile::consensus;
    refuse(RVM_KIND_OPCODE, external, flags, "flags");
    hash.flags = RVM_F_PURE | RVM_F_MEMORY;
    refuse(RVM_KIND_CRYPTO, hash, flags, "flags");
}

TEST_F(plugin_contribution, syscalls_need_a_schedule_and_a_bounded_output) {
    refuse_changed(RVM_KIND_SYSCALL, syscall, "gas", [](rvm_syscall& s) { s.gas = nullptr; });
    refuse_changed(RVM_KIND_SYSCALL, syscall, "max_output", [](rvm_syscall& s) { s.max_output = 1ULL << 40; });
    gas.unit_bytes = 0;
    refuse(RVM_KIND_SYSCALL, syscall, ErrorCode::contribution_invalid, "gas.unit_bytes");
}

TEST_F(plugin_contribution, primitives_have_one_shape) {
    accept(RVM_KIND_CRYPTO, hash);
    refuse_changed(RVM_KIND_CRYPTO, hash, "digest_size", [](rvm_crypto& c) { c.digest_size = 65; });
    refuse_changed(RVM_KIND_CRYPTO, hash, "digest_size", [](rvm_crypto& c) { c.digest_size = 0; });
    refuse_changed(RVM_KIND_CRYPTO, hash, "hash", [](rvm_crypto& c) { c.hash = nullptr; });
    refuse_changed(RVM_KIND_CRYPTO, hash, "shape", [](rvm_crypto& c) { c.shape = 3; });
    refuse_changed(RVM_KIND_CRYPTO, hash, "kat_count", [](rvm_crypto& c) { c.kat_count = 1ULL << 60; });
    refuse_changed(RVM_KIND_CRYPTO, hash, "kats", [](rvm_crypto& c) { c.kat_count = 1; });
}

TEST_F(plugin_contribution, programs_are_known_by_their_address) {
    const char* const rules[] = {"evm/cancun", nullptr};
    rvm_program program{};
    program.struct_size = sizeof program;
    program.flags = RVM_F_PURE;
    program.id = "evm/identity";
    program.name = "ID";
    program.address.bytes[19] = 4;
    program.rules = rules;
    program.run = [](const void*, rvm_view, std::int64_t*, rvm_span*) -> rvm_status { return RVM_OK; };
    const Result result = copy(RVM_KIND_PROGRAM, program);
    ASSERT_TRUE(result.set) << result.report.text();
    EXPECT_EQ(result.set->items().front().alias, "0x0000000000000000000000000000000000000004");
    const auto& copied = *static_cast<const rvm_program*>(result.set->items().front().table);
    EXPECT_NE(copied.rules, rules);
    EXPECT_STREQ(copied.rules[0], "evm/cancun");
    EXPECT_EQ(copied.rules[1], nullptr);
    refuse_changed(RVM_KIND_PROGRAM, program, "run", [](rvm_program& p) { p.run = nullptr; });
    refuse_changed(
        RVM_KIND_PROGRAM, program, "flags", [](rvm_program& p) { p.flags = 0; }, ErrorCode::contribution_flags);
}

TEST_F(plugin_contribution, formats_need_rules_functions_and_a_bounded_stack) {
    const char* const rules[] = {"toy/1", nullptr};
    const char* const none[] = {nullptr};
    rvm_format format{};
    format.struct_size = sizeof format;
    format.id = "toy";
    format.rules = rules;
    format.units_per_gas = 1;
    format.native_stack_per_frame = 1024;
    format.probe = [](const void*, rvm_view) -> std::uint32_t { return RVM_PROBE_NO; };
    format.compile = [](const void*, rvm_view, std::uint32_t, std::uint32_t, rvm_artifact**, rvm_error*) -> rvm_status {
        return RVM_OK;
    };
    format.release = [](const void*, rvm_artifact*) {};
    format.execute = [](const void*, const rvm_artifact*, rvm_frame*, rvm_result*) -> rvm_status { return RVM_OK; };
    format.deployed = [](const void*, rvm_frame*, rvm_view*, const char**) -> rvm_status { return RVM_OK; };
    accept(RVM_KIND_FORMAT, format);
    refuse_changed(RVM_KIND_FORMAT, format, "rules", [&](rvm_format& f) { f.rules = none; });
    refuse_changed(RVM_KIND_FORMAT, format, "units_per_gas", [](rvm_format& f) { f.units_per_gas = 0; });
    refuse_changed(RVM_KIND_FORMAT, format, "scratch_bytes", [](rvm_format& f) { f.scratch_bytes = 1048577; });
    refuse_changed(RVM_KIND_FORMAT, format, "native_stack_per_frame",
                   [](rvm_format& f) { f.native_stack_per_frame = 0; });
    refuse_changed(RVM_KIND_FORMAT, format, "execute", [](rvm_format& f) { f.execute = nullptr; });
    refuse_changed(RVM_KIND_FORMAT, format, "deployed", [](rvm_format& f) { f.deployed = nullptr; });
}

TEST_F(plugin_contribution, other_kinds_need_their_functions) {
    rvm_storage storage{};
    storage.struct_size = sizeof storage;
    storage.id = "toy";
    refuse(RVM_KIND_STORAGE, storage, ErrorCode::contribution_invalid, "open");
    rvm_service service{};
    service.struct_size = sizeof service;
    service.id = "toy";
    refuse(RVM_KIND_SERVICE, service, ErrorCode::contribution_invalid, "start");
    rvm_command command{};
    command.struct_size = sizeof command;
    command.id = "toy";
    refuse(RVM_KIND_COMMAND, command, ErrorCode::contribution_invalid, "run");
    rvm_interface interface {};
    interface.struct_size = sizeof interface;
    interface.id = "toy/1";
    refuse(RVM_KIND_INTERFACE, interface, ErrorCode::contribution_invalid, "table");
    rvm_tracer tracer{};
    tracer.struct_size = sizeof tracer;
    tracer.id = "toy";
    accept(RVM_KIND_TRACER, tracer); // unset functions are skipped
    tracer.interest = 1U << 9;
    refuse(RVM_KIND_TRACER, tracer, ErrorCode::contribution_flags, "interest");
}

TEST_F(plugin_contribution, commands_say_what_their_sidecar_says) {
    rvm_command command{};
    command.struct_size = sizeof command;
    command.id = "toy";
    command.summary = "plays";
    command.run = [](void*, const rvm_command_io*, std::int32_t, const char* const*) -> std::int32_t { return 0; };
    manifest::Sidecar sidecar;
    sidecar.provides = {{RVM_KIND_COMMAND, "toy"}};
    sidecar.commands["toy"] = {"plays", "toy", "rvm toy"};
    Report report;
    EXPECT_TRUE(copy_contributions({{RVM_KIND_COMMAND, &command}}, sidecar, deployment, "a.so", report));
    sidecar.commands["toy"].summary = "works";
    EXPECT_FALSE(copy_contributions({{RVM_KIND_COMMAND, &command}}, sidecar, deployment, "a.so", report));
    EXPECT_TRUE(has(report, ErrorCode::entry_sidecar_differs));
}

TEST_F(plugin_contribution, list_is_exactly_what_the_sidecar_promises) {
    const rvm_opcode first = opcode("test.add");
    const rvm_opcode second = opcode("test.sub");
    manifest::Sidecar sidecar;
    sidecar.provides = {{RVM_KIND_OPCODE, "test.add"}, {RVM_KIND_OPCODE, "test.mul"}};
    Report report;
    EXPECT_FALSE(copy_contributions({{RVM_KIND_OPCODE, &first}, {RVM_KIND_OPCODE, &second}}, sidecar, deployment,
                                    "a.so", report));
    ASSERT_EQ(report.findings().size(), 2U) << report.text();
    EXPECT_EQ(report.findings()[0].code, ErrorCode::contribution_list);
    EXPECT_EQ(report.findings()[0].found, "rvm.opcode/1:test.sub");
    EXPECT_EQ(report.findings()[1].expected, "rvm.opcode/1:test.mul");
}

TEST_F(plugin_contribution, items_may_not_be_contributed_twice) {
    const rvm_opcode item = opcode("test.add");
    manifest::Sidecar sidecar;
    sidecar.provides = {{RVM_KIND_OPCODE, "test.add"}};
    Report report;
    EXPECT_FALSE(
        copy_contributions({{RVM_KIND_OPCODE, &item}, {RVM_KIND_OPCODE, &item}}, sidecar, deployment, "a.so", report));
    EXPECT_TRUE(has(report, ErrorCode::contribution_collision));
}

TEST_F(plugin_contribution, unknown_kinds_are_skipped_with_a_warning) {
    const rvm_opcode item = opcode("test.add");
    manifest::Sidecar sidecar;
    sidecar.provides = {{"rvm.dance/1", "waltz"}};
    Report report;
    const auto set = copy_contributions({{"rvm.dance/1", &item}}, sidecar, deployment, "a.so", report);
    ASSERT_TRUE(set);
    EXPECT_TRUE(set->items().empty());
    ASSERT_EQ(report.findings().size(), 1U);
    EXPECT_EQ(report.findings().front().code, ErrorCode::contribution_unknown_kind);
    EXPECT_EQ(report.findings().front().severity, Severity::warning);
}

TEST_F(plugin_contribution, null_items_are_refused) {
    manifest::Sidecar sidecar;
    Report report;
    EXPECT_FALSE(copy_contributions({{RVM_KIND_OPCODE, nullptr}}, sidecar, deployment, "a.so", report));
    EXPECT_TRUE(has(report, ErrorCode::contribution_invalid));
}

// ---- known answers ----

const std::uint8_t abc[] = {1, 2, 3};
const std::uint8_t six[] = {6};
const std::uint8_t seven[] = {7};

class plugin_known_answer : public testing::Test {
  protected:
    bool run(manifest::Profile profile = manifest::Profile::standard) {
        report = {};
        return run_known_answers(crypto, profile, "a.so", "test.alone", report);
    }
    rvm_crypto crypto{
        sizeof(rvm_crypto), RVM_F_PURE, "test.sum", "sums", RVM_CRYPTO_HASH, 1, sum_hash, nullptr, nullptr, nullptr, 0};
    Report report;
};

TEST_F(plugin_known_answer, right_answers_pass_and_wrong_ones_show_both_values) {
    const rvm_kat right[] = {{{abc, 3}, {six, 1}, RVM_OK, 0}, {{nullptr, 0}, {abc + 0, 0}, RVM_OK, 0}};
    crypto.kats = right;
    crypto.kat_count = 1;
    EXPECT_TRUE(run()) << report.text();
    const rvm_kat wrong[] = {{{abc, 3}, {six, 1}, RVM_OK, 0}, {{abc, 3}, {seven, 1}, RVM_OK, 0}};
    crypto.kats = wrong;
    crypto.kat_count = 2;
    EXPECT_FALSE(run());
    ASSERT_EQ(report.findings().size(), 1U);
    EXPECT_EQ(report.findings().front().code, ErrorCode::known_answer_failed);
    EXPECT_EQ(report.findings().front().where, "test.sum known answer 1");
    EXPECT_EQ(report.findings().front().expected, "07");
    EXPECT_EQ(report.findings().front().found, "06");
}

TEST_F(plugin_known_answer, consensus_wants_at_least_one) {
    EXPECT_TRUE(run());
    EXPECT_FALSE(run(manifest::Profile::consensus));
    EXPECT_TRUE(has(report, ErrorCode::known_answer_failed));
}

TEST_F(plugin_known_answer, writing_beyond_the_digest_is_seen) {
    const rvm_kat kat{{abc, 3}, {six, 1}, RVM_OK, 0};
    crypto.kats = &kat;
    crypto.kat_count = 1;
    crypto.hash = [](const void* self, rvm_view input, std::uint8_t* digest) {
        sum_hash(self, input, digest);
        digest[1] = 1;
    };
    ASSERT_FALSE(run());
    EXPECT_EQ(report.findings().front().message, "the primitive wrote beyond its output");
}

TEST_F(plugin_known_answer, exceptions_are_failures) {
    const rvm_kat kat{{abc, 3}, {six, 1}, RVM_OK, 0};
    crypto.kats = &kat;
    crypto.kat_count = 1;
    crypto.hash = [](const void*, rvm_view, std::uint8_t*) { throw 1; };
    EXPECT_FALSE(run());
}

TEST_F(plugin_known_answer, generic_primitives_are_compared_by_status_and_output) {
    crypto.shape = RVM_CRYPTO_GENERIC;
    crypto.hash = nullptr;
    crypto.run = [](const void*, rvm_view input, rvm_span output, std::uint64_t* size) -> rvm_status {
        constexpr std::uint64_t need = 5000; // more than the host offers first
        if (input.size == 0) return RVM_TRAP_CRYPTO;
        *size = need;
        if (output.size < need) return RVM_E_BUFFER_TOO_SMALL;
        std::memset(output.data, 6, need);
        return RVM_OK;
    };
    const Bytes many(5000, 6);
    rvm_kat kats[] = {{{abc, 3}, {many.data(), many.size()}, RVM_OK, 0},
                      {{nullptr, 0}, {nullptr, 0}, RVM_TRAP_CRYPTO, 0},
                      {{abc, 3}, {six, 1}, RVM_OK, 0}};
    crypto.kats = kats;
    crypto.kat_count = 2;
    EXPECT_TRUE(run()) << report.text();
    crypto.kat_count = 3; // the third expects less and meets the larger need
    EXPECT_FALSE(run());
    kats[1].status = RVM_OK;
    crypto.kat_count = 2;
    EXPECT_FALSE(run());
}

} // namespace
} // namespace rvm::plugin
