// The instruction in the SDK's test host, without dlopen and without an EVM.
#include <cstdio>

#include <rvm/evm_ops.h>
#include <rvm/test_host.hpp>

int main() {
    rvm::sdk::test::TestHost host;
    host.load(rvm_plugin_entry_v0);
    const auto& item = host.find<rvm_interface>(RVM_KIND_INTERFACE, RVM_EVM_OPS);
    const auto& table = *static_cast<const rvm_evm_ops*>(item.table);
    const rvm_evm_op& op = table.ops[0];
    rvm_u256 words[RVM_EVM_OP_MAX_WORDS] = {{{0xff, 0, 0, 0x8000000000000001}}};
    const bool good = table.count == 1 && op.number == 0x1f && op.run(op.self, words) == RVM_OK &&
                      words[0].limbs[0] == 10 && words[0].limbs[3] == 0;
    if (!good) std::fprintf(stderr, "POPCOUNT gave %llu\n", static_cast<unsigned long long>(words[0].limbs[0]));
    return good ? 0 : 1;
}
