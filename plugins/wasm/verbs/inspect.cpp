// rvm wasm inspect: what a module is made of.
#include <nlohmann/json.hpp>

#include "module/branch_hints.hpp"
#include "module/costs.hpp"
#include "module/instruction.hpp"
#include "module/names.hpp"
#include "verbs/loaded.hpp"

namespace rvm::wasm::verbs {
namespace {

using Json = nlohmann::ordered_json;

std::string limits_text(const Limits& limits) {
    std::string text = std::to_string(limits.minimum);
    if (limits.maximum != UINT64_MAX) text += " to " + std::to_string(limits.maximum);
    return text + (limits.is64 ? " (64-bit addresses)" : "");
}

std::string item_text(const Module& m, ExternKind kind, std::uint32_t index) {
    switch (kind) {
    case ExternKind::function:
        return m.type_text(m.functions[index]);
    case ExternKind::table:
        return m.tables[index].element.text() + " " + limits_text(m.tables[index].limits);
    case ExternKind::memory:
        return limits_text(m.memories[index].limits) + " pages";
    case ExternKind::global:
        return std::string(m.globals[index].is_mutable ? "mutable " : "") + m.globals[index].type.text();
    case ExternKind::tag:
        return m.type_text(m.tags[index]);
    }
    return "";
}

/// Instructions of a body and the sum of their prices.
struct Cost {
    std::uint64_t instructions = 0;
    std::uint64_t units = 0;
};

/// What instructions of one body cost beyond their prices for handing on operands (costs::handed_on).
class HandedOn {
  public:
    HandedOn(const Module& m, std::uint32_t type) : m_(m), own_(m.results(type).size()) {
        open_.push_back({false, own_, own_});
    }
    [[nodiscard]] std::uint64_t price(const Instruction& in) {
        switch (in.op) {
        case Op::block:
        case Op::loop:
        case Op::if_:
        case Op::try_table:
            enter(in);
            return 0;
        case Op::else_:
            return costs::handed_on(open_.back().results);
        case Op::end: {
            const Open closed = open_.back();
            open_.pop_back();
            return closed.loop ? 0 : costs::handed_on(closed.results);
        }
        case Op::br:
        case Op::br_if:
        case Op::br_on_null:
        case Op::br_on_non_null:
            return of_label(in.index);
        case Op::br_table: {
            Reader labels({in.bytes, in.bytes_end}, in.at);
            return of_label(labels.u32("a label")); // every label takes the same number
        }
        case Op::return_:
            return costs::handed_on(own_);
        case Op::return_call:
            return costs::handed_on(m_.parameters(m_.functions[in.index]).size());
        case Op::return_call_indirect:
        case Op::return_call_ref:
            return costs::handed_on(m_.parameters(in.index).size());
        case Op::throw_:
            return costs::handed_on(m_.parameters(m_.tags[in.index]).size());
        default:
            return 0;
        }
    }

  private:
    struct Open {
        bool loop;
        std::size_t results, operands; ///< left behind; taken along by a branch
    };
    void enter(const Instruction& in) {
        const bool listed = in.block.index != BlockType::no_index;
        const std::size_t parameters = listed ? m_.parameters(in.block.index).size() : 0;
        const std::size_t results = listed ? m_.results(in.block.index).size() : in.block.result.is_bottom() ? 0 : 1;
        open_.push_back({in.op == Op::loop, results, in.op == Op::loop ? parameters : results});
    }
    [[nodiscard]] std::uint64_t of_label(std::uint32_t depth) const {
        return costs::handed_on(open_[open_.size() - 1 - depth].operands);
    }

