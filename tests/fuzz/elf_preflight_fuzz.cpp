// Any bytes at all: the preflight must answer without reading outside them, hanging or allocating much.
#include <cstdlib>

#include "plugin/elf.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    rvm::Report report;
    const auto facts = rvm::plugin::preflight({data, size}, "fuzz.so", {}, report);
    if (facts.has_value() != report.ok()) std::abort(); // refused without a reason, or accepted despite one
    const auto sidecar = rvm::plugin::embedded_sidecar({data, size});
    const auto early = rvm::plugin::embedded_sidecar({data, size / 2}, size);
    if (early.has_value() && early != sidecar) std::abort(); // the beginning of a file says something else than all of it
    return 0;
}
