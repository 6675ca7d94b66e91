// Judging an entry: every constant field of a plugin is checked before one instruction of it is called.
#pragma once

#include <optional>
#include <string>

#include "manifest/sidecar.hpp"
#include <rvm/plugin.h>
#include <rvm/report.hpp>

namespace rvm::plugin {

/// Judges an entry and its descriptor: E01 magic, size, missing create; E02 ABI numbers and word sizes; E03 texts. A
/// struct_size larger than the host's is a newer plugin's and accepted. Returns what the descriptor says in the shape
/// of a sidecar (no target, no hash, no command help); nullopt when there is an error. Reads memory only.
[[nodiscard]] std::optional<manifest::Sidecar> judge_entry(const rvm_entry* entry, const std::string& file,
                                                           Report& report);

/// E04 for every field in which the binary differs from its sidecar: id, version, name, vendor, license, description,
/// config_schema, provides, requires, abi.
bool compare_sidecar(const manifest::Sidecar& binary, const manifest::Sidecar& sidecar, const std::string& file,
                     Report& report);

} // namespace rvm::plugin
