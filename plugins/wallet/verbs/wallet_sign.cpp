// rvm wallet sign-tx, sign-authorization, sign-message, sign-typed.
#include <algorithm>

#include "base/address.hpp"
#include "base/error.hpp"
#include "hex/hex.hpp"
#include "keccak/keccak.hpp"
#include "transaction/signing.hpp"
#include "typed/typed_data.hpp"
#include "verbs/keys.hpp"
#include "verbs/verbs.hpp"

namespace rvm::wallet {
namespace {

void describe_typed_data(const std::string& file, const Buffer& message, Json& document) {
    const std::string_view text(reinterpret_cast<const char*>(message.data()), message.size());
    const TypedDataParts parts = at_place(place_of(file), [&] { return typed_data_parts(text); });
    document["type"] = parts.type;
    document["domainHash"] = hex::encode(parts.domain);
    if (parts.message) document["messageHash"] = hex::encode(*parts.message);
    document["digest"] = hex::encode(typed_data_digest(text));
}

/// The message is read first: nobody types a password for a file that is missing.
std::int32_t sign_file(Context& context, const Words& words, Scheme scheme) {
    const Options options(words, {"wallet", "password-file", "path", "index", "output"}, {});
    options.expect_words({"NAME", "FILE"});
    const std::string& name = checked_name(options.words()[0]);
    const std::string& file = options.words()[1];
    const auto path = path_from(options);
    const Buffer message = read_signed(context, file, scheme);
    Json document = {{"scheme", name_of(scheme)}};
    if (scheme == Scheme::eip712) describe_typed_data(file, message, document);
    const Wallet wallet(context, options, Access::read);
    const Secret secret = secret_at(wallet.entry(name), scheme, path, context.primitives());
    const std::string signature = hex::encode(sign(scheme, secret, message, context.primitives()));
    document["signature"] = signature;
    document["address"] = checksummed(address_of_key(context.primitives().run(Primitive::secp256k1_key, {secret})));
    context.give(options.find("output"), signature + "\n", document);
    return RVM_EXIT_OK;
}

} // namespace

std::int32_t wallet_sign_message(Context& context, const Words& words) {
    return sign_file(context, words, Scheme::eip191);
}
std::int32_t wallet_sign_typed(Context& context, const Words& words) {
    return sign_file(context, words, Scheme::eip712);
}

std::int32_t wallet_sign_tx(Context& context, const Words& words) {
    const Options options(words, {"wallet", "password-file", "path", "index", "output"}, {"unprotected"});
    options.expect_words({"NAME", "FILE"});
    const std::string& name = checked_name(options.words()[0]);
    const std::string& file = options.words()[1];
    const auto path = path_from(options);
    const Secret text = context.read(file);
    TransactionRequest request =
        at_place(place_of(file), [&] { return read_transaction(text.text(), options.has("unprotected")); });
    const Wallet wallet(context, options, Access::read);
    const Primitives& primitives = context.primitives();
    const Secret secret = secret_at(wallet.entry(name), Scheme::raw, path, primitives);
    const rvm_address from = address_of_key(primitives.run(Primitive::secp256k1_key, {secret}));
    if (request.from && !std::ranges::equal(request.from->bytes, from.bytes)) {
        throw Refusal(place_of(file) + ": \"from\": the transaction wants " + checksummed(*request.from) +
                      ", the key is that of " + checksummed(from));
    }
    sign_transaction(request.tx, secret, primitives);
    const Buffer encoded = encoded_transaction(request.tx);
    const std::string raw = hex::encode(encoded);
    context.give(options.find("output"), raw + "\n",
                 {{"raw", raw}, {"hash", hex::encode(keccak::keccak256(encoded))}, {"from", checksummed(from)}});
    return RVM_EXIT_OK;
}

std::int32_t wallet_sign_authorization(Context& context, const Words& words) {
    const Options options(words, {"wallet", "password-file", "path", "index", "output"}, {});
    options.expect_words({"NAME", "FILE"});
    const std::string& name = checked_name(options.words()[0]);
    const std::string& file = options.words()[1];
    const auto path = path_from(options);
    const Secret text = context.read(file);
    Authorization authorization = at_place(place_of(file), [&] { return read_authorization(text.text()); });
    const Wallet wallet(context, options, Access::read);
    const Secret secret = secret_at(wallet.entry(name), Scheme::raw, path, context.primitives());
    sign_authorization(authorization, secret, context.primitives());
    Json document = authorization_json(authorization);
    context.give(options.find("output"), document.dump() + "\n", document);
    return RVM_EXIT_OK;
}

} // namespace rvm::wallet
