// The verbs of this plugin.
#pragma once

#include <string>
#include <vector>

#include "verbs/context.hpp"

namespace rvm::wallet {

using Words = std::vector<std::string>; ///< behind the verb

std::int32_t sign_verb(Context& context, const Words& words);
std::int32_t verify_verb(Context& context, const Words& words);
std::int32_t wallet_verb(Context& context, const Words& words);

// rvm wallet ...: words behind the action.
std::int32_t wallet_new(Context& context, const Words& words);
std::int32_t wallet_import(Context& context, const Words& words);
std::int32_t wallet_list(Context& context, const Words& words);
std::int32_t wallet_address(Context& context, const Words& words);
std::int32_t wallet_derive(Context& context, const Words& words);
std::int32_t wallet_sign_tx(Context& context, const Words& words);
std::int32_t wallet_sign_authorization(Context& context, const Words& words);
std::int32_t wallet_sign_message(Context& context, const Words& words);
std::int32_t wallet_sign_typed(Context& context, const Words& words);
std::int32_t wallet_export(Context& context, const Words& words);
std::int32_t wallet_remove(Context& context, const Words& words);

} // namespace rvm::wallet
