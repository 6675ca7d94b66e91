#include "repl/evaluator.hpp"

#include <algorithm>
#include <csignal>

#include <fmt/format.h>

#include "cli/interrupt.hpp"
#include "manifest/manifest.hpp"
#include "program/code.hpp"
#include "program/receipt.hpp"
#include "repl/capture.hpp"
#include "repl/program.hpp"

namespace rvm::host::repl {

namespace {

/// While it lives, Ctrl-C is noted, which ends the running program, instead of ending the process. One that came after
/// the line was read counts as soon as the program begins.
class NoteInterrupt {
  public:
    NoteInterrupt() {
        struct sigaction action {};
        action.sa_handler = [](int) { InterruptWatch::note(); };
        ::sigaction(SIGINT, &action, &before_);
    }
    ~NoteInterrupt() {
        ::sigaction(SIGINT, &before_, nullptr);
        static_cast<void>(InterruptWatch::take());
    }
    NoteInterrupt(const NoteInterrupt&) = delete;
    NoteInterrupt& operator=(const NoteInterrupt&) = delete;

  private:
    struct sigaction before_ {};
};

} // namespace

std::string stack_text(const std::vector<std::uint64_t>& stack) {
    std::string text;
    for (const std::uint64_t word : stack) {
        text += text.empty() ? "" : " ";
        text += fmt::format("{}", word);
        if (const auto number = static_cast<std::int64_t>(word); number < 0) text += fmt::format(" ({})", number);
    }
    return text;
}

Evaluator::Evaluator(Session& session, MessageOptions message, std::string state_file)
    : session_(session), message_(std::move(message)),
      machine_(session, std::move(state_file), false, RVM_WORLD_CANCELLABLE) {
    message_.trace = repl_tracer;
    if (machine_.ephemeral()) machine_.fund(message_.sender, message_.value);
}

bool Evaluator::run(const std::string& text) {
    const std::string name = fmt::format("entry-{}", ++entries_);
    Report report;
    const auto program = make_program(session_, kept_, text, name, report);
    if (program) static_cast<void>(check_imports(session_.runtime(), program->bytes, name, report));
    session_.show(report);
    if (!program || !report.ok()) return false;

    Capture& seen = capture();
    seen = Capture{};
    seen.begin_pc = program->begin_pc;
    seen.end_pc = program->end_pc;
    seen.last_pc = program->last_pc;
    seen.gas_after = program->gas_after;
    seen.trace = trace;

    // What restoring and showing costs is not the entry's.
    MessageOptions message = message_;
    message.gas += static_cast<std::uint64_t>(program->gas_before + program->gas_after);
    machine_.place(program_address, program->bytes, std::string{native_format});
    Receipt receipt;
    {
        const NoteInterrupt noting;
        receipt = machine_.call(program_address, message);
    }
    const bool failed = receipt.outcome.status != RVM_OK;
    std::int64_t own = receipt.outcome.gas_used - program->gas_before;
    if (seen.reached) own -= program->gas_after;
    receipt.outcome.gas_used = std::max<std::int64_t>(own, 0);
    receipt.gas_limit = message_.gas;
    if (failed) receipt.outcome.gas_used = std::min(receipt.outcome.gas_used, static_cast<std::int64_t>(message_.gas));
    last_ = static_cast<std::uint64_t>(receipt.outcome.gas_used);
    spent_ += last_;

    show_trace_lines();
    show(receipt, seen.reached);
    if (failed) return false;
    if (seen.reached) {
        kept_.stack = std::move(seen.stack);
        kept_.registers = seen.registers;
        kept_.memory = std::move(seen.memory);
        kept_.data_end = program->data_end;
        kept_.constants = program->constants;
        kept_.imports = program->imports;
        kept_.functions = program->functions;
    }
    accepted_.push_back(text);
    machine_.save();
    return true;
}

void Evaluator::reset() {
    kept_ = Kept{};
    accepted_.clear();
    spent_ = last_ = 0;
}

void Evaluator::show_trace_lines() {
    const Capture& seen = capture();
    for (const std::string& line : seen.lines)
        session_.io.out(session_.io.paint(Style::faint, "  " + line) + "\n");
    if (seen.left_out != 0) session_.io.out(fmt::format("  ... {} more\n", seen.left_out));
}

void Evaluator::show(const Receipt& receipt, bool reached) {
    if (!reached) { // it ended the program itself, or failed
        show_receipt(session_, receipt);
        return;
    }
    session_.io.out(fmt::format("[{}]  {}\n", stack_text(capture().stack),
                                session_.io.paint(Style::faint, fmt::format("{} gas", receipt.outcome.gas_used))));
    show_effects(session_, receipt);
}

} // namespace rvm::host::repl
