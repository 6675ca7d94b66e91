// rvm demo: runs the programs of a folder through the real loader, as its demo.json says.

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/files.hpp"
#include "cli/session.hpp"
#include "cli/verb.hpp"
#include "verbs/demo_script.hpp"

namespace rvm::host {

int run_demo(Session& session, Options& options) {
    std::string folder;
    options.text("--dir", "DIR", folder, "folder with demo.json and the programs; default share/rvm/demo");
    options.parse();
    const std::filesystem::path directory =
        folder.empty() ? session.share_dir() / "demo" : std::filesystem::path(folder);

    session.confine_but_for_files(Session::Programs::run); // the next program is read when the one before has run
    DemoRunner runner(session, directory);
    nlohmann::ordered_json steps = nlohmann::ordered_json::array();
    int status = RVM_EXIT_OK;
    for (const DemoStep& step : load_demo_script(session, directory / "demo.json")) {
        const DemoResult result = runner.run(step);
        if (result.exit != RVM_EXIT_OK && status == RVM_EXIT_OK) status = result.exit;
        if (session.globals.json)
            steps.push_back(demo_json(result));
        else
            show_demo(session, result, steps.empty());
        if (!session.globals.json) steps.push_back(nullptr); // counts what was shown
    }
    if (session.globals.json) session.print_json({{"directory", directory.string()}, {"steps", std::move(steps)}});
    return status;
}

} // namespace rvm::host
