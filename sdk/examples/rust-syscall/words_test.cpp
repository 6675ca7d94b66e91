// The syscall in the SDK's test host, without dlopen.
#include <cstdio>

#include <rvm/test_host.hpp>

int main() {
    rvm::sdk::test::TestHost host;
    host.load(rvm_plugin_entry_v0);
    const rvm::sdk::test::Bytes text = {' ', 'o', 'n', 'e', '\n', 't', 'w', 'o', ' ', ' ', 't', 'h', 'r', 'e', 'e'};
    const auto run = host.run_syscall("words.count", text);
    const auto cramped = host.run_syscall("words.count", text, 7);
    const bool good = run.status == RVM_OK && run.output == rvm::sdk::test::Bytes{3, 0, 0, 0, 0, 0, 0, 0} && run.gas_used == 26 &&
                      cramped.status == RVM_TRAP_LIMIT && host.violations().empty();
    if (!good) std::fprintf(stderr, "status %d, %zu bytes, %lld gas\n", run.status, run.output.size(), static_cast<long long>(run.gas_used));
    return good ? 0 : 1;
}
