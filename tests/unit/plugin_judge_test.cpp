// The entry and its descriptor, judged before any code of the plugin is called.
#include "plugin/judge.hpp"
#include "plugin_test_support.hpp"

namespace rvm::plugin {
namespace {

using namespace test;

class plugin_judge : public testing::Test {
  protected:
    plugin_judge() {
        plugin.add(RVM_KIND_OPCODE, item);
        plugin.entry.create = [](const rvm_host*, rvm_plugin**, rvm_error*) -> rvm_status {
            ADD_FAILURE() << "judging must not call the plugin";
            return RVM_E_INTERNAL;
        };
    }
    void expect(ErrorCode code, std::string_view where, std::string_view expected, std::string_view found) {
        Report report;
        EXPECT_FALSE(judge_entry(&plugin.entry, "a.so", report));
        const Finding* finding = find(report, code);
        ASSERT_NE(finding, nullptr) << report.text();
        EXPECT_EQ(finding->where, where);
        if (!expected.empty()) {
            EXPECT_EQ(finding->expected, expected);
        }
        if (!found.empty()) {
            EXPECT_EQ(finding->found, found);
        }
    }

    rvm_opcode item = opcode("test.add");
    BuiltPlugin plugin{"test.alone"};
};

TEST_F(plugin_judge, accepts_a_good_entry_without_calling_it) {
    plugin.need("rvm.host.vm/1");
    plugin.need("?rvm.crypto/1:keccak256");
    Report report;
    const auto said = judge_entry(&plugin.entry, "a.so", report);
    ASSERT_TRUE(said) << report.text();
    EXPECT_EQ(said->id, "test.alone");
    EXPECT_EQ(said->version.text(), "1.0.0");
    ASSERT_EQ(said->provides.size(), 1U);
    EXPECT_EQ(said->provides.front().text(), "rvm.opcode/1:test.add");
    ASSERT_EQ(said->requirements.size(), 2U);
    EXPECT_FALSE(said->requirements[0].optional);
    EXPECT_TRUE(said->requirements[1].optional);
}

TEST_F(plugin_judge, refuses_no_entry) {
    Report report;
    EXPECT_FALSE(judge_entry(nullptr, "a.so", report));
    EXPECT_TRUE(has(report, ErrorCode::entry_invalid));
}

TEST_F(plugin_judge, refuses_bad_magic) {
    plugin.entry.magic = 0x12345678;
    expect(ErrorCode::entry_invalid, "entry.magic", "0x304d5652", "0x12345678");
}

TEST_F(plugin_judge, refuses_small_entries_and_accepts_larger_ones) {
    plugin.entry.struct_size = 0;
    expect(ErrorCode::entry_invalid, "entry.struct_size", "at least 48", "0");
    plugin.entry.struct_size = sizeof(rvm_entry) - 1;
    expect(ErrorCode::entry_invalid, "entry.struct_size", "at least 48", "47");
    plugin.entry.struct_size = sizeof(rvm_entry) + 100;
    plugin.descriptor.struct_size = sizeof(rvm_descriptor) + 100;
    Report report;
    EXPECT_TRUE(judge_entry(&plugin.entry, "a.so", report)) << report.text();
}

TEST_F(plugin_judge, refuses_small_descriptors) {
    plugin.descriptor.struct_size = 8;
    expect(ErrorCode::entry_invalid, "descriptor.struct_size", "", "8");
}

TEST_F(plugin_judge, names_both_abi_numbers) {
    const std::string host_abi = fmt::format("ABI {}.{}", RVM_ABI_MAJOR, RVM_ABI_MINOR);
    for (const std::uint32_t major : {1U, 2U, 0xffffffffU}) {
        plugin.entry.abi_major = major;
        expect(ErrorCode::entry_abi_mismatch, "entry.abi_major", host_abi,
               fmt::format("ABI {}.{}", major, RVM_ABI_MINOR));
    }
    plugin.entry.abi_major = RVM_ABI_MAJOR;
    for (const std::uint32_t minor :
         {RVM_ABI_MINOR - 1, RVM_ABI_MINOR + 1}) { // while the major is 0 the minor must be the same
        plugin.entry.abi_minor_built = minor;
        expect(ErrorCode::entry_abi_mismatch, "entry.abi_minor_built", host_abi, fmt::format("ABI 0.{}", minor));
    }
    plugin.entry.abi_minor_built = RVM_ABI_MINOR;
    plugin.entry.abi_minor_needed = RVM_ABI_MINOR + 1;
    expect(ErrorCode::entry_abi_mismatch, "entry.abi_minor_needed", fmt::format("at most 0.{}", RVM_ABI_MINOR),
           fmt::format("0.{}", RVM_ABI_MINOR + 1));
}

TEST_F(plugin_judge, refuses_other_word_and_pointer_sizes) {
    plugin.entry.word_size = 4;
    expect(ErrorCode::entry_abi_mismatch, "entry.word_size", "8", "4");
    plugin.entry.word_size = sizeof(rvm_word);
    plugin.entry.pointer_size = 4;
    expect(ErrorCode::entry_abi_mismatch, "entry.pointer_size", "8", "4");
}

TEST_F(plugin_judge, refuses_missing_pointers) {
    plugin.entry.descriptor = nullptr;
    expect(ErrorCode::entry_descriptor_invalid, "entry.descriptor", "", "NULL");
    plugin.entry.descriptor = &plugin.descriptor;
    plugin.entry.create = nullptr;
    expect(ErrorCode::entry_invalid, "entry.create", "", "NULL");
}

TEST_F(plugin_judge, refuses_bad_ids) {
    plugin.descriptor.id = nullptr;
    expect(ErrorCode::entry_descriptor_invalid, "descriptor.id", "", "missing");
    for (const char* id : {"Upper", "with space", "with/slash", "-dash.first", "nul\x01",
                           "0123456789012345678901234567890123456789012345678901234567890123456789"}) {
        plugin.descriptor.id = id;
        expect(ErrorCode::entry_descriptor_invalid, "descriptor.id", "[a-z0-9._-]{1,64}", "");
    }
    plugin.descriptor.id = "";
    expect(ErrorCode::entry_descriptor_invalid, "descriptor.id", "", "an empty text");
}

TEST_F(plugin_judge, refuses_endless_and_undecodable_texts) {
    const std::string ten_megabytes(std::size_t{10} << 20, 'a');
    plugin.descriptor.description = ten_megabytes.c_str();
    expect(ErrorCode::entry_descriptor_invalid, "descriptor.description", "", "longer than 65536 bytes");
    for (const char* text : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "cut \xe2\x82"}) {
        plugin.descriptor.description = text;
        expect(ErrorCode::entry_descriptor_invalid, "descriptor.description", "", "not UTF-8");
    }
    plugin.descriptor.description = "gr\xc3\xbc\xc3\x9f Gott \xf0\x9f\x99\x82";
    Report report;
    EXPECT_TRUE(judge_entry(&plugin.entry, "a.so", report)) << report.text();
}

TEST_F(plugin_judge, refuses_bad_versions_and_capabilities) {
    plugin.descriptor.version = "1.0";
    expect(ErrorCode::entry_descriptor_invalid, "descriptor.version", "1.2.3", "\"1.0\"");
    plugin.descriptor.version = "1.0.0";
    const char* const no_revision[] = {"rvm.opcode:test.add", nullptr};
    plugin.descriptor.provides = no_revision;
    expect(ErrorCode::entry_descriptor_invalid, "descriptor.provides[0]", "", "\"rvm.opcode:test.add\"");
    const char* const twice[] = {"rvm.opcode/1:test.add", "rvm.opcode/1:test.add", nullptr};
    plugin.descriptor.provides = twice;
    expect(ErrorCode::entry_descriptor_invalid, "descriptor.provides[1]", "once", "");
    const std::vector<const char*> endless(10000, "rvm.opcode/1:test.add");
    plugin.descriptor.provides = endless.data();
    expect(ErrorCode::entry_descriptor_invalid, "descriptor.provides", "at most 4096 items", "");
}

TEST_F(plugin_judge, refuses_schemas_that_lie) {
    plugin.descriptor.config_schema = R"({"type":"object","pattern":"x"})";
    Report report;
    EXPECT_FALSE(judge_entry(&plugin.entry, "a.so", report));
    EXPECT_TRUE(has(report, ErrorCode::config_schema_invalid)) << report.text();
}

TEST_F(plugin_judge, binary_must_equal_its_sidecar_in_every_field) {
    plugin.descriptor.vendor = "rvm";
    plugin.descriptor.license = "MIT";
    plugin.descriptor.description = "adds";
    plugin.descriptor.config_schema = R"({"type":"object","properties":{}})";
    Report report;
    const auto binary = judge_entry(&plugin.entry, "a.so", report);
    ASSERT_TRUE(binary) << report.text();
    EXPECT_TRUE(compare_sidecar(*binary, *binary, "a.so", report));

    const auto differs = [&](std::string_view field, auto change) {
        manifest::Sidecar sidecar = *binary;
        change(sidecar);
        Report found;
        EXPECT_FALSE(compare_sidecar(*binary, sidecar, "a.so", found)) << field;
        ASSERT_EQ(found.findings().size(), 1U) << found.text();
        EXPECT_EQ(found.findings().front().code, ErrorCode::entry_sidecar_differs);
        EXPECT_EQ(found.findings().front().where, field);
    };
    using manifest::Sidecar;
    differs("id", [](Sidecar& s) { s.id = "other"; });
    differs("version", [](Sidecar& s) { s.version.patch = 9; });
    differs("abi", [](Sidecar& s) { s.abi.built = 9; });
    differs("provides", [](Sidecar& s) { s.provides.push_back({"rvm.opcode/1", "test.more"}); });
    differs("requires", [](Sidecar& s) { s.requirements.push_back({{"rvm.crypto/1", "keccak256"}, true}); });
    differs("config_schema", [](Sidecar& s) { s.config_schema.clear(); });
    differs("name", [](Sidecar& s) { s.name = "Other"; });
    differs("vendor", [](Sidecar& s) { s.vendor = "other"; });
    differs("license", [](Sidecar& s) { s.license = "other"; });
    differs("description", [](Sidecar& s) { s.description = "other"; });
}

} // namespace
} // namespace rvm::plugin
