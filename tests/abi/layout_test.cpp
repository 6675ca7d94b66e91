// The layout of every struct of <rvm/plugin.h> against layout.golden.txt: sizes and offsets are the ABI. A field
// inserted in the middle moves those behind it and fails here; one appended at an end fails until the golden file, the
// minor version and sdk/ABI-CHANGES.md say so.
//
// `abi_layout_test --write` prints the present layout.
#include <gtest/gtest.h>
#include <rvm/plugin.h>

#include <cstddef>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace {

struct Field {
    std::string owner;
    std::string name; ///< empty: the struct itself
    std::size_t offset;
    std::size_t size;
};

const Field layout[] = {
#define RVM_STRUCT(type) {#type, "", 0, sizeof(type)},
#define RVM_FIELD(type, field) {#type, #field, offsetof(type, field), sizeof(type::field)},
#include "layout_fields.def"
#undef RVM_STRUCT
#undef RVM_FIELD
};

std::string layout_text() {
    std::ostringstream text;
    text << "abi " << RVM_ABI_MAJOR << "." << RVM_ABI_MINOR << "\n";
    for (const Field& field : layout) {
        if (field.name.empty()) {
            text << field.owner << " size " << field.size << "\n";
        } else {
            text << "  " << field.owner << "." << field.name << " offset " << field.offset << " size " << field.size
                 << "\n";
        }
    }
    return text.str();
}

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(abi_layout, is_the_golden_one) {
    EXPECT_EQ(layout_text(), read_file(RVM_SOURCE_DIR "/tests/abi/layout.golden.txt"))
        << "The layout of plugin.h changed. If that is intended: raise RVM_ABI_MINOR, describe it in "
           "sdk/ABI-CHANGES.md, "
           "and write the new golden file with `abi_layout_test --write`.";
}

TEST(abi_layout, lists_every_struct_of_the_header) {
    const std::string header = read_file(RVM_SOURCE_DIR "/sdk/include/rvm/plugin.h");
    std::set<std::string> declared;
    const std::regex definition(R"(typedef struct (\w+) \{)");
    for (std::sregex_iterator match(header.begin(), header.end(), definition), end; match != end; ++match) {
        declared.insert((*match)[1]);
    }
    std::set<std::string> listed;
    for (const Field& field : layout) {
        listed.insert(field.owner);
    }
    EXPECT_EQ(listed, declared);
}

TEST(abi_layout, lists_every_field_because_there_is_no_padding) {
    std::map<std::string, std::size_t> sizes;
    std::map<std::string, std::size_t> ends;
    for (const Field& field : layout) {
        if (field.name.empty()) {
            sizes[field.owner] = field.size;
            continue;
        }
        EXPECT_EQ(field.offset, ends[field.owner])
            << field.owner << "." << field.name << ": a field before it is missing";
        ends[field.owner] = field.offset + field.size;
    }
    EXPECT_EQ(ends, sizes);
}

TEST(abi_layout, growable_structs_begin_with_their_size) {
    for (const Field& field : layout) {
        if (field.name != "struct_size" || field.owner == "rvm_entry") continue; // the entry begins with its magic
        EXPECT_EQ(field.offset, 0u) << field.owner;
        EXPECT_EQ(field.size, 4u) << field.owner;
    }
}

TEST(abi_layout, has_a_chapter_in_the_change_list) {
    const std::string changes = read_file(RVM_SOURCE_DIR "/sdk/ABI-CHANGES.md");
    const std::string version = std::to_string(RVM_ABI_MAJOR) + "." + std::to_string(RVM_ABI_MINOR);
    EXPECT_NE(changes.find("## " + version), std::string::npos) << "sdk/ABI-CHANGES.md says nothing about " << version;
}

} // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::string(argv[1]) == "--write") {
        std::fputs(layout_text().c_str(), stdout);
        return 0;
    }
    ::testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
