// Why a verb of a plugin does not do what it was asked.
#ifndef RVM_VERB_ERROR_HPP
#define RVM_VERB_ERROR_HPP

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace rvm::verb {

/// What went wrong. Each stands for a code of the one registry (`rvm explain CODE`) and that code's exit status.
enum class Fault : std::uint8_t {
    command_line, ///< RVM-U01, 2
    unreadable,   ///< RVM-U02, 2: a file or standard input
    malformed,    ///< RVM-U03, 2: an input is not what the verb takes
    unwritable,   ///< RVM-U04, 2: a result
    refused,      ///< RVM-U05, 1: an input is what the verb takes, and does not hold
    trapped,      ///< RVM-P02, 1: the program
    unprovided,   ///< RVM-D01, 78: the deployment lacks what the verb needs
    store,        ///< RVM-R04, 78: the store cannot be opened or read
    internal,     ///< RVM-X01, 70
};

[[nodiscard]] std::string_view code_of(Fault fault) noexcept;
[[nodiscard]] std::int32_t exit_of(Fault fault) noexcept;

/// Ends the verb. The text is for people: what, where, expected, found; it never holds a secret.
class Error : public std::runtime_error {
  public:
    Error(Fault fault, const std::string& text) : std::runtime_error(text), fault_(fault) {}
    [[nodiscard]] Fault fault() const noexcept { return fault_; }

  private:
    Fault fault_;
};

/// The command line is wrong.
class UsageError : public Error {
  public:
    explicit UsageError(const std::string& text) : Error(Fault::command_line, text) {}
};

/// A file or folder, or standard input, cannot be read.
class Unreadable : public Error {
  public:
    explicit Unreadable(const std::string& text) : Error(Fault::unreadable, text) {}
};

} // namespace rvm::verb

#endif
