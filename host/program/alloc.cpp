#include "program/alloc.hpp"

#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/values.hpp"
#include "manifest/json_reader.hpp"
#include "manifest/manifest.hpp"
#include "manifest/names.hpp"
#include "plugin/registry.hpp"

namespace rvm::host {

namespace {

using manifest::JsonContext;
using manifest::JsonValue;
using manifest::Need;
using manifest::ObjectReader;

constexpr std::size_t max_code_text = 2 + 2 * (std::size_t{16} << 20); // as hex digits

[[noreturn]] void fail(const char* message) {
    Report report;
    report.error(ErrorCode::host_failed, {}, {}, message);
    throw Failure(std::move(report));
}

void malformed(JsonContext& context, const std::string& pointer, std::string message, std::string expected,
               const JsonValue& found) {
    context.error(ErrorCode::state_file_malformed, pointer, std::move(message), std::move(expected),
                  manifest::shown(found));
}

std::optional<rvm_u256> read_u256(JsonContext& context, const JsonValue& value, const std::string& pointer) {
    if (const auto* integer = value.integer(); integer != nullptr && !integer->negative)
        return u256_of(integer->magnitude);
    if (const auto* text = value.string()) {
        if (const auto number = parse_u256(*text)) return number;
    }
    malformed(context, pointer, "not a number", "hex (\"0x2a\") or decimal digits, at most 256 bits", value);
    return std::nullopt;
}

/// One account of the file, checked and ready to be written into a world.
struct Account {
    rvm_address address{};
    rvm_u256 balance{};
    std::uint64_t nonce = 0;
    Bytes code;
    std::string format;
    std::vector<std::pair<rvm_u256, rvm_u256>> slots;
    std::string pointer;
};

void read_storage(JsonContext& context, const JsonValue& storage, const std::string& pointer, Account& account) {
    std::set<std::array<std::uint64_t, 4>> seen; // "0x1" and "0x01" are one slot
    for (const manifest::JsonMember& member : *storage.object()) {
        const std::string at = manifest::json_pointer(pointer, member.key);
        const auto key = parse_u256(member.key);
        if (!key) malformed(context, at, "not a storage key", "0x and at most 64 hex digits", JsonValue{member.key});
        const auto value = read_u256(context, member.value, at);
        if (!key || !value) continue;
        if (!seen.insert(std::to_array(key->limbs)).second)
            malformed(context, at, "the slot is listed twice", "each key once", JsonValue{member.key});
        account.slots.emplace_back(*key, *value);
    }
}

std::optional<Account> read_account(JsonContext& context, const std::string& parent, const manifest::JsonMember& member,
                                    StateForm form, Runtime& runtime) {
    Account account;
    account.pointer = manifest::json_pointer(parent, member.key);
    // geth writes the keys of an alloc with and without 0x
    const auto address = parse_address(member.key.starts_with("0x") ? member.key : "0x" + member.key);
    if (!address) {
        malformed(context, account.pointer, "not an address", "0x and 40 hex digits", JsonValue{member.key});
        return std::nullopt;
    }
    account.address = *address;
    ObjectReader reader(context, member.value, account.pointer);
    if (const JsonValue* balance = reader.any("balance", Need::optional))
        account.balance = read_u256(context, *balance, reader.pointer("balance")).value_or(rvm_u256{});
    if (const JsonValue* nonce = reader.any("nonce", Need::optional)) {
        const auto number = read_u256(context, *nonce, reader.pointer("nonce")).value_or(rvm_u256{});
        if ((number.limbs[1] | number.limbs[2] | number.limbs[3]) != 0)
            malformed(context, reader.pointer("nonce"), "the nonce is too large", "at most 2^64-1", *nonce);
        account.nonce = number.limbs[0];
    }
    if (const auto code = reader.text("code", Need::optional, {.least = 0, .most = max_code_text})) {
        if (const auto bytes = from_hex(*code))
            account.code = *bytes;
        else
            malformed(context, reader.pointer("code"), "not code", "an even number of hex digits", JsonValue{*code});
    }
    if (const auto format = reader.text("format", Need::optional,
                                        {.least = 1,
                                         .most = manifest::max_id_bytes,
                                         .valid = manifest::is_id,
                                         .expected = "the id of a format",
                                         .code = ErrorCode::state_file_malformed}))
        account.format = *format;
    if (const JsonValue* storage = reader.object("storage", Need::optional))
        read_storage(context, *storage, reader.pointer("storage"), account);
    if (form == StateForm::alloc_or_genesis) static_cast<void>(reader.any("secretKey", Need::optional));
    reader.finish();

    if (account.code.empty()) return account;
    if (account.format.empty()) account.format = runtime.manifest().pre_state_format;
    Report ambiguous;
    if (account.format.empty())
        account.format = runtime.probe_format({account.code.data(), account.code.size()}, ambiguous);
    if (!ambiguous.ok()) throw Failure(std::move(ambiguous));
    if (account.format.empty())
        malformed(context, account.pointer, "no format recognises the code", "a member \"format\"", JsonValue{});
    else if (runtime.registry().provider(RVM_KIND_FORMAT, account.format) == nullptr)
        context.error(ErrorCode::program_format_missing, reader.pointer("format"),
                      "no plugin runs the code of the account", "a plugin that provides " RVM_KIND_FORMAT ":" + account.format, "none");
    return account;
}

void apply(const Account& account, World& world) {
    rvm_account* handle = world.account(account.address);
    if (!is_zero(account.balance)) world.add_balance(handle, account.balance);
    if (account.nonce != 0) world.set_nonce(handle, account.nonce);
    if (!account.code.empty()) world.set_code(handle, view_of(account.code), account.format.c_str());
    for (const auto& [key, value] : account.slots)
        if (!is_zero(value)) world.set_slot(handle, key, value);
}

nlohmann::ordered_json account_json(World& world, const rvm_address& address, const rvm_account_state& state,
                                    rvm_view code, const char* format) {
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    json["balance"] = hex_text(state.balance);
    if (state.nonce != 0) json["nonce"] = fmt::format("{:#x}", state.nonce);
    if (code.size != 0) json["code"] = bytes_text(bytes_of(code));
    if (code.size != 0 && format != nullptr) json["format"] = format;
    nlohmann::ordered_json storage = nlohmann::ordered_json::object();
    const rvm_slot_fn add_slot = [](void* ctx, const rvm_u256* key, const rvm_u256* value) -> rvm_status {
        if (!is_zero(*value)) (*static_cast<nlohmann::ordered_json*>(ctx))[word_text(*key)] = word_text(*value);
        return RVM_OK;
    };
    const rvm_status status = world.table().each_slot(world.get(), world.account(address), add_slot, &storage);
    if (status != RVM_OK) fail("cannot read the slots of an account");
    if (!storage.empty()) json["storage"] = std::move(storage);
    return json;
}

} // namespace

void load_alloc(std::string_view text, const std::string& name, StateForm form, Runtime& runtime, World& world) {
    Report report;
    const auto document = manifest::parse_json(text, name, report, {.bytes = max_state_bytes});
    if (!document) throw Failure(std::move(report));
    JsonContext context(name, report);
    std::vector<Account> accounts;
    const JsonValue* alloc = &*document;
    std::string parent;
    if (form == StateForm::alloc_or_genesis && document->object() != nullptr)
        for (const manifest::JsonMember& member : *document->object())
            if (member.key == "alloc") {
                alloc = &member.value;
                parent = "/alloc";
            }
    if (alloc->object() == nullptr) {
        malformed(context, parent, "not a state file", "an object from addresses to accounts", *alloc);
    } else {
        std::set<std::array<std::uint8_t, 20>> seen;
        for (const manifest::JsonMember& member : *alloc->object()) {
            auto account = read_account(context, parent, member, form, runtime);
            if (!account) continue;
            if (!seen.insert(std::to_array(account->address.bytes)).second)
                malformed(context, account->pointer, "the account is listed twice", "each address once",
                          JsonValue{member.key});
            accounts.push_back(std::move(*account));
        }
    }
    if (context.failed()) throw Failure(std::move(report));

    world.begin({});
    for (const Account& account : accounts)
        apply(account, world);
    static_cast<void>(world.end());
}

std::string alloc_text(World& world) {
    struct Collector {
        World& world;
        nlohmann::ordered_json document;
        std::exception_ptr error; // nothing may unwind through the table
    } collector{world, nlohmann::ordered_json::object(), nullptr};
    const rvm_account_fn add = [](void* ctx, const rvm_address* address, const rvm_account_state* state, rvm_view code,
                                  const char* format) -> rvm_status {
        auto& c = *static_cast<Collector*>(ctx);
        try {
            c.document[address_text(*address)] = account_json(c.world, *address, *state, code, format);
            return RVM_OK;
        } catch (...) {
            c.error = std::current_exception();
            return RVM_E_INTERNAL;
        }
    };
    const rvm_status status = world.table().each_account(world.get(), add, &collector);
    if (collector.error) std::rethrow_exception(collector.error);
    if (status != RVM_OK) fail("cannot read the accounts of the world");
    return collector.document.dump(2) + "\n";
}

} // namespace rvm::host
