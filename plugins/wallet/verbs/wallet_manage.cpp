// rvm wallet new, import, list, address, derive, export, remove.
#include <algorithm>

#include "base/address.hpp"
#include "base/error.hpp"
#include "hex/hex.hpp"
#include "keystore/keystore.hpp"
#include "mnemonic/mnemonic.hpp"
#include "verbs/keys.hpp"
#include "verbs/password.hpp"
#include "verbs/verbs.hpp"

namespace rvm::wallet {
namespace {

const WordList& list_from(const Options& options) {
    const std::string* name = options.find("language");
    const WordList* list = WordList::named(name != nullptr ? *name : "english");
    if (list != nullptr) return *list;
    std::string names;
    for (const WordList& known : WordList::all()) {
        names += (names.empty() ? "" : ", ") + std::string(known.name());
    }
    throw UsageError("--language: expected one of " + names);
}

Secret passphrase_from(const Context& context, const Options& options) {
    const std::string* file = options.find("passphrase-file");
    if (file == nullptr) return {};
    const Secret content = context.read(*file);
    const std::size_t end = std::min(content.text().find('\n'), content.size());
    return Secret::copy_of(content.part(0, end)); // blanks belong to it
}

std::optional<std::string> address_text(const Entry& entry, const std::optional<Path>& path,
                                        const Primitives& primitives) {
    if (entry.kind != EntryKind::mnemonic && entry.kind != EntryKind::secp256k1) return std::nullopt;
    const Secret secret = secret_at(entry, Scheme::raw, path, primitives);
    return checksummed(address_of_key(primitives.run(Primitive::secp256k1_key, {secret})));
}

Curve curve_from(const Options& options) {
    const std::string* name = options.find("curve");
    if (name == nullptr) return Curve::secp256k1;
    for (const Curve curve : {Curve::secp256k1, Curve::secp256r1, Curve::ed25519, Curve::x25519}) {
        if (*name == name_of(curve)) return curve;
    }
    throw UsageError("--curve: expected secp256k1, secp256r1, ed25519 or x25519, found \"" + *name + "\"");
}

/// One line about an entry, its first address included.
void report(const Context& context, const Entry& entry, const char* done) {
    const auto address = address_text(entry, std::nullopt, context.primitives());
    Json document = {{"name", entry.name}, {"kind", name_of(entry.kind)}};
    if (address) document["address"] = *address;
    context.answer(entry.name + " (" + name_of(entry.kind) + ") " + done + (address ? ": " + *address : "") + "\n",
                   document);
}

Entry imported_key(const Context& context, const Options& options) {
    const std::string* kind = options.find("kind");
    Entry entry;
    Scheme scheme = Scheme::raw;
    if (kind == nullptr || *kind == "secp256k1") {
        entry.kind = EntryKind::secp256k1;
    } else if (*kind == "ed25519") {
        entry.kind = EntryKind::ed25519;
        scheme = Scheme::ed25519;
    } else if (*kind == "bls") {
        entry.kind = EntryKind::bls;
        scheme = Scheme::bls;
    } else {
        throw UsageError("--kind: expected secp256k1, ed25519 or bls, found \"" + *kind + "\"");
    }
    const std::string& file = options.need("key-file");
    entry.secret = read_key(context.read(file), file);
    static_cast<void>(key_of(scheme, entry.secret, context.primitives())); // refuses what is no secret
    return entry;
}

Entry imported_phrase(const Context& context, const Options& options) {
    const WordList* list = options.has("language") ? &list_from(options) : nullptr;
    Mnemonic mnemonic = read_phrase(context.read(options.need("phrase-file")), list, context.primitives());
    Entry entry;
    entry.kind = EntryKind::mnemonic;
    entry.language = mnemonic.list->name();
    entry.secret = std::move(mnemonic.entropy);
    entry.passphrase = passphrase_from(context, options);
    return entry;
}

Entry imported_keystore(const Context& context, const Options& options) {
    const std::string& file = options.need("keystore");
    const Secret json = context.read(file);
    const Secret password = read_password(options.find("keystore-password-file"), "Password of " + file, false);
    Entry entry;
    entry.kind = EntryKind::secp256k1;
    entry.secret = read_keystore(json.text(), password, context.primitives());
    return entry;
}

} // namespace

std::int32_t wallet_new(Context& context, const Words& words) {
    const Options options(
        words, {"wallet", "password-file", "words", "language", "passphrase-file", "passes", "memory"}, {"weak"});
    options.expect_words({"NAME"});
    const std::uint64_t count = options.number("words", 24, 12, 24);
    if (count % 3 != 0) throw UsageError("--words: expected 12, 15, 18, 21 or 24");
    check_name(options.words()[0]);
    Entry entry;
    entry.name = options.words()[0];
    entry.kind = EntryKind::mnemonic;
    entry.language = list_from(options).name();
    entry.secret = random_secret(static_cast<std::size_t>(count) / 3 * 4);
    entry.passphrase = passphrase_from(context, options);
    Wallet wallet(context, options, true);
    const std::string name = entry.name;
    wallet.add(std::move(entry));
    wallet.save(context);
    report(context, wallet.entry(name), "made; write its phrase down: `rvm wallet export NAME --phrase`");
    return RVM_EXIT_OK;
}

std::int32_t wallet_import(Context& context, const Words& words) {
    const Options options(words,
                          {"wallet", "password-file", "phrase-file", "language", "passphrase-file", "key-file", "kind",
                           "keystore", "keystore-password-file", "passes", "memory"},
                          {"weak"});
    options.expect_words({"NAME"});
    check_name(options.words()[0]);
    const int sources =
        (options.has("phrase-file") ? 1 : 0) + (options.has("key-file") ? 1 : 0) + (options.has("keystore") ? 1 : 0);
    if (sources != 1) throw UsageError("expected one of --phrase-file FILE, --key-file FILE and --keystore FILE");
    Entry entry = options.has("phrase-file") ? imported_phrase(context, options)
                  : options.has("key-file")  ? imported_key(context, options)
                                             : imported_keystore(context, options);
    entry.name = options.words()[0];
    Wallet wallet(context, options, true);
    const std::string name = entry.name;
    wallet.add(std::move(entry));
    wallet.save(context);
    report(context, wallet.entry(name), "imported");
    return RVM_EXIT_OK;
}

std::int32_t wallet_list(Context& context, const Words& words) {
    const Options options(words, {"wallet", "password-file"}, {});
    options.expect_words({});
    const Wallet wallet(context, options, false);
    Json list = Json::array();
    std::string text;
    for (const Entry& entry : wallet.entries()) {
        const auto address = address_text(entry, std::nullopt, context.primitives());
        Json item = {{"name", entry.name}, {"kind", name_of(entry.kind)}};
        if (address) item["address"] = *address;
        list.push_back(std::move(item));
        text += entry.name + "  " + name_of(entry.kind) + (address ? "  " + *address : "") + "\n";
    }
    context.answer(text, list);
    return RVM_EXIT_OK;
}

std::int32_t wallet_address(Context& context, const Words& words) {
    const Options options(words, {"wallet", "password-file", "path", "index"}, {});
    options.expect_words({"NAME"});
    const Wallet wallet(context, options, false);
    const Entry& entry = wallet.entry(options.words()[0]);
    const auto address = address_text(entry, path_from(options), context.primitives());
    if (!address) throw Refusal("\"" + entry.name + "\" (" + name_of(entry.kind) + ") has no address");
    context.answer(*address + "\n", {{"address", *address}});
    return RVM_EXIT_OK;
}

std::int32_t wallet_derive(Context& context, const Words& words) {
    const Options options(words, {"wallet", "password-file", "path", "index", "curve"}, {});
    options.expect_words({"NAME"});
    const Curve curve = curve_from(options);
    const Wallet wallet(context, options, false);
    const Primitives& primitives = context.primitives();
    const Node node = node_at(wallet.entry(options.words()[0]), curve, path_from(options), primitives);
    const bool padded = curve == Curve::ed25519 || curve == Curve::x25519;
    const Bytes key = Bytes(node.key()).subspan(padded ? 1 : 0);
    Json document = {{"curve", name_of(curve)}, {"key", hex::encode(key)}};
    std::string text = "key      " + hex::encode(key) + "\n";
    if (curve == Curve::secp256k1) {
        const std::string address =
            checksummed(address_of_key(primitives.run(Primitive::secp256k1_key, {node.secret()})));
        const std::string extended(node.without_secret().text(primitives).text()); // public
        document["address"] = address;
        document["xpub"] = extended;
        text += "address  " + address + "\nxpub     " + extended + "\n";
    }
    context.answer(text, document);
    return RVM_EXIT_OK;
}

std::int32_t wallet_export(Context& context, const Words& words) {
    const Options options(
        words, {"wallet", "password-file", "path", "index", "output", "keystore", "keystore-password-file", "n"},
        {"phrase", "key"});
    options.expect_words({"NAME"});
    const int wanted =
        (options.has("phrase") ? 1 : 0) + (options.has("key") ? 1 : 0) + (options.has("keystore") ? 1 : 0);
    if (wanted != 1) throw UsageError("expected one of --phrase, --key and --keystore FILE");
    const Wallet wallet(context, options, false);
    const Entry& entry = wallet.entry(options.words()[0]);
    const Primitives& primitives = context.primitives();
    Secret text;
    if (options.has("phrase")) {
        if (entry.kind != EntryKind::mnemonic) throw Refusal("\"" + entry.name + "\" has no phrase: it is one key");
        const WordList* list = WordList::named(entry.language);
        if (list == nullptr) throw Refusal("\"" + entry.name + "\" has the unknown language " + entry.language);
        text = Secret::join({phrase_of(entry.secret, *list, primitives), bytes_of("\n")});
    } else {
        const Secret secret = entry.kind == EntryKind::mnemonic
                                  ? secret_at(entry, Scheme::raw, path_from(options), primitives)
                                  : Secret::copy_of(entry.secret);
        if (options.has("keystore")) {
            if (entry.kind != EntryKind::mnemonic && entry.kind != EntryKind::secp256k1) {
                throw Refusal("\"" + entry.name + "\": a key file of version 3 holds keys of secp256k1");
            }
            KeystoreCost cost;
            cost.n = options.number("n", cost.n, 2, std::uint64_t{1} << 20u);
            const std::string& file = options.need("keystore");
            const Secret password =
                read_password(options.find("keystore-password-file"), "New password of " + file, true);
            replace_file(file, bytes_of(write_keystore(secret, password, cost, primitives)));
            return RVM_EXIT_OK;
        }
        constexpr char digits[] = "0123456789abcdef";
        text = Secret(2 * secret.size() + 1);
        for (std::size_t i = 0; i < secret.size(); ++i) {
            text.data()[2 * i] = static_cast<std::uint8_t>(digits[secret.data()[i] >> 4u]);
            text.data()[2 * i + 1] = static_cast<std::uint8_t>(digits[secret.data()[i] & 15u]);
        }
        text.data()[2 * secret.size()] = '\n';
    }
    if (const std::string* file = options.find("output"))
        replace_file(*file, text);
    else
        context.out(text.text()); // asked for: this is the one place where a secret is shown
    return RVM_EXIT_OK;
}

std::int32_t wallet_remove(Context& context, const Words& words) {
    const Options options(words, {"wallet", "password-file"}, {});
    options.expect_words({"NAME"});
    Wallet wallet(context, options, false);
    wallet.remove(options.words()[0]);
    wallet.save(context);
    context.answer(options.words()[0] + " removed\n", {{"removed", options.words()[0]}});
    return RVM_EXIT_OK;
}

} // namespace rvm::wallet
