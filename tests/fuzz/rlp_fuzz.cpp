// Any bytes as RLP: checking never crashes, and what is canonical decodes to values that encode to the same bytes.
#include <cstdint>
#include <cstdlib>

#include "rlp/decode.hpp"
#include "rlp/encode.hpp"

namespace {

using namespace rvm::rlp;

void require(bool claim) {
    if (!claim) std::abort();
}

template <class Sink>
void copy_items(Bytes payload, Sink& out) {
    Status status;
    Reader items(payload, status);
    require(items.at_end() || items.count() > 0);
    while (!items.at_end()) {
        const Item item = items.item();
        if (item.is_list)
            out.list([&](auto& inner) { copy_items(item.payload, inner); });
        else
            out.string(item.payload);
    }
    require(status.ok());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input(data, size);
    constexpr std::size_t depth = 12; // sizing a list doubles with its depth
    static_cast<void>(check(input));
    Item first;
    const bool splits = split(input, first) == Error::none;
    if (!check(input, depth).ok()) return 0;
    require(splits && first.encoded.size() == size);
    Buffer out;
    Writer writer(out);
    copy_items(input, writer);
    require(out.size() == size && std::equal(out.begin(), out.end(), data));
    return 0;
}
