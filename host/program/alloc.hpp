// The text of a state file: a world as JSON, in the form of a genesis file's `alloc`.
//
//   { "0xADDRESS": { "balance": "0x..", "nonce": "0x..", "code": "0x..", "format": "native",
//                    "storage": { "0xKEY": "0xVALUE" } } }
//
// Numbers are hex or decimal strings, or JSON integers; every member may be missing. `format` is the id of the format
// that runs the code; without it the deployment's pre-state format, else the one that recognises the code, is used.
// Writing sorts accounts and slots, writes numbers as hex strings and leaves zero members out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <rvm/runtime.hpp>

namespace rvm::host {

/// Largest state file read: about a million slots.
inline constexpr std::size_t max_state_bytes = std::size_t{128} << 20;

/// What a state file may be. A file that is written again is an alloc: nothing else in it would be kept.
enum class StateForm : std::uint8_t {
    alloc,
    /// Or a genesis file as geth reads it: of an object with the member "alloc" only that member counts. `secretKey`
    /// of an account, in either form, is passed over.
    alloc_or_genesis,
};

/// Loads the accounts of `text` into an empty world. Throws Failure: `name` and the JSON pointer of what is wrong.
void load_alloc(std::string_view text, const std::string& name, StateForm form, Runtime& runtime, World& world);
/// The accounts of `world` as such a text.
[[nodiscard]] std::string alloc_text(World& world);

} // namespace rvm::host
