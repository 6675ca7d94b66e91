// Signatures for programs: what the syscall wallet.sign does.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/primitives.hpp"
#include "signer/policy.hpp"

namespace rvm::wallet {

/// Keeps the secrets of the policy's keys: once open it needs no file, so a process may be confined. Any thread. A run
/// is the life of this object: one start of the program, whichever executions it serves.
class Signer {
  public:
    /// `warn` gets a line for the operator whenever something is refused; never a payload.
    Signer(SignerPolicy policy, std::function<void(const std::string&)> warn);
    ~Signer();
    Signer(const Signer&) = delete;
    Signer& operator=(const Signer&) = delete;

    /// Reads the secret of each key; once, before sign(). Throws Error that names the file or the key and the cause: a
    /// file that is missing or open to others, a wrong password, no such entry, a kind that the form does not fit.
    void open(const Primitives& primitives);

    /// Input: id size[1] id payload; output: the signature as sign() makes it. RVM_TRAP_ILLEGAL: the policy does not
    /// permit it (no such key, another caller, code of another account); RVM_TRAP_LIMIT: the key's count is used up, or
    /// there is no room; RVM_TRAP_CRYPTO: the payload has not the key's form.
    [[nodiscard]] rvm_status sign(const rvm_frame& frame, rvm_view input, rvm_span output, std::uint64_t* size,
                                  const Primitives& primitives);

  private:
    struct Key;

    SignerPolicy policy_;
    std::function<void(const std::string&)> warn_;
    std::vector<std::unique_ptr<Key>> keys_; ///< as many as the policy has, once open
};

} // namespace rvm::wallet
