// Why something is not done. The text is for people and never holds a secret.
#pragma once

#include <stdexcept>
#include <string>

#include <rvm/plugin.h>

namespace rvm::wallet {

/// `exit` is the verb's exit status.
class Error : public std::runtime_error {
  public:
    Error(int exit, const std::string& text) : std::runtime_error(text), exit_(exit) {}
    [[nodiscard]] int exit() const noexcept { return exit_; }

  private:
    int exit_;
};

/// The command line is wrong, or a file cannot be read.
class UsageError : public Error {
  public:
    explicit UsageError(const std::string& text) : Error(RVM_EXIT_USAGE, text) {}
};

/// The input is read and refused: a wrong password, a mnemonic whose checksum is wrong, a message that is malformed.
class Refusal : public Error {
  public:
    explicit Refusal(const std::string& text) : Error(RVM_EXIT_TRAPPED, text) {}
};

} // namespace rvm::wallet
