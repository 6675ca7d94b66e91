// Any bytes as the input and as the output of a module on its own: what is read is written as it was, but for the order of
// files.
#include <cstdint>
#include <cstdlib>

#include "alone/invocation.hpp"
#include "alone/outcome.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rvm::wasm::alone;
    if (const auto call = decode_invocation({data, size})) {
        const Bytes once = encode(*call);
        const auto again = decode_invocation(once);
        if (once.size() > size || !again || encode(*again) != once) std::abort();
    }
    if (const auto outcome = decode_outcome({data, size}))
        if (encode(*outcome) != Bytes(data, data + size)) std::abort();
    return 0;
}
