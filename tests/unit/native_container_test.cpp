// The container: what decoding refuses, with section and byte offset.
#include <gtest/gtest.h>

#include "native/container.hpp"
#include "native/leb128.hpp"
#include "native/verifier.hpp"

namespace {

using rvm::Bytes;
using rvm::ErrorCode;
using rvm::Report;
using namespace rvm::native;

Bytes container(std::initializer_list<std::uint8_t> sections) {
    Bytes out{0, 'r', 'v', 'm', 1, 0, 0, 0};
    out.insert(out.end(), sections);
    return out;
}

std::string refusal(const Bytes& bytes, ErrorCode code = ErrorCode::native_malformed) {
    Report report;
    EXPECT_FALSE(decode_container(bytes, "t.rvm", report).has_value());
    EXPECT_EQ(report.findings().size(), 1U);
    if (report.findings().empty()) return {};
    EXPECT_EQ(report.findings()[0].code, code) << report.text();
    return report.text();
}

void expect_refusal(const Bytes& bytes, std::string_view where, std::string_view message) {
    const std::string text = refusal(bytes);
    EXPECT_NE(text.find(where), std::string::npos) << text;
    EXPECT_NE(text.find(message), std::string::npos) << text;
}

TEST(native_container, other_files_are_no_containers) {
    EXPECT_NE(refusal({}, ErrorCode::native_not_container).find("fewer than 4 bytes"), std::string::npos);
    EXPECT_NE(refusal({0, 'a', 's', 'm', 1, 0, 0, 0}, ErrorCode::native_not_container).find("0061736d"),
              std::string::npos);
    EXPECT_FALSE(is_container({}));
    EXPECT_TRUE(is_container(container({})));
}

TEST(native_container, newer_versions_are_refused_naming_both_numbers) {
    const std::string text = refusal({0, 'r', 'v', 'm', 2, 0, 0, 0}, ErrorCode::native_version);
    EXPECT_NE(text.find("version 2 is newer than version 1"), std::string::npos) << text;
    EXPECT_NE(refusal({0, 'r', 'v', 'm', 0, 0, 0, 0}).find("no such container version"), std::string::npos);
    EXPECT_NE(refusal({0, 'r', 'v', 'm', 1, 0}).find("the version is missing"), std::string::npos);
}

TEST(native_container, sections_are_in_order_complete_and_not_empty) {
    expect_refusal(container({9, 1, 0}), "section header, byte 9", "unknown section");
    expect_refusal(container({2, 3, 1, 0, 0, 1, 1, 0}), "section imports", "section out of order");
    expect_refusal(container({2, 3, 1, 0, 0, 2, 3, 1, 0, 0}), "section functions", "section out of order");
    expect_refusal(container({2, 9, 1, 0, 0}), "section functions, byte 10", "section is truncated");
    expect_refusal(container({2, 0}), "section functions", "an empty section is left out");
    expect_refusal(container({2, 0x83, 0x00, 1, 0, 0}), "section functions", "not a minimal LEB128");
    expect_refusal(container({2, 4, 1, 0, 0, 7}), "section functions, byte 13", "another size than its contents");
    expect_refusal(container({2, 3, 1, 0, 0}), "section code", "every function needs one body");
    expect_refusal(container({2, 1, 0}), "section functions", "an empty list is left out");
}

TEST(native_container, counts_are_bounded_by_the_bytes_there) {
    expect_refusal(container({2, 3, 0xff, 0xff, 0x03}), "section functions", "more bytes than the section has");
    expect_refusal(container({1, 3, 0xff, 0xff, 0x03}), "section imports", "too large");
    expect_refusal(container({4, 5, 1, 0xff, 0xff, 0x03, 0}), "section data", "more bytes than the section has");
}

TEST(native_container, imports_are_texts_of_a_known_kind) {
    expect_refusal(container({1, 4, 1, 4, 1, 'x'}), "section imports, byte 12", "kind of an import is too large");
    expect_refusal(container({1, 3, 1, 2, 0}), "section imports", "id of an import is empty");
    expect_refusal(container({1, 4, 1, 2, 1, 0xff}), "section imports", "not UTF-8");
    expect_refusal(container({1, 4, 1, 2, 1, '\n'}), "section imports", "not UTF-8");
    expect_refusal(container({1, 5, 1, 2, 2, 0xc0, 0x80}), "section imports", "not UTF-8");
    expect_refusal(container({1, 7, 2, 2, 1, 'x', 2, 1, 'x'}), "section imports", "env x is imported twice");
    expect_refusal(container({1, 7, 1, 0, 1, 'x', 17, 0, 0}), "section imports", "number of operands is too large");
    expect_refusal(container({1, 7, 1, 0, 1, 'x', 0, 0, 9}), "section imports", "immediate size is too large");
    expect_refusal(container({1, 6, 1, 0, 1, 'x', 0, 0}), "section imports", "is missing");
}

TEST(native_container, segments_lie_in_memory_in_order) {
    expect_refusal(container({4, 2, 0, 0}), "section data", "without memory is left out");
    expect_refusal(container({4, 5, 1, 1, 0, 0, 0}), "section data", "a segment is empty");
    expect_refusal(container({4, 8, 1, 2, 4, 1, 7, 4, 1, 7}), "section data", "overlap or are out of order");
    expect_refusal(container({4, 7, 1, 1, 0xff, 0x07, 2, 1, 1}), "section data", "outside memory");
    expect_refusal(container({4, 5, 1, 1, 0, 3, 1}), "section data", "segment is truncated");
    expect_refusal(container({4, 4, 0x81, 0x80, 0x01, 0}), "section data", "number of memory pages is too large");
}

TEST(native_container, exports_are_sorted_identifiers_of_functions) {
    expect_refusal(container({2, 3, 1, 0, 0, 3, 1, 0, 5, 4, 1, 1, 'a', 1}), "section exports",
                   "function that does not exist");
    expect_refusal(container({2, 3, 1, 0, 0, 3, 1, 0, 5, 7, 2, 1, 'b', 0, 1, 'a', 0}), "section exports",
                   "out of order");
    expect_refusal(container({2, 3, 1, 0, 0, 3, 1, 0, 5, 4, 1, 1, '1', 0}), "section exports", "not an identifier");
}

TEST(native_container, debug_names_every_function_once) {
    expect_refusal(container({2, 3, 1, 0, 0, 3, 1, 0, 6, 2, 0, 0}), "section debug", "not an identifier");
    expect_refusal(container({2, 5, 2, 0, 0, 0, 0, 3, 2, 0, 0, 6, 6, 0, 1, 'a', 1, 'a', 0}), "section debug",
                   "two functions are named a");
    expect_refusal(container({2, 3, 1, 0, 0, 3, 1, 0, 6, 8, 0, 1, 'a', 2, 1, 1, 0, 1}), "section debug",
                   "two lines for one position");
    expect_refusal(container({2, 3, 1, 0, 0, 3, 1, 0, 6, 6, 0, 1, 'a', 1, 1, 0}), "section debug",
                   "lines count from 1");
}

TEST(native_container, larger_files_than_allowed_are_not_read) {
    EXPECT_NE(refusal(Bytes(max_container_bytes + 1)).find("too large"), std::string::npos);
}

TEST(native_container, leb128_has_one_encoding_for_each_value) {
    for (const std::int64_t value :
         {std::int64_t{0}, std::int64_t{-1}, std::int64_t{63}, std::int64_t{64}, std::int64_t{-64}, std::int64_t{-65},
          std::int64_t{127}, std::int64_t{128}, std::numeric_limits<std::int64_t>::max(),
          std::numeric_limits<std::int64_t>::min(), std::int64_t{1} << 62, -(std::int64_t{1} << 62)}) {
        Bytes bytes;
        write_signed(bytes, value);
        Reader reader{bytes};
        EXPECT_EQ(reader.signed_value(), value);
        EXPECT_TRUE(reader.at_end());
        bytes.back() |= 0x80; // a longer encoding of the same value
        bytes.push_back(value < 0 ? 0x7f : 0);
        Reader longer{bytes};
        EXPECT_FALSE(longer.signed_value().has_value()) << value;
        Bytes plain;
        write_unsigned(plain, static_cast<std::uint64_t>(value));
        Reader back{plain};
        EXPECT_EQ(back.unsigned_value(), static_cast<std::uint64_t>(value));
        plain.back() |= 0x80;
        plain.push_back(0);
        Reader long_plain{plain};
        EXPECT_FALSE(long_plain.unsigned_value().has_value()) << value;
    }
    for (const Bytes& beyond :
         {Bytes(10, 0xff), Bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}, Bytes{0x80}}) {
        EXPECT_FALSE(Reader{beyond}.unsigned_value().has_value());
        EXPECT_FALSE(Reader{beyond}.signed_value().has_value());
    }
}

} // namespace
