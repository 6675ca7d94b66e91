#include "text.hpp"

#include <algorithm>
#include <iterator>

namespace rvm::trace {
namespace {

constexpr char digits[] = "0123456789abcdef";

template <std::size_t Count>
std::string name_of(const char* const (&names)[Count], std::int64_t index, const char* otherwise) {
    if (index >= 0 && index < static_cast<std::int64_t>(Count)) return names[index];
    return otherwise + std::to_string(index);
}

} // namespace

std::string hex(rvm_view bytes) {
    std::string text = "0x";
    text.reserve(2 + 2 * bytes.size);
    for (std::uint64_t i = 0; i < bytes.size; ++i) {
        text += digits[bytes.data[i] >> 4u];
        text += digits[bytes.data[i] & 15u];
    }
    return text;
}

std::string hex(const rvm_address& address) { return hex(rvm_view{address.bytes, sizeof address.bytes}); }
std::string hex(const rvm_bytes32& bytes) { return hex(rvm_view{bytes.bytes, sizeof bytes.bytes}); }

std::string hex(const rvm_u256& value) {
    std::uint8_t bytes[32];
    rvm_u256_to_bytes(&value, bytes, sizeof bytes);
    const std::string padded = hex(rvm_view{bytes, sizeof bytes});
    return "0x" + padded.substr(std::min(padded.find_first_not_of('0', 2), padded.size() - 1));
}

std::string hex_head(rvm_view bytes, std::uint64_t limit) {
    if (bytes.size <= limit) return hex(bytes);
    return hex(rvm_view{bytes.data, limit}) + "... (" + std::to_string(bytes.size) + " bytes)";
}

std::string decimal(const rvm_u256& value) {
    // Long division by ten over 32-bit halves: clear, and traces show few values.
    std::uint32_t halves[8];
    for (std::size_t i = 0; i < 8; ++i) {
        halves[i] = static_cast<std::uint32_t>(value.limbs[i / 2] >> (32 * (i % 2)));
    }
    std::string text;
    do {
        std::uint64_t remainder = 0;
        for (std::size_t i = 8; i-- > 0;) {
            const std::uint64_t part = remainder << 32u | halves[i];
            halves[i] = static_cast<std::uint32_t>(part / 10);
            remainder = part % 10;
        }
        text.push_back(static_cast<char>('0' + remainder));
    } while (std::any_of(std::begin(halves), std::end(halves), [](std::uint32_t half) { return half != 0; }));
    std::reverse(text.begin(), text.end());
    return text;
}

std::string status_name(rvm_status status) {
    static constexpr const char* traps[] = {"ok",     "revert", "out_of_gas",   "stack",      "memory",
                                            "static", "depth",  "invalid_code", "illegal",    "balance",
                                            "crypto", "nonce",  "collision",    "arithmetic", "limit"};
    static constexpr const char* failures[] = {
        "",   "unsupported", "invalid_argument", "config",           "not_found", "no_memory",
        "io", "internal",    "exception",        "buffer_too_small", "retry",     "cancelled"};
    static_assert(std::size(traps) == RVM_TRAP_LIMIT + 1 && std::size(failures) == 1 - RVM_E_CANCELLED);
    if (status < 0 && status >= RVM_E_CANCELLED) return std::string("failure_") + failures[-status];
    return name_of(traps, status, "status_");
}

std::string kind_name(std::uint32_t kind) {
    static constexpr const char* names[] = {"call", "callcode", "delegate", "static", "create"};
    return name_of(names, kind, "kind_");
}

std::string state_name(std::uint32_t kind) {
    static constexpr const char* names[] = {"none", "balance", "nonce", "code", "slot", "transient", "destroy"};
    return name_of(names, kind, "state_");
}

std::string json_string(const char* text) {
    if (text == nullptr) return "null";
    std::string quoted = "\"";
    for (; *text != '\0'; ++text) {
        const auto byte = static_cast<unsigned char>(*text);
        if (byte == '"' || byte == '\\') {
            quoted += '\\';
            quoted += *text;
        } else if (byte < 0x20) {
            quoted += "\\u00";
            quoted += digits[byte >> 4u];
            quoted += digits[byte & 15u];
        } else {
            quoted += *text;
        }
    }
    return quoted + '"';
}

} // namespace rvm::trace
