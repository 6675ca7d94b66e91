// Any bytes as a phrase, as a path, as an extended key and as text to normalise.
#include "mnemonic/mnemonic.hpp"

#include "derive/node.hpp"
#include "unicode/nfkd.hpp"
#include "wallet_fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rvm::wallet;
    const Bytes input(data, size);
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    fuzz::may_refuse([&] {
        const Secret once = nfkd(input);
        if (once.size() <= 4096) fuzz::require(same_secret(once, nfkd(once))); // a normal form stays what it is
    });
    fuzz::may_refuse([&] {
        const Mnemonic mnemonic = read_phrase(input, nullptr, fuzz::primitives());
        const Secret phrase = phrase_of(mnemonic.entropy, *mnemonic.list, fuzz::primitives());
        fuzz::require(same_secret(read_phrase(phrase, mnemonic.list, fuzz::primitives()).entropy, mnemonic.entropy));
    });
    fuzz::may_refuse([&] {
        const Path path = read_path(text);
        fuzz::require(read_path(path_text(path)) == path);
    });
    fuzz::may_refuse([&] {
        const Node node = Node::read(text, fuzz::primitives());
        fuzz::require(node.text(fuzz::primitives()).text() == text);
    });
    return 0;
}
