// rvm asm: assembly to a container.
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/files.hpp"
#include "cli/session.hpp"
#include "cli/values.hpp"
#include "cli/verb.hpp"
#include "program/code.hpp"

namespace rvm::host {

int run_asm(Session& session, Options& options) {
    std::string file, output;
    options.argument("FILE", file, "assembly text; -: stdin");
    options.text(
        "-o,--output", "OUT", output,
        "container to write; -: stdout, with --json in its document; default: FILE with .rvm, stdin to stdout");
    options.parse();

    const Code code = assemble_code(session, file);
    if (output.empty()) output = file == "-" ? "-" : std::filesystem::path(file).replace_extension(".rvm").string();
    if (output == file && file != "-")
        throw UsageError("the output would replace the source", "name another file with -o");
    if (output != "-")
        write_atomically(output, as_text(code.bytes), ErrorCode::output_unwritable);
    else if (!session.globals.json)
        session.io.out(as_text(code.bytes));
    if (session.globals.json) {
        nlohmann::ordered_json json{{"file", code.file},
                                    {"output", output},
                                    {"size", code.bytes.size()},
                                    {"sha256", to_hex(sha256(code.bytes))}};
        if (output == "-") json["code"] = bytes_text(code.bytes);
        session.print_json(json);
    } else if (output != "-" && !session.globals.quiet) {
        session.line("written", fmt::format("{} ({} bytes)", output, code.bytes.size()));
    }
    return RVM_EXIT_OK;
}

} // namespace rvm::host
