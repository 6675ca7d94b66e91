// rvm run: one program, one message, one result.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/values.hpp"
#include "cli/verb.hpp"
#include "program/code.hpp"
#include "program/machine.hpp"
#include "program/receipt.hpp"

namespace rvm::host {

int run_run(Session& session, Options& options) {
    std::string file, format, state;
    MessageOptions message;
    options.argument("FILE", file, "assembly (.rasm), container (.rvm), hex digits or bytes of any format; -: stdin");
    message.declare(options, true);
    options.text("--format", "ID", format, "execution format of the code; default: the one that recognises it");
    options.text("--state", "FILE", state, "JSON world to start from, updated when the program succeeds");
    options.parse();
    message.resolve(session);

    const Code code = load_code(session, file, format);
    Report report;
    if (!check_imports(session.runtime(), code.bytes, code.file, report)) throw Failure(std::move(report));

    Machine machine(session, state, false);
    machine.place(program_address, code.bytes, code.format);
    if (machine.ephemeral()) machine.fund(message.sender, message.value);
    session.confine(state);
    const Receipt receipt = machine.call(program_address, message);
    if (receipt.outcome.status == RVM_OK) machine.save();

    if (session.globals.json) {
        nlohmann::ordered_json json{{"file", code.file}, {"code_size", code.bytes.size()}};
        json.update(receipt_json(receipt));
        session.print_json(json);
    } else {
        show_trace(session, receipt);
        session.line("program", fmt::format("{} ({}, {} bytes)", code.file, code.format, code.bytes.size()));
        show_receipt(session, receipt);
    }
    return receipt_status(receipt);
}

} // namespace rvm::host
