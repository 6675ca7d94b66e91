// Known answers of the hashes.
#include "known_answers.hpp"

namespace rvm::crypto {
namespace {

constexpr std::string_view abc = "616263";
// "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 448 bits
constexpr std::string_view nist_448 = "6162636462636465636465666465666765666768666768696768696a68696a6b"
                                      "696a6b6c6a6b6c6d6b6c6d6e6c6d6e6f6d6e6f706e6f7071";
// "abcdefghbcdefghi...nopqrstu", 896 bits
constexpr std::string_view nist_896 = "61626364656667686263646566676869636465666768696a6465666768696a6b"
                                      "65666768696a6b6c666768696a6b6c6d6768696a6b6c6d6e68696a6b6c6d6e6f"
                                      "696a6b6c6d6e6f706a6b6c6d6e6f70716b6c6d6e6f7071726c6d6e6f70717273"
                                      "6d6e6f70717273746e6f707172737475";

constexpr Answer answers[] = {
    // Ethereum yellow paper, section 4.1: the hash of the empty string; "abc": the Keccak team's KAT_256 set.
    {"keccak256", "", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"},
    {"keccak256", abc, "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"},

    // FIPS 180-4 examples (NIST, "Cryptographic Standards and Guidelines: Example Values").
    {"sha256", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"sha256", abc, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"sha256", nist_448, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"sha512", abc,
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    {"sha512", nist_896,
     "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
     "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"},

    // RFC 7693, appendix A; the 256-bit digests as the BLAKE2 reference implementation gives them.
    {"blake2b512", abc,
     "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
     "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923"},
    {"blake2b256", "", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
    {"blake2b256", abc, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"},
    // H. Dobbertin, A. Bosselaers, B. Preneel, "RIPEMD-160: A Strengthened Version of RIPEMD", appendix B.
    {"ripemd160", "", "9c1185a5c5e9fc54612808977ee8f548b2258d31"},
    {"ripemd160", abc, "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"},
    {"ripemd160", nist_448, "12a053384a9c0c88e405a06c27dcf49ada62eb2b"},
};

} // namespace

std::span<const Answer> hash_answers() noexcept { return answers; }

} // namespace rvm::crypto
