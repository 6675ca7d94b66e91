// rvm version: every number that decides what fits together.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/session.hpp"
#include "cli/verb.hpp"
#include "manifest/manifest.hpp"
#include "manifest/sidecar.hpp"
#include "native/limits.hpp"
#include "record/recording.hpp"
#include <rvm/rvm.h>

namespace rvm::host {

int run_version(Session& session, Options& options) {
    options.parse();
    const std::string abi = fmt::format("{}.{}", RVM_ABI_MAJOR, RVM_ABI_MINOR);
    if (session.globals.json) {
        session.print_json({{"rvm", rvm_version()},
                            {"abi", abi},
                            {"container", native::container_version},
                            {"manifest", manifest::manifest_format_version},
                            {"sidecar", manifest::sidecar_format_version},
                            {"recording", record::file_version},
                            {"compiler", RVM_COMPILER}});
        return RVM_EXIT_OK;
    }
    session.line("rvm", rvm_version());
    session.line("abi", abi);
    session.line(".rvm", fmt::format("{}", native::container_version));
    session.line("manifest", fmt::format("{}", manifest::manifest_format_version));
    session.line("sidecar", fmt::format("{}", manifest::sidecar_format_version));
    session.line("recording", fmt::format("{}", record::file_version));
    session.line("compiler", RVM_COMPILER);
    return RVM_EXIT_OK;
}

} // namespace rvm::host
