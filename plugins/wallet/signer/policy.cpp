#include "signer/policy.hpp"

#include <algorithm>

#include <simdjson.h>

#include "base/address.hpp"
#include "base/error.hpp"

namespace rvm::wallet {
namespace {

// Not base/json.hpp: the host may let any allocation fail while it configures a plugin, and nlohmann's values allocate
// when they are destroyed.
using JsonObject = simdjson::dom::object;

[[noreturn]] void refuse(const std::string& place, const char* why) { throw Refusal(place + ": " + why); }

std::string text_at(JsonObject object, const char* key, const std::string& place) {
    std::string_view text;
    if (object.at_key(key).get(text) != simdjson::SUCCESS) refuse(place, key);
    return std::string(text);
}

KeyPolicy read_key(JsonObject item) {
    KeyPolicy key;
    key.id = text_at(item, "id", "keys: expected a text");
    const std::string place = "keys: \"" + key.id + "\"";
    key.entry = text_at(item, "entry", place);
    std::string_view path;
    if (item.at_key("path").get(path) == simdjson::SUCCESS) key.path = read_path(path);
    const std::string form = text_at(item, "form", place);
    const auto scheme = scheme_named(form);
    if (!scheme) throw Refusal(place + ".form: expected one of " + scheme_names() + ", found \"" + form + "\"");
    key.form = *scheme;
    simdjson::dom::array callers;
    if (item.at_key("callers").get(callers) != simdjson::SUCCESS) refuse(place, "callers are missing");
    for (const simdjson::dom::element caller : callers) {
        std::string_view address;
        if (caller.get(address) != simdjson::SUCCESS) refuse(place, "a caller is no text");
        key.callers.push_back(read_address(address, place + ".callers"));
    }
    if (item.at_key("per_run").get(key.most) != simdjson::SUCCESS) refuse(place, "per_run is missing");
    return key;
}

} // namespace

const KeyPolicy* SignerPolicy::find(std::string_view id) const noexcept {
    const auto found = std::ranges::find(keys, id, &KeyPolicy::id);
    return found == keys.end() ? nullptr : &*found;
}

SignerPolicy read_policy(std::string_view json) {
    simdjson::dom::parser parser;
    JsonObject document;
    const auto parsed = parser.parse(json.data(), json.size()).get(document);
    if (parsed == simdjson::MEMALLOC) throw std::bad_alloc();
    if (parsed != simdjson::SUCCESS) throw Refusal("the configuration: expected a JSON object");
    SignerPolicy policy;
    std::string_view text;
    if (document.at_key("wallet").get(text) == simdjson::SUCCESS) policy.wallet = text;
    if (document.at_key("password_file").get(text) == simdjson::SUCCESS) policy.password_file = text;
    simdjson::dom::array keys;
    if (document.at_key("keys").get(keys) != simdjson::SUCCESS || keys.begin() == keys.end()) return policy;
    for (const std::string* path : {&policy.wallet, &policy.password_file}) {
        if (path->empty() || path->front() != '/') {
            throw Refusal("\"keys\" need \"wallet\" and \"password_file\" as absolute paths");
        }
    }
    for (const simdjson::dom::element item : keys) {
        JsonObject object;
        if (item.get(object) != simdjson::SUCCESS) refuse("keys", "expected objects");
        KeyPolicy key = read_key(object);
        if (key.id.empty() || policy.find(key.id) != nullptr) {
            throw Refusal("keys: \"" + key.id + "\": the id is empty or stands twice");
        }
        policy.keys.push_back(std::move(key));
    }
    return policy;
}

} // namespace rvm::wallet
