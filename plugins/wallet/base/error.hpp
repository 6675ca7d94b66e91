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

/// The user ended what was being done.
class Interrupted : public Error {
  public:
    explicit Interrupted(const std::string& text) : Error(Fault::command_line, "interrupted: " + text) {}
};

/// What `body` returns; what it refuses is refused with the place in front.
template <class Body>
auto at_place(const std::string& place, Body body) -> decltype(body()) {
    try {
        return body();
    } catch (const Refusal& refusal) {
        throw Refusal(place + ": " + refusal.what());
    }
}

/// The same of what stands on the command line: refused as such.
template <class Body>
auto at_option(const std::string& option, Body body) -> decltype(body()) {
    try {
        return body();
    } catch (const Refusal& refusal) {
        throw UsageError(option + ": " + refusal.what());
    }
}

} // namespace rvm::wallet
