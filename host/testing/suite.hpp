// A file of tests (*.rtest.json), written beside the programs it tests. host/testing/README.md describes every key,
// rtest.schema.json says the same for editors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "cli/session.hpp"
#include <rvm/plugin.h>

namespace rvm::host::testing {

/// The format this build reads.
inline constexpr std::uint64_t suite_format_version = 1;
inline constexpr std::string_view suite_suffix = ".rtest.json";

/// One part of a message's input, and how it is written: a word as `load64` reads it (8 bytes, little-endian), a number
/// as 32 bytes big-endian, an address as 20 bytes.
struct Piece {
    enum class Kind : std::uint8_t {
        word, number, bytes, ///< a value
        account,             ///< the address of a named account
        any_word, any_number, any_bytes, any_account, ///< drawn for every run of a property or invariant
        argument,            ///< what the property drew for its call's piece number `index`
    };
    Kind kind = Kind::word;
    rvm_u256 value{};       ///< word, number
    rvm_u256 least{};       ///< any_word, any_number: the range, both ends included
    rvm_u256 most{};
    Bytes bytes;
    std::string account;
    std::size_t index = 0;     ///< argument
    std::size_t max_bytes = 0; ///< any_bytes

    [[nodiscard]] bool drawn() const noexcept { return kind >= Kind::any_word && kind <= Kind::any_account; }
};

struct ExpectedLog {
    std::string account;
    std::vector<rvm_u256> topics;
    Bytes data;
};

/// What a call must come to. Absent parts are not looked at, but a call without `status` must succeed.
struct Expectation {
    std::string status = "ok"; ///< a word of status_name()
    std::optional<Piece> result; ///< the output as one number: a word or number, or an argument
    std::optional<Bytes> output;
    std::optional<std::uint64_t> gas, gas_at_most;
    std::optional<std::vector<ExpectedLog>> logs;
    std::optional<std::string> fault; ///< part of the text that says where and why it trapped
    struct Slot {
        std::string account;
        rvm_u256 key{}, value{};
    };
    std::vector<Slot> storage;
    std::vector<std::pair<std::string, rvm_u256>> balances;
};

/// One message.
struct Call {
    std::string pointer; ///< where it stands in the file
    std::string to, from;
    rvm_u256 value{};
    Bytes input; ///< before the pieces
    std::vector<Piece> pieces;
    std::optional<std::uint64_t> gas;
    std::vector<std::pair<std::string, rvm_u256>> env;
    Expectation expect;
};

struct Account {
    std::string name;
    rvm_address address{};
    rvm_u256 balance{};
    std::uint64_t nonce = 0;
    std::string program, format; ///< file beside the suite; empty: no code
    std::vector<std::pair<rvm_u256, rvm_u256>> storage;
};

/// An account that is made by running its program's init code.
struct Deployment {
    std::string name, program, format;
    Call message; ///< `to` is unused
};

struct Example {
    std::string name, pointer;
    std::vector<Call> calls;
};

/// A call that must come to what is expected for every drawn input, and to what `equals` comes to.
struct Property {
    std::string name, pointer;
    Call call;
    std::optional<Call> equals;
    std::uint64_t runs = 256;
};

/// After any sequence of `calls` the `checks` hold.
struct Invariant {
    std::string name, pointer;
    std::vector<Call> calls;
    std::vector<Call> checks;
    std::uint64_t length = 16; ///< calls in a sequence
    std::uint64_t runs = 32;
};

struct Suite {
    std::filesystem::path file;
    std::string name;
    std::uint64_t gas = 0; ///< of a call that names none
    std::vector<Account> accounts;
    std::vector<Deployment> deployments;
    std::vector<Example> tests;
    std::vector<Property> properties;
    std::vector<Invariant> invariants;

    [[nodiscard]] std::size_t size() const noexcept { return tests.size() + properties.size() + invariants.size(); }
};

/// Reads a suite; throws Failure with everything that is wrong: file, JSON pointer, expected, found.
[[nodiscard]] Suite load_suite(Session& session, const std::filesystem::path& file);

/// The suites at `path`: itself when it is a file, else every *.rtest.json below it, in order of their paths. Throws
/// Failure when it cannot be read.
[[nodiscard]] std::vector<std::filesystem::path> find_suites(const std::filesystem::path& path);

} // namespace rvm::host::testing
