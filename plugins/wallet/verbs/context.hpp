// What a verb works with: the program's streams and the primitives.
#pragma once

#include <rvm/plugin.h>

#include "base/json.hpp"
#include "base/primitives.hpp"

namespace rvm::wallet {

/// A message to sign or verify (`rvm sign --help` names the bound).
inline constexpr std::size_t most_message_bytes = 1u << 30u;
/// Keys, phrases, transactions, signatures, JSON documents: none is larger.
inline constexpr std::size_t most_input_bytes = 16u << 20u;

/// What messages call an input.
[[nodiscard]] inline std::string place_of(const std::string& file) { return file == "-" ? "standard input" : file; }

class Context {
  public:
    Context(const rvm_command_io& io, const Primitives& primitives) : io_(io), primitives_(primitives) {}

    [[nodiscard]] const Primitives& primitives() const noexcept { return primitives_; }
    [[nodiscard]] bool json() const noexcept { return (io_.flags & RVM_IO_JSON) != 0; }

    void out(std::string_view text) const { write(RVM_IO_OUT, text); }
    void error(std::string_view text) const { write(RVM_IO_ERROR, text); }
    /// The answer: one line of text for people, or the document with --json.
    void answer(std::string_view text, const Json& document) const;

    /// A file, or standard input for "-", which is read once. Throws Unreadable, UsageError the second time.
    [[nodiscard]] Secret read(const std::string& file, std::size_t most = most_input_bytes) const;
    /// The same of what is no secret, into ordinary memory.
    [[nodiscard]] Buffer read_message(const std::string& file, std::size_t most = most_message_bytes) const;
    /// What the verb reads otherwise, as read() has it: no output replaces it.
    void protect(const std::string& file) const { inputs_.push_back(file); }
    /// Throws Unwritable: the file is an input of this verb, or a wallet. Keys are not lost for a signature.
    void check_target(const std::string& file) const;
    /// Into `file` (which is no secret: a signature, a transaction), or to standard output when nullptr.
    void give(const std::string* file, std::string_view text, const Json& document) const;

    [[nodiscard]] bool interrupted() const { return io_.cancelled != nullptr && io_.cancelled(io_.ctx) != 0; }

  private:
    template <class Memory>
    [[nodiscard]] Memory read_input(std::size_t most) const;
    void write(std::uint32_t stream, std::string_view text) const;

    const rvm_command_io& io_;
    const Primitives& primitives_;
    mutable std::vector<std::string> inputs_; ///< files; "-" is standard input
};

} // namespace rvm::wallet
