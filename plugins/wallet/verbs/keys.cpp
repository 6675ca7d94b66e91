#include "verbs/keys.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/error.hpp"
#include "hex/hex.hpp"
#include "verbs/password.hpp"

namespace rvm::wallet {
namespace {

std::string default_file(bool make_folder) {
    std::string folder;
    if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && data[0] == '/') {
        folder = data;
    } else if (const char* home = std::getenv("HOME"); home != nullptr && home[0] == '/') {
        folder = std::string(home) + "/.local/share";
    } else {
        throw UsageError("there is no home directory: name the wallet with --wallet");
    }
    folder += "/rvm";
    std::error_code ignored; // a failure shows when the file is opened
    if (make_folder) std::filesystem::create_directories(folder, ignored);
    return folder + "/wallet";
}

std::string file_from(const Options& options, Access access) {
    const std::string* named = options.find("wallet");
    return named != nullptr ? *named : default_file(access != Access::read);
}

WalletCost cost_from(const Options& options) {
    WalletCost cost;
    constexpr std::uint64_t least_kib = 19 * 1024; // OWASP's least for Argon2id; less only for those who ask for it
    cost.passes = options.number("passes", cost.passes, 1, 64);
    cost.kib = options.number("memory", cost.kib, options.has("weak") ? 8 : least_kib, 1u << 20u);
    return cost;
}

} // namespace

Wallet::Wallet(const Context& context, const Options& options, Access access) : path_(file_from(options, access)) {
    const WalletCost cost = access == Access::create ? cost_from(options) : WalletCost{};
    context.protect(path_);
    const auto there_is_none = [&] { return Unreadable(path_ + ": there is no wallet; `rvm wallet new` makes one"); };
    auto file = read_secret_file(path_, most_wallet_bytes, true);
    if (!file && access != Access::create) throw there_is_none();
    if (file && access == Access::create) {
        options.refuse({"passes", "memory", "weak"}, "goes with a new wallet: this one keeps its cost");
    }
    // Nobody waits for another's prompt: the password is read before the lock is taken, and the file again behind it.
    password_ = read_password(context, options.find("password-file"),
                              (file ? "Password of " : "New password of ") + path_, !file);
    if (access != Access::read) {
        lock_.emplace(
            path_, [&] { context.error("waiting for another command that changes " + path_ + "\n"); },
            [&] { return context.interrupted(); });
        file = read_secret_file(path_, most_wallet_bytes, true);
        if (!file && access != Access::create) throw there_is_none();
    }
    if (file)
        wallet_ = at_place(path_, [&] { return open_wallet(*file, password_, context.primitives()); });
    else
        wallet_.cost = cost;
}

const Entry& Wallet::entry(const std::string& name) const {
    const auto found = std::ranges::find(wallet_.entries, name, &Entry::name);
    if (found == wallet_.entries.end()) throw Refusal(path_ + " has no entry \"" + name.substr(0, 80) + "\"");
    return *found;
}

void Wallet::add(Entry entry) {
    check_name(entry.name);
    if (std::ranges::find(wallet_.entries, entry.name, &Entry::name) != wallet_.entries.end()) {
        throw Refusal(path_ + " has an entry \"" + entry.name + "\" already");
    }
    wallet_.entries.push_back(std::move(entry));
}

void Wallet::remove(const std::string& name) {
    static_cast<void>(entry(name));
    std::erase_if(wallet_.entries, [&](const Entry& entry) { return entry.name == name; });
}

void Wallet::save(const Context& context) {
    replace_file(path_, at_place(path_, [&] {
                     return seal_wallet(wallet_.entries, password_, wallet_.cost, context.primitives());
                 }));
}

std::optional<Path> path_from(const Options& options, Curve curve) {
    const std::string* path = options.find("path");
    if (path != nullptr && options.has("index")) throw UsageError("--path and --index exclude each other");
    if (path != nullptr) {
        Path steps = at_option("--path", [&] { return read_path(*path); });
        if (only_hardened(curve) && std::ranges::any_of(steps, [](std::uint32_t step) { return step < hardened; })) {
            throw UsageError("--path: " + std::string(name_of(curve)) +
                             " has hardened steps only (SLIP-10): expected one like " + path_text(default_path(curve)) +
                             ", found " + path_text(steps));
        }
        return steps;
    }
    if (!options.has("index")) return std::nullopt;
    return default_path(curve, static_cast<std::uint32_t>(options.number("index", 0, 0, hardened - 1)));
}

Buffer read_signed(const Context& context, const std::string& file, Scheme scheme) {
    return context.read_message(file, scheme == Scheme::eip712 ? most_input_bytes : most_message_bytes);
}

const std::string& checked_name(const std::string& name) {
    at_option("NAME", [&] { check_name(name); });
    return name;
}

Secret trimmed(const Secret& text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = text.text().find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return Secret::copy_of(text.part(first, text.text().find_last_not_of(blanks) + 1 - first));
}

Secret read_key(const Secret& content, const std::string& what) {
    constexpr std::size_t key_bytes = 32;
    if (content.size() == key_bytes) return Secret::copy_of(content);
    Secret key(key_bytes);
    if (!hex::decode_into(trimmed(content).text(), key.writable())) {
        throw Refusal(what + ": expected a secret of 32 bytes or their 64 hex digits, found " +
                      std::to_string(content.size()) + " bytes that are neither");
    }
    return key;
}

} // namespace rvm::wallet
