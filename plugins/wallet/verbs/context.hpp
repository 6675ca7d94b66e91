// What a verb works with: the program's streams and the primitives.
#pragma once

#include <rvm/plugin.h>

#include "base/json.hpp"
#include "base/primitives.hpp"

namespace rvm::wallet {

/// Messages, transactions, signatures: none is larger.
inline constexpr std::size_t most_input_bytes = 16u << 20u;

class Context {
  public:
    Context(const rvm_command_io& io, const Primitives& primitives) : io_(io), primitives_(primitives) {}

    [[nodiscard]] const Primitives& primitives() const noexcept { return primitives_; }
    [[nodiscard]] bool json() const noexcept { return (io_.flags & RVM_IO_JSON) != 0; }

    void out(std::string_view text) const { write(RVM_IO_OUT, text); }
    void error(std::string_view text) const { write(RVM_IO_ERROR, text); }
    /// The answer: one line of text for people, or the document with --json.
    void answer(std::string_view text, const Json& document) const;

    /// A file, or standard input for "-". Throws Unreadable.
    [[nodiscard]] Secret read(const std::string& file) const;
    /// Into `file` (which is no secret: a signature, a transaction), or to standard output when nullptr.
    void give(const std::string* file, std::string_view text, const Json& document) const;

    [[nodiscard]] bool interrupted() const { return io_.cancelled != nullptr && io_.cancelled(io_.ctx) != 0; }

  private:
    void write(std::uint32_t stream, std::string_view text) const;

    const rvm_command_io& io_;
    const Primitives& primitives_;
};

} // namespace rvm::wallet
