// rvm sign: a detached signature of a file.
#include "base/address.hpp"
#include "base/error.hpp"
#include "hex/hex.hpp"
#include "typed/typed_data.hpp"
#include "verbs/keys.hpp"
#include "verbs/verbs.hpp"

namespace rvm::wallet {
namespace {

Secret secret_from(const Context& context, const Options& options, Scheme scheme) {
    const std::string* file = options.find("key-file");
    const std::string* name = options.find("key");
    if ((file == nullptr) == (name == nullptr)) {
        throw UsageError("expected --key NAME (an entry of the wallet) or --key-file FILE");
    }
    if (file != nullptr) {
        options.refuse({"wallet", "password-file", "path", "index"}, "goes with --key");
        Secret secret = read_key(context.read(*file), place_of(*file));
        at_place(place_of(*file),
                 [&] { static_cast<void>(key_of(scheme, secret, context.primitives())); }); // is it a secret?
        return secret;
    }
    static_cast<void>(checked_name(*name));
    const auto path = path_from(options, scheme == Scheme::ed25519 ? Curve::ed25519 : Curve::secp256k1);
    const Wallet wallet(context, options, Access::read);
    return secret_at(wallet.entry(*name), scheme, path, context.primitives());
}

} // namespace

std::int32_t sign_verb(Context& context, const Words& words) {
    const Options options(words, {"scheme", "key", "key-file", "wallet", "password-file", "path", "index", "output"},
                          {"public"});
    const auto scheme = scheme_named(options.need("scheme"));
    if (!scheme)
        throw UsageError("--scheme: expected one of " + scheme_names() + ", found \"" + options.need("scheme") + "\"");
    if (options.has("public"))
        options.expect_words({});
    else
        options.expect_words({"FILE"});
    // The message first: nobody types a password for a file that is missing.
    const Buffer message = options.has("public") ? Buffer{} : read_signed(context, options.words()[0], *scheme);
    const Secret secret = secret_from(context, options, *scheme);
    const std::string key = hex::encode(key_of(*scheme, secret, context.primitives()));
    Json document = {{"scheme", name_of(*scheme)}, {"key", key}};
    if (*scheme <= Scheme::eip712) {
        document["address"] = checksummed(address_of_key(context.primitives().run(Primitive::secp256k1_key, {secret})));
    }
    if (options.has("public")) {
        context.give(options.find("output"), key + "\n", document);
        return RVM_EXIT_OK;
    }
    const std::string signature = hex::encode(
        at_place(place_of(options.words()[0]), [&] { return sign(*scheme, secret, message, context.primitives()); }));
    document["signature"] = signature;
    context.give(options.find("output"), signature + "\n", document);
    return RVM_EXIT_OK;
}

} // namespace rvm::wallet
