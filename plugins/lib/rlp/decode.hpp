// Strict decoding of RLP (Ethereum Yellow Paper, appendix B): views into the input, one canonical form for every value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rvm::rlp {

using Bytes = std::span<const std::uint8_t>;

enum class Error : std::uint8_t {
    none,
    truncated,          ///< the input ends inside a header or a payload
    trailing,           ///< bytes follow the item, or items follow the last expected one
    missing,            ///< a list ends where another item is expected
    not_canonical_byte, ///< a single byte below 0x80 has a header
    not_canonical_size, ///< a size has leading zeros, or a long header says what a short one can
    leading_zero,       ///< an integer has leading zeros
    too_large,          ///< an integer or string is larger than its place allows
    wrong_size,         ///< a string of fixed size has another size
    not_a_list,
    not_a_string,
    too_deep, ///< lists are nested deeper than the caller allows
};

/// Static text for messages: "the input ends inside an item".
[[nodiscard]] const char* text(Error error) noexcept;

/// The first failure of a decoding. `offset` is where the refused item begins, counted from the start of the input.
struct Status {
    Error error = Error::none;
    std::size_t offset = 0;

    [[nodiscard]] bool ok() const noexcept { return error == Error::none; }
};

/// One item. Both views point into the input and live as long as it does.
struct Item {
    bool is_list = false;
    Bytes payload; ///< the string, or the encodings of a list's items
    Bytes encoded; ///< header and payload
};

/// Splits the first item off `input`, in constant time: the items of a list are not looked at. `item` is untouched
/// after a failure. Re-entrant.
[[nodiscard]] Error split(Bytes input, Item& item) noexcept;

/// Lists inside lists that check() follows at most, whatever its caller allows.
inline constexpr std::size_t depth_limit = 1024;

/// Whether `input` is one item and canonical throughout, in one pass without recursion. Re-entrant.
[[nodiscard]] Status check(Bytes input, std::size_t max_depth = depth_limit) noexcept;

/// Reads the items of one payload in order. The first failure is kept in the status that all readers of an input share;
/// from then on every read gives an empty value, so that a caller reads a whole structure and looks at the status once.
/// Views live as long as the input. One thread per status.
class Reader {
  public:
    /// Over an input, usually one item. `status` must outlive the reader and those of its lists.
    Reader(Bytes input, Status& status) noexcept : Reader(input, 0, status) {}

    /// No items are left, or a read failed.
    [[nodiscard]] bool at_end() const noexcept { return rest_.empty() || !status_->ok(); }
    [[nodiscard]] const Status& status() const noexcept { return *status_; }

    /// The next item, whatever it is.
    [[nodiscard]] Item item() noexcept;
    /// The kind of the next item; false at the end.
    [[nodiscard]] bool next_is_list() const noexcept { return !rest_.empty() && rest_.front() >= 0xc0; }

    /// The next item as a string of any size.
    [[nodiscard]] Bytes string() noexcept;
    /// As a string of exactly `out.size()` bytes; `out` is untouched after a failure.
    void fixed(std::span<std::uint8_t> out) noexcept;
    /// As a string that is empty or of exactly `out.size()` bytes; true when it was not empty.
    [[nodiscard]] bool optional_fixed(std::span<std::uint8_t> out) noexcept;

    /// As an integer without leading zeros (zero is the empty string), below 2^64.
    [[nodiscard]] std::uint64_t integer() noexcept;
    /// As an integer into `out`, big-endian, padded with zeros; too_large when it needs more bytes.
    void integer(std::span<std::uint8_t> out) noexcept;

    /// As a list.
    [[nodiscard]] Reader list() noexcept;
    /// How many items are left; counts by their headers. Zero when one of them is damaged, which is then the status.
    [[nodiscard]] std::size_t count() noexcept;

    /// States that no item is left.
    void end() noexcept;
    /// Records a failure of the caller's own rules at the item read last, unless there is one already.
    void fail(Error error) noexcept;

  private:
    Reader(Bytes rest, std::size_t offset, Status& status) noexcept : rest_(rest), offset_(offset), status_(&status) {}

    Bytes rest_;
    std::size_t offset_;   ///< of rest_ in the input
    std::size_t last_ = 0; ///< of the item read last
    Status* status_;
};

} // namespace rvm::rlp
