// rvm wallet export: the only way a secret leaves the wallet.
#include <bit>
#include <filesystem>

#include "base/error.hpp"
#include "keystore/keystore.hpp"
#include "mnemonic/mnemonic.hpp"
#include "verbs/keys.hpp"
#include "verbs/password.hpp"
#include "verbs/verbs.hpp"

namespace rvm::wallet {
namespace {

/// Writes a secret where nothing was, or over what is there when that was asked for; no other verb does.
void export_to(const Context& context, const Options& options, const std::string& file, Bytes content) {
    context.check_target(file);
    replace_file(file, content, options.has("force") ? Existing::replace : Existing::keep);
    const std::string& name = options.words()[0];
    context.answer(name + " exported to " + file + "\n", {{"name", name}, {"file", file}});
}

/// Before a password is asked for; writing checks it again.
void check_free(const Options& options) {
    for (const char* target : {"keystore", "output"}) {
        const std::string* file = options.find(target);
        std::error_code failure;
        if (file != nullptr && !options.has("force") && std::filesystem::exists(*file, failure))
            throw Unwritable(*file + ": there is a file already; --force replaces it");
    }
}

Secret phrase_text(const Entry& entry, const Primitives& primitives) {
    if (entry.kind != EntryKind::mnemonic) throw Refusal("\"" + entry.name + "\" has no phrase: it is one key");
    const WordList* list = WordList::named(entry.language);
    if (list == nullptr) throw Refusal("\"" + entry.name + "\" has the unknown language " + entry.language);
    return Secret::join({phrase_of(entry.secret, *list, primitives), bytes_of("\n")});
}

Secret hex_line(Bytes secret) {
    constexpr char digits[] = "0123456789abcdef";
    Secret text(2 * secret.size() + 1);
    for (std::size_t i = 0; i < secret.size(); ++i) {
        text.data()[2 * i] = static_cast<std::uint8_t>(digits[secret[i] >> 4u]);
        text.data()[2 * i + 1] = static_cast<std::uint8_t>(digits[secret[i] & 15u]);
    }
    text.data()[2 * secret.size()] = '\n';
    return text;
}

Secret exported_key(const Entry& entry, const std::optional<Path>& path, const Primitives& primitives) {
    if (entry.kind == EntryKind::mnemonic) return secret_at(entry, Scheme::raw, path, primitives);
    if (path) throw Refusal("\"" + entry.name + "\" is one key: paths are for mnemonics");
    return Secret::copy_of(entry.secret);
}

} // namespace

std::int32_t wallet_export(Context& context, const Words& words) {
    const Options options(
        words, {"wallet", "password-file", "path", "index", "output", "keystore", "keystore-password-file", "n"},
        {"phrase", "key", "force"});
    options.expect_words({"NAME"});
    const int wanted =
        (options.has("phrase") ? 1 : 0) + (options.has("key") ? 1 : 0) + (options.has("keystore") ? 1 : 0);
    if (wanted != 1) throw UsageError("expected one of --phrase, --key and --keystore FILE");
    const std::string* keystore = options.find("keystore");
    const std::string* output = options.find("output");
    if (keystore == nullptr) options.refuse({"keystore-password-file", "n"}, "goes with --keystore");
    if (keystore != nullptr) options.refuse({"output"}, "goes with --phrase and --key");
    if (keystore == nullptr && output == nullptr) options.refuse({"force"}, "goes with --output and --keystore");
    if (options.has("phrase")) options.refuse({"path", "index"}, "goes with --key and --keystore");
    const std::string& name = checked_name(options.words()[0]);
    const auto path = path_from(options);
    KeystoreCost cost;
    cost.n = options.number("n", cost.n, 2, std::uint64_t{1} << 20u);
    if (!std::has_single_bit(cost.n)) throw UsageError("--n: expected a power of two, found " + std::to_string(cost.n));
    check_free(options);

    const Wallet wallet(context, options, Access::read);
    const Entry& entry = wallet.entry(name);
    const Primitives& primitives = context.primitives();
    if (keystore != nullptr) {
        if (entry.kind != EntryKind::mnemonic && entry.kind != EntryKind::secp256k1) {
            throw Refusal("\"" + entry.name + "\": a key file of version 3 holds keys of secp256k1");
        }
        const Secret secret = exported_key(entry, path, primitives);
        const Secret password =
            read_password(context, options.find("keystore-password-file"), "New password of " + *keystore, true);
        export_to(context, options, *keystore, bytes_of(write_keystore(secret, password, cost, primitives)));
        return RVM_EXIT_OK;
    }
    const Secret text =
        options.has("phrase") ? phrase_text(entry, primitives) : hex_line(exported_key(entry, path, primitives));
    if (output != nullptr)
        export_to(context, options, *output, text);
    else
        context.out(text.text()); // asked for: this is the one place where a secret is shown
    return RVM_EXIT_OK;
}

} // namespace rvm::wallet
