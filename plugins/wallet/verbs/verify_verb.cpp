// rvm verify: one detached signature, or a file of many.
#include <algorithm>
#include <thread>

#include "base/address.hpp"
#include "base/error.hpp"
#include "hex/hex.hpp"
#include "sign/batch.hpp"
#include "verbs/keys.hpp"
#include "verbs/verbs.hpp"

namespace rvm::wallet {
namespace {

Scheme scheme_from(const std::string& name, const std::string& what) {
    const auto scheme = scheme_named(name);
    if (!scheme) throw Refusal(what + ": expected one of " + scheme_names() + ", found \"" + name.substr(0, 80) + "\"");
    return *scheme;
}

/// Sizes of a signer that some scheme takes; the scheme itself decides which.
Buffer signer_from(const std::string& text, const std::string& what) {
    auto signer = hex::decode(text);
    if (!signer) throw Refusal(what + ": expected hex digits");
    if (signer->size() == sizeof(rvm_address::bytes)) static_cast<void>(read_address(text, what)); // its checksum
    return std::move(*signer);
}

/// A line of a batch: {"scheme", "key" or "address", "signature", "message"}, all but the scheme in hex.
SignedMessage read_item(std::string_view line, std::size_t number) {
    const std::string what = "line " + std::to_string(number);
    const Json item = parse_json(line, what);
    const char* who = find_member(item, "address") != nullptr ? "address" : "key";
    return {scheme_from(text_of(member(item, "scheme"), "scheme"), what),
            signer_from(text_of(member(item, who), who), what), bytes_from(member(item, "signature"), "signature"),
            bytes_from(member(item, "message"), "message")};
}

std::int32_t verify_batch(Context& context, const Options& options) {
    options.expect_words({});
    const Secret file = context.read(options.need("batch"));
    std::vector<SignedMessage> batch;
    std::string_view rest = file.text();
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        if (end != 0) batch.push_back(read_item(rest.substr(0, end), number));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (batch.empty()) throw Refusal("the batch is empty");
    constexpr std::uint64_t most_threads = 256;
    const auto threads = static_cast<unsigned>(
        options.number("threads", std::max(1u, std::thread::hardware_concurrency()), 1, most_threads));
    const std::vector<bool> valid = verify_all(batch, threads, context.primitives());
    Json invalid = Json::array();
    std::string text;
    for (std::size_t i = 0; i < valid.size(); ++i) {
        if (valid[i]) continue;
        invalid.push_back(i + 1);
        text += "signature " + std::to_string(i + 1) + " is not valid\n";
    }
    text +=
        std::to_string(valid.size() - invalid.size()) + " valid, " + std::to_string(invalid.size()) + " not valid\n";
    context.answer(text, {{"signatures", valid.size()}, {"invalid", invalid}});
    return invalid.empty() ? RVM_EXIT_OK : RVM_EXIT_TRAPPED;
}

} // namespace

std::int32_t verify_verb(Context& context, const Words& words) {
    const Options options(words, {"scheme", "key", "address", "signature", "batch", "threads"}, {});
    if (options.has("batch")) return verify_batch(context, options);
    options.expect_words({"FILE"});
    const auto scheme = scheme_named(options.need("scheme"));
    if (!scheme)
        throw UsageError("--scheme: expected one of " + scheme_names() + ", found \"" + options.need("scheme") + "\"");
    if (options.has("key") == options.has("address")) throw UsageError("expected --key HEX or --address ADDRESS");
    const char* who = options.has("key") ? "key" : "address";
    const Buffer signer = signer_from(options.need(who), who);
    if (options.has("address") && signer.size() != sizeof(rvm_address::bytes)) {
        throw UsageError("--address: expected 40 hex digits");
    }
    const auto signature = hex::decode(trimmed(context.read(options.need("signature"))).text());
    if (!signature) throw Refusal(options.need("signature") + ": expected a signature in hex");
    const Secret message = context.read(options.words()[0]);
    const bool valid = verify(*scheme, signer, *signature, message, context.primitives());
    Json document = {{"valid", valid}};
    std::string text = valid ? "the signature is valid\n" : "the signature is NOT valid\n";
    if (const auto by = valid ? std::nullopt : recover(*scheme, *signature, message, context.primitives())) {
        document["signer"] = checksummed(*by);
        text += "it was made by " + checksummed(*by) + ", or the message is another\n";
    }
    context.answer(text, document);
    return valid ? RVM_EXIT_OK : RVM_EXIT_TRAPPED;
}

} // namespace rvm::wallet
