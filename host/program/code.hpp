// A program as a file holds it: assembly, a container, hex digits or the bytes of any format.
#pragma once

#include <string>

#include "base/bytes.hpp"
#include "cli/session.hpp"
#include "native/assembler.hpp"

namespace rvm::host {

/// A program that was read. `bytes` are what the runtime executes.
struct Code {
    std::string file;   ///< as named on the command line; "standard input" for "-"
    std::string source; ///< the file's text when it is text, else empty
    Bytes bytes;
    std::string format; ///< id of the format that runs it; never empty
};

/// Reads `path` ("-": standard input) and decides what it is: a file ending in .rasm, or text that is not hex digits,
/// is assembled; hex digits (white space and `#` comments between them) are decoded; anything else is taken as it is.
/// `format` names the format; empty: the one whose probe recognises the code. Throws Failure.
[[nodiscard]] Code load_code(Session& session, const std::string& path, const std::string& format);

/// Reads `path` and assembles it, whatever it looks like. Throws Failure.
[[nodiscard]] Code assemble_code(Session& session, const std::string& path);

/// Finds the opcodes of plugins for the assembler, loading their plugins as needed. Findings about plugins that were refused go
/// to `plugins`: they are why a mnemonic is unknown. Both must outlive the result.
[[nodiscard]] native::MnemonicResolver mnemonic_resolver(Session& session, Report& plugins);

/// The bytes of a text of hex digits with white space and comments; nullopt when it is something else.
[[nodiscard]] std::optional<Bytes> hex_of_text(std::string_view text);

/// Reports what a native program imports and this deployment lacks or has otherwise: RVM-N05, RVM-N06. Loads the
/// plugins concerned. True when there is nothing to report or the bytes are no container.
bool check_imports(Runtime& runtime, ByteView bytes, const std::string& file, Report& report);

/// Id of the core's own format.
inline constexpr std::string_view native_format = "native";

} // namespace rvm::host
