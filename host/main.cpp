// The rvm program.
#include <string>
#include <vector>

#include "cli/dispatch.hpp"
#include "plugin/terminate.hpp"

// Of rvm-static alone (rvm_link_plugins()); elsewhere its address is null.
extern "C" [[gnu::weak]] const rvm_entry* const rvm_linked_plugins[];

int main(int argc, char** argv) {
    rvm::plugin::name_plugin_on_terminate();
    rvm::host::Session session;
    if (const rvm_entry* const* entry = rvm_linked_plugins; entry != nullptr)
        for (; *entry != nullptr; ++entry)
            session.builtins.push_back(*entry);
    return rvm::host::dispatch(session, std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
