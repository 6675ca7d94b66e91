// Where a verb's key comes from: an entry of a wallet, or a file with one secret.
#pragma once

#include "store/entry_keys.hpp"
#include "store/file.hpp"
#include "store/wallet_file.hpp"
#include "verbs/context.hpp"
#include "verbs/options.hpp"

namespace rvm::wallet {

/// A wallet that is open, and stays locked against other processes until it goes.
class Wallet {
  public:
    /// `--wallet FILE` (else $XDG_DATA_HOME/rvm/wallet, ~/.local/share/rvm/wallet) and `--password-file FILE`.
    /// `create`: a missing file is an empty wallet whose password is asked for twice.
    Wallet(const Context& context, const Options& options, bool create);

    [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return wallet_.entries; }
    /// Throws Refusal: there is none.
    [[nodiscard]] const Entry& entry(const std::string& name) const;
    /// Throws Refusal: the name is taken, or none.
    void add(Entry entry);
    void remove(const std::string& name);
    /// Seals and replaces the file.
    void save(const Context& context);

  private:
    std::string path_;
    FileLock lock_;
    OpenWallet wallet_;
    Secret password_;
};

/// `--path P`, or m/44'/60'/0'/0/N of `--index N`; nullopt: neither is there. Throws UsageError when both are.
[[nodiscard]] std::optional<Path> path_from(const Options& options);

/// 32 bytes, or their 64 hex digits with white space around them.
[[nodiscard]] Secret read_key(const Secret& content, const std::string& what);

/// White space at both ends removed.
[[nodiscard]] Secret trimmed(const Secret& text);

} // namespace rvm::wallet
