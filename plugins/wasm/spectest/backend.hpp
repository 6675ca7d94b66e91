// What a specification test asks of an implementation of WebAssembly. The product is one; the tests have another.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "module/value_type.hpp"

namespace rvm::wasm::spectest {

/// A number as its bits; a v128 in both halves; a reference: 0 is null, an externref n is n + 1, others not null.
struct Value {
    ValueType type;
    std::uint64_t low = 0;
    std::uint64_t high = 0;
};

struct Outcome {
    enum class Kind : std::uint8_t { ok, malformed, invalid, unlinkable, trap, exhaustion, exception, missing };
    Kind kind = Kind::ok;
    std::string text; ///< why, unless ok
    [[nodiscard]] bool ok() const noexcept { return kind == Kind::ok; }
};

/// One store: modules, their instances, names under which instances can be imported. The module `spectest` of the
/// specification's tests is registered from the start.
class Backend {
  public:
    Backend() = default;
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;
    virtual ~Backend() = default;

    /// Decodes and validates. *module: a number for instantiate(). The bytes are copied.
    virtual Outcome compile(std::span<const std::uint8_t> bytes, std::uint32_t* module) = 0;
    /// Links and starts. *instance: a number for the functions below. A failed instance keeps what it has written.
    virtual Outcome instantiate(std::uint32_t module, std::uint32_t* instance) = 0;
    virtual void register_as(std::uint32_t instance, std::string_view name) = 0;
    virtual Outcome invoke(std::uint32_t instance, std::string_view function, std::span<const Value> arguments,
                           std::vector<Value>& results) = 0;
    virtual Outcome get(std::uint32_t instance, std::string_view global, Value& result) = 0;
};

} // namespace rvm::wasm::spectest
