// lib/rlp against the yellow paper's rules, vectors of ours, ethereum/tests where they are unpacked, and itself.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "rlp/decode.hpp"
#include "rlp/encode.hpp"

namespace rvm::rlp {
namespace {

Buffer from_hex(std::string_view text) {
    if (text.starts_with("0x")) text.remove_prefix(2);
    Buffer bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        bytes.push_back(static_cast<std::uint8_t>(std::stoul(std::string(text.substr(i, 2)), nullptr, 16)));
    return bytes;
}

/// The values of ethereum/tests: texts, "#" and a decimal number, JSON numbers, arrays.
template <class Sink>
void append(Sink& out, const nlohmann::json& value) {
    if (value.is_array()) {
        out.list([&](auto& items) {
            for (const auto& item : value)
                append(items, item);
        });
    } else if (value.is_number()) {
        out.integer(value.get<std::uint64_t>());
    } else {
        const auto& text = value.get_ref<const std::string&>();
        out.string({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    }
}

Buffer encode(const nlohmann::json& value) {
    Buffer out;
    Writer writer(out);
    append(writer, value);
    return out;
}

/// What an encoded item is made of, as the same kind of JSON (numbers come back as texts).
nlohmann::json decode(Reader& reader) {
    const Item item = reader.item();
    if (!item.is_list) return std::string(item.payload.begin(), item.payload.end());
    nlohmann::json out = nlohmann::json::array();
    Status status;
    Reader items(item.payload, status);
    while (!items.at_end())
        out.push_back(decode(items));
    return out;
}

void expect_invalid(const std::string& name, const Buffer& bytes) { EXPECT_FALSE(check(bytes).ok()) << name; }

void expect_valid(const std::string& name, const nlohmann::json& value, const Buffer& bytes) {
    EXPECT_TRUE(check(bytes).ok()) << name << ": " << text(check(bytes).error);
    EXPECT_EQ(encode(value), bytes) << name;
    Status status;
    Reader reader(bytes, status);
    const nlohmann::json decoded = decode(reader);
    EXPECT_TRUE(status.ok()) << name;
    EXPECT_EQ(encode(decoded), bytes) << name;
}

/// Vectors in the form of ethereum/tests RLPTests.
std::size_t run_vectors(const std::filesystem::path& file) {
    const auto vectors = nlohmann::json::parse(std::ifstream(file));
    for (const auto& [name, vector] : vectors.items()) {
        const Buffer bytes = from_hex(vector.at("out").get<std::string>());
        const auto& in = vector.at("in");
        if (in == "INVALID")
            expect_invalid(name, bytes);
        else if (in == "VALID")
            EXPECT_TRUE(check(bytes).ok()) << name;
        else if (!(in.is_string() && in.get<std::string>().starts_with("#")))
            expect_valid(name, in, bytes);
        else
            EXPECT_TRUE(check(bytes).ok()) << name;
    }
    return vectors.size();
}

TEST(rlp, agrees_with_our_vectors) {
    EXPECT_GE(run_vectors(std::filesystem::path(RVM_SOURCE_DIR) / "tests/data/rlp/vectors.json"), 30u);
}

TEST(rlp, agrees_with_ethereum_tests) {
    const char* root = std::getenv("RVM_FIXTURES");
    const auto folder =
        std::filesystem::path(root == nullptr ? "" : root) / "ethereum/rlp-trie-basic/ethereum-tests/RLPTests";
    if (root == nullptr || !std::filesystem::exists(folder))
        GTEST_SKIP() << "39 vectors NOT RUN: set RVM_FIXTURES to the unpacked conformance data";
    std::size_t count = 0;
    for (const char* file : {"rlptest.json", "invalidRLPTest.json", "RandomRLPTests/example.json"})
        count += run_vectors(folder / file);
    EXPECT_EQ(count, 39u);
}

/// Strings and lists in hex, as ethers writes them.
template <class Sink>
void append_hex(Sink& out, const nlohmann::json& value) {
    if (value.is_array()) {
        out.list([&](auto& items) {
            for (const auto& item : value)
                append_hex(items, item);
        });
    } else {
        out.string(from_hex(value.get<std::string>()));
    }
}
nlohmann::json decode_hex(Reader& reader) {
    const Item item = reader.item();
    if (!item.is_list) {
        std::string text = "0x";
        for (const std::uint8_t byte : item.payload) {
            text += "0123456789abcdef"[byte >> 4u];
            text += "0123456789abcdef"[byte & 15u];
        }
        return text;
    }
    nlohmann::json out = nlohmann::json::array();
    Status status;
    Reader items(item.payload, status);
    while (!items.at_end())
        out.push_back(decode_hex(items));
    return out;
}

TEST(rlp, agrees_with_ethers) {
    const char* root = std::getenv("RVM_FIXTURES");
    std::ifstream file(std::filesystem::path(root == nullptr ? "nowhere" : root) / "ethereum/wallet/ethers/rlp.json");
    if (!file) GTEST_SKIP() << "44 vectors NOT RUN: set RVM_FIXTURES to the unpacked conformance data";
    const auto vectors = nlohmann::json::parse(file);
    for (const auto& vector : vectors) {
        const auto name = vector.at("name").get<std::string>();
        const Buffer encoded = from_hex(vector.at("encoded").get<std::string>());
        Buffer out;
        Writer writer(out);
        append_hex(writer, vector.at("decoded"));
        EXPECT_EQ(out, encoded) << name;
        Status status;
        Reader reader(encoded, status);
        EXPECT_EQ(decode_hex(reader), vector.at("decoded")) << name;
        EXPECT_TRUE(status.ok() && check(encoded).ok()) << name;
    }
    EXPECT_EQ(vectors.size(), 44u);
}

TEST(rlp, names_what_is_wrong_and_where) {
    struct Case {
        const char* hex;
        Error error;
        std::size_t offset;
    };
    for (const Case& c : {Case{"", Error::missing, 0}, Case{"83646f", Error::truncated, 0},
                          Case{"8100", Error::not_canonical_byte, 0}, Case{"b80100", Error::not_canonical_size, 0},
                          Case{"b90038", Error::not_canonical_size, 0}, Case{"c0c0", Error::trailing, 1},
                          Case{"c28100", Error::not_canonical_byte, 1}, Case{"c3c28100", Error::not_canonical_byte, 2},
                          Case{"bfffffffffffffffff", Error::truncated, 0}, Case{"c182", Error::truncated, 1}}) {
        const Buffer bytes = from_hex(c.hex);
        const Status status = check(bytes);
        EXPECT_EQ(status.error, c.error) << c.hex << ": " << text(status.error);
        EXPECT_EQ(status.offset, c.offset) << c.hex;
    }
}

TEST(rlp, follows_lists_to_a_bounded_depth) {
    const auto nested = [](std::size_t depth) {
        Buffer out{0xc0};
        for (std::size_t i = 1; i < depth; ++i) {
            Buffer outer;
            Writer(outer).list_header(out.size());
            outer.insert(outer.end(), out.begin(), out.end());
            out = std::move(outer);
        }
        return out;
    };
    EXPECT_TRUE(check(nested(5), 5).ok());
    EXPECT_EQ(check(nested(6), 5).error, Error::too_deep);
    EXPECT_TRUE(check(nested(depth_limit)).ok());
    EXPECT_EQ(check(nested(depth_limit + 1), depth_limit + 10).error, Error::too_deep);
}

TEST(rlp_reader, keeps_the_first_failure) {
    const Buffer bytes = from_hex("c50102820001"); // 1, 2, then 0x0001
    Status status;
    Reader outer(bytes, status);
    Reader list = outer.list();
    EXPECT_EQ(list.count(), 3u);
    EXPECT_EQ(list.integer(), 1u);
    EXPECT_EQ(list.integer(), 2u);
    EXPECT_EQ(list.integer(), 0u);
    EXPECT_EQ(status.error, Error::leading_zero);
    EXPECT_EQ(status.offset, 3u);
    EXPECT_TRUE(list.string().empty());
    list.fail(Error::too_large);
    list.end();
    outer.end();
    EXPECT_EQ(status.error, Error::leading_zero);
}

TEST(rlp_reader, refuses_wrong_kinds_and_sizes) {
    const auto error_of = [](const char* hex, auto&& read) {
        const Buffer bytes = from_hex(hex);
        Status status;
        Reader reader(bytes, status);
        read(reader);
        return status.error;
    };
    std::uint8_t two[2];
    EXPECT_EQ(error_of("c0", [](Reader& r) { static_cast<void>(r.string()); }), Error::not_a_string);
    EXPECT_EQ(error_of("80", [](Reader& r) { static_cast<void>(r.list()); }), Error::not_a_list);
    EXPECT_EQ(error_of("83010203", [&](Reader& r) { r.fixed(two); }), Error::wrong_size);
    EXPECT_EQ(error_of("80", [&](Reader& r) { r.fixed(two); }), Error::wrong_size);
    EXPECT_EQ(error_of("80", [&](Reader& r) { EXPECT_FALSE(r.optional_fixed(two)); }), Error::none);
    EXPECT_EQ(error_of("01", [&](Reader& r) { EXPECT_FALSE(r.optional_fixed(two)); }), Error::wrong_size);
    EXPECT_EQ(error_of("89010000000000000000", [](Reader& r) { static_cast<void>(r.integer()); }), Error::too_large);
    EXPECT_EQ(error_of("00", [](Reader& r) { static_cast<void>(r.integer()); }), Error::leading_zero);
    EXPECT_EQ(error_of("0102", [](Reader& r) { static_cast<void>(r.integer()), r.end(); }), Error::trailing);
}

TEST(rlp_writer, sizes_what_it_writes) {
    rc::check("a sizer adds up what a writer appends, and a reader gets it back", [] {
        const auto strings =
            *rc::gen::container<std::vector<Buffer>>(rc::gen::container<Buffer>(rc::gen::arbitrary<std::uint8_t>()));
        const auto number = *rc::gen::arbitrary<std::uint64_t>();
        const auto body = [&](auto& out) {
            out.integer(number);
            out.list([&](auto& items) {
                for (const Buffer& string : strings)
                    items.string(string);
            });
        };
        const Buffer encoded = encode_list(body);
        Sizer sizer;
        sizer.list(body);
        RC_ASSERT(sizer.size() == encoded.size());
        RC_ASSERT(check(encoded).ok());
        Status status;
        Reader outer(encoded, status);
        Reader list = outer.list();
        RC_ASSERT(list.integer() == number);
        Reader items = list.list();
        RC_ASSERT(items.count() == strings.size());
        for (const Buffer& string : strings) {
            const Bytes read = items.string();
            RC_ASSERT(Buffer(read.begin(), read.end()) == string);
        }
        items.end();
        list.end();
        outer.end();
        RC_ASSERT(status.ok());
    });
}

TEST(rlp_writer, writes_long_headers) {
    for (const std::size_t size : {55u, 56u, 255u, 256u, 65'535u, 65'536u}) {
        const Buffer value(size, 0xaa);
        Buffer encoded;
        Writer(encoded).string(value);
        EXPECT_EQ(encoded.size(), string_size(value));
        Item item;
        EXPECT_EQ(split(encoded, item), Error::none);
        EXPECT_TRUE(std::ranges::equal(item.payload, value));
    }
}

} // namespace
} // namespace rvm::rlp
