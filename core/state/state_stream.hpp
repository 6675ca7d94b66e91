// A state as one compact stream: `rvm state export --stream`.
//
//   "rvmstate" 01                                                       head
//   'C'  hash (32)  format (1 + n)  size (4)  code                      one per code in use, ascending by hash, then
//   format 'A'  address (20)  nonce  balance  00 | 01 hash (32) format (1 + n) ascending by address; its slots follow:
//   'S'  key  value                                                     ascending by key, no value is zero
//   'K'  keyspace (1)  size (2)  key  size (4)  value                   pairs of callers, ascending
//   'E'  SHA-256 (32) of everything before it, the 'E' included
//
// Sizes are big-endian; a text is a length byte and that many bytes; a number is a length byte and that many big-endian
// bytes, the first not zero. Equal states give equal bytes.
#pragma once

#include "base/sha256.hpp"
#include "state/store_format.hpp"

#include <rvm/plugin.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rvm::state {

/// First bytes of a stream; the version follows.
inline constexpr std::string_view stream_magic = "rvmstate";
inline constexpr std::uint8_t stream_version = 1;
inline constexpr std::uint64_t stream_code_limit = std::uint64_t{16} << 20;  ///< bytes of one code
inline constexpr std::uint64_t stream_value_limit = std::uint64_t{64} << 20; ///< bytes of one caller's value

/// Writes a stream. Records come in the order of the format; that is the caller's promise. One thread.
class StreamWriter {
  public:
    using Sink = std::function<void(rvm_view)>; ///< may throw
    explicit StreamWriter(Sink sink);
    void code(const rvm_bytes32& hash, std::string_view format, rvm_view code);
    void account(const rvm_address& address, const AccountRecord& account);
    void slot(const rvm_u256& key, const rvm_u256& value);
    void pair(std::uint32_t keyspace, rvm_view key, rvm_view value);
    void end();

  private:
    void byte(std::uint8_t value);
    void bytes(const void* data, std::size_t size);
    void text(std::string_view value);
    void number(const rvm_u256& value);
    void flush();

    Sink sink_;
    Sha256 hash_;
    std::vector<std::uint8_t> buffer_;
};

/// One record of a stream; which members count depends on the kind.
struct StreamRecord {
    enum class Kind : std::uint8_t { code, account, slot, pair, end };
    Kind kind = Kind::end;
    rvm_address address{};           ///< account
    AccountRecord account;           ///< account: nonce, balance, code_hash, format; code: code_hash, format
    rvm_u256 key{}, value{};         ///< slot
    std::uint32_t keyspace = 0;      ///< pair
    std::vector<std::uint8_t> name;  ///< pair: its key
    std::vector<std::uint8_t> bytes; ///< code, pair: its value
};

/// Reads a stream and judges it: order, forms, references, hash. Memory: one record and 33 bytes and more a code.
class StreamReader {
  public:
    /// Fills at most `size` bytes, returns how many; 0 at the end. May throw.
    using Source = std::function<std::size_t(std::uint8_t* out, std::size_t size)>;
    explicit StreamReader(Source source) : source_(std::move(source)) {}

    /// The next record; after Kind::end nothing may be asked. False: the stream is not valid, fault() says why.
    [[nodiscard]] bool next(StreamRecord* out);

    struct Fault {
        std::uint64_t offset = 0; ///< of the first byte that cannot be
        std::string expected, found;
    };
    [[nodiscard]] const Fault& fault() const noexcept { return fault_; }
    [[nodiscard]] std::uint64_t offset() const noexcept { return taken_; }

  private:
    class Malformed {};
    [[noreturn]] void refuse(std::string expected, std::string found);
    [[nodiscard]] bool fill();
    void take(std::uint8_t* out, std::size_t size);
    [[nodiscard]] std::uint8_t byte();
    [[nodiscard]] std::uint64_t fixed(unsigned size);
    [[nodiscard]] rvm_u256 number(std::uint64_t most_bytes);
    [[nodiscard]] std::string format();
    [[nodiscard]] std::vector<std::uint8_t> block(std::uint64_t size);
    void head();
    void read_code(StreamRecord* out);
    void read_account(StreamRecord* out);
    void read_slot(StreamRecord* out);
    void read_pair(StreamRecord* out);
    void read_end();
    void order(StreamRecord::Kind kind);

    Source source_;
    Sha256 hash_;
    std::vector<std::uint8_t> buffer_;
    std::size_t at_ = 0;
    std::uint64_t taken_ = 0;
    bool begun_ = false;
    StreamRecord::Kind last_ = StreamRecord::Kind::code;
    std::set<std::vector<std::uint8_t>> codes_;
    std::optional<rvm_address> last_address_;
    std::optional<rvm_u256> last_key_;
    std::optional<std::vector<std::uint8_t>> last_pair_; ///< keyspace, key
    Fault fault_;
};

} // namespace rvm::state
