// Code and formats outside frames: which format runs some bytes, the hash and address it gives them.
#pragma once

#include <string>
#include <string_view>

#include <rvm/plugin.h>

#include "runtime/runtime_impl.hpp"
#include "state/world_state.hpp"

namespace rvm::runtime {

/// Id of the format that runs `code` when nothing else says so: the one whose probe answers YES, else the manifest's
/// pre-state format, else the one that answers FALLBACK. Among several the one that the manifest's `prefer` names. Empty
/// when there is none; with an RVM-K07 finding when several are left. Loads every format.
[[nodiscard]] std::string probe_format(Runtime::Impl& runtime, rvm_view code, Report& report);

/// Why the deployment cannot run code of a format: nothing provides it, or its plugin was refused.
[[nodiscard]] std::string why_no_format(Runtime::Impl& runtime, std::string_view id);

/// Hash of `code` by its format; SHA-256 when the format defines none.
[[nodiscard]] rvm_bytes32 code_hash(const rvm_format& format, rvm_view code);

/// Address of a creation; see rvm_format.create_address. The host's own scheme is the last 20 bytes of
/// SHA-256("rvm-create-1" | creator | nonce, 8 bytes little-endian) or, with a salt,
/// SHA-256("rvm-create-2" | creator | salt | SHA-256(init code)).
void create_address(const rvm_format& format, const rvm_address& creator, std::uint64_t nonce, const rvm_bytes32* salt,
                    rvm_view init_code, rvm_address& out);

/// Gives an account code of a format (id). `hash` NULL: computed by the format. RVM_E_CONFIG: no plugin provides the
/// format.
[[nodiscard]] rvm_status set_code(state::WorldState& state, state::Account& account, rvm_view code,
                                  const rvm_bytes32* hash, const char* format);

} // namespace rvm::runtime
