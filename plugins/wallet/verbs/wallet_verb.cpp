// rvm wallet ACTION ...
#include "base/error.hpp"
#include "verbs/verbs.hpp"

namespace rvm::wallet {

std::int32_t wallet_verb(Context& context, const Words& words) {
    constexpr struct {
        const char* name;
        std::int32_t (*run)(Context&, const Words&);
    } actions[] = {{"new", wallet_new},
                   {"import", wallet_import},
                   {"list", wallet_list},
                   {"address", wallet_address},
                   {"derive", wallet_derive},
                   {"sign-tx", wallet_sign_tx},
                   {"sign-authorization", wallet_sign_authorization},
                   {"sign-message", wallet_sign_message},
                   {"sign-typed", wallet_sign_typed},
                   {"export", wallet_export},
                   {"remove", wallet_remove}};
    std::string names;
    for (const auto& action : actions) {
        if (!words.empty() && words[0] == action.name) return action.run(context, {words.begin() + 1, words.end()});
        names += std::string(names.empty() ? "" : ", ") + action.name;
    }
    throw UsageError("expected one of " + names + (words.empty() ? "" : ", found \"" + words[0] + "\""));
}

} // namespace rvm::wallet
