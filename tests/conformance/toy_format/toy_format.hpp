// A second execution format as small as a format can be: a stack of 256-bit words, one byte an operation, magic
// "\0toy". Written on <rvm/plugin.h> alone, to test that formats call each other. Its prices are flat, so tests can add
// them up.
#pragma once

#include <cstdint>

#include <rvm/plugin.h>

namespace rvm::conformance {

extern const rvm_entry toy_format_entry;

namespace toy {

inline constexpr char kFormat[] = "toy";
inline constexpr std::uint8_t kMagic[] = {0, 't', 'o', 'y'};

/// Operations. "a b ->": a was pushed first. Immediates follow the operation's byte.
enum Operation : std::uint8_t {
    push = 0x01,         ///< -> word                  immediate: length, bytes big-endian
    add = 0x02,          ///< a b -> a + b
    skip_if_zero = 0x03, ///< a ->                     immediate: bytes to skip
    load = 0x10,         ///< key -> value
    store = 0x11,        ///< value key ->
    load_transient = 0x12,
    store_transient = 0x13,
    call = 0x20,        ///< input gas value address -> status    immediate: RVM_CALL_*; input is one word
    result = 0x21,      ///< -> first word of the last call's output
    result_size = 0x22, ///< -> bytes of the last call's output
    create = 0x30,      ///< salt value -> address or 0           immediate: length (2 bytes), init code
    give = 0x40,        ///< word -> (ends, output is the word)
    give_code = 0x41,   ///< (ends)                   immediate: length (2 bytes), bytes to return
    revert = 0x42,      ///< word -> (ends, reverts with the word)
    trap = 0x43,        ///< (ends with RVM_TRAP_ILLEGAL)
    destroy = 0x44,     ///< heir -> (ends)
    input = 0x50,       ///< -> first word of the input
    self = 0x51,
    caller = 0x52,
    value = 0x53,
    gas = 0x54,
    flags = 0x55, ///< -> RVM_FRAME_STATIC, _CREATE, _REENTRANT
    depth = 0x56,
    balance = 0x57, ///< address -> balance
    log = 0x58,     ///< data topic ->
};

// Prices in gas. Every operation costs kStep; these come on top.
constexpr std::uint64_t kStep = 10, kLoad = 100, kStore = 1000, kCall = 500, kCreate = 2000, kLog = 300, kCodeByte = 5;
constexpr std::uint64_t kMaxStack = 64, kMaxCode = 4096;

/// As rvm_format.create_address: Keccak-256 of creator, nonce or salt, and init code; the last 20 bytes.
void create_address(const void* self, const rvm_address* creator, std::uint64_t nonce, const rvm_bytes32* salt,
                    rvm_view init_code, rvm_address* out);

} // namespace toy
} // namespace rvm::conformance
