// Value types (core specification 2.3): numbers, vectors, references.
#pragma once

#include <cstdint>
#include <string>

namespace rvm::wasm {

/// What a reference may point to, when it is not a function type of the module.
enum class HeapKind : std::uint8_t { func = 0x70, extern_ = 0x6f, exn = 0x69 };

/// A value type in 32 bits. Two types of one module are equal exactly when their bits are: type indices inside are
/// replaced by the first index of an equal type when the type section is read.
class ValueType {
  public:
    constexpr ValueType() = default; ///< bottom: the type of a value in unreachable code, a subtype of every type

    static constexpr std::uint32_t index_limit = 0xffff00; ///< type indices stay below

    [[nodiscard]] static constexpr ValueType reference(HeapKind heap, bool nullable) noexcept {
        return ValueType(kind_reference(nullable) | (index_limit | static_cast<std::uint32_t>(heap)) << 8);
    }
    [[nodiscard]] static constexpr ValueType reference(std::uint32_t type_index, bool nullable) noexcept {
        return ValueType(kind_reference(nullable) | type_index << 8);
    }
    /// From the byte that encodes it, i32 to v128, funcref, externref, exnref; bottom when it is another byte.
    [[nodiscard]] static constexpr ValueType from_byte(std::uint8_t byte) noexcept {
        if (byte >= 0x7b && byte <= 0x7f) return ValueType(byte);
        if (byte == 0x70 || byte == 0x6f || byte == 0x69) return reference(static_cast<HeapKind>(byte), true);
        return {};
    }

    [[nodiscard]] constexpr std::uint8_t kind() const noexcept { return static_cast<std::uint8_t>(bits_); }
    [[nodiscard]] constexpr bool is_bottom() const noexcept { return bits_ == 0; }
    [[nodiscard]] constexpr bool is_reference() const noexcept { return kind() == ref || kind() == ref_null; }
    [[nodiscard]] constexpr bool is_vector() const noexcept { return kind() == 0x7b; }
    [[nodiscard]] constexpr bool is_number() const noexcept { return kind() >= 0x7c; }
    [[nodiscard]] constexpr bool nullable() const noexcept { return kind() == ref_null; }
    /// References only: whether it names a function type of the module, and which.
    [[nodiscard]] constexpr bool has_index() const noexcept { return is_reference() && (bits_ >> 8) < index_limit; }
    [[nodiscard]] constexpr std::uint32_t index() const noexcept { return bits_ >> 8; }
    [[nodiscard]] constexpr HeapKind heap() const noexcept { return static_cast<HeapKind>(bits_ >> 8 & 0xff); }
    [[nodiscard]] constexpr ValueType as_non_null() const noexcept {
        return is_reference() ? ValueType((bits_ & ~0xffu) | ref) : *this;
    }
    [[nodiscard]] constexpr ValueType as_nullable() const noexcept {
        return is_reference() ? ValueType((bits_ & ~0xffu) | ref_null) : *this;
    }
    /// A local of this type needs no first assignment: it has a default.
    [[nodiscard]] constexpr bool has_default() const noexcept { return kind() != ref; }
    /// 8-byte cells a value takes in a frame.
    [[nodiscard]] constexpr std::uint32_t cells() const noexcept { return is_vector() ? 2 : 1; }
    [[nodiscard]] constexpr std::uint32_t bits() const noexcept { return bits_; }
    [[nodiscard]] constexpr bool operator==(const ValueType&) const noexcept = default;

    /// As the text format writes it: "i32", "funcref", "(ref null 3)".
    [[nodiscard]] std::string text() const;

  private:
    static constexpr std::uint8_t ref = 0x64;
    static constexpr std::uint8_t ref_null = 0x63;
    static constexpr std::uint32_t kind_reference(bool nullable) noexcept { return nullable ? ref_null : ref; }
    explicit constexpr ValueType(std::uint32_t bits) noexcept : bits_(bits) {}
    std::uint32_t bits_ = 0;
};

inline constexpr ValueType i32 = ValueType::from_byte(0x7f);
inline constexpr ValueType i64 = ValueType::from_byte(0x7e);
inline constexpr ValueType f32 = ValueType::from_byte(0x7d);
inline constexpr ValueType f64 = ValueType::from_byte(0x7c);
inline constexpr ValueType v128 = ValueType::from_byte(0x7b);
inline constexpr ValueType funcref = ValueType::reference(HeapKind::func, true);
inline constexpr ValueType externref = ValueType::reference(HeapKind::extern_, true);
inline constexpr ValueType exnref = ValueType::reference(HeapKind::exn, true);

/// Whether a value of type `sub` may stand where `super` is asked for (core specification 3.3.3, function types final).
[[nodiscard]] constexpr bool matches(ValueType sub, ValueType super) noexcept {
    if (sub == super || sub.is_bottom()) return true;
    if (!sub.is_reference() || !super.is_reference()) return false;
    if (sub.nullable() && !super.nullable()) return false;
    if (sub.as_nullable() == super.as_nullable()) return true;
    return sub.has_index() && !super.has_index() && super.heap() == HeapKind::func;
}

} // namespace rvm::wasm
