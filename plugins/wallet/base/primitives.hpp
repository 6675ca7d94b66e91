// The primitives of other plugins as functions on secrets: inputs are assembled and answers kept in locked memory.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <vector>

#include <rvm/plugin.h>

#include "base/secret.hpp"

namespace rvm::wallet {

enum class Primitive : std::uint8_t {
#define WALLET_PRIMITIVE(name, id, output) name,
#include "base/primitives.def"
#undef WALLET_PRIMITIVE
};

/// One primitive, resolved: a hash or a general one.
struct Resolved {
    rvm_hash_ref hash{};
    rvm_crypto_ref crypto{};
};

/// Whether the primitive is resolved as a hash.
[[nodiscard]] bool is_hash(std::string_view id) noexcept;

/// Immutable once made; any thread.
class Primitives {
  public:
    /// `resolve` answers for each id; throws as it does.
    explicit Primitives(const std::function<Resolved(const char* id)>& resolve);

    /// The answer to the parts one after the other; nullopt: the primitive refuses them as malformed. `output` is the
    /// room for answers that the table gives no size for. Throws std::bad_alloc, and Refusal beyond the primitive's
    /// limits.
    [[nodiscard]] std::optional<Secret> ask(Primitive which, std::initializer_list<Bytes> parts,
                                            std::size_t output = 0) const;
    /// The same where the input is right by construction: throws Refusal naming the primitive.
    [[nodiscard]] Secret run(Primitive which, std::initializer_list<Bytes> parts, std::size_t output = 0) const;
    /// The answer of a verification; what is malformed is not valid.
    [[nodiscard]] bool holds(Primitive which, std::initializer_list<Bytes> parts) const;

  private:
    [[nodiscard]] std::optional<Secret> ask_of(Primitive which, Bytes input, std::size_t output) const;

    static constexpr std::size_t count = 0
#define WALLET_PRIMITIVE(name, id, output) +1
#include "base/primitives.def"
#undef WALLET_PRIMITIVE
        ;
    std::array<Resolved, count> resolved_;
};

/// A size or count inside an input: 4 bytes, big-endian.
class Number {
  public:
    explicit Number(std::uint64_t value) noexcept {
        for (std::size_t i = 0; i < bytes_.size(); ++i) {
            bytes_[i] = static_cast<std::uint8_t>(value >> (8 * (bytes_.size() - 1 - i)));
        }
    }
    operator Bytes() const noexcept { return bytes_; } // NOLINT: a view of itself

  private:
    std::array<std::uint8_t, 4> bytes_{};
};

} // namespace rvm::wallet
