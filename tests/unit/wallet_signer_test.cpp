// Signatures for programs: the policy decides.
#include "signer/signer.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "store/file.hpp"
#include "store/wallet_file.hpp"
#include "wallet_support.hpp"

namespace rvm::wallet::test {
namespace {

namespace fs = std::filesystem;

class wallet_signer : public ::testing::Test {
  protected:
    wallet_signer() {
        char name[] = "/tmp/rvm-signer-XXXXXX";
        folder_ = ::mkdtemp(name);
        std::vector<Entry> entries(1);
        entries[0] = {"alice", EntryKind::secp256k1, "", secret(std::string(64, '1')), {}};
        replace_file(file("wallet"), seal_wallet(entries, bytes_of("pw"), {1, 8}, primitives()));
        replace_file(file("password"), bytes_of("pw\n"));
        self_.address = address(0xaa);
        other_.address = address(0xbb);
        frame_.self = &self_;
        frame_.code = &self_;
    }
    ~wallet_signer() override { fs::remove_all(folder_); }

    [[nodiscard]] std::string file(const char* name) const { return (folder_ / name).string(); }
    static rvm_address address(std::uint8_t byte) {
        rvm_address out;
        std::fill(std::begin(out.bytes), std::end(out.bytes), byte);
        return out;
    }
    [[nodiscard]] json policy() const {
        return {{"wallet", file("wallet")},
                {"password_file", file("password")},
                {"keys", json::array({{{"id", "k"},
                                       {"entry", "alice"},
                                       {"form", "raw"},
                                       {"callers", json::array({hex::encode(self_.address.bytes)})},
                                       {"per_run", 2}}})}};
    }
    void start(const json& configuration) {
        signer_.emplace(read_policy(configuration.dump()), [this](const std::string& line) { log_ += line + "\n"; });
        signer_->open(primitives());
    }
    /// Why it does not open under a configuration; "" when it does.
    std::string why(const json& configuration) {
        return refusal([&] {
            start(configuration);
            return 0;
        });
    }
    [[nodiscard]] json changed(const char* pointer, const json& value) const {
        json document = policy();
        document[json::json_pointer(pointer)] = value;
        return document;
    }
    rvm_status ask(std::string_view id, const Buffer& payload, std::size_t room = 96) {
        Buffer input{static_cast<std::uint8_t>(id.size())};
        input.insert(input.end(), id.begin(), id.end());
        input.insert(input.end(), payload.begin(), payload.end());
        output_.assign(room, 0);
        std::uint64_t size = 0;
        const rvm_status status =
            signer_->sign(frame_, {input.data(), input.size()}, {output_.data(), output_.size()}, &size, primitives());
        if (status == RVM_OK) output_.resize(size);
        return status;
    }

    fs::path folder_;
    rvm_account self_{};
    rvm_account other_{};
    rvm_frame frame_{};
    std::optional<Signer> signer_;
    std::string log_;
    Buffer output_;
};

const Buffer digest(32, 7);

TEST_F(wallet_signer, signs_for_a_caller_as_often_as_the_policy_says) {
    start(policy());
    EXPECT_EQ(ask("k", digest), RVM_OK);
    EXPECT_EQ(to_hex(output_), to_hex(sign(Scheme::raw, Buffer(32, 0x11), digest, primitives())));
    EXPECT_EQ(ask("k", digest), RVM_OK);
    EXPECT_EQ(ask("k", digest), RVM_TRAP_LIMIT);
    EXPECT_NE(log_.find("used up"), std::string::npos);
}

TEST_F(wallet_signer, refuses_others_and_code_on_anothers_behalf) {
    start(policy());
    EXPECT_EQ(ask("other", digest), RVM_TRAP_ILLEGAL);
    frame_.self = frame_.code = &other_;
    EXPECT_EQ(ask("k", digest), RVM_TRAP_ILLEGAL);
    frame_.self = &self_; // other's code, delegated to
    EXPECT_EQ(ask("k", digest), RVM_TRAP_ILLEGAL);
    EXPECT_EQ(signer_->sign(frame_, {}, {}, nullptr, primitives()), RVM_TRAP_CRYPTO);
    frame_.code = &self_;
    EXPECT_EQ(ask("k", Buffer(31)), RVM_TRAP_CRYPTO) << "a digest has 32 bytes";
    EXPECT_EQ(ask("k", digest, 64), RVM_TRAP_LIMIT) << "no room";
    EXPECT_EQ(ask("k", digest), RVM_TRAP_LIMIT) << "attempts count";
}

TEST_F(wallet_signer, needs_no_file_once_it_is_open) {
    start(policy());
    fs::remove_all(folder_);
    EXPECT_EQ(ask("k", digest), RVM_OK);
}

TEST_F(wallet_signer, does_not_open_under_what_cannot_work_and_says_where) {
    const auto expect = [](const std::string& text, std::initializer_list<const char*> parts) {
        for (const char* part : parts) {
            EXPECT_NE(text.find(part), std::string::npos) << text;
        }
    };
    EXPECT_EQ(why(policy()), "");
    expect(why(changed("/wallet", file("none"))), {"\"wallet\"", "none", "no such file"});
    expect(why(changed("/password_file", file("none"))), {"\"password_file\"", "none", "no such file"});
    expect(why(changed("/keys/0/entry", "bob")), {"\"k\"", "\"bob\""});
    expect(why(changed("/keys/0/form", "bls")), {"\"k\"", "secp256k1", "bls"});
    expect(why(changed("/keys/0/path", "m/0")), {"\"k\"", "one key"});
    replace_file(file("password"), bytes_of("wrong"));
    expect(why(policy()), {"\"wallet\"", file("password").c_str(), "password is wrong"});
    replace_file(file("password"), bytes_of("pw\r\n"));
    EXPECT_EQ(why(policy()), "");
    ::chmod(file("password").c_str(), 0644);
    expect(why(policy()), {"password", "0600"});
    EXPECT_EQ(why(json::object()), "") << "without keys no file is opened";
}

TEST_F(wallet_signer, policies_are_read_with_care) {
    EXPECT_EQ(refusal([&] { return read_policy("{}"); }), "");
    const auto unread = [&](const char* pointer, const json& value) {
        return refusal([&] { return read_policy(changed(pointer, value).dump()); });
    };
    EXPECT_EQ(unread("/keys/0/path", "m/0"), "");
    EXPECT_NE(unread("/keys/0/path", "0"), "");
    EXPECT_NE(unread("/keys/0/form", "rot13").find("rot13"), std::string::npos);
    EXPECT_NE(unread("/keys/0/callers/0", "0x12"), "");
    EXPECT_NE(unread("/wallet", "relative"), "");
    EXPECT_NE(unread("/password_file", ""), "");
    json twice = policy();
    twice["keys"].push_back(twice["keys"][0]);
    EXPECT_NE(refusal([&] { return read_policy(twice.dump()); }).find("twice"), std::string::npos);
}

} // namespace
} // namespace rvm::wallet::test
