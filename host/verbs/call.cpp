// rvm call: a message to a program that a state file or the deployment's store holds.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/files.hpp"
#include "cli/values.hpp"
#include "cli/verb.hpp"
#include "manifest/manifest.hpp"
#include "program/machine.hpp"
#include "program/receipt.hpp"

namespace rvm::host {

int run_call(Session& session, Options& options) {
    std::string target, state;
    MessageOptions message;
    options.argument("ADDRESS", target, "0x and 40 hex digits; -: read from stdin");
    message.declare(options, true);
    options.text("--state", "FILE", state,
                 "JSON world with the program, updated when it succeeds; default: the manifest's storage, if it lasts");
    options.parse();
    if (state.empty()) session.store = RuntimeOptions::Store::must_exist; // an empty one has no program
    require_place(session, state, "`rvm deploy FILE --state FILE` makes one");
    if (target == "-") {
        constexpr std::size_t longest = 128; // an address and white space
        target = read_input(session.io, "-", longest);
        while (!target.empty() && (target.back() == '\n' || target.back() == ' ' || target.back() == '\r'))
            target.pop_back();
    }
    const auto address = parse_address(target);
    if (!address) throw UsageError(fmt::format("ADDRESS: expected 0x and 40 hex digits, found \"{}\"", target));
    message.resolve(session);

    Machine machine = state.empty() ? Machine(session) : Machine(session, state, true);
    if (!machine.format_at(*address))
        throw failure(ErrorCode::state_account_missing, state.empty() ? session.runtime().manifest().file : state,
                      state.empty() ? "/storage" : "/" + address_text(*address),
                      fmt::format("the account {} has no code", address_text(*address)),
                      "`rvm deploy` prints the address of a program");
    session.confine(state);
    const Receipt receipt = machine.keep([&] { return machine.call(*address, message); });

    if (session.globals.json) {
        nlohmann::ordered_json json{{"address", address_text(*address)}};
        json.update(receipt_json(receipt));
        session.print_json(json);
    } else {
        show_trace(session, receipt);
        session.line("program", fmt::format("{} ({})", address_text(*address), receipt.outcome.format));
        show_receipt(session, receipt);
    }
    return receipt_status(receipt);
}

} // namespace rvm::host
