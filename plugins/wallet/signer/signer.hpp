// Signatures for programs: what the syscall wallet.sign does.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/primitives.hpp"
#include "signer/policy.hpp"

namespace rvm::wallet {

/// Opens the wallet when the first signature is asked for and permitted, and keeps the secrets of the policy's keys.
/// Any thread. A run is the life of this object: one start of the program, whichever executions it serves.
class Signer {
  public:
    /// `warn` gets a line for the operator whenever something is refused; never a payload.
    Signer(SignerPolicy policy, std::function<void(const std::string&)> warn);
    ~Signer();
    Signer(const Signer&) = delete;
    Signer& operator=(const Signer&) = delete;

    /// Input: id size[1] id payload; output: the signature as sign() makes it. RVM_TRAP_ILLEGAL: the policy does not
    /// permit it (no such key, another caller, code of another account); RVM_TRAP_LIMIT: the key's count is used up, or
    /// there is no room; RVM_TRAP_CRYPTO: the payload has not the key's form. RVM_E_CONFIG: the wallet cannot be
    /// opened.
    [[nodiscard]] rvm_status sign(const rvm_frame& frame, rvm_view input, rvm_span output, std::uint64_t* size,
                                  const Primitives& primitives);

  private:
    struct Key;

    /// The secret of each key, opened once; a failure is remembered. Throws Error.
    void open(const Primitives& primitives);

    SignerPolicy policy_;
    std::function<void(const std::string&)> warn_;
    std::mutex lock_;
    std::vector<std::unique_ptr<Key>> keys_; ///< as many as the policy has, once open
    std::string failure_;                    ///< why opening failed
};

} // namespace rvm::wallet
