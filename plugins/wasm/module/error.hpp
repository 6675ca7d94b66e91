// Why a module is refused. Thrown by decoder, validator and translator, caught where they are entered.
#pragma once

#include <cstdint>
#include <exception>
#include <string>

namespace rvm::wasm {

class ModuleError : public std::exception {
  public:
    enum class Kind : std::uint8_t {
        malformed, ///< the bytes are no module (core specification 5)
        invalid,   ///< the module breaks a rule of validation (3)
        limit,     ///< the module is larger than the rules allow
        link,      ///< an import is missing or of another type
    };

    /// `offset`: byte of the module where it was noticed.
    ModuleError(Kind kind, std::uint64_t offset, const std::string& what)
        : kind_(kind), offset_(offset), text_("at byte " + std::to_string(offset) + ": " + what) {}

    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }
    [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

  private:
    Kind kind_;
    std::uint64_t offset_;
    std::string text_;
};

[[noreturn]] inline void malformed(std::uint64_t offset, const std::string& what) {
    throw ModuleError(ModuleError::Kind::malformed, offset, what);
}
[[noreturn]] inline void invalid(std::uint64_t offset, const std::string& what) {
    throw ModuleError(ModuleError::Kind::invalid, offset, what);
}
[[noreturn]] inline void over_limit(std::uint64_t offset, const std::string& what, std::uint64_t limit) {
    throw ModuleError(ModuleError::Kind::limit, offset, what + ", the limit is " + std::to_string(limit));
}

} // namespace rvm::wasm
