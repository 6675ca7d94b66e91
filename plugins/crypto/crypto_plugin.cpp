// org.rvm.crypto: hashes, signatures, modular powers and curve arithmetic as primitives for other plugins, as syscalls
// and, the hashes, as opcodes.
#include <sodium.h>

#include <rvm/plugin.hpp>

#include "known_answers.hpp"
#include "primitives.hpp"

namespace {

using namespace rvm::crypto;
namespace sdk = rvm::sdk;

/// Prices count input in words of this size.
constexpr std::uint32_t price_unit_bytes = 32;

template <rvm_hash_fn Hash, std::size_t DigestBytes>
rvm_status hash_syscall(const void*, rvm_frame*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    *size = DigestBytes;
    if (output.size < DigestBytes) return RVM_TRAP_LIMIT;
    Hash(nullptr, input, output.data);
    return RVM_OK;
}

template <rvm_crypto_fn Run>
rvm_status primitive_syscall(const void* self, rvm_frame*, rvm_view input, rvm_span output,
                             std::uint64_t* size) noexcept {
    const rvm_status status = Run(self, input, output, size);
    return status == RVM_E_BUFFER_TOO_SMALL ? RVM_TRAP_LIMIT : status;
}

/// data@ size out@: the interpreter charged the base, the rest depends on the size.
template <rvm_hash_fn Hash, std::size_t DigestBytes, std::uint64_t PerUnit>
rvm_status hash_opcode(const void*, rvm_frame* frame, rvm_word* args, std::uint64_t) noexcept {
    rvm_span data;
    rvm_span out;
    rvm_status status = rvm_memory(frame, args[0], args[1], &data);
    if (status == RVM_OK) status = rvm_memory(frame, args[2], DigestBytes, &out);
    if (status != RVM_OK) return status;
    // Memory is bounded, so the sum cannot overflow.
    const std::uint64_t units = (data.size + price_unit_bytes - 1) / price_unit_bytes;
    status = rvm_charge(frame, units * PerUnit);
    if (status != RVM_OK) return status;
    std::uint8_t digest[DigestBytes]; // `out` may overlap the data
    Hash(nullptr, {data.data, data.size}, digest);
    std::memcpy(out.data, digest, DigestBytes);
    return RVM_OK;
}

constexpr rvm_opcode opcodes[] = {
#define CRYPTO_HASH(name, fn, digest, base, per_unit, summary)                                                         \
    sdk::opcode({"crypto." name, "data@ size out@: " summary, base, 3, 0, &hash_opcode<fn, digest, per_unit>,          \
                 RVM_F_MEMORY | RVM_F_CHARGES}),
#define CRYPTO_PRIMITIVE(name, fn, max_output, base, per_unit, summary)
#define CRYPTO_PRICED(name, fn, max_output, base, rest, summary)
#include "crypto_items.def"
#undef CRYPTO_HASH
#undef CRYPTO_PRIMITIVE
#undef CRYPTO_PRICED
};

constexpr rvm_gas_schedule schedules[] = {
#define CRYPTO_HASH(name, fn, digest, base, per_unit, summary) sdk::gas(base, per_unit, price_unit_bytes),
#define CRYPTO_PRIMITIVE(name, fn, max_output, base, per_unit, summary)                                                \
    sdk::gas(base, per_unit, (per_unit) == 0 ? 0 : price_unit_bytes),
#define CRYPTO_PRICED(name, fn, max_output, base, rest, summary) {sizeof(rvm_gas_schedule), 0, base, 0, &rest},
#include "crypto_items.def"
#undef CRYPTO_HASH
#undef CRYPTO_PRIMITIVE
#undef CRYPTO_PRICED
};

constexpr const char* provides[] = {
#define CRYPTO_HASH(name, fn, digest, base, per_unit, summary)                                                         \
    RVM_KIND_CRYPTO ":" name, RVM_KIND_SYSCALL ":crypto." name, RVM_KIND_OPCODE ":crypto." name,
#define CRYPTO_PRIMITIVE(name, fn, max_output, base, per_unit, summary)                                                \
    RVM_KIND_CRYPTO ":" name, RVM_KIND_SYSCALL ":crypto." name,
#define CRYPTO_PRICED(name, fn, max_output, base, rest, summary)                                                       \
    CRYPTO_PRIMITIVE(name, fn, max_output, base, 0, summary)
#include "crypto_items.def"
#undef CRYPTO_HASH
#undef CRYPTO_PRIMITIVE
#undef CRYPTO_PRICED
    nullptr};

class CryptoPlugin {
  public:
    explicit CryptoPlugin(sdk::Host) {
        if (sodium_init() < 0) throw sdk::Failure(RVM_E_INTERNAL, "libsodium cannot be initialised");
#define CRYPTO_HASH(name, fn, digest, base, per_unit, summary)                                                         \
    primitives_.push_back(sdk::hash(name, summary, digest, &fn, answers_.of(name)));                                   \
    syscalls_.push_back(                                                                                               \
        sdk::syscall({"crypto." name, summary, &schedules[syscalls_.size()], digest, &hash_syscall<fn, digest>}));
#define CRYPTO_PRIMITIVE(name, fn, max_output, base, per_unit, summary)                                                \
    primitives_.push_back(sdk::primitive(name, summary, &fn, answers_.of(name), &signing_));                           \
    syscalls_.push_back(sdk::syscall({"crypto." name, summary, &schedules[syscalls_.size()], max_output,               \
                                      &primitive_syscall<fn>, RVM_F_PURE, &signing_}));
#define CRYPTO_PRICED(name, fn, max_output, base, rest, summary)                                                       \
    CRYPTO_PRIMITIVE(name, fn, max_output, base, 0, summary)
#include "crypto_items.def"
#undef CRYPTO_HASH
#undef CRYPTO_PRIMITIVE
#undef CRYPTO_PRICED
        // Complete now: the items move no more.
        for (const rvm_crypto& item : primitives_) {
            items_.add(item);
        }
        for (const rvm_syscall& item : syscalls_) {
            items_.add(item);
        }
        for (const rvm_opcode& item : opcodes) {
            items_.add(item);
        }
    }

    [[nodiscard]] const rvm_contribution* contributions() const noexcept { return items_.data(); }

  private:
    KnownAnswers answers_;
    SigningContext signing_;
    std::vector<rvm_crypto> primitives_;
    std::vector<rvm_syscall> syscalls_;
    sdk::Contributions items_;
};

constexpr rvm_descriptor descriptor = sdk::describe(
    {.id = RVM_PLUGIN_ID,
     .version = RVM_PLUGIN_VERSION,
     .name = "Cryptography",
     .vendor = "rvm",
     .license = "MIT",
     .description =
         "Hashes, keyed and password functions, ciphers, signatures, modular powers, pairing-friendly curves",
     .provides = provides});

} // namespace

RVM_PLUGIN(CryptoPlugin, descriptor);
