// <<name>>: the hash <<name>>.fnv1a, FNV-1a with 64 bits (Fowler, Noll, Vo). Quick, and no protection against anybody.
#include <rvm/plugin.hpp>

namespace {

namespace sdk = rvm::sdk;

constexpr std::uint32_t digest_bytes = 8; // most significant first

// [any]
void fnv1a(const void*, rvm_view input, std::uint8_t* digest) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const std::uint8_t byte : sdk::bytes(input)) {
        hash = (hash ^ byte) * 0x100000001b3;
    }
    for (std::uint32_t i = 0; i < digest_bytes; ++i) {
        digest[i] = static_cast<std::uint8_t>(hash >> (56 - 8 * i));
    }
}

// Known answers, which the host tries when the primitive is first resolved; a wrong one refuses the plugin.
constexpr std::array<std::uint8_t, 1> letter_a = {'a'};
constexpr std::array<std::uint8_t, digest_bytes> of_nothing = {0xcb, 0xf2, 0x9c, 0xe4, 0x84, 0x22, 0x23, 0x25};
constexpr std::array<std::uint8_t, digest_bytes> of_a = {0xaf, 0x63, 0xdc, 0x4c, 0x86, 0x01, 0xec, 0x8c};
constexpr rvm_kat answers[] = {sdk::known_answer({nullptr, 0}, sdk::view(of_nothing)),
                               sdk::known_answer(sdk::view(letter_a), sdk::view(of_a))};

constexpr rvm_crypto item = sdk::hash("<<name>>.fnv1a", "64-bit FNV-1a", digest_bytes, fnv1a, answers);

<<tail>>
