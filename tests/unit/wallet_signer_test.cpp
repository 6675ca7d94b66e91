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

TEST_F(wallet_signer, opens_the_wallet_late_and_says_why_it_cannot) {
    replace_file(file("password"), bytes_of("wrong"));
    start(policy());
    frame_.self = frame_.code = &other_;
    EXPECT_EQ(ask("k", digest), RVM_TRAP_ILLEGAL);
    EXPECT_EQ(log_.find("password"), std::string::npos) << "nothing was opened for it";
    frame_.self = frame_.code = &self_;
    EXPECT_EQ(ask("k", digest), RVM_E_CONFIG);
    EXPECT_NE(log_.find("password is wrong"), std::string::npos);
    start(policy());
    ::chmod(file("password").c_str(), 0644);
    EXPECT_EQ(ask("k", digest), RVM_E_CONFIG) << "others may read the password";
}

TEST_F(wallet_signer, policies_are_read_with_care) {
    EXPECT_EQ(refusal([&] { return read_policy("{}"); }), "");
    const auto changed = [&](const char* pointer, const json& value) {
        json document = policy();
        document[json::json_pointer(pointer)] = value;
        return refusal([&] { return read_policy(document.dump()); });
    };
    EXPECT_EQ(changed("/keys/0/path", "m/0"), "");
    EXPECT_NE(changed("/keys/0/path", "0"), "");
    EXPECT_NE(changed("/keys/0/form", "rot13").find("rot13"), std::string::npos);
    EXPECT_NE(changed("/keys/0/callers/0", "0x12"), "");
    EXPECT_NE(changed("/wallet", "relative"), "");
    EXPECT_NE(changed("/password_file", ""), "");
    json twice = policy();
    twice["keys"].push_back(twice["keys"][0]);
    EXPECT_NE(refusal([&] { return read_policy(twice.dump()); }).find("twice"), std::string::npos);
}

} // namespace
} // namespace rvm::wallet::test
