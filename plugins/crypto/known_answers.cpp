#include "known_answers.hpp"

#include <iterator>

namespace rvm::crypto {
namespace {

struct Answer {
    const char* id;
    std::string_view input;    // hex
    std::string_view expected; // hex; empty when status is not RVM_OK
    rvm_status status = RVM_OK;
};

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

    // RFC 8032, section 7.1, tests 1 and 2.
    {"ed25519.sign", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"ed25519.sign", "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"ed25519.sign", "9d61", "", RVM_TRAP_CRYPTO},
    {"ed25519.verify",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
     "01"},
    {"ed25519.verify", // test 2 with another message
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c73",
     "00"},
    {"ed25519.verify", "e5564300", "", RVM_TRAP_CRYPTO},

    // Secret 1, SHA-256("Satoshi Nakamoto"): the vector wallets share for RFC 6979 over secp256k1.
    {"secp256k1.sign",
     "0000000000000000000000000000000000000000000000000000000000000001"
     "a0dc65ffca799873cbea0ac274015b9526505daaaed385155425f7337704883e",
     "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
     "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e501"},
    {"secp256k1.sign",
     "0000000000000000000000000000000000000000000000000000000000000000"
     "a0dc65ffca799873cbea0ac274015b9526505daaaed385155425f7337704883e",
     "", RVM_TRAP_CRYPTO},
    // The same signature under the generator (SEC 2, section 2.4.1), which is the key of secret 1.
    {"secp256k1.verify",
     "a0dc65ffca799873cbea0ac274015b9526505daaaed385155425f7337704883e"
     "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
     "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"
     "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
     "01"},
    {"secp256k1.verify", // another digest
     "a1dc65ffca799873cbea0ac274015b9526505daaaed385155425f7337704883e"
     "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
     "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"
     "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
     "00"},
    // Ethereum's test of its ecrecover contract (v = 28 there, 1 here); s is high. The key's Keccak-256 ends in the
    // address a94f5374fce5edbc8e2a8697c15331677e6ebf0b.
    {"secp256k1.recover",
     "18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1c"
     "73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75f"
     "eeb940b1d03b21e36b0e47e79769f095fe2ab855bd91e3a38756b7d75a9c454901",
     "3a514176466fa815ed481ffad09110a2d344f6c9b78c1d14afc351c3a51be33d"
     "8072e77939dc03ba44790779b7a1025baf3003f6732430e20cd9b76d953391b3"},
    {"secp256k1.recover", // recovery id 4
     "18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1c"
     "73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75f"
     "eeb940b1d03b21e36b0e47e79769f095fe2ab855bd91e3a38756b7d75a9c454904",
     "", RVM_TRAP_CRYPTO},
};

std::vector<std::uint8_t> from_hex(std::string_view text) {
    const auto digit = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        bytes.push_back(static_cast<std::uint8_t>(digit(text[i]) << 4u | digit(text[i + 1])));
    }
    return bytes;
}

} // namespace

KnownAnswers::KnownAnswers() {
    bytes_.reserve(2 * std::size(answers)); // views point into the elements
    const auto keep = [this](std::string_view hex) -> rvm_view {
        const std::vector<std::uint8_t>& kept = bytes_.emplace_back(from_hex(hex));
        return {kept.data(), kept.size()};
    };
    for (const Answer& answer : answers) {
        answers_[answer.id].push_back({keep(answer.input), keep(answer.expected), answer.status, 0});
    }
}

std::span<const rvm_kat> KnownAnswers::of(std::string_view id) const noexcept {
    const auto found = answers_.find(id);
    return found == answers_.end() ? std::span<const rvm_kat>() : std::span<const rvm_kat>(found->second);
}

} // namespace rvm::crypto
