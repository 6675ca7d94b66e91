// The actions of `rvm state`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/session.hpp"

namespace rvm::host {

int show_state(Session& session);
/// `key` empty: the account.
int get_state(Session& session, const std::string& address, const std::string& key,
              std::optional<std::uint64_t> height);
int export_state(Session& session, const std::string& output, bool stream);
int import_state(Session& session, const std::string& file, bool stream);
int diff_state(Session& session, const std::string& from, const std::string& to);
int verify_state(Session& session);
int compact_state(Session& session);

} // namespace rvm::host
