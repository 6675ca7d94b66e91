#include "verbs/evm_command.hpp"

#include <cstdio>

#include "verbs/report.hpp"
#include "verb/run.hpp"
#include "verbs/source.hpp"

namespace rvm::evm {
namespace {

void write(const rvm_command_io& io, std::uint32_t stream, const std::string& text) {
    static_cast<void>(io.write(io.ctx, stream, sdk::view(text)));
}

/// One instruction a line, or as JSON; texts are mnemonics and hex digits.
std::string disassembly(const rvm_format& format, const Bytes& code, bool json) {
    std::string out;
    const rvm_view view{code.data(), code.size()};
    char text[80];
    for (std::uint64_t at = 0; at < code.size();) {
        const std::uint64_t size = format.disassemble(format.self, view, at, text, sizeof text);
        char line[160];
        std::snprintf(line, sizeof line, json ? "%s{\"pc\": %llu, \"text\": \"%s\"}" : "%s%06llx  %s\n",
                      json && !out.empty() ? ",\n " : "", static_cast<unsigned long long>(at), text);
        out += line;
        at += size;
    }
    return json ? "[" + out + "]\n" : out;
}

std::string timing(double nanoseconds, std::int64_t gas, bool json) {
    char text[160];
    const double per_gas = gas != 0 ? nanoseconds / static_cast<double>(gas) : 0;
    if (json)
        std::snprintf(text, sizeof text, "{\"ns\": %.1f, \"gas\": %lld, \"ns_per_gas\": %.3f}\n", nanoseconds,
                      static_cast<long long>(gas), per_gas);
    else
        std::snprintf(text, sizeof text, "%-12s%.1f ns, %.3f ns a gas\n", "execution", nanoseconds, per_gas);
    return text;
}

} // namespace

EvmCommand::EvmCommand(const sdk::Host& host, const rvm_format& format) : host_(host), format_(format) {
    table_.struct_size = sizeof table_;
    table_.id = "evm";
    table_.summary = "run, measure or disassemble EVM code";
    table_.self = this;
    table_.run = &EvmCommand::run;
}

std::int32_t EvmCommand::run(void* self, const rvm_command_io* io, std::int32_t argc,
                             const char* const* argv) noexcept {
    return verb::run(*io, [&] { return static_cast<const EvmCommand*>(self)->run(*io, argc, argv); });
}

std::int32_t EvmCommand::run(const rvm_command_io& io, std::int32_t argc, const char* const* argv) const {
    EvmOptions options = parse_evm_options(argc, argv);
    if (options.help) {
        write(io, RVM_IO_OUT, evm_help());
        return RVM_EXIT_OK;
    }
    options.json = options.json || (io.flags & RVM_IO_JSON) != 0;
    Bytes code = load_code(io, options.code, !options.create);
    if (options.disassemble) {
        write(io, RVM_IO_OUT, disassembly(format_, code, options.json));
        return RVM_EXIT_OK;
    }
    Session session(host_, options, std::move(code));
    if (!options.prestate.empty()) session.load_prestate(read_file(io, options.prestate), options.prestate);
    const Execution execution = session.run();
    if (!execution.trace.empty()) write(io, RVM_IO_ERROR, execution.trace);
    if (options.bench) {
        write(io, RVM_IO_OUT,
              (options.json ? "" : report_text(execution, options)) +
                  timing(session.measure(io), execution.gas_used, options.json));
    } else if (options.json && !options.dump) {
        write(io, RVM_IO_OUT, report_json(execution, options));
    } else if (!options.dump) {
        write(io, RVM_IO_OUT, report_text(execution, options));
    }
    if (options.dump) write(io, RVM_IO_OUT, session.dump());
    return execution.status == RVM_OK ? RVM_EXIT_OK : RVM_EXIT_TRAPPED;
}

} // namespace rvm::evm
