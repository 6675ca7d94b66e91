// Who may have what signed: the plugin's configuration.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rvm/plugin.h>

#include "derive/path.hpp"
#include "sign/scheme.hpp"

namespace rvm::wallet {

/// One key that programs may use.
struct KeyPolicy {
    std::string id;                   ///< how programs name it
    std::string entry;                ///< of the wallet
    std::optional<Path> path;         ///< below a mnemonic
    Scheme form = Scheme::eip191;     ///< the one form of payload it signs
    std::vector<rvm_address> callers; ///< programs that may ask; nobody else may
    std::uint64_t most = 0;           ///< signatures a run
};

struct SignerPolicy {
    std::string wallet;
    std::string password_file;
    std::vector<KeyPolicy> keys; ///< empty: nothing is signed

    [[nodiscard]] const KeyPolicy* find(std::string_view id) const noexcept;
};

/// Reads a configuration that satisfies config.schema.json. Throws Refusal for what the schema cannot say: an address,
/// a path or a form that is none, two keys of one id, keys without a wallet.
[[nodiscard]] SignerPolicy read_policy(std::string_view json);

} // namespace rvm::wallet
