// Reading files safely, pins and signatures.
#include <sodium.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "plugin/trust.hpp"
#include "plugin_test_support.hpp"

namespace rvm::plugin {
namespace {

namespace fs = std::filesystem;
using namespace test;

struct Read {
    std::optional<Bytes> bytes;
    Report report;
};

Read read(const fs::path& root, const fs::path& relative, const ReadPolicy& policy = {}) {
    Read result;
    result.bytes = read_trusted(root, relative, policy, result.report);
    return result;
}

ErrorCode code_of(const Read& result) {
    EXPECT_FALSE(result.bytes);
    EXPECT_EQ(result.report.findings().size(), 1U) << result.report.text();
    return result.report.findings().empty() ? ErrorCode::internal : result.report.findings().front().code;
}

TEST(plugin_trust, reads_a_plain_file) {
    const Folder folder;
    folder.write("a.so", "bytes");
    const auto [bytes, report] = read(folder.path(), "a.so");
    ASSERT_TRUE(bytes) << report.text();
    EXPECT_EQ(as_text(*bytes), "bytes");
}

TEST(plugin_trust, reads_the_beginning_of_a_file) {
    const Folder folder;
    folder.write("a.so", "0123456789");
    Report report;
    for (const auto& [most, expected] : {std::pair{4U, "0123"}, std::pair{10U, "0123456789"}, std::pair{11U, "0123456789"}}) {
        const auto head = read_trusted_head(folder.path(), "a.so", {}, most, report);
        ASSERT_TRUE(head) << report.text();
        EXPECT_EQ(as_text(head->bytes), expected);
        EXPECT_EQ(head->size, 10U);
    }
    EXPECT_FALSE(read_trusted_head(folder.path(), "a.so", {false, 9}, 4, report)) << "the file is what is too large";
    EXPECT_TRUE(has(report, ErrorCode::plugin_file_unreadable)) << report.text();
}

TEST(plugin_trust, reads_below_plain_folders) {
    const Folder folder;
    fs::create_directories(folder / "x/y");
    folder.write("x/y/a.so", "bytes");
    EXPECT_TRUE(read(folder.path(), "x/y/a.so").bytes);
}

TEST(plugin_trust, names_missing_empty_and_large_files) {
    const Folder folder;
    folder.write("empty.so", "");
    folder.write("large.so", "0123456789");
    const Read missing = read(folder.path(), "none.so");
    EXPECT_EQ(code_of(missing), ErrorCode::plugin_file_unreadable);
    EXPECT_EQ(missing.report.findings().front().found, "No such file or directory");
    EXPECT_EQ(missing.report.findings().front().file, (folder / "none.so").string());
    EXPECT_EQ(code_of(read(folder.path(), "empty.so")), ErrorCode::plugin_file_unreadable);
    EXPECT_EQ(code_of(read(folder.path(), "large.so", {false, 9})), ErrorCode::plugin_file_unreadable);
    EXPECT_TRUE(read(folder.path(), "large.so", {false, 10}).bytes);
    fs::create_directory(folder / "folder.so");
    const Read directory = read(folder.path(), "folder.so");
    EXPECT_EQ(code_of(directory), ErrorCode::plugin_file_unreadable);
    EXPECT_EQ(directory.report.findings().front().found, "Is a directory");
    EXPECT_EQ(code_of(read(folder / "nowhere", "a.so")), ErrorCode::plugin_file_unreadable);
}

TEST(plugin_trust, follows_no_symbolic_link) {
    const Folder folder;
    const Folder elsewhere;
    elsewhere.write("a.so", "bytes");
    fs::create_symlink(elsewhere / "a.so", folder / "link.so");
    fs::create_directory_symlink(elsewhere.path(), folder / "dir");
    const Read file = read(folder.path(), "link.so");
    EXPECT_EQ(code_of(file), ErrorCode::plugin_path_unsafe);
    EXPECT_EQ(file.report.findings().front().found, "symbolic link");
    const Read component = read(folder.path(), "dir/a.so");
    EXPECT_EQ(code_of(component), ErrorCode::plugin_path_unsafe);
    EXPECT_EQ(component.report.findings().front().found, "symbolic link");
}

TEST(plugin_trust, leaves_the_folder_in_no_way) {
    const Folder folder;
    fs::create_directory(folder / "sub");
    folder.write("a.so", "bytes");
    const std::string with_nul{"a\0b.so", 6};
    for (const fs::path& path : {fs::path{"../a.so"}, fs::path{"sub/../a.so"}, fs::path{"./a.so"}, folder / "a.so",
                                 fs::path{""}, fs::path{"sub/"}, fs::path{"a\nb.so"}, fs::path{with_nul}})
        EXPECT_EQ(code_of(read(folder.path(), path)), ErrorCode::plugin_path_unsafe) << path;
}

TEST(plugin_trust, shows_names_without_control_characters) {
    const Folder folder;
    const Read result = read(folder.path(), "a\x1b[31m.so");
    EXPECT_EQ(code_of(result), ErrorCode::plugin_path_unsafe);
    EXPECT_EQ(result.report.text().find('\x1b'), std::string::npos);
}

TEST(plugin_trust, refuses_pipes_sockets_and_devices_without_waiting) {
    const Folder folder;
    ASSERT_EQ(::mkfifo((folder / "pipe.so").c_str(), 0644), 0);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (folder / "socket.so").string().copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const struct {
        const char* name;
        const char* found;
    } rows[] = {{"pipe.so", "pipe"}, {"socket.so", "socket"}};
    for (const auto& row : rows) {
        const Read result = read(folder.path(), row.name);
        EXPECT_EQ(code_of(result), ErrorCode::plugin_path_unsafe) << row.name;
        EXPECT_EQ(result.report.findings().front().found, row.found);
    }
    ::close(socket);
    const Read device = read("/dev", "null");
    EXPECT_FALSE(device.bytes);
    EXPECT_TRUE(has(device.report, ErrorCode::plugin_path_unsafe)) << device.report.text();
}

TEST(plugin_trust, refuses_files_and_folders_that_others_may_write) {
    for (const unsigned mode : {0664U, 0646U, 0666U, 0777U}) {
        const Folder folder;
        folder.write("a.so", "bytes");
        Folder::allow(folder / "a.so", mode);
        const Read result = read(folder.path(), "a.so");
        ASSERT_EQ(code_of(result), ErrorCode::plugin_ownership) << mode;
        EXPECT_EQ(result.report.findings().front().hint, "chmod go-w " + (folder / "a.so").string());
    }
    for (const unsigned mode : {0775U, 0757U, 0777U, 01777U}) { // 1777: sticky, as /tmp
        const Folder folder;
        folder.write("a.so", "bytes");
        Folder::allow(folder.path(), mode);
        EXPECT_EQ(code_of(read(folder.path(), "a.so")), ErrorCode::plugin_ownership) << mode;
    }
    const Folder folder;
    folder.write("a.so", "bytes");
    Folder::allow(folder / "a.so", 0755);
    EXPECT_TRUE(read(folder.path(), "a.so").bytes);
}

TEST(plugin_trust, refuses_files_of_another_user) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
    constexpr uid_t somebody = 12345;
    const Folder folder;
    folder.write("a.so", "bytes");
    ASSERT_EQ(::chown((folder / "a.so").c_str(), somebody, somebody), 0);
    const Read result = read(folder.path(), "a.so");
    EXPECT_EQ(code_of(result), ErrorCode::plugin_ownership);
    EXPECT_EQ(result.report.findings().front().found, "owner 12345");
}

TEST(plugin_trust, development_warns_about_ownership_with_the_fix) {
    const Folder folder;
    folder.write("a.so", "bytes");
    Folder::allow(folder / "a.so", 0666);
    const auto [bytes, report] = read(folder.path(), "a.so", {.development = true});
    EXPECT_TRUE(bytes);
    ASSERT_EQ(report.findings().size(), 1U);
    EXPECT_EQ(report.findings().front().severity, Severity::warning);
    EXPECT_EQ(report.findings().front().hint, "chmod go-w " + (folder / "a.so").string());
}

TEST(plugin_trust, pin_must_be_the_exact_lower_case_digest) {
    const Bytes digest = sha256(as_bytes("bytes"));
    const std::string right = to_hex(digest);
    std::string upper = right;
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    std::string differing = right;
    differing[0] = differing[0] == '0' ? '1' : '0';
    Report report;
    EXPECT_TRUE(check_pin(right, digest, "a.so", "/plugins/0/sha256", report));
    EXPECT_TRUE(report.ok());
    for (const std::string& pin : {upper, differing, right.substr(1), right + "0", std::string{}}) {
        Report refused;
        EXPECT_FALSE(check_pin(pin, digest, "a.so", "/plugins/0/sha256", refused)) << pin;
        ASSERT_EQ(refused.findings().size(), 1U);
        EXPECT_EQ(refused.findings().front().code, ErrorCode::plugin_pin_mismatch);
        EXPECT_EQ(refused.findings().front().where, "/plugins/0/sha256");
    }
}

class plugin_signature : public testing::Test {
  protected:
    using Keys = std::map<std::string, manifest::PublicKey, std::less<>>;

