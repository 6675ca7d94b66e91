#include "verbs/demo_script.hpp"

#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/files.hpp"
#include "cli/values.hpp"
#include "manifest/json_reader.hpp"
#include "manifest/names.hpp"
#include "plugin/registry.hpp"
#include "program/code.hpp"
#include "program/receipt.hpp"

namespace rvm::host {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_steps = 256;   // a demonstration nobody reads to its end is none
constexpr std::size_t most_accounts = 16; // of one call
constexpr std::array<std::string_view, 3> action_words{"run", "deploy", "call"};

DemoStep read_step(manifest::JsonContext& context, const manifest::JsonValue& value, const std::string& pointer) {
    using manifest::Need;
    DemoStep step;
    manifest::ObjectReader reader(context, value, pointer);
    step.title = reader.text("title", Need::required).value_or("");
    step.action = static_cast<DemoStep::Action>(reader.word("action", Need::required, action_words).value_or(0));
    const bool has_file = step.action != DemoStep::Action::call;
    const bool has_contract = step.action != DemoStep::Action::run;
    // A bare name: a script never reaches outside its folder.
    if (has_file)
        step.file = reader
                        .text("file", Need::required,
                              {.least = 1,
                               .most = 255,
                               .valid = manifest::is_bare_file_name,
                               .expected = "a file name without a folder"})
                        .value_or("");
    if (has_contract) step.contract = reader.text("contract", Need::required, {.least = 1}).value_or("");
    if (has_file) step.format = reader.text("format", Need::optional, {.valid = manifest::is_id}).value_or("");
    step.plugin = reader.text("plugin", Need::optional, {.valid = manifest::is_plugin_id}).value_or("");
    step.needs = reader.text("needs", Need::optional).value_or("");
    if (step.action == DemoStep::Action::call) {
        if (const auto* accounts = reader.array("accounts", Need::optional, most_accounts))
            for (std::size_t i = 0; i < accounts->array()->size(); ++i)
                step.accounts.push_back(manifest::read_text(context, (*accounts->array())[i],
                                                            manifest::json_pointer(reader.pointer("accounts"), i), {})
                                            .value_or(""));
    }
    reader.finish();
    return step;
}

constexpr const char* trace_lines = "jsonl";

/// Programs of formats such as the EVM stop without an output: their result is what the last instruction, which stops,
/// found on top of the stack. nullopt when the trace does not show it.
std::optional<rvm_u256> last_stack_top(std::string_view trace) {
    std::optional<rvm_u256> top;
    while (!trace.empty()) {
        const std::size_t end = std::min(trace.find('\n'), trace.size());
        const auto event = nlohmann::json::parse(trace.substr(0, end), nullptr, false);
        trace.remove_prefix(std::min(end + 1, trace.size()));
        if (!event.is_object() || !event.contains("stack") || !event["stack"].is_array()) continue;
        top.reset();
        if (event.value("name", "") == "STOP" && !event["stack"].empty() && event["stack"].back().is_string())
            top = parse_u256(event["stack"].back().get<std::string>());
    }
    return top;
}

std::string indented(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        result += fmt::format("    {}\n", text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return result;
}

std::string account_name(const DemoResult& result, const rvm_address& address) {
    const auto found = result.names.find(address_text(address));
    return found == result.names.end() ? address_text(address) : found->second;
}

} // namespace

std::vector<DemoStep> load_demo_script(Session& session, const fs::path& file) {
    Report report;
    const std::string name = file.string();
    const std::string text = read_input(session.io, name, manifest::max_json_bytes);
    const auto document = manifest::parse_json(text, name, report);
    if (!document) throw Failure(std::move(report));
    manifest::JsonContext context(name, report);
    std::vector<DemoStep> steps;
    manifest::ObjectReader root(context, *document, "");
    if (const auto* list = root.array("steps", manifest::Need::required, most_steps))
        for (std::size_t i = 0; i < list->array()->size(); ++i)
            steps.push_back(read_step(context, (*list->array())[i], manifest::json_pointer("/steps", i)));
    root.finish();
    if (context.failed()) throw Failure(std::move(report));
    return steps;
}

DemoRunner::DemoRunner(Session& session, fs::path directory)
    : session_(session), directory_(fs::absolute(directory).lexically_normal()), machine_(session, {}, false) {}

DemoResult DemoRunner::run(const DemoStep& step) {
    DemoResult result;
    result.step = step;
    if (!step.file.empty()) result.path = (directory_ / step.file).string();
    if (step.action == DemoStep::Action::call) {
        if (const auto found = contracts_.find(step.contract); found != contracts_.end()) {
            result.path = found->second.path;
            result.source = found->second.source;
        }
    }
    try {
        if (const std::size_t colon = step.needs.find(':'); colon != std::string::npos) {
            const plugin::Registry& registry = session_.runtime().registry();
            const std::string kind = step.needs.substr(0, colon), id = step.needs.substr(colon + 1);
            if (registry.provider(kind, id) == nullptr)
                result.missing = step.plugin.empty() ? fmt::format("no plugin provides {}", step.needs)
                                                     : fmt::format("the plugin \"{}\" is missing: nothing provides {}",
                                                                   step.plugin, step.needs);
        }
        if (!step.file.empty()) {
            result.source = read_input(session_.io, result.path);
        }
        if (result.missing.empty()) {
            if (step.action == DemoStep::Action::run) run_program(result);
            if (step.action == DemoStep::Action::deploy) deploy(result);
            if (step.action == DemoStep::Action::call) call(result);
        }
    } catch (const Failure& failed) {
        result.report = failed.report();
        result.exit = failed.report().exit_status();
    }
    for (const auto& [name, contract] : contracts_)
        result.names[address_text(contract.address)] = name;
    if (result.receipt) {
        if (!result.number) result.number = result_number(result.receipt->outcome);
        if (result.exit == 0) result.exit = receipt_status(*result.receipt);
    }
    return result;
}

void DemoRunner::run_program(DemoResult& result) {
    const Code code = load_code(session_, result.path, result.step.format);
    MessageOptions message;
    const bool traced =
        code.format != native_format && session_.runtime().registry().provider(RVM_KIND_TRACER, trace_lines) != nullptr;
    if (traced) message.trace = trace_lines;
    machine_.place(program_address, code.bytes, code.format);
    result.receipt = machine_.call(program_address, message);
    if (!traced) return;
    if (result.receipt->outcome.status == RVM_OK && result.receipt->outcome.output.empty())
        result.number = last_stack_top(result.receipt->trace);
    result.receipt->trace.clear();
}

void DemoRunner::deploy(DemoResult& result) {
    const Code code = load_code(session_, result.path, result.step.format);
    result.receipt = machine_.create(code.bytes, code.format, {});
    if (result.receipt->outcome.status != RVM_OK) return;
    const rvm_address address = result.receipt->outcome.created;
    result.address = address_text(address);
    result.code_size = machine_.code_at(address).size;
    contracts_[result.step.contract] = {address, result.path, result.source};
}

void DemoRunner::call(DemoResult& result) {
    const auto find = [&](const std::string& name) {
        const auto found = contracts_.find(name);
        if (found == contracts_.end())
            throw failure(ErrorCode::state_account_missing, {}, {}, fmt::format("\"{}\" was not deployed", name));
        return found->second.address;
    };
    const rvm_address target = find(result.step.contract);
    result.address = address_text(target);
    MessageOptions message;
    for (const std::string& name : result.step.accounts) {
        const rvm_address address = find(name);
        message.input.insert(message.input.end(), std::begin(address.bytes), std::end(address.bytes));
    }
    result.receipt = machine_.call(target, message);
}

void show_demo(Session& session, const DemoResult& result, bool first) {
    const Io& io = session.io;
    if (!first) session.io.out("\n");
    session.io.out(io.paint(Style::heading, result.step.title) + "\n");
    if (!result.path.empty()) session.line("  file", result.path);
    if (result.step.action != DemoStep::Action::call && !result.source.empty())
        session.io.out(io.paint(Style::faint, indented(result.source)));
    if (!result.missing.empty()) {
        session.line("  not run", result.missing, Style::warning);
        return;
    }
    session.show(result.report);
    if (!result.receipt) {
        session.line("  failed", "see the errors above", Style::bad);
        return;
    }
    const Outcome& outcome = result.receipt->outcome;
    if (outcome.status != RVM_OK)
        session.line("  result", failure_text(outcome), Style::bad);
    else if (result.step.action == DemoStep::Action::deploy)
        session.line("  result", fmt::format("deployed at {} ({} bytes)", result.address, result.code_size),
                     Style::good);
    else
        session.line("  result", result.number ? number_text(*result.number) : bytes_text(outcome.output), Style::good);
    session.line("  gas used", fmt::format("{} gas{}", outcome.gas_used,
                                           result.step.action == DemoStep::Action::deploy ? " (deployment)" : ""));
    for (const rvm_account_change* change : result.receipt->changes.accounts())
        for (std::uint64_t i = 0; i < change->slot_count; ++i)
            session.line("  storage",
                         fmt::format("{} slot {}: {} -> {}", account_name(result, change->address),
                                     decimal_text(change->slots[i].key), decimal_text(change->slots[i].before),
                                     decimal_text(change->slots[i].after)));
}

nlohmann::ordered_json demo_json(const DemoResult& result) {
    nlohmann::ordered_json json{{"title", result.step.title},
                                {"action", action_words[static_cast<std::size_t>(result.step.action)]},
                                {"path", result.path},
                                {"source", result.source}};
    if (!result.step.contract.empty()) json["contract"] = result.step.contract;
    if (!result.address.empty()) json["address"] = result.address;
    if (result.code_size != 0) json["code_size"] = result.code_size;
    json["ran"] = result.receipt.has_value();
    if (!result.missing.empty()) {
        json["missing"] = result.missing;
        if (!result.step.plugin.empty()) json["plugin"] = result.step.plugin;
    }
    if (result.receipt) json.update(receipt_json(*result.receipt));
    if (result.number) json["result"] = {{"decimal", decimal_text(*result.number)}, {"hex", hex_text(*result.number)}};
    if (!result.report.findings().empty()) json["findings"] = report_json(result.report);
    return json;
}

} // namespace rvm::host
