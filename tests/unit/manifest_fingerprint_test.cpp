// Fingerprints: what changes them, what does not, and that their encoding is fixed.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "base/bytes.hpp"
#include "manifest/fingerprint.hpp"

namespace rvm::manifest {
namespace {

SemanticsInput sample() {
    SemanticsInput input;
    input.runtime = "0.1.0";
    input.plugins = {{"org.rvm.u256", "0.1.0"}, {"org.rvm.crypto", "0.1.0"}};
    input.items = {
        {.kind = "rvm.opcode/1", .id = "b", .plugin = "org.rvm.u256", .base = 5, .per_unit = 1, .unit_bytes = 32},
        {.kind = "rvm.opcode/1", .id = "a", .plugin = "org.rvm.u256", .base = 3}};
    input.programs = {{"0x0000000000000000000000000000000000000800",
                       {.kind = "rvm.syscall/1", .id = "c", .plugin = "org.rvm.crypto", .base = 80, .flags = 1}}};
    input.formats = {"native", "evm"};
    input.rule_sets = {{"evm", "osaka"}};
    input.chain_id = 7;
    return input;
}

TEST(manifest_fingerprint, does_not_depend_on_the_order_of_lists) {
    SemanticsInput other = sample();
    std::ranges::reverse(other.plugins);
    std::ranges::reverse(other.items);
    std::ranges::reverse(other.formats);
    EXPECT_EQ(fingerprint_of(semantics_text(other)), fingerprint_of(semantics_text(sample())));
}

TEST(manifest_fingerprint, changes_with_everything_that_decides_results) {
    const std::function<void(SemanticsInput&)> changes[]{
        [](SemanticsInput& s) { s.runtime = "0.1.1"; }, [](SemanticsInput& s) { s.plugins[0].version = "0.1.1"; },
        [](SemanticsInput& s) { s.plugins.pop_back(); }, [](SemanticsInput& s) { s.items[0].base = 6; },
        [](SemanticsInput& s) { s.items[0].per_unit = 2; }, [](SemanticsInput& s) { s.items[0].unit_bytes = 64; },
        [](SemanticsInput& s) { s.items[0].flags = 1; }, [](SemanticsInput& s) { s.items[0].custom = true; },
        [](SemanticsInput& s) { s.items[0].plugin = "org.other"; },
        [](SemanticsInput& s) { s.items[0].kind = "rvm.syscall/1"; }, [](SemanticsInput& s) { s.formats.pop_back(); },
        [](SemanticsInput& s) { s.rule_sets["evm"] = "prague"; }, [](SemanticsInput& s) { s.programs.clear(); },
        [](SemanticsInput& s) { s.programs.begin()->second.id = "d"; },
        [](SemanticsInput& s) { s.programs.begin()->second.base = 81; },
        [](SemanticsInput& s) { s.programs["0x0000000000000000000000000000000000000801"] = s.programs.begin()->second; },
        [](SemanticsInput& s) {
            auto node = s.programs.extract(s.programs.begin());
            node.key() = "0x0000000000000000000000000000000000000801";
            s.programs.insert(std::move(node));
        },
#define RVM_CHANGE_LIMIT(name, lowest, highest, standard, meaning)                                          \
    [](SemanticsInput& s) { --s.limits.name; },
        RVM_NATIVE_LIMITS(RVM_CHANGE_LIMIT)
#undef RVM_CHANGE_LIMIT
            [](SemanticsInput & s){s.chain_id = 8;
}
, [](SemanticsInput& s) { s.pre_state_format = "evm"; },
}; // namespace
std::vector<std::string> seen{fingerprint_of(semantics_text(sample()))};
for (const auto& change : changes) {
    SemanticsInput input = sample();
    change(input);
    seen.push_back(fingerprint_of(semantics_text(input)));
}
std::ranges::sort(seen);
EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
} // namespace rvm::manifest

/// Nodes of different builds compare these lines: the encoding is part of the product.
TEST(manifest_fingerprint, has_a_fixed_encoding) {
    EXPECT_EQ(
        semantics_text(sample()),
        R"({"chain_id":7,"fingerprint":"rvm.semantics/1","formats":["evm","native"],"items":[)"
        R"({"base":3,"custom":false,"flags":0,"id":"a","kind":"rvm.opcode/1","per_unit":0,"plugin":"org.rvm.u256",)"
        R"("unit_bytes":0},{"base":5,"custom":false,"flags":0,"id":"b","kind":"rvm.opcode/1","per_unit":1,)"
        R"("plugin":"org.rvm.u256","unit_bytes":32}],"limits":{"native":{"call_depth":1024,)"
        R"("gas":9223372036854775807,"memory_bytes":16777216,"native_stack_bytes":268435456,)"
        R"("output_bytes":1048576}},"plugins":[{"id":"org.rvm.crypto","version":"0.1.0"},{"id":"org.rvm.u256",)"
        R"("version":"0.1.0"}],"pre_state_format":"",)"
        R"("programs":{"0x0000000000000000000000000000000000000800":{"base":80,"custom":false,"flags":1,"id":"c",)"
        R"("kind":"rvm.syscall/1","per_unit":0,"plugin":"org.rvm.crypto","unit_bytes":0}},)"
        R"("rules":{"evm":"osaka"},"runtime":"0.1.0"})");
    SemanticsInput without = sample();
    without.programs.clear();
    EXPECT_EQ(semantics_text(without).find("programs"), std::string::npos);
    EXPECT_EQ(fingerprint_of(semantics_text(sample())), "sha256:" + to_hex(sha256(as_bytes(semantics_text(sample())))));
}

TEST(manifest_fingerprint, of_binaries_covers_each_file) {
    BinariesInput input{.runtime = "0.1.0", .files = {{"b", Digest{2}}, {"a", Digest{1}}}};
    const std::string first = fingerprint_of(binaries_text(input));
    std::ranges::reverse(input.files);
    EXPECT_EQ(fingerprint_of(binaries_text(input)), first);
    input.files[0].sha256[31] = 1;
    EXPECT_NE(fingerprint_of(binaries_text(input)), first);
    EXPECT_EQ(binaries_text({.runtime = "r", .files = {{"a", Digest{}}}}),
              R"({"files":[{"plugin":"a","sha256":")" + std::string(64, '0') +
                  R"("}],"fingerprint":"rvm.binaries/1","runtime":"r"})");
}

} // namespace
} // namespace rvm::manifest
