#include "rlp/decode.hpp"

#include <algorithm>
#include <array>

namespace rvm::rlp {
namespace {

// The first byte of an item (Yellow Paper, appendix B).
constexpr std::uint8_t short_string = 0x80; // + size, to 55
constexpr std::uint8_t long_string = 0xb7;  // + size of the size, 1 to 8
constexpr std::uint8_t short_list = 0xc0;   // + size, to 55
constexpr std::uint8_t long_list = 0xf7;    // + size of the size, 1 to 8
constexpr std::size_t longest_short = 55;

/// Reads a big-endian size of `size_bytes` after the first byte.
Error read_long_size(Bytes input, std::size_t size_bytes, std::uint64_t& size) noexcept {
    if (input.size() - 1 < size_bytes) return Error::truncated;
    if (input[1] == 0) return Error::not_canonical_size;
    size = 0;
    for (std::size_t i = 1; i <= size_bytes; ++i) {
        size = size << 8u | input[i];
    }
    return size <= longest_short ? Error::not_canonical_size : Error::none;
}

} // namespace

const char* text(Error error) noexcept {
    switch (error) {
    case Error::none:
        return "no error";
    case Error::truncated:
        return "the input ends inside an item";
    case Error::trailing:
        return "more items or bytes than expected";
    case Error::missing:
        return "an item is missing";
    case Error::not_canonical_byte:
        return "a byte below 0x80 has a header";
    case Error::not_canonical_size:
        return "a size is not in its shortest form";
    case Error::leading_zero:
        return "an integer has leading zeros";
    case Error::too_large:
        return "a value is too large";
    case Error::wrong_size:
        return "a value has the wrong size";
    case Error::not_a_list:
        return "a string where a list is expected";
    case Error::not_a_string:
        return "a list where a string is expected";
    case Error::too_deep:
        return "lists are nested too deep";
    }
    return "unknown error";
}

Error split(Bytes input, Item& item) noexcept {
    if (input.empty()) return Error::missing;
    const std::uint8_t first = input[0];
    if (first < short_string) {
        item = {false, input.first(1), input.first(1)};
        return Error::none;
    }
    const bool is_list = first >= short_list;
    const std::uint8_t short_base = is_list ? short_list : short_string;
    const std::uint8_t long_base = is_list ? long_list : long_string;
    std::size_t header = 1;
    std::uint64_t size = static_cast<std::uint64_t>(first - short_base);
    if (first > long_base) {
        const std::size_t size_bytes = static_cast<std::size_t>(first - long_base);
        if (const Error error = read_long_size(input, size_bytes, size); error != Error::none) return error;
        header += size_bytes;
    }
    if (size > input.size() - header) return Error::truncated;
    const Bytes payload = input.subspan(header, size);
    if (!is_list && size == 1 && payload[0] < short_string) return Error::not_canonical_byte;
    item = {is_list, payload, input.first(header + size)};
    return Error::none;
}

Status check(Bytes input, std::size_t max_depth) noexcept {
    // Ends of the open lists, as offsets; the input itself is the outermost.
    std::array<std::size_t, depth_limit + 1> ends;
    std::size_t depth = 0;
    ends[0] = input.size();
    max_depth = std::min(max_depth, depth_limit);
    std::size_t at = 0;
    bool first = true;
    while (true) {
        while (depth > 0 && at == ends[depth]) {
            --depth;
        }
        if (depth == 0 && !first) return {at == input.size() ? Error::none : Error::trailing, at};
        first = false;
        Item item;
        const Error error = split(input.subspan(at, ends[depth] - at), item);
        if (error != Error::none) return {error, at};
        if (!item.is_list) {
            at += item.encoded.size();
            continue;
        }
        if (depth == max_depth) return {Error::too_deep, at};
        at += item.encoded.size() - item.payload.size();
        ends[++depth] = at + item.payload.size();
    }
}

void Reader::fail(Error error) noexcept {
    if (status_->ok()) *status_ = {error, last_};
}

Item Reader::item() noexcept {
    Item out;
    if (!status_->ok()) return out;
    last_ = offset_;
    if (const Error error = split(rest_, out); error != Error::none) {
        fail(error);
        return out;
    }
    rest_ = rest_.subspan(out.encoded.size());
    offset_ += out.encoded.size();
    return out;
}

Bytes Reader::string() noexcept {
    const Item next = item();
    if (!next.is_list) return next.payload;
    fail(Error::not_a_string);
    return {};
}

void Reader::fixed(std::span<std::uint8_t> out) noexcept {
    const Bytes value = string();
    if (!status_->ok()) return;
    if (value.size() != out.size()) return fail(Error::wrong_size);
    std::ranges::copy(value, out.begin());
}

bool Reader::optional_fixed(std::span<std::uint8_t> out) noexcept {
    const Bytes value = string();
    if (!status_->ok() || value.empty()) return false;
    if (value.size() != out.size()) {
        fail(Error::wrong_size);
        return false;
    }
    std::ranges::copy(value, out.begin());
    return true;
}

std::uint64_t Reader::integer() noexcept {
    std::array<std::uint8_t, 8> bytes{};
    integer(bytes);
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes) {
        value = value << 8u | byte;
    }
    return value;
}

void Reader::integer(std::span<std::uint8_t> out) noexcept {
    const Bytes value = string();
    if (!value.empty() && value.front() == 0) {
        fail(Error::leading_zero);
    } else if (value.size() > out.size()) {
        fail(Error::too_large);
    }
    std::ranges::fill(out, std::uint8_t{0});
    if (status_->ok()) std::ranges::copy(value, out.last(value.size()).begin());
}

Reader Reader::list() noexcept {
    const Item next = item();
    if (status_->ok() && !next.is_list) fail(Error::not_a_list);
    if (!status_->ok()) return {Bytes{}, *status_};
    Reader out(next.payload, last_ + next.encoded.size() - next.payload.size(), *status_);
    out.last_ = last_;
    return out;
}

std::size_t Reader::count() noexcept {
    Reader ahead = *this;
    std::size_t count = 0;
    while (!ahead.at_end()) {
        static_cast<void>(ahead.item());
        ++count;
    }
    return status_->ok() ? count : 0;
}

void Reader::end() noexcept {
    if (rest_.empty()) return;
    last_ = offset_;
    fail(Error::trailing);
}

} // namespace rvm::rlp