    const Module& m_;
    std::size_t own_;
    std::vector<Open> open_;
};

Cost cost_of(const Module& m, const Range& body, std::uint32_t type) {
    Reader reader(m.part(body), body.offset);
    const std::uint32_t groups = reader.u32("locals");
    std::uint64_t declared_cells = 0;
    for (std::uint32_t i = 0; i < groups; ++i) {
        const std::uint64_t count = reader.u32("locals");
        declared_cells += count * read_value_type(reader, m.features, m.type_first).cells();
    }
    Cost cost;
    cost.units = declared_cells / costs::locals_per_unit;
    HandedOn handed_on(m, type);
    Instruction in;
    while (!reader.at_end()) {
        read_instruction(reader, m.features, m.type_first, in);
        ++cost.instructions;
        cost.units += info(in.op).price + handed_on.price(in);
    }
    return cost;
}

} // namespace

std::int32_t check(const Io& io, std::vector<std::string> words) {
    const Words options(std::move(words), {"--features"}, {"--json"});
    if (options.rest().size() != 1) throw Refusal(Fault::command_line, "expected one file: rvm wasm check FILE");
    const LoadedFile file(options.rest()[0], features_named(options.value("--features")));
    const Module& module = file.program->module;
    if (io.json() || options.has("--json")) {
        io.out(Json{{"file", file.path},
                    {"valid", true},
                    {"functions", module.functions.size()},
                    {"imports", module.imports.size()},
                    {"exports", module.exports.size()}}
                   .dump() +
               "\n");
    } else {
        io.out(file.path + ": valid: " + std::to_string(module.functions.size()) + " functions, " +
               std::to_string(module.imports.size()) + " imports, " + std::to_string(module.exports.size()) +
               " exports\n");
    }
    return RVM_EXIT_OK;
}

std::int32_t inspect(const Io& io, std::vector<std::string> words) {
    const Words options(std::move(words), {"--features"}, {"--json"});
    if (options.rest().size() != 1) throw Refusal(Fault::command_line, "expected one file: rvm wasm inspect FILE");
    const LoadedFile file(options.rest()[0], features_named(options.value("--features")));
    const Module& m = file.program->module;
    Json root;
    root["file"] = file.path;
    root["bytes"] = file.bytes.size();
    root["resident_bytes"] = file.program->bytes();
    root["units_per_gas"] = costs::units_per_gas;
    const auto list = [&](const char* name) -> Json& { return root[name] = Json::array(); };
    Json& imports = list("imports");
    for (const Import& item : m.imports) {
        imports.push_back({{"module", item.module},
                           {"name", item.name},
                           {"kind", name(item.kind)},
                           {"type", item_text(m, item.kind, item.index)}});
    }
    Json& exports = list("exports");
    for (const Export& item : m.exports) {
        exports.push_back({{"name", item.name},
                           {"kind", name(item.kind)},
                           {"index", item.index},
                           {"type", item_text(m, item.kind, item.index)}});
    }
    Json& memories = list("memories");
    for (const MemoryType& memory : m.memories) {
        memories.push_back(limits_text(memory.limits) + " pages");
    }
    Json& tables = list("tables");
    for (std::uint32_t i = 0; i < m.tables.size(); ++i) {
        tables.push_back(item_text(m, ExternKind::table, i));
    }
    root["globals"] = m.globals.size();
    root["data_segments"] = m.data.size();
    root["element_segments"] = m.elements.size();
    std::string wrong_hints;
    try {
        check_branch_hints(m);
    } catch (const ModuleError& error) {
        wrong_hints = error.what();
    }
    Json& customs = list("custom_sections");
    for (const CustomSection& section : m.customs) {
        customs.push_back({{"name", section.name}, {"bytes", section.contents.size}});
        if (section.name == branch_hint_section && !wrong_hints.empty()) customs.back()["wrong"] = wrong_hints;
    }
    const FunctionNames names(m);
    Json& functions = list("functions");
    for (std::uint32_t i = 0; i < m.bodies.size(); ++i) {
        const std::uint32_t index = m.imported_functions + i;
        const Cost cost = cost_of(m, m.bodies[i], m.functions[index]);
        functions.push_back({{"index", index},
                             {"name", names.of(index)},
                             {"type", m.type_text(m.functions[index])},
                             {"offset", m.bodies[i].offset},
                             {"bytes", m.bodies[i].size},
                             {"instructions", cost.instructions},
                             {"units", cost.units},
                             {"height", file.program->code.height(i)}});
    }
    if (io.json() || options.has("--json")) {
        io.out(root.dump(2) + "\n");
        return RVM_EXIT_OK;
    }
    std::string text = file.path + ": " + std::to_string(file.bytes.size()) + " bytes, resident " +
                       std::to_string(file.program->bytes()) + " bytes\n";
    const auto section = [&](const char* title, const char* key,
                             auto line) { // an earlier Json& of root is stale by now
        const Json& items = root.at(key);
        if (items.empty()) return;
        text += std::string(title) + ":\n";
        for (const Json& item : items) {
            text += "  " + line(item) + "\n";
        }
    };
    const auto of = [](const Json& item, const char* key) { return item.at(key).template get<std::string>(); };
    const auto number = [](const Json& item, const char* key) {
        return std::to_string(item.at(key).template get<std::uint64_t>());
    };
    section("imports", "imports", [&](const Json& item) {
        return of(item, "kind") + " " + of(item, "module") + "." + of(item, "name") + " " + of(item, "type");
    });
    section("exports", "exports",
            [&](const Json& item) { return of(item, "kind") + " " + of(item, "name") + " " + of(item, "type"); });
    section("memories", "memories", [](const Json& item) { return item.get<std::string>(); });
    section("tables", "tables", [](const Json& item) { return item.get<std::string>(); });
    section("custom sections", "custom_sections", [&](const Json& item) {
        const std::string wrong = item.contains("wrong") ? ", wrong: " + of(item, "wrong") : "";
        return of(item, "name") + ", " + number(item, "bytes") + " bytes" + wrong;
    });
    section("functions (as written; 100 units are 1 gas)", "functions", [&](const Json& item) {
        return number(item, "index") + " " + of(item, "name") + " " + of(item, "type") + ": " +
               number(item, "instructions") + " instructions, " + number(item, "units") + " units, frame of " +
               number(item, "height") + " words";
    });
    io.out(text);
    return RVM_EXIT_OK;
}

} // namespace rvm::wasm::verbs
