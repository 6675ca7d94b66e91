// Any bytes as a native program: decoding and verifying never crash, what decodes is canonical, what verifies survives the
// way through assembly text, and what links runs to an outcome of the program, traced or not, with the same result.
#include <cstdint>
#include <cstdlib>

#include "../unit/support/native_runner.hpp"
#include "native/disassembler.hpp"

namespace {

constexpr std::int64_t gas_limit = 20'000;

void require(bool claim) {
    if (!claim) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rvm::native;
    const rvm::Bytes bytes(data, data + size);
    rvm::Report report;
    const auto container = decode_container(bytes, "fuzz.rvm", report);
    require(container.has_value() == report.ok());
    if (!container) return 0;
    require(encode_container(*container) == bytes);

    const auto text = disassemble(bytes, report);
    require(text.has_value() == check(bytes, "fuzz.rvm", report));
    if (!text) return 0;
    rvm::Report assembly;
    const auto again = assemble(*text, "fuzz.rasm", {}, assembly);
    require(again.has_value() && *again == bytes);

    test::RunResult runs[2];
    for (int traced = 0; traced < 2; ++traced) {
        test::Runner runner;
        runner.memory_budget = 1 << 20;
        runner.flags = traced != 0 ? RVM_FRAME_TRACED : 0;
        const auto artifact = runner.linked(bytes, assembly);
        if (!artifact) return 0;
        runs[traced] = runner.run_artifact(*artifact, bytes, gas_limit);
        require(runs[traced].status >= RVM_OK);
        require(runs[traced].gas_used >= 0 && runs[traced].gas_used <= gas_limit);
    }
    require(runs[0].status == runs[1].status && runs[0].gas_used == runs[1].gas_used);
    require(runs[0].output == runs[1].output && runs[0].position == runs[1].position);
    return 0;
}