    void SetUp() override {
        ASSERT_GE(sodium_init(), 0);
        keys_["ours"] = key_pair(secret_);
        std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> other_secret{};
        others_["ours"] = key_pair(other_secret);
        signature_.resize(signature_bytes);
        const Bytes message = signed_message(library_, sidecar_);
        crypto_sign_detached(signature_.data(), nullptr, message.data(), message.size(), secret_.data());
    }

    static manifest::PublicKey key_pair(std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES>& secret) {
        manifest::PublicKey key{};
        crypto_sign_keypair(key.data(), secret.data());
        return key;
    }

    void expect_refused(const std::optional<Bytes>& signature, ByteView library, ByteView sidecar, const Keys& keys,
                        std::string_view signed_by) {
        Report report;
        EXPECT_FALSE(check_signature(signature, library, sidecar, keys, signed_by, "a.rvm.sig", report));
        ASSERT_EQ(report.findings().size(), 1U);
        EXPECT_EQ(report.findings().front().code, ErrorCode::plugin_signature_bad);
    }

    std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret_{};
    Bytes library_ = sha256(as_bytes("library"));
    Bytes sidecar_ = sha256(as_bytes("sidecar"));
    Bytes signature_;
    Keys keys_, others_;
};

TEST_F(plugin_signature, accepts_a_listed_key) {
    Report report;
    EXPECT_TRUE(check_signature(signature_, library_, sidecar_, keys_, "ours", "a.rvm.sig", report));
    EXPECT_TRUE(check_signature(signature_, library_, sidecar_, keys_, "", "a.rvm.sig", report));
    EXPECT_TRUE(report.ok()) << report.text();
}

TEST_F(plugin_signature, message_is_context_and_both_digests) {
    const Bytes message = signed_message(library_, sidecar_);
    ASSERT_EQ(message.size(), 14U + 32U + 32U);
    EXPECT_EQ((std::string{message.begin(), message.begin() + 14}), std::string("rvm-plugin-v1\0", 14));
}

TEST_F(plugin_signature, refuses_absent_truncated_zero_and_foreign_signatures) {
    expect_refused(std::nullopt, library_, sidecar_, keys_, "ours");
    expect_refused(Bytes(signature_.begin(), signature_.end() - 1), library_, sidecar_, keys_, "ours");
    expect_refused(Bytes(signature_bytes, 0), library_, sidecar_, keys_, "ours");
    expect_refused(signature_, library_, sidecar_, others_, "ours");
    expect_refused(signature_, library_, sidecar_, others_, "");
    expect_refused(signature_, library_, sidecar_, keys_, "theirs");
    expect_refused(signature_, library_, sidecar_, {}, "");
}

TEST_F(plugin_signature, covers_library_and_sidecar_together) {
    const Bytes edited = sha256(as_bytes("edited"));
    expect_refused(signature_, edited, sidecar_, keys_, "ours");
    expect_refused(signature_, library_, edited, keys_, "ours");
}

} // namespace
} // namespace rvm::plugin
