// rvm wallet ACTION ...
#include <algorithm>

#include "base/error.hpp"
#include "verbs/verbs.hpp"

namespace rvm::wallet {
namespace {

constexpr struct Action {
    const char* name;
    std::int32_t (*run)(Context&, const Words&);
    const char* summary;
    const char* usage; ///< behind the name, without the options of every action
} actions[] = {
    {"new", wallet_new, "make a phrase",
     "NAME [--words 12|15|18|21|24] [--language L] [--passphrase-file FILE] [--passes N] [--memory KIB] [--weak]"},
    {"import", wallet_import, "take a phrase, a key or the key file of another wallet",
     "NAME (--phrase-file FILE [--language L] [--passphrase-file FILE] | --key-file FILE [--kind secp256k1|ed25519|bls]"
     " | --keystore FILE [--keystore-password-file FILE]) [--passes N] [--memory KIB] [--weak]"},
    {"list", wallet_list, "names, kinds and addresses", ""},
    {"address", wallet_address, "the address of a key", "NAME [--path P | --index N]"},
    {"derive", wallet_derive, "a public key below a phrase",
     "NAME [--path P | --index N] [--curve secp256k1|secp256r1|ed25519|x25519]"},
    {"sign-tx", wallet_sign_tx, "a transaction, ready to send",
     "NAME FILE [--path P | --index N] [--unprotected] [-o FILE]"},
    {"sign-authorization", wallet_sign_authorization, "an authorization (EIP-7702)",
     "NAME FILE [--path P | --index N] [-o FILE]"},
    {"sign-message", wallet_sign_message, "a personal message (EIP-191)", "NAME FILE [--path P | --index N] [-o FILE]"},
    {"sign-typed", wallet_sign_typed, "typed data (EIP-712)", "NAME FILE [--path P | --index N] [-o FILE]"},
    {"export", wallet_export, "show or write a secret",
     "NAME (--phrase | --key [--path P | --index N]) [-o FILE [--force]]"
     " | NAME --keystore FILE [--keystore-password-file FILE] [--n N] [--path P | --index N] [--force]"},
    {"remove", wallet_remove, "forget an entry", "NAME"},
};

std::string usage_of(const Action& action) {
    return std::string("rvm wallet ") + action.name + (action.usage[0] == '\0' ? "" : " ") + action.usage;
}

const Action& action_named(const std::string& name) {
    const auto found = std::ranges::find(actions, name, &Action::name);
    if (found != std::end(actions)) return *found;
    std::string names = "help";
    for (const Action& action : actions) {
        names += std::string(", ") + action.name;
    }
    throw UsageError("expected one of " + names + (name.empty() ? "" : ", found \"" + name + "\""));
}

/// rvm wallet help [ACTION]
std::int32_t show_help(const Context& context, const Words& words) {
    if (words.size() > 1) throw UsageError("help: expected at most one action");
    Json document = Json::array();
    std::string text;
    for (const Action& action : actions) {
        if (!words.empty() && &action_named(words[0]) != &action) continue;
        document.push_back({{"action", action.name}, {"summary", action.summary}, {"usage", usage_of(action)}});
        text += std::string(action.name) + ": " + action.summary + "\n  " + usage_of(action) + "\n";
    }
    text +=
        "\nEvery action takes --wallet FILE (else $XDG_DATA_HOME/rvm/wallet, ~/.local/share/rvm/wallet) and\n"
        "--password-file FILE (else the terminal is asked). FILE may be - for standard input where something is read.\n"
        "--index N stands for the path m/44'/60'/0'/0/N, on Ed25519 and X25519 for m/44'/501'/N'/0'.\n";
    context.answer(text, document);
    return RVM_EXIT_OK;
}

} // namespace

std::int32_t wallet_verb(Context& context, const Words& words) {
    const std::string name = words.empty() ? "" : words[0];
    const Words rest(words.begin() + (words.empty() ? 0 : 1), words.end());
    if (name == "help") return show_help(context, rest);
    const Action& action = action_named(name);
    try {
        return action.run(context, rest);
    } catch (const UsageError& error) {
        throw UsageError(std::string(error.what()) + "; usage: " + usage_of(action));
    }
}

} // namespace rvm::wallet
