// The plugin that the row tests put on trial. It is compiled once; a test copies the file and writes into the copy what
// it is to be called, what it provides and requires, and which one thing it does wrong (tests/abi/common.py, Subject).
#pragma once

#include <rvm/plugin.h>

#include <cstddef>

namespace subject {

inline constexpr std::size_t most_items = 6;
inline constexpr std::size_t text_bytes = 96;

/// Found in the file by its mark. Every text is NUL-terminated; an empty one means "none".
struct Form {
    char mark[16];
    char id[text_bytes];
    char behaviour[text_bytes]; ///< "create: throws"; empty: behaves well
    char provides[most_items][text_bytes];
    char requires_[most_items][text_bytes];
    char journal[256]; ///< every step of the plugin's life appends "PID ID STEP" to this file
    char config_schema[512];
};
extern Form form;

/// True when the copy's behaviour is this one.
[[nodiscard]] bool behaves(const char* what) noexcept;
void note_step(const char* step) noexcept;

/// The items of form.provides, each with a table of its kind.
[[nodiscard]] const rvm_contribution* build_items() noexcept;
/// Interfaces of the host that items call; set by create.
extern const rvm_host_state* host_state;
extern const rvm_host_vm* host_vm;

} // namespace subject
