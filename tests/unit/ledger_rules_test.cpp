// The table of forks, prices, and what needs neither world nor host.
#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "rules/blob_fee.hpp"
#include "rules/fork.hpp"
#include "state/validation.hpp"
#include "transaction/gas.hpp"

namespace rvm::ledger {
namespace {

const Fork& fork(std::string_view name) { return *find_fork(name); }

TEST(ledger_forks, are_found_by_every_name) {
    EXPECT_EQ(find_fork("ConstantinopleFix"), find_fork("Petersburg"));
    EXPECT_EQ(find_fork("Merge"), find_fork("paris"));
    EXPECT_EQ(find_fork("Atlantis"), nullptr);
    EXPECT_EQ(find_fork(""), nullptr);
    for (const Fork& line : forks())
        EXPECT_EQ(find_fork(line.name), &line);
}

TEST(ledger_forks, ascend) {
    for (std::size_t i = 1; i < forks().size(); ++i)
        EXPECT_GE(forks()[i].revision, forks()[i - 1].revision);
}

// EIP-4844 gives no table; these are values of its Python function.
TEST(ledger_blob_fee, follows_the_series) {
    EXPECT_EQ(fake_exponential(1, 0, 1), U256{1});
    EXPECT_EQ(fake_exponential(38493, 0, 1000), U256{38493});
    EXPECT_EQ(fake_exponential(1, 2, 1), U256{6});    // e^2 = 7.39; the integer series stops early
    EXPECT_EQ(fake_exponential(1, 10, 2), U256{143}); // e^5 = 148.4
    EXPECT_EQ(fake_exponential(2, 5, 2), U256{23});
    EXPECT_EQ(blob_base_fee(fork("Cancun").blobs, 0), U256{1});
    EXPECT_EQ(blob_base_fee(fork("Cancun").blobs, UINT64_MAX), u256::max_value);
    EXPECT_LT(blob_base_fee(fork("Prague").blobs, 50'000'000), blob_base_fee(fork("Cancun").blobs, 50'000'000));
}

TEST(ledger_gas, saturates) {
    Transaction tx;
    const Authorization none;
    tx.authorizations.assign(3, none);
    EXPECT_EQ(intrinsic_gas(tx, fork("Prague")).intrinsic, 21'000u + 32'000 + 3 * 25'000);
    const Buffer data(5, 0xff);
    tx = {};
    tx.to = Address{};
    tx.data = data;
    EXPECT_EQ(intrinsic_gas(tx, fork("Byzantium")).intrinsic, 21'000u + 5 * 68);
    EXPECT_EQ(intrinsic_gas(tx, fork("Istanbul")).intrinsic, 21'000u + 5 * 16);
    EXPECT_EQ(intrinsic_gas(tx, fork("Istanbul")).floor, 0u);
    EXPECT_EQ(intrinsic_gas(tx, fork("Prague")).floor, 21'000u + 5 * 40);
    tx.to.reset();
    EXPECT_EQ(intrinsic_gas(tx, fork("Frontier")).intrinsic, 21'000u + 5 * 68);
    EXPECT_EQ(intrinsic_gas(tx, fork("Homestead")).intrinsic, 53'000u + 5 * 68);
    EXPECT_EQ(intrinsic_gas(tx, fork("Shanghai")).intrinsic, 53'000u + 5 * 16 + 2);
}

TEST(ledger_validation, knows_a_delegation_by_size_and_prefix) {
    EXPECT_TRUE(is_delegation(*bytes_from_hex("ef0100" + std::string(40, '0'))));
    EXPECT_FALSE(is_delegation(*bytes_from_hex("ef0100" + std::string(38, '0'))));
    EXPECT_FALSE(is_delegation(*bytes_from_hex("ef0101" + std::string(40, '0'))));
    EXPECT_FALSE(is_delegation({}));
}

TEST(ledger_validation, has_a_name_and_a_text_for_every_reason) {
    EXPECT_EQ(name(Rejection::insufficient_funds), "insufficient_funds");
    EXPECT_EQ(text(Rejection::nonce_too_low), "its nonce is used already");
}

TEST(ledger_hex, refuses_what_is_not_hex) {
    EXPECT_EQ(*bytes_from_hex("0x00ffAb"), (Buffer{0, 0xff, 0xab}));
    EXPECT_FALSE(bytes_from_hex("0x0"));
    EXPECT_FALSE(bytes_from_hex("0x0g"));
    EXPECT_FALSE(bytes_from_hex("0xg0"));
    EXPECT_FALSE(address_from_hex("0x00"));
    EXPECT_EQ(to_hex(Buffer{1, 0xfe}), "0x01fe");
}

} // namespace
} // namespace rvm::ledger
