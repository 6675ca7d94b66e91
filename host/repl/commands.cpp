#include "repl/commands.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <span>

#include <fmt/format.h>

#include "cli/files.hpp"
#include "cli/options.hpp"
#include "native/assembler.hpp"
#include "native/opcodes.hpp"
#include "native/parser.hpp"
#include "native/verifier.hpp"
#include "plugin/registry.hpp"
#include "program/code.hpp"
#include "repl/entry.hpp"

namespace rvm::host::repl {

namespace fs = std::filesystem;

namespace {

// Comments to the assembler.
constexpr std::string_view entry_mark = ";;";                ///< between the entries of a saved session
constexpr std::string_view function_mark = ";; func ";       ///< where an entry defined the function of this name
constexpr std::string_view functions_mark = ";; functions";  ///< before the texts of all functions
constexpr std::uint64_t shown_bytes = 128, bytes_a_line = 16;

struct Context {
    Session& session;
    Evaluator& evaluator;
    std::vector<std::string> words; ///< after the command's name
};

struct Command {
    std::string_view name, words, summary;
    std::size_t most_words;
    Answer (*run)(Context&);
};
std::span<const Command> commands();

std::uint64_t number_of(const std::string& text, std::string_view what) {
    const auto number = parse_number(text);
    if (!number) throw UsageError(fmt::format("{}: expected a number, found \"{}\"", what, text));
    return *number;
}

Answer help(Context& context) {
    Session& session = context.session;
    if (!context.words.empty()) {
        const std::string& word = context.words.front();
        if (const int byte = native::find_opcode(word); byte >= 0) {
            const native::OpInfo& info = native::op_table[static_cast<std::size_t>(byte)];
            session.line(info.mnemonic, std::string{info.summary});
            session.line("gas",
                         fmt::format("{}{}", info.price,
                                     (info.flags & native::OpFlags::priced) != 0 ? " and a part by its operands" : ""));
            return Answer::done;
        }
        Report report;
        const auto opcode = session.runtime().registry().opcode_by_mnemonic(word, report);
        if (!opcode) throw UsageError(fmt::format("no opcode is called \"{}\"", word), "TAB shows the words there are");
        session.line(opcode->mnemonic, opcode->summary);
        session.line("gas", fmt::format("{}", opcode->gas));
        session.line("plugin", opcode.owner->id());
        return Answer::done;
    }
    session.io.out(
        "Instructions run at once; stack, registers, memory and storage stay. `func`, `const`, `data`, `space` and\n"
        "`import` stand on lines of their own and are known from then on. A function, or code with labels, ends with\n"
        "an empty line; a backslash continues a line. What traps or is refused changes nothing.\n\n");
    for (const Command& command : commands())
        session.io.out(fmt::format(
            "  {:<24}{}\n", fmt::format(":{}{}{}", command.name, command.words.empty() ? "" : " ", command.words),
            command.summary));
    session.io.out(
        "\nTAB completes, Ctrl-R searches the history, Ctrl-C gives a line or a running entry up, Ctrl-D ends.\n");
    return Answer::done;
}

Answer show_stack(Context& context) {
    const Kept& kept = context.evaluator.kept();
    context.session.line("stack", fmt::format("[{}]", stack_text(kept.stack)));
    for (std::size_t i = 0; i < kept.registers.size(); ++i)
        if (kept.registers[i] != 0) context.session.line(fmt::format("r{}", i), stack_text({kept.registers[i]}));
    return Answer::done;
}

Answer show_memory(Context& context) {
    const Bytes& memory = context.evaluator.kept().memory;
    const std::uint64_t from = context.words.empty() ? 0 : number_of(context.words[0], ":memory");
    const std::uint64_t size = context.words.size() < 2 ? shown_bytes : number_of(context.words[1], ":memory");
    const std::uint64_t end = from < memory.size() ? from + std::min<std::uint64_t>(size, memory.size() - from) : from;
    for (std::uint64_t at = from; at < end; at += bytes_a_line) {
        const ByteView bytes = ByteView{memory}.subspan(at, std::min(bytes_a_line, end - at));
        std::string text;
        for (const std::uint8_t byte : bytes)
            text += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
        context.session.io.out(fmt::format("{:>8}  {:<32}  {}\n", at, to_hex(bytes), text));
    }
    context.session.line("memory", fmt::format("{} bytes", memory.size()));
    return Answer::done;
}

Answer show_words(Context& context) {
    const Kept& kept = context.evaluator.kept();
    for (const auto& [name, value] : kept.constants)
        context.session.io.out(fmt::format("const {} = {}\n", name, value));
    for (const std::string& line : kept.imports)
        context.session.io.out(line + "\n");
    for (const FunctionText& function : kept.functions)
        for (const Line& line : function.lines)
            context.session.io.out(line.text + "\n");
    return Answer::done;
}

Answer gas(Context& context) {
    Evaluator& evaluator = context.evaluator;
    if (!context.words.empty()) {
        const std::uint64_t budget = number_of(context.words[0], ":gas");
        if (budget > INT64_MAX) throw UsageError(fmt::format(":gas: expected at most {}", INT64_MAX));
        evaluator.budget() = budget;
    }
    context.session.line("last entry", fmt::format("{} gas", evaluator.last_gas()));
    context.session.line("session", fmt::format("{} gas", evaluator.gas_spent()));
    context.session.line("budget", fmt::format("{} gas an entry", evaluator.budget()));
    return Answer::done;
}

Answer trace(Context& context) {
    bool& on = context.evaluator.trace;
    if (context.words.empty())
        on = !on;
    else if (context.words[0] == "on" || context.words[0] == "off")
        on = context.words[0] == "on";
    else
        throw UsageError(fmt::format(":trace: expected on or off, found \"{}\"", context.words[0]));
    context.session.line("trace", on ? "on: every instruction, with the stack before it" : "off");
    return Answer::done;
}

/// The session as one program: functions stand behind the code of all entries, as instructions behind them would be
/// theirs.
std::string saved_text(const Evaluator& evaluator) {
    std::string text;
    for (const std::string& entry : evaluator.accepted()) {
        if (!text.empty()) text += fmt::format("{}\n", entry_mark);
        Report ignored; // it was accepted
        std::set<std::uint32_t> of_functions;
        for (const FunctionText& function : split_entry(entry, {}, ignored).functions) {
            text += fmt::format("{}{}\n", function_mark, function.name);
            for (const Line& line : function.lines)
                of_functions.insert(line.number);
        }
        std::uint32_t number = 0;
        for (const std::string_view line : lines_of(entry))
            if (!of_functions.contains(++number) && line.find_first_not_of(" \t\r") != std::string_view::npos)
                text.append(line).append("\n");
    }
    if (!evaluator.kept().functions.empty()) text += fmt::format("{}\n", functions_mark);
    for (const FunctionText& function : evaluator.kept().functions)
        for (const Line& line : function.lines)
            text.append(line.text).append("\n");
    return text;
}

/// Why a text is no program that `rvm run` takes.
Report refusals(Session& session, const std::string& text, const std::string& file) {
    Report report, plugins;
    const auto bytes = native::assemble(text, file, mnemonic_resolver(session, plugins), report);
    if (bytes) static_cast<void>(native::load_program(*bytes, file, report));
    return report;
}

Answer save(Context& context) {
    if (context.words.empty()) throw UsageError(":save: a file is missing");
    const std::string& file = context.words[0];
    const std::string text = saved_text(context.evaluator);
    write_atomically(file, text, ErrorCode::output_unwritable);
    context.session.line("written", fmt::format("{} ({} entries)", file, context.evaluator.accepted().size()));
    const Report report = refusals(context.session, text, file);
    if (!report.ok())
        context.session.line("note", fmt::format("`:load` runs it entry by entry, `rvm run` does not: {}",
                                                 report.findings().front().message));
    return Answer::done;
}

Answer load(Context& context) {
    if (context.words.empty()) throw UsageError(":load: a file is missing");
    const std::string text = read_input(context.session.io, context.words[0]);
    // What stands behind the mark belongs where the entries name it.
    const std::size_t mark = ("\n" + text).find(fmt::format("\n{}\n", functions_mark));
    const std::string_view code = std::string_view{text}.substr(0, mark);
    std::map<std::string, std::string, std::less<>> functions;
    if (mark != std::string::npos) {
        Report ignored; // what is wrong is said of the entry it belongs to
        for (const FunctionText& function :
             split_entry(std::string_view{text}.substr(mark), context.words[0], ignored).functions)
            for (const Line& line : function.lines)
                functions[function.name] += line.text + "\n";
    }
    std::string entry, behind;
    const auto run = [&] {
        const std::string now = std::exchange(entry, {}) + std::exchange(behind, {});
        return now.find_first_not_of(" \t\r\n") == std::string::npos || context.evaluator.run(now);
    };
    for (const std::string_view line : lines_of(code)) {
        const auto function =
            line.starts_with(function_mark) ? functions.find(line.substr(function_mark.size())) : functions.end();
        if (function != functions.end())
            behind += function->second;
        else if (line != entry_mark)
            entry.append(line).append("\n");
        else if (!run())
            return Answer::failed; // what follows may need it
    }
    return run() ? Answer::done : Answer::failed;
}

Answer reset(Context& context) {
    context.evaluator.reset();
    context.session.line("reset", "stack, registers, memory and names; storage stays");
    return Answer::done;
}

Answer quit(Context&) { return Answer::quit; }

std::span<const Command> commands() {
    static constexpr Command table[] = {
        {"help", "[WORD]", "this, or what an opcode does", 1, help},
        {"stack", "", "the stack, bottom first, and registers that are not zero", 0, show_stack},
        {"memory", "[OFFSET [SIZE]]", "bytes of the memory", 2, show_memory},
        {"words", "", "what is declared", 0, show_words},
        {"gas", "[BUDGET]", "what was spent; sets what an entry may spend", 1, gas},
        {"trace", "[on|off]", "shows every instruction from now on", 1, trace},
        {"save", "FILE", "writes the entries that succeeded", 1, save},
        {"load", "FILE", "runs the entries of such a file, or a program (.rasm) as one entry", 1, load},
        {"reset", "", "forgets stack, registers, memory and names", 0, reset},
        {"quit", "", "ends", 0, quit},
    };
    return table;
}

std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    for (std::size_t at = 0; (at = line.find_first_not_of(" \t", at)) != std::string_view::npos;) {
        const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
        words.emplace_back(line.substr(at, end - at));
        at = end;
    }
    return words;
}

void add_files(std::vector<std::string>& words, std::string_view word) {
    const std::size_t slash = word.rfind('/');
    const std::string folder{slash == std::string_view::npos ? "" : word.substr(0, slash + 1)};
    std::error_code ignored;
    for (const fs::directory_entry& file : fs::directory_iterator(folder.empty() ? "." : folder, ignored)) {
        const std::string name = file.path().filename();
        std::error_code unknown;
        words.push_back(folder + name + (file.is_directory(unknown) ? "/" : ""));
    }
}

} // namespace

