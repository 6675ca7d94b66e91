// Where a verb's key comes from: an entry of a wallet, or a file with one secret.
#pragma once

#include "store/entry_keys.hpp"
#include "store/file.hpp"
#include "store/wallet_file.hpp"
#include "verbs/context.hpp"
#include "verbs/options.hpp"

namespace rvm::wallet {

/// What a verb does with a wallet. Files are replaced as a whole, so reading takes no lock and leaves no trace.
enum class Access : std::uint8_t {
    read,
    change,
    create, ///< a change; a missing file is an empty wallet whose password is asked for twice
};

/// A wallet that is open; one to change stays locked against other writers until it goes.
class Wallet {
  public:
    /// `--wallet FILE` (else $XDG_DATA_HOME/rvm/wallet, ~/.local/share/rvm/wallet) and `--password-file FILE`.
    Wallet(const Context& context, const Options& options, Access access);

    [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return wallet_.entries; }
    /// Throws Refusal: there is none.
    [[nodiscard]] const Entry& entry(const std::string& name) const;
    /// Throws Refusal: the name is taken, or none.
    void add(Entry entry);
    void remove(const std::string& name);
    /// Seals and replaces the file.
    void save(const Context& context);
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

  private:
    std::string path_;
    std::optional<FileLock> lock_;
    OpenWallet wallet_;
    Secret password_;
};

/// `--path P`, or that of `--index N` (default_path()) on the curve; nullopt: neither is there. Throws UsageError when
/// both are, or the path is none.
[[nodiscard]] std::optional<Path> path_from(const Options& options, Curve curve = Curve::secp256k1);

/// What is signed in the scheme, from a file or "-".
[[nodiscard]] Buffer read_signed(const Context& context, const std::string& file, Scheme scheme);

/// 32 bytes, or their 64 hex digits with white space around them.
[[nodiscard]] Secret read_key(const Secret& content, const std::string& what);

/// A name of an entry from the command line, as it is. Throws UsageError: check_name() refuses it.
[[nodiscard]] const std::string& checked_name(const std::string& name);

/// White space at both ends removed.
[[nodiscard]] Secret trimmed(const Secret& text);

} // namespace rvm::wallet
