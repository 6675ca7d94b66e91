// The wallet file and secrets in memory.
#include "store/wallet_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <thread>

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
    std::vector<Entry> many(most_entries + 1);
    EXPECT_NE(refusal([&] { return encode_entries(many); }).find("full"), std::string::npos)
        << "what cannot be read is not written";
    many.pop_back();
    EXPECT_EQ(decode_entries(encode_entries(many)).size(), most_entries);
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

TEST(wallet_file, says_what_is_wrong_with_a_cost_that_nobody_pays) {
    Secret file = seal_wallet(two_entries(), bytes_of("pw"), cheap, primitives());
    std::fill_n(file.data() + 8, 8, std::uint8_t{0xff});
    const std::string text = refusal([&] { return open_wallet(file, bytes_of("pw"), primitives()); });
    EXPECT_NE(text.find("4294967295 passes and 4294967295 KiB"), std::string::npos) << text;
    EXPECT_NE(text.find("limit"), std::string::npos) << text;
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

TEST_F(wallet_files, what_is_there_is_kept_when_that_is_asked_for) {
    const auto keep = [&](const char* name) {
        return refusal([&] {
            replace_file(path(name), bytes_of("new"), Existing::keep);
            return 0;
        });
    };
    EXPECT_EQ(keep("w"), "");
    EXPECT_EQ(read_secret_file(path("w"), 10, true)->text(), "new");
    replace_file(path("w"), bytes_of("old"));
    EXPECT_NE(keep("w").find("File exists"), std::string::npos);
    EXPECT_EQ(read_secret_file(path("w"), 10, true)->text(), "old");
    fs::create_symlink(path("none"), path("dangling"));
    EXPECT_NE(keep("dangling"), "");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 2) << "no temporary file stays";
}

TEST_F(wallet_files, only_files_are_replaced) {
    fs::create_directory(path("folder"));
    ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
    for (const char* name : {"folder", "pipe"}) {
        const std::string found = refusal([&] {
            replace_file(path(name), bytes_of("x"));
            return 0;
        });
        EXPECT_NE(found.find("expected a file, found a"), std::string::npos) << found;
        EXPECT_NE(refusal([&] { return read_secret_file(path(name), 10, true); }).find("expected a file, found a"),
                  std::string::npos);
    }
    EXPECT_NE(refusal([&] { return read_plain_file("/dev/null", 10); }).find("a device"), std::string::npos);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 2) << "no temporary file stays";
}

TEST_F(wallet_files, results_are_written_whole_with_the_mode_that_is_there) {
    const auto mode = [&](const char* name) {
        struct stat status {};
        return ::stat(path(name).c_str(), &status) == 0 ? status.st_mode & 0777u : 0;
    };
    const auto text = [&](const char* name) { return std::string(read_secret_file(path(name), 10, false)->text()); };
    const mode_t mask = ::umask(022);
    write_file(path("r"), bytes_of("one"));
    ::umask(mask);
    EXPECT_EQ(mode("r"), 0644u);
    ::chmod(path("r").c_str(), 0640);
    fs::create_symlink(path("r"), path("link"));
    write_file(path("link"), bytes_of("two"));
    EXPECT_TRUE(fs::is_symlink(path("link")));
    EXPECT_EQ(mode("r"), 0640u);
    EXPECT_EQ(text("r"), "two");
    EXPECT_NE(refusal([&] {
                  write_file("/dev/full", bytes_of("x"));
                  return 0;
              }).find("/dev/full"),
              std::string::npos);
    EXPECT_NE(refusal([&] {
                  write_file(folder_.string(), bytes_of("x"));
                  return 0;
              }).find("a directory"),
              std::string::npos);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 2) << "no temporary file stays";
}

TEST_F(wallet_files, large_files_are_read_up_to_the_bound) {
    const Buffer large(100'000, 7);
    replace_file(path("w"), large);
    EXPECT_EQ(read_plain_file(path("w"), large.size()).size(), large.size());
    EXPECT_NE(refusal([&] { return read_plain_file(path("w"), large.size() - 1); }).find("at most 99999 bytes"),
              std::string::npos);
    ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
    std::thread writer([&] { std::ofstream(path("pipe"), std::ios::binary).write("abc", 3); });
    EXPECT_EQ(read_plain_file(path("pipe"), 10).size(), 3u) << "a pipe is waited for";
    writer.join();
    EXPECT_NE(refusal([&] { return read_plain_file(path("none"), 10); }).find("no such file"), std::string::npos);
}

TEST_F(wallet_files, the_first_line_is_the_password) {
    const auto line = [](std::string_view text) {
        return std::string(first_line(Secret::copy_of(bytes_of(text))).text());
    };
    EXPECT_EQ(line("a b"), "a b");
    EXPECT_EQ(line("a\nb"), "a");
    EXPECT_EQ(line("a \r\nb"), "a ");
    EXPECT_EQ(line("a\rb\n"), "a\rb");
    EXPECT_EQ(line("\r"), "\r");
    EXPECT_EQ(line("\n"), "");
    EXPECT_EQ(line(""), "");
}

TEST_F(wallet_files, a_second_writer_waits_and_can_be_interrupted) {
    int waited = 0;
    const auto waiting = [&] { ++waited; };
    std::optional<FileLock> first(std::in_place, path("w"), waiting, [] { return true; });
    EXPECT_EQ(waited, 0);
    EXPECT_NE(refusal([&] {
                  const FileLock second(path("w"), waiting, [] { return true; });
                  return 0;
              }).find("interrupted"),
              std::string::npos);
    EXPECT_EQ(waited, 1);
    int asked = 0;
    const FileLock third(path("w"), waiting, [&] {
        if (++asked == 2) first.reset();
        return false;
    });
    EXPECT_EQ(waited, 2);
    EXPECT_EQ(asked, 2) << "it has the lock as soon as nobody else has it";
}

TEST_F(wallet_files, what_others_may_touch_is_refused) {
    replace_file(path("w"), bytes_of("one"));
    ::chmod(path("w").c_str(), 0640);
    EXPECT_NE(refusal([&] { return read_secret_file(path("w"), 10, true); }).find("0600"), std::string::npos);
    EXPECT_EQ(refusal([&] { return read_secret_file(path("w"), 10, false); }), "");
    ::chmod(path("w").c_str(), 0600);
    fs::create_symlink(path("w"), path("link"));
    EXPECT_NE(refusal([&] { return read_secret_file(path("link"), 10, true); }).find("symbolic link"),
              std::string::npos);
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
