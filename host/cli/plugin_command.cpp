#include "cli/plugin_command.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/dispatch.hpp"
#include "cli/interrupt.hpp"
#include "plugin/registry.hpp"

namespace rvm::host {

namespace {

struct CommandContext {
    Session& session;
};

rvm_status io_write(void* ctx, std::uint32_t stream, rvm_view text) {
    Io& io = static_cast<CommandContext*>(ctx)->session.io;
    const std::string_view view{reinterpret_cast<const char*>(text.data), static_cast<std::size_t>(text.size)};
    if (stream == RVM_IO_ERROR)
        io.err(view);
    else if (stream == RVM_IO_OUT)
        io.out(view);
    else
        return RVM_E_INVALID_ARGUMENT;
    return io.lost() == 0 ? RVM_OK : RVM_E_IO;
}

rvm_status io_read(void* ctx, rvm_span* out) {
    Io& io = static_cast<CommandContext*>(ctx)->session.io;
    const std::int64_t count = io.read(reinterpret_cast<char*>(out->data), static_cast<std::size_t>(out->size));
    out->size = count < 0 ? 0 : static_cast<std::uint64_t>(count);
    return count < 0 ? RVM_E_IO : RVM_OK;
}

void io_progress(void* ctx, const char* what, std::uint64_t done, std::uint64_t total) {
    Session& session = static_cast<CommandContext*>(ctx)->session;
    if (total != 0 && done >= total) // finished work leaves no trace
        session.io.progress({});
    else
        session.progress(what, done, total);
}

std::uint32_t io_cancelled(void*) { return InterruptWatch::interrupted() ? 1 : 0; }

std::int32_t io_run_verb(void* ctx, std::int32_t argc, const char* const* argv) {
    if (argc < 1 || argv == nullptr) return RVM_EXIT_USAGE;
    std::vector<std::string> words;
    for (std::int32_t i = 0; i < argc; ++i)
        if (argv[i] != nullptr) words.emplace_back(argv[i]);
    return dispatch(static_cast<CommandContext*>(ctx)->session, std::move(words));
}

} // namespace

std::vector<PluginVerb> plugin_verbs(Runtime& runtime) {
    std::vector<PluginVerb> verbs;
    for (const plugin::Provided& provided : runtime.registry().provided(RVM_KIND_COMMAND)) {
        const auto& commands = provided.owner->sidecar().commands;
        const auto found = commands.find(provided.id);
        if (found == commands.end()) continue; // refused as M13 by the sidecar's parser
        verbs.push_back({found->first, &found->second, provided.owner});
    }
    return verbs;
}

std::string plugin_verb_help(const PluginVerb& verb) {
    return fmt::format("rvm {}: {}\n\nUsage:\n  rvm {}\n\nFrom the plugin {} {} ({}).\n\nExample:\n  {}\n", verb.name,
                       verb.help->summary, verb.help->usage, verb.owner->id(), verb.owner->sidecar().version.text(),
                       verb.owner->file(), verb.help->example);
}

nlohmann::ordered_json plugin_verb_json(const PluginVerb& verb) {
    return {{"verb", verb.name},
            {"summary", verb.help->summary},
            {"usage", verb.help->usage},
            {"example", verb.help->example},
            {"plugin", verb.owner->id()}};
}

int run_plugin_verb(Session& session, const PluginVerb& verb, const std::vector<std::string>& arguments) {
    Report report;
    const auto command = session.runtime().registry().find<rvm_command>(verb.name, report);
    if (!command) throw Failure(std::move(report));
    session.show(report);
    session.confine_but_for_files(Session::Programs::run, verb.owner); // it reads and writes them whenever it likes

    CommandContext context{session};
    rvm_command_io io{};
    io.struct_size = sizeof io;
    io.flags = (session.io.out_is_terminal() ? RVM_IO_IS_TERMINAL : 0U) | (session.io.colour() ? RVM_IO_COLOUR : 0U) |
               (session.globals.json ? RVM_IO_JSON : 0U);
    io.ctx = &context;
    io.write = io_write;
    io.read = io_read;
    io.progress = io_progress;
    io.cancelled = io_cancelled;
    io.run_verb = io_run_verb;

    const std::string name(verb.name);
    std::vector<const char*> argv{name.c_str()};
    for (const std::string& argument : arguments)
        argv.push_back(argument.c_str());
    const InterruptWatch watch;
    const std::int32_t status = command->run(command->self, &io, static_cast<std::int32_t>(argv.size()), argv.data());
    switch (status) {
    case RVM_EXIT_OK:
    case RVM_EXIT_TRAPPED:
    case RVM_EXIT_USAGE:
    case RVM_EXIT_INTERNAL:
    case RVM_EXIT_CONFIG:
        return status;
    default:
        throw failure(
            ErrorCode::internal, verb.owner->file(), {},
            fmt::format("the verb \"{}\" of plugin {} returned the exit status {}", name, verb.owner->id(), status));
    }
}

} // namespace rvm::host
