// Any bytes as a key file and as a wallet file, whatever password.
#include "keystore/keystore.hpp"

#include "store/wallet_file.hpp"
#include "wallet_fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rvm::wallet;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    fuzz::may_refuse([&] {
        const Secret key = read_keystore(text, bytes_of("password"), fuzz::primitives());
        fuzz::require(key.size() == 32);
    });
    fuzz::may_refuse([&] {
        const OpenWallet wallet = open_wallet({data, size}, bytes_of("password"), fuzz::primitives());
        const Secret again = encode_entries(wallet.entries);
        fuzz::require(decode_entries(again).size() == wallet.entries.size());
    });
    // What is sealed is out of reach of a fuzzer: the plain text itself.
    fuzz::may_refuse([&] {
        const auto entries = decode_entries({data, size});
        fuzz::require(same_secret(encode_entries(entries), {data, size}));
    });
    return 0;
}
