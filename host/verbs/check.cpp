// rvm check: verifies a program without running it, and says what it needs and costs.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/session.hpp"
#include "cli/values.hpp"
#include "cli/verb.hpp"
#include "native/container.hpp"
#include "native/verifier.hpp"
#include "program/code.hpp"

namespace rvm::host {

namespace {

struct FunctionRow {
    std::string name;
    const native::Function* function = nullptr;
    std::size_t instructions = 0;
    std::uint64_t gas = 0; ///< static prices of all blocks, each once
};

std::vector<FunctionRow> function_rows(const native::Container& container, const native::Program& program) {
    std::vector<FunctionRow> rows;
    for (std::size_t i = 0; i < program.functions.size(); ++i) {
        FunctionRow row;
        row.function = &program.functions[i];
        row.name = fmt::format("f{}", i);
        if (container.debug && i < container.debug->names.size()) row.name = container.debug->names[i];
        for (const native::Export& exported : container.exports)
            if (exported.function == i) row.name = exported.name;
        const std::size_t end = i + 1 < program.functions.size() ? program.functions[i + 1].first : program.code.size();
        for (std::size_t at = row.function->first; at < end; ++at) {
            const native::Instruction& instruction = program.code[at];
            if (instruction.op == native::Op::label)
                row.gas += instruction.value;
            else
                ++row.instructions;
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

/// Formats other than the native one judge their code themselves.
int check_foreign(Session& session, const Code& code) {
    session.confine({}); // a plugin's parser is all that is left
    Report report;
    const rvm_format& format = *session.runtime().format(code.format, report);
    rvm_artifact* artifact = nullptr;
    rvm_error error{};
    error.struct_size = sizeof error;
    std::uint32_t rules = 0; // the last rule set is the format's default
    while (format.rules[rules] != nullptr && format.rules[rules + 1] != nullptr)
        ++rules;
    auto bytes = code.bytes;
    bytes.resize(code.bytes.size() + RVM_CODE_ZEROS);
    const rvm_status status =
        format.compile(format.self, {bytes.data(), code.bytes.size()}, rules, RVM_TIER_COLD, &artifact, &error);
    if (status == RVM_OK) format.release(format.self, artifact);
    if (status < 0) throw failure(ErrorCode::host_failed, code.file, {}, error.message);
    const bool valid = status == RVM_OK;
    if (session.globals.json) {
        nlohmann::ordered_json json{
            {"file", code.file}, {"format", code.format}, {"size", code.bytes.size()}, {"valid", valid}};
        if (error.message[0] != '\0') json["message"] = error.message;
        session.print_json(json);
    } else {
        session.line("program", fmt::format("{} ({}, {} bytes)", code.file, code.format, code.bytes.size()));
        session.line("valid", valid ? "yes" : fmt::format("no: {}", error.message), valid ? Style::good : Style::bad);
    }
    return valid ? RVM_EXIT_OK : RVM_EXIT_TRAPPED;
}

} // namespace

int run_check(Session& session, Options& options) {
    std::string file, format;
    options.argument("FILE", file, "the program as for `rvm run`; -: stdin");
    options.text("--format", "ID", format, "execution format of the code; default: the one that recognises it");
    options.parse();

    const Code code = load_code(session, file, format);
    if (code.format != native_format) return check_foreign(session, code);

    Report report;
    const auto container = native::decode_container(code.bytes, code.file, report);
    const auto program = container ? native::verify(*container, code.file, report) : std::nullopt;
    if (!program) throw Failure(std::move(report));
    const bool linked = check_imports(session.runtime(), code.bytes, code.file, report);
    const auto rows = function_rows(*container, *program);

    if (session.globals.json) {
        nlohmann::ordered_json json{
            {"file", code.file},         {"format", code.format},
            {"size", code.bytes.size()}, {"sha256", to_hex(sha256(code.bytes))},
            {"valid", linked},           {"memory_bytes", std::uint64_t{program->memory_pages} * native::page_bytes}};
        json["functions"] = nlohmann::ordered_json::array();
        for (const FunctionRow& row : rows)
            json["functions"].push_back({{"name", row.name},
                                         {"parameters", row.function->parameters},
                                         {"results", row.function->results},
                                         {"stack_words", row.function->max_height},
                                         {"instructions", row.instructions},
                                         {"static_gas", row.gas}});
        json["imports"] = nlohmann::ordered_json::array();
        for (const native::Import& import : container->imports)
            json["imports"].push_back({{"kind", native::import_kind_name(import.kind)}, {"id", import.id}});
        if (!report.findings().empty()) json["findings"] = report_json(report);
        session.print_json(json);
        return linked ? RVM_EXIT_OK : report.exit_status();
    }

    session.show(report);
    session.line("program", fmt::format("{} (native, {} bytes)", code.file, code.bytes.size()));
    session.line("memory", fmt::format("{} bytes", std::uint64_t{program->memory_pages} * native::page_bytes));
    for (const native::Import& import : container->imports)
        session.line("import", fmt::format("{} {}", native::import_kind_name(import.kind), import.id));
    std::size_t width = std::string_view{"function"}.size();
    for (const FunctionRow& row : rows)
        width = std::max(width, row.name.size());
    session.io.out("\n" +
                   session.io.paint(Style::heading,
                                    fmt::format("{:<{}}  {:>6}  {:>7}  {:>11}  {:>12}  {:>10}", "function", width,
                                                "params", "results", "stack words", "instructions", "static gas")) +
                   "\n");
    for (const FunctionRow& row : rows)
        session.io.out(fmt::format("{:<{}}  {:>6}  {:>7}  {:>11}  {:>12}  {:>10}\n", row.name, width,
                                   row.function->parameters, row.function->results, row.function->max_height,
                                   row.instructions, row.gas));
    session.io.out("\n");
    session.line("valid", linked ? "yes" : "no", linked ? Style::good : Style::bad);
    return linked ? RVM_EXIT_OK : report.exit_status();
}

} // namespace rvm::host
