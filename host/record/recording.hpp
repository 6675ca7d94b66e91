// What a recording holds: for every world a run opened, the state it found, what was done to it and what came of it.
//
// A recording is at the boundary rvm.host.world/1: whichever verb drives a world, its calls are the input of the programs
// that run there. What a program asks of the outside (items that are EXTERNAL, hashes of earlier blocks) is recorded with
// the answers. The bytes of the file: README.md.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <rvm/plugin.h>

#include "base/bytes.hpp"

namespace rvm::record {

/// First bytes of the file; the version follows. A reader refuses a newer one.
inline constexpr std::string_view file_magic = "rvmrec\r\n";
inline constexpr std::uint64_t file_version = 1;
/// Largest file that is read.
inline constexpr std::uint64_t max_file_bytes = std::uint64_t{4} << 30;
/// Most instructions a recording keeps unless told otherwise: about 100 MB.
inline constexpr std::uint64_t default_steps = 20'000'000;

/// Of numbers that a file may claim: they wrap.
[[nodiscard]] constexpr std::int64_t wrapping_sum(std::int64_t a, std::int64_t b) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
[[nodiscard]] constexpr std::int64_t wrapping_difference(std::int64_t a, std::int64_t b) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

/// Whether two addresses, hashes or words are the same.
template <class T>
    requires std::has_unique_object_representations_v<T>
[[nodiscard]] bool same(const T& a, const T& b) noexcept {
    return std::memcmp(&a, &b, sizeof a) == 0;
}

/// A message that owns what it points to.
struct Message {
    std::uint32_t kind = 0, flags = 0;
    std::int64_t gas = 0, stipend = 0;
    rvm_address sender{}, recipient{}, code_address{};
    rvm_u256 value{};
    Bytes input, init_code;
    std::optional<std::string> format;
    std::optional<rvm_bytes32> salt;

    Message() = default;
    explicit Message(const rvm_message& message);
    /// Points into this object.
    [[nodiscard]] rvm_message view(std::uint32_t depth = 0) const noexcept;
    [[nodiscard]] bool operator==(const Message& other) const noexcept;
};

/// What execute answered.
struct Answer {
    rvm_status status = RVM_OK;
    std::int64_t gas_left = 0, refund = 0;
    Bytes output;
    rvm_address created{};
    std::uint32_t detail = 0;
    std::uint64_t fault_position = 0;

    Answer() = default;
    explicit Answer(const rvm_result& result);
    /// Points into this object.
    [[nodiscard]] rvm_result view() const noexcept;
};

struct Log {
    rvm_address address{};
    std::vector<rvm_bytes32> topics;
    Bytes data;
};

struct SlotChange {
    rvm_u256 key{}, before{}, after{};
};

/// One account of a change set (rvm_account_change); code is told by its hash.
struct AccountChange {
    rvm_address address{};
    std::uint32_t flags = 0;
    rvm_account_state before{}, after{};
    std::vector<SlotChange> slots;
};

/// A call of rvm.host.world/1 on one world. Which members count depends on the kind.
struct Call {
    enum class Kind : std::uint8_t {
        begin,       ///< words, rules
        warm,        ///< address, keys
        account,     ///< address, number: want
        set_nonce,   ///< address, number
        add_balance, ///< address, value
        credit,      ///< address, value
        sub_balance, ///< address, value
        set_code,    ///< address, bytes, text: format (empty: none), hash (none: computed)
        set_slot,    ///< address, key, value
        touch,       ///< address
        mark,        ///< number: of the mark, from 0 in each transaction
        rollback,    ///< number: of a mark
        execute,     ///< message, answer, events
        end,         ///< number: flags; digest, logs, changes: zero and none when nothing was executed
        abort,
        commit,
        discard,
    };
    static constexpr auto last_kind = Kind::discard;

    Kind kind = Kind::begin;
    rvm_status status = RVM_OK; ///< what the function returned
    rvm_address address{};
    rvm_u256 key{}, value{};
    std::uint64_t number = 0;
    Bytes bytes;
    std::string text;
    std::optional<rvm_bytes32> hash;
    std::vector<rvm_u256> keys;
    std::vector<std::pair<std::string, rvm_u256>> words;
    std::vector<std::string> rules;
    Message message;
    Answer answer;
    Bytes events; ///< step_writer.hpp
    rvm_bytes32 digest{};
    std::vector<Log> logs;
    std::vector<AccountChange> changes;
};

/// A code, once for all accounts that have it.
struct BaseCode {
    std::string format;
    Bytes bytes;
};

/// An account as a world found it in the deployment's store, as far as it was read.
struct BaseAccount {
    rvm_address address{};
    rvm_u256 balance{};
    std::uint64_t nonce = 0;
    std::optional<BaseCode> code;
    std::vector<std::pair<rvm_u256, rvm_u256>> slots; ///< ascending by key, zero values too
};

struct World {
    bool ephemeral = true;
    std::vector<BaseAccount> base; ///< ascending by address; empty for an ephemeral world
    std::vector<Call> calls;
};

struct Recording {
    std::string product;         ///< version of the program that made it
    std::string semantics;       ///< the canonical text that the fingerprint is made of
    std::vector<std::string> command; ///< the verb with its words, for people
    std::uint64_t exit_status = 0;    ///< of the verb
    std::uint64_t steps = 0;     ///< instructions that were executed
    std::uint64_t kept_steps = 0; ///< of these, those whose events are in the recording
    std::vector<World> worlds;
};

/// The file's bytes. Equal recordings give equal bytes.
[[nodiscard]] Bytes encode(const Recording& recording);
/// Throws Malformed (coding.hpp). Event streams are judged when they are read (step_reader.hpp), unless `deep`.
[[nodiscard]] Recording decode(ByteView file, bool deep = false);
/// Thrown by decode() for a file of a later version.
struct Newer {
    std::uint64_t version;
};

/// The last 32 bytes of `file` become the SHA-256 of what precedes them, as in a file that was not damaged.
void mend_checksum(Bytes& file);

} // namespace rvm::record