Answer run_command(Session& session, Evaluator& evaluator, std::string_view line) {
    Context context{session, evaluator, words_of(line)};
    const std::string name = context.words.front().substr(1);
    context.words.erase(context.words.begin());
    std::vector<std::string_view> names;
    for (const Command& command : commands()) {
        names.push_back(command.name);
        if (command.name != name) continue;
        if (context.words.size() > command.most_words)
            throw UsageError(fmt::format(":{}: unexpected word \"{}\"", name, context.words[command.most_words]),
                             fmt::format(":{} {}", name, command.words));
        return command.run(context);
    }
    const std::string near = nearest(name, names);
    throw UsageError(fmt::format("unknown command :{}", name),
                     near.empty() ? ":help lists all commands" : fmt::format("did you mean :{}?", near));
}

std::vector<std::string> completions(Session& session, const Evaluator& evaluator, std::string_view before,
                                     std::string_view word) {
    std::vector<std::string> words;
    const auto former = words_of(before);
    if (former.empty() && word.starts_with(':')) {
        for (const Command& command : commands())
            words.push_back(":" + std::string{command.name});
    } else if (!former.empty() && (former.front() == ":load" || former.front() == ":save")) {
        add_files(words, word);
    } else if (before.ends_with('"')) { // an id in quotes
        const std::string_view kind = former.size() < 2 ? "" : std::string_view{former[former.size() - 2]};
        const char* wanted = kind == "syscall"                      ? RVM_KIND_SYSCALL
                             : kind == "create" || kind == "format" ? RVM_KIND_FORMAT
                                                                    : RVM_KIND_OPCODE;
        for (const plugin::Provided& provided : session.runtime().registry().provided(wanted))
            words.push_back(provided.id + "\"");
    } else {
        for (const native::OpInfo& info : native::op_table)
            if (!info.mnemonic.empty()) words.emplace_back(info.mnemonic);
        for (const plugin::Provided& provided : session.runtime().registry().provided(RVM_KIND_OPCODE))
            words.push_back(provided.id);
        for (const std::string_view keyword : {"func", "const", "data", "space", "import"})
            words.emplace_back(keyword);
        for (const auto& [name, value] : evaluator.kept().constants)
            words.push_back(name);
        for (const FunctionText& function : evaluator.kept().functions)
            words.push_back(function.name);
        if (!former.empty() && former.front() == ":help" && former.size() > 1) words.clear();
    }
    std::erase_if(words, [&](const std::string& one) { return !one.starts_with(word); });
    std::ranges::sort(words);
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words;
}

} // namespace rvm::host::repl
