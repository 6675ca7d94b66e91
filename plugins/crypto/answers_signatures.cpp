// Known answers of the signatures.
#include "known_answers.hpp"

namespace rvm::crypto {
namespace {

constexpr Answer answers[] = {
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

    // RFC 6979, appendix A.2.5: SHA-256 of "sample".
    {"secp256r1.verify",
     "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf"
     "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
     "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
     "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
     "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
     "01"},
    {"secp256r1.verify", // another digest
     "ae2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf"
     "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
     "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
     "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
     "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
     "00"},
    {"secp256r1.verify", // the key is no point of the curve
     "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf"
     "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
     "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
     "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
     "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462298",
     "00"},
    {"secp256r1.verify", "af2bdbe1", "", RVM_TRAP_CRYPTO},
};

} // namespace

std::span<const Answer> signature_answers() noexcept { return answers; }

} // namespace rvm::crypto
