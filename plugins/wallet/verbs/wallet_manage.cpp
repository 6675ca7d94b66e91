// rvm wallet new, import, list, address, derive, remove.
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
    throw UsageError("--language: expected one of " + names + ", found \"" + *name + "\"");
}

Secret passphrase_from(const Context& context, const Options& options) {
    const std::string* file = options.find("passphrase-file");
    if (file == nullptr) return {};
    return first_line(context.read(*file)); // blanks belong to it
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

/// One line about an entry, its first address included; `then` is what is to be done next, a line.
void report(const Context& context, const Entry& entry, const char* done, const std::string& then = {}) {
    const auto address = address_text(entry, std::nullopt, context.primitives());
    Json document = {{"name", entry.name}, {"kind", name_of(entry.kind)}};
    if (address) document["address"] = *address;
    context.answer(entry.name + " (" + name_of(entry.kind) + ") " + done + (address ? ", address " + *address : "") +
                       "\n" + then,
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
    entry.secret = read_key(context.read(file), place_of(file));
    at_place(place_of(file),
             [&] { static_cast<void>(key_of(scheme, entry.secret, context.primitives())); }); // is it a secret?
    return entry;
}

Entry imported_phrase(const Context& context, const Options& options) {
    const WordList* list = options.has("language") ? &list_from(options) : nullptr;
    const std::string& file = options.need("phrase-file");
    const Secret phrase = context.read(file);
    Entry entry;
    entry.kind = EntryKind::mnemonic;
    entry.passphrase = passphrase_from(context, options);
    Mnemonic mnemonic = at_place(place_of(file), [&] { return read_phrase(phrase, list, context.primitives()); });
    entry.language = mnemonic.list->name();
    entry.secret = std::move(mnemonic.entropy);
    return entry;
}

Entry imported_keystore(const Context& context, const Options& options) {
    const std::string& file = options.need("keystore");
    const Secret json = context.read(file);
    const Secret password =
        read_password(context, options.find("keystore-password-file"), "Password of " + file, false);
    Entry entry;
    entry.kind = EntryKind::secp256k1;
    entry.secret = at_place(place_of(file), [&] { return read_keystore(json.text(), password, context.primitives()); });
    return entry;
}

} // namespace

std::int32_t wallet_new(Context& context, const Words& words) {
    const Options options(
        words, {"wallet", "password-file", "words", "language", "passphrase-file", "passes", "memory"}, {"weak"});
    options.expect_words({"NAME"});
    const std::uint64_t count = options.number("words", 24, 12, 24);
    if (count % 3 != 0) throw UsageError("--words: expected 12, 15, 18, 21 or 24, found " + std::to_string(count));
    Entry entry;
    entry.name = checked_name(options.words()[0]);
    entry.kind = EntryKind::mnemonic;
    entry.language = list_from(options).name();
    entry.secret = random_secret(static_cast<std::size_t>(count) / 3 * 4);
    entry.passphrase = passphrase_from(context, options);
    Wallet wallet(context, options, Access::create);
    const std::string name = entry.name;
    wallet.add(std::move(entry));
    wallet.save(context);
    report(context, wallet.entry(name), "made",
           "write its phrase down: `rvm wallet export " + name + " --phrase` shows it\n");
    return RVM_EXIT_OK;
}

std::int32_t wallet_import(Context& context, const Words& words) {
    const Options options(words,
                          {"wallet", "password-file", "phrase-file", "language", "passphrase-file", "key-file", "kind",
                           "keystore", "keystore-password-file", "passes", "memory"},
                          {"weak"});
    options.expect_words({"NAME"});
    const std::string name = checked_name(options.words()[0]);
    const int sources =
        (options.has("phrase-file") ? 1 : 0) + (options.has("key-file") ? 1 : 0) + (options.has("keystore") ? 1 : 0);
    if (sources != 1) throw UsageError("expected one of --phrase-file FILE, --key-file FILE and --keystore FILE");
    if (!options.has("phrase-file")) options.refuse({"language", "passphrase-file"}, "goes with --phrase-file");
    if (!options.has("key-file")) options.refuse({"kind"}, "goes with --key-file");
    if (!options.has("keystore")) options.refuse({"keystore-password-file"}, "goes with --keystore");
    Entry entry = options.has("phrase-file") ? imported_phrase(context, options)
                  : options.has("key-file")  ? imported_key(context, options)
                                             : imported_keystore(context, options);
    entry.name = name;
    Wallet wallet(context, options, Access::create);
    wallet.add(std::move(entry));
    wallet.save(context);
    report(context, wallet.entry(name), "imported");
    return RVM_EXIT_OK;
}

std::int32_t wallet_list(Context& context, const Words& words) {
    const Options options(words, {"wallet", "password-file"}, {});
    options.expect_words({});
    const Wallet wallet(context, options, Access::read);
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
    const std::string& name = checked_name(options.words()[0]);
    const auto path = path_from(options);
    const Wallet wallet(context, options, Access::read);
    const Entry& entry = wallet.entry(name);
    const auto address = address_text(entry, path, context.primitives());
    if (!address) throw Refusal("\"" + entry.name + "\" (" + name_of(entry.kind) + ") has no address");
    context.answer(*address + "\n", {{"address", *address}});
    return RVM_EXIT_OK;
}

std::int32_t wallet_derive(Context& context, const Words& words) {
    const Options options(words, {"wallet", "password-file", "path", "index", "curve"}, {});
    options.expect_words({"NAME"});
    const std::string& name = checked_name(options.words()[0]);
    const Curve curve = curve_from(options);
    const auto path = path_from(options, curve);
    const Wallet wallet(context, options, Access::read);
    const Primitives& primitives = context.primitives();
    const Node node = node_at(wallet.entry(name), curve, path, primitives);
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

std::int32_t wallet_remove(Context& context, const Words& words) {
    const Options options(words, {"wallet", "password-file"}, {});
    options.expect_words({"NAME"});
    const std::string& name = checked_name(options.words()[0]);
    Wallet wallet(context, options, Access::change);
    wallet.remove(name);
    wallet.save(context);
    context.answer(name + " removed\n", {{"removed", name}});
    return RVM_EXIT_OK;
}

} // namespace rvm::wallet
