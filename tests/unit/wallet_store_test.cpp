// The wallet file and secrets in memory.
#include "store/wallet_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "store/file.hpp"
#include "wallet_support.hpp"

namespace rvm::wallet::test {
namespace {

namespace fs = std::filesystem;
constexpr WalletCost cheap{1, 8};

std::vector<Entry> two_entries() {
    std::vector<Entry> entries(2);
    entries[0] = {"alice", EntryKind::mnemonic, "english", secret(std::string(32, 'a')),
                  Secret::copy_of(bytes_of("pass"))};
    entries[1] = {"bob", EntryKind::ed25519, "", secret(std::string(64, 'b')), {}};
    return entries;
}

TEST(wallet_file, opens_what_it_sealed) {
    const Secret file = seal_wallet(two_entries(), bytes_of("pw"), cheap, primitives());
    const OpenWallet open = open_wallet(file, bytes_of("pw"), primitives());
    ASSERT_EQ(open.entries.size(), 2u);
    EXPECT_EQ(open.cost.passes, 1u);
    EXPECT_EQ(open.cost.kib, 8u);
    EXPECT_EQ(open.entries[0].name, "alice");
    EXPECT_EQ(open.entries[0].language, "english");
    EXPECT_EQ(to_hex(open.entries[0].secret), std::string(32, 'a'));
    EXPECT_EQ(open.entries[0].passphrase.text(), "pass");
    EXPECT_EQ(open.entries[1].kind, EntryKind::ed25519);
    EXPECT_NE(refusal([&] { return open_wallet(file, bytes_of("pW"), primitives()); }).find("password"),
              std::string::npos);
    EXPECT_FALSE(same_secret(file, seal_wallet(two_entries(), bytes_of("pw"), cheap, primitives())));
}

TEST(wallet_file, notices_every_changed_and_missing_byte) {
    const Secret file = seal_wallet(two_entries(), bytes_of("pw"), cheap, primitives());
    for (std::size_t i = 0; i < file.size(); ++i) {
        Secret changed = Secret::copy_of(file);
        changed.data()[i] ^= 0x01;
        EXPECT_NE(refusal([&] { return open_wallet(changed, bytes_of("pw"), primitives()); }), "") << i;
        EXPECT_NE(refusal([&] { return open_wallet(file.part(0, i), bytes_of("pw"), primitives()); }), "") << i;
    }
}

TEST(wallet_file, entries_are_read_with_care) {
    const Secret plain = encode_entries(two_entries());
    for (std::size_t i = 0; i < plain.size(); ++i) {
        EXPECT_NE(refusal([&] { return decode_entries(plain.part(0, i)); }), "") << i;
    }
    EXPECT_NE(refusal([&] { return decode_entries(Secret::join({plain, Number(0)})); }), "");
    EXPECT_NE(refusal([&] { return decode_entries(Number(5000)); }), "");
    for (const std::string name : {"", "-x", "a b", "a/b", "\n"}) {
        EXPECT_NE(refusal([&] {
                      check_name(name);
                      return 0;
                  }),
                  "")
            << name;
    }
    EXPECT_EQ(refusal([] {
                  check_name("a-b_c.1");
                  return 0;
              }),
              "");
}

class wallet_files : public ::testing::Test {
  protected:
    wallet_files() {
        char name[] = "/tmp/rvm-wallet-XXXXXX";
        folder_ = ::mkdtemp(name);
    }
    ~wallet_files() override { fs::remove_all(folder_); }
    [[nodiscard]] std::string path(const char* name) const { return (folder_ / name).string(); }

    fs::path folder_;
};

TEST_F(wallet_files, replacing_leaves_one_file_of_mode_0600) {
    replace_file(path("w"), bytes_of("one"));
    replace_file(path("w"), bytes_of("two"));
    struct stat status {};
    ASSERT_EQ(::stat(path("w").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777u, 0600u);
    EXPECT_EQ(read_secret_file(path("w"), 10, true)->text(), "two");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1) << "no temporary file stays";
    EXPECT_NE(refusal([&] {
                  replace_file(path("none/w"), bytes_of("x"));
                  return 0;
              }).find("none/w"),
              std::string::npos);
}

TEST_F(wallet_files, what_others_may_touch_is_refused) {
    replace_file(path("w"), bytes_of("one"));
    ::chmod(path("w").c_str(), 0640);
    EXPECT_NE(refusal([&] { return read_secret_file(path("w"), 10, true); }).find("0600"), std::string::npos);
    EXPECT_EQ(refusal([&] { return read_secret_file(path("w"), 10, false); }), "");
    ::chmod(path("w").c_str(), 0600);
    fs::create_symlink(path("w"), path("link"));
    EXPECT_NE(refusal([&] { return read_secret_file(path("link"), 10, true); }), "");
    EXPECT_NE(refusal([&] { return read_secret_file(path("w"), 2, true); }).find("at most 2"), std::string::npos);
    EXPECT_NE(refusal([&] { return read_secret_file(folder_.string(), 2, true); }).find("directory"),
              std::string::npos);
    EXPECT_FALSE(read_secret_file(path("missing"), 2, true).has_value());
}

TEST(wallet_secret, is_joined_cut_and_compared) {
    Secret secret = Secret::join({bytes_of("ab"), {}, bytes_of("cd")});
    EXPECT_EQ(secret.text(), "abcd");
    secret.truncate(3);
    EXPECT_EQ(secret.text(), "abc");
    EXPECT_TRUE(same_secret(secret, bytes_of("abc")));
    EXPECT_FALSE(same_secret(secret, bytes_of("abd")));
    EXPECT_FALSE(same_secret(secret, bytes_of("ab")));
    EXPECT_TRUE(same_secret({}, Secret()));
    EXPECT_FALSE(same_secret(random_secret(32), random_secret(32)));
}

} // namespace
} // namespace rvm::wallet::test
