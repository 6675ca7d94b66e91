// The rvm program.
#include <string>
#include <vector>

#include "cli/dispatch.hpp"
#include "plugin/terminate.hpp"

int main(int argc, char** argv) {
    rvm::plugin::name_plugin_on_terminate();
    rvm::host::Session session;
    return rvm::host::dispatch(session, std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
