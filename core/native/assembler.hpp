// Assembly text `.rasm` to container `.rvm`. The syntax is described with examples in README.md.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <rvm/report.hpp>

#include "base/bytes.hpp"

namespace rvm::native {

/// What a plugin's mnemonic stands for: the fields of rvm_opcode that a program depends on.
struct ResolvedOpcode {
    std::string id;
    std::uint8_t pops = 0;
    std::uint8_t pushes = 0;
    std::uint8_t immediate_size = 0;
    /// Its operands may be memory offsets: the program gets memory unless it says otherwise.
    bool takes_memory = true;
};

/// Called for each mnemonic that is not built in; nullopt when no plugin provides it. May be empty.
using MnemonicResolver = std::function<std::optional<ResolvedOpcode>(std::string_view mnemonic)>;

/// Assembles `text` and verifies the result. `file` names the text in messages and, unless the text says otherwise, in
/// the debug section. Every error (RVM-A01 to A04, or RVM-N04 from the verifier) is at "line:column", says what was
/// expected, and ends its hint with the source line and a caret. Several errors may be reported at once.
[[nodiscard]] std::optional<Bytes> assemble(std::string_view text, std::string_view file,
                                            const MnemonicResolver& resolver, Report& report);

} // namespace rvm::native
