// rvm deploy: runs init code and keeps the account it creates.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/values.hpp"
#include "cli/verb.hpp"
#include "program/code.hpp"
#include "program/machine.hpp"
#include "program/receipt.hpp"

namespace rvm::host {

int run_deploy(Session& session, Options& options) {
    std::string file, format, state;
    MessageOptions message;
    options.argument("FILE", file, "the program as for `rvm run`; code of other formats is init code; -: stdin");
    message.declare(options, false);
    options.text("--format", "ID", format, "execution format of the code; default: the one that recognises it");
    options.text("--state", "FILE", state,
                 "JSON world that keeps the account, made when missing; default: the manifest's storage, if it lasts");
    options.parse();
    require_place(session, state, "the deployed program is kept there for `rvm call`");
    message.resolve(session);

    const Code code = load_code(session, file, format);
    Report report;
    if (!check_imports(session.runtime(), code.bytes, code.file, report)) throw Failure(std::move(report));

    Machine machine = state.empty() ? Machine(session) : Machine(session, state, false);
    session.confine(state);
    const Receipt receipt = machine.keep([&] { return machine.create(code.bytes, code.format, message); });
    const bool ok = receipt.outcome.status == RVM_OK;
    const rvm_address& address = receipt.outcome.created;
    const std::uint64_t size = ok ? machine.code_at(address).size : 0;
    const std::string deployed_format = ok ? machine.format_at(address).value_or("") : "";

    if (session.globals.json) {
        nlohmann::ordered_json json{{"file", code.file}};
        if (ok) {
            json["address"] = address_text(address);
            json["code_size"] = size;
            json["code_format"] = deployed_format;
        }
        json.update(receipt_json(receipt));
        session.print_json(json);
        return receipt_status(receipt);
    }
    show_trace(session, receipt);
    if (ok) {
        session.line("address", address_text(address));
        session.line("code", fmt::format("{} bytes{}", size,
                                         deployed_format.empty() ? "" : fmt::format(" ({})", deployed_format)));
        session.line("gas used", fmt::format("{} of {}", receipt.outcome.gas_used, receipt.gas_limit));
    } else {
        show_receipt(session, receipt);
    }
    return receipt_status(receipt);
}

} // namespace rvm::host
