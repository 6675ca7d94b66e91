// The actions of `rvm state`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/session.hpp"

namespace rvm::host {

int show_state(Session& session);
/// No `key`: the account. No `height`: now.
int get_state(Session& session, const rvm_address& address, const std::optional<rvm_u256>& key,
              std::optional<std::uint64_t> height);
int export_state(Session& session, const std::string& output, bool stream);
int import_state(Session& session, const std::string& file, bool stream);
/// No `to`: the newest height.
int diff_state(Session& session, std::uint64_t from, std::optional<std::uint64_t> to);
int verify_state(Session& session);
int compact_state(Session& session);

} // namespace rvm::host
