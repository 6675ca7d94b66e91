// Why something is not done. The text is for people and never holds a secret.
#pragma once

#include <string>

#include "verb/error.hpp"

namespace rvm::wallet {

using verb::Error;
using verb::Fault;
using verb::Unreadable;
using verb::UsageError;

/// A file cannot be written; what was there before is untouched.
class Unwritable : public Error {
  public:
    explicit Unwritable(const std::string& text) : Error(Fault::unwritable, text) {}
};

/// The input is read and refused: a wrong password, a mnemonic whose checksum is wrong, a message that is malformed.
class Refusal : public Error {
  public:
    explicit Refusal(const std::string& text) : Error(Fault::refused, text) {}
};

} // namespace rvm::wallet
