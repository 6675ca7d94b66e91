#include "trace/instruction_names.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "native/opcodes.hpp"
#include "plugin/registry.hpp"
#include "record/step_reader.hpp"

namespace rvm::host {

namespace {

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

/// A format has no list of its instructions: what its disassembler calls each byte.
void add_names_of(Session& session, const std::string& id, std::set<std::string>& names) {
    Report ignored;
    const rvm_format* format = session.runtime().format(id, ignored);
    if (format == nullptr || format->disassemble == nullptr) return;
    for (unsigned byte = 0; byte <= UINT8_MAX; ++byte) {
        const auto code = static_cast<std::uint8_t>(byte);
        char text[256] = {};
        if (format->disassemble(format->self, {&code, 1}, 0, text, sizeof text - 1) == 0) continue;
        const std::string_view line(text);
        names.emplace(line.substr(0, line.find(' ')));
    }
}

} // namespace

std::vector<std::string> instruction_names(Session& session, const record::Recording& recording) {
    std::set<std::string> names, formats;
    for (const record::World& world : recording.worlds)
        for (const record::Call& call : world.calls) {
            record::StepReader reader(call.events, 0, false);
            for (record::Event event; reader.next(event);) {
                if (event.kind == record::Event::Kind::enter && event.format != nullptr) formats.emplace(event.format);
                if (event.kind == record::Event::Kind::op || event.kind == record::Event::Kind::fault)
                    names.emplace(event.op.name);
            }
        }
    for (const std::string& format : formats)
        add_names_of(session, format, names);
    for (const native::OpInfo& info : native::op_table)
        if (!info.mnemonic.empty()) names.emplace(info.mnemonic);
    for (const char* kind : {RVM_KIND_OPCODE, RVM_KIND_SYSCALL})
        for (const plugin::Provided& provided : session.runtime().registry().provided(kind))
            names.insert(provided.id);
    names.erase("");
    return {names.begin(), names.end()};
}

void require_instructions(const std::vector<std::string>& asked, const std::vector<std::string>& known) {
    std::map<std::string, std::string> spelling; // as the instruction is called, by its name in lower case
    for (const std::string& name : known)
        spelling.try_emplace(lower(name), name);
    for (const std::string& name : asked) {
        if (spelling.contains(lower(name))) continue;
        std::vector<std::string_view> candidates;
        for (const auto& [word, name_of_it] : spelling)
            candidates.emplace_back(word);
        const std::string near = nearest(lower(name), candidates);
        throw UsageError(fmt::format("--op: no instruction is called \"{}\"", name),
                         near.empty() ? "`rvm trace --format jsonl RECORDING` shows the names of those that ran"
                                      : fmt::format("did you mean {}?", spelling[near]));
    }
}

} // namespace rvm::host
