// rvm disasm: code as text, in every format that can show its instructions.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/files.hpp"
#include "cli/session.hpp"
#include "cli/verb.hpp"
#include "native/disassembler.hpp"
#include "program/code.hpp"

namespace rvm::host {

namespace {

constexpr std::size_t longest_instruction_text = 512;

std::string disassemble_foreign(const rvm_format& format, const Code& code) {
    if (format.disassemble == nullptr)
        throw failure(ErrorCode::input_malformed, code.file, {},
                      fmt::format("the format \"{}\" has no disassembler", code.format));
    std::string text;
    const rvm_view view{code.bytes.data(), code.bytes.size()};
    for (std::uint64_t at = 0; at < code.bytes.size();) {
        char line[longest_instruction_text] = {};
        const std::uint64_t used = format.disassemble(format.self, view, at, line, sizeof line);
        if (used == 0) break;
        line[sizeof line - 1] = '\0';
        text += fmt::format("{:>6}  {}\n", at, line);
        at += used;
    }
    return text;
}

} // namespace

int run_disasm(Session& session, Options& options) {
    std::string file, output, format;
    options.argument("FILE", file, "container, hex digits or bytes of a format that can be shown; -: stdin");
    options.text("-o,--output", "OUT", output, "file to write; default: stdout");
    options.text("--format", "ID", format, "execution format of the code; default: the one that recognises it");
    options.parse();

    const Code code = load_code(session, file, format);
    Report report;
    std::string text;
    if (code.format == native_format) {
        auto native = native::disassemble(code.bytes, report);
        if (!native) throw Failure(std::move(report));
        text = std::move(*native);
    } else {
        if (output.empty() || output == "-")
            session.confine({});
        else
            session.confine_but_for_files(Session::Programs::none);
        text = disassemble_foreign(*session.runtime().format(code.format, report), code);
    }
    if (!output.empty() && output != "-") write_atomically(output, text, ErrorCode::output_unwritable);
    if (session.globals.json)
        session.print_json({{"file", code.file}, {"format", code.format}, {"size", code.bytes.size()}, {"text", text}});
    else if (output.empty() || output == "-")
        session.io.out(text);
    else if (!session.globals.quiet)
        session.line("written", fmt::format("{} ({} bytes)", output, text.size()));
    return RVM_EXIT_OK;
}

} // namespace rvm::host
