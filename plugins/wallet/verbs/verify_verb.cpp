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

Scheme scheme_from(const std::string& name) {
    const auto scheme = scheme_named(name);
    if (!scheme)
        throw Refusal("\"scheme\": expected one of " + scheme_names() + ", found \"" + name.substr(0, 80) + "\"");
    return *scheme;
}

/// Sizes of a signer that some scheme takes; the scheme itself decides which.
Buffer signer_from(const std::string& text) {
    auto signer = hex::decode(text);
    if (!signer) throw Refusal("expected hex digits, found \"" + text.substr(0, 80) + "\"");
    if (signer->size() == sizeof(rvm_address::bytes))
        static_cast<void>(read_address(text, "the address")); // its checksum
    return std::move(*signer);
}

/// A line of a batch: {"scheme", "key" or "address", "signature", "message"}, all but the scheme in hex.
SignedMessage read_item(std::string_view line, std::size_t number) {
    const std::string place = "line " + std::to_string(number);
    const Json item = parse_json(line, place);
    return at_place(place, [&]() -> SignedMessage {
        const Scheme scheme = scheme_from(text_of(member(item, "scheme"), "scheme"));
        const char* who = find_member(item, "address") != nullptr ? "address" : "key";
        Buffer signer = at_place(std::string("\"") + who + "\"", [&] {
            Buffer bytes = signer_from(text_of(member(item, who), who));
            check_signer(scheme, bytes);
            return bytes;
        });
        return {scheme, std::move(signer), bytes_from(member(item, "signature"), "signature"),
                bytes_from(member(item, "message"), "message")};
    });
}

std::int32_t verify_batch(Context& context, const Options& options) {
    options.expect_words({});
    options.refuse({"scheme", "key", "address", "signature"}, "does not go with --batch: each line has its own");
    const std::string& name = options.need("batch");
    constexpr std::uint64_t most_threads = 256;
    const auto threads = static_cast<unsigned>(
        options.number("threads", std::max(1u, std::thread::hardware_concurrency()), 1, most_threads));
    const Buffer file = context.read_message(name);
    std::vector<SignedMessage> batch;
    std::vector<std::size_t> lines; // of each; lines may be blank
    std::string_view rest(reinterpret_cast<const char*>(file.data()), file.size());
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        if (rest.substr(0, end).find_first_not_of(" \t\r") != std::string_view::npos) {
            batch.push_back(at_place(place_of(name), [&] { return read_item(rest.substr(0, end), number); }));
            lines.push_back(number);
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (batch.empty()) throw Refusal(place_of(name) + ": expected a signature or more, found none");
    const std::vector<bool> valid = verify_all(batch, threads, context.primitives());
    Json invalid = Json::array();
    Json invalid_lines = Json::array();
    std::string text;
    for (std::size_t i = 0; i < valid.size(); ++i) {
        if (valid[i]) continue;
        invalid.push_back(i + 1);
        invalid_lines.push_back(lines[i]);
        text += "signature " + std::to_string(i + 1) + " (line " + std::to_string(lines[i]) + ") is not valid\n";
    }
    text +=
        std::to_string(valid.size() - invalid.size()) + " valid, " + std::to_string(invalid.size()) + " not valid\n";
    context.answer(text, {{"signatures", valid.size()}, {"invalid", invalid}, {"invalid_lines", invalid_lines}});
    return invalid.empty() ? RVM_EXIT_OK : RVM_EXIT_TRAPPED;
}

} // namespace

std::int32_t verify_verb(Context& context, const Words& words) {
    const Options options(words, {"scheme", "key", "address", "signature", "batch", "threads"}, {});
    if (options.has("batch")) return verify_batch(context, options);
    options.refuse({"threads"}, "goes with --batch");
    options.expect_words({"FILE"});
    const auto scheme = scheme_named(options.need("scheme"));
    if (!scheme)
        throw UsageError("--scheme: expected one of " + scheme_names() + ", found \"" + options.need("scheme") + "\"");
    if (options.has("key") == options.has("address")) throw UsageError("expected --key HEX or --address ADDRESS");
    const char* who = options.has("key") ? "key" : "address";
    const Buffer signer = at_option(std::string("--") + who, [&] {
        Buffer bytes = signer_from(options.need(who));
        if (options.has("address") && bytes.size() != sizeof(rvm_address::bytes)) {
            throw Refusal("expected 40 hex digits, found " + std::to_string(2 * bytes.size()));
        }
        check_signer(*scheme, bytes);
        return bytes;
    });
    const std::string& file = options.need("signature");
    const auto signature = hex::decode(trimmed(context.read(file)).text());
    if (!signature) throw Refusal(place_of(file) + ": expected a signature in hex digits");
    at_place(place_of(file), [&] { check_signature(*scheme, *signature); });
    const std::string& signed_file = options.words()[0];
    const Buffer message = read_signed(context, signed_file, *scheme);
    const bool valid = at_place(place_of(signed_file),
                                [&] { return verify(*scheme, signer, *signature, message, context.primitives()); });
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
