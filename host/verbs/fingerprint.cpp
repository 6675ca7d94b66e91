// rvm fingerprint: the two lines that tell two nodes apart.
#include <nlohmann/json.hpp>

#include "cli/verb.hpp"
#include "verbs/config_verbs.hpp"

namespace rvm::host {

int run_fingerprint(Session& session, Options& options) {
    std::string file;
    bool texts = false;
    options.argument("FILE", file, "manifest; default: the one in use; -: stdin", false);
    options.flag("--texts", texts, "print the canonical JSON texts that are hashed");
    options.parse();

    Deployment deployment = open_deployment(session, file);
    if (deployment.runtime == nullptr) throw Failure(std::move(deployment.report));
    Runtime& runtime = *deployment.runtime;
    nlohmann::ordered_json json{{"file", deployment.file},
                                {"semantics", runtime.semantics_fingerprint(deployment.report)},
                                {"binaries", runtime.binaries_fingerprint()}};
    if (texts) {
        json["semantics_text"] = runtime.semantics_text(deployment.report);
        json["binaries_text"] = runtime.binaries_text();
    }
    deployment.close();
    const int status = deployment.report.ok() ? RVM_EXIT_OK : RVM_EXIT_CONFIG;
    if (session.globals.json) {
        json["findings"] = report_json(deployment.report);
        json["exit"] = status;
        session.print_json(json);
        return status;
    }
    session.show(deployment.report);
    for (const char* name : {"semantics", "binaries"})
        session.line(name, json.at(name).get<std::string>());
    if (texts)
        for (const char* name : {"semantics_text", "binaries_text"})
            session.io.out(json.at(name).get<std::string>() + "\n");
    return status;
}

} // namespace rvm::host
