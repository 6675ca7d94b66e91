// The input of each precompile, under each price. The first byte chooses the program, the rest is its input.
#include <algorithm>
#include <cstdlib>

#include "evm_precompiles_host.hpp"

namespace {

using rvm::evm::test::Bytes;
using rvm::evm::test::PrecompileHost;
using rvm::evm::test::ProgramRun;

/// Bounds the work of one input to milliseconds.
constexpr std::int64_t gas_limit = 300'000;

void require(bool held) {
    if (!held) std::abort();
}

PrecompileHost& host() {
    static PrecompileHost host;
    static const rvm_status linked = host.link();
    require(linked == RVM_OK);
    return host;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto programs = host().precompiles.programs();
    const rvm_program& program = programs[data[0] % programs.size()];
    // An allocation of its own, so that a sanitizer sees a read beyond the input.
    const Bytes input(data + 1, data + size);

    const ProgramRun first = PrecompileHost::run(program, input, gas_limit);
    require(first.status >= 0); // malformed input is never a failure of the host
    require(first.gas_used >= 0 && first.gas_used <= gas_limit);
    if (first.status != RVM_OK) return 0;
    // The price is exact, and what gas is left changes nothing.
    const ProgramRun exact = PrecompileHost::run(program, input, first.gas_used, first.output.size());
    require(exact.status == RVM_OK && exact.output == first.output && exact.gas_used == first.gas_used);
    if (first.gas_used > 0) {
        require(PrecompileHost::run(program, input, first.gas_used - 1).status == RVM_TRAP_OUT_OF_GAS);
    }
    return 0;
}
