// <<name>>: a program at a fixed address (a precompile), known to every format. It exchanges the halves of its input.
#include <algorithm>

#include <rvm/plugin.hpp>

namespace {

namespace sdk = rvm::sdk;

constexpr std::uint64_t base = 15;
constexpr std::uint64_t per_word = 3; // of 32 bytes, begun ones count

// No frame, no state. Pays first; says how much room it needs when there is too little. [any]
rvm_status swap(const void*, rvm_view input, std::int64_t* gas, rvm_span* out) noexcept {
    if (input.size % 2 != 0) return RVM_TRAP_CRYPTO; // malformed input
    const std::uint64_t price = base + per_word * (input.size / 32 + (input.size % 32 != 0 ? 1 : 0));
    if (*gas < 0 || price > static_cast<std::uint64_t>(*gas)) return RVM_TRAP_OUT_OF_GAS;
    if (out->size < input.size) {
        out->size = input.size;
        return RVM_E_BUFFER_TOO_SMALL; // the host calls again: nothing is paid yet
    }
    *gas -= static_cast<std::int64_t>(price);
    const auto bytes = sdk::bytes(input);
    std::ranges::rotate_copy(bytes, bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2), out->data);
    out->size = input.size;
    return RVM_OK;
}

constexpr rvm_program item = {.struct_size = sizeof(rvm_program),
                              .flags = RVM_F_PURE,
                              .id = "<<name>>/swap",
                              .name = "SWAP",
                              .address = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x01}}, // 16 zeros first
                              .reserved = 0,
                              .rules = nullptr,
                              .run = swap,
                              .self = nullptr};

<<tail>>
