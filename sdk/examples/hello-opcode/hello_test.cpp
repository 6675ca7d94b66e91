// The opcode in the SDK's test host, without dlopen.
#include <cstdio>

#include <rvm/test_host.hpp>

int main() {
    rvm::sdk::test::TestHost host;
    host.load(rvm_plugin_entry_v0);
    const auto run = host.run_opcode("hello.muladd", {6, 2}, {.immediate = 7});
    const auto poor = host.run_opcode("hello.muladd", {6, 2}, {.immediate = 7, .gas = 4});
    const bool good = run.status == RVM_OK && run.words.at(0) == 44 && run.gas_used == 5 &&
                      poor.status == RVM_TRAP_OUT_OF_GAS && host.violations().empty();
    if (!good) std::fprintf(stderr, "6 * 7 + 2 gave %llu\n", static_cast<unsigned long long>(run.words.at(0)));
    return good ? 0 : 1;
}
