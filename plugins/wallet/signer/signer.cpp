#include "signer/signer.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "base/error.hpp"
#include "store/entry_keys.hpp"
#include "store/file.hpp"
#include "store/wallet_file.hpp"

namespace rvm::wallet {
namespace {

constexpr std::size_t most_password_bytes = 4096;

/// What the configuration names, or Refusal.
Secret read_named(const char* member, const std::string& path, std::size_t most) {
    auto content = read_secret_file(path, most, true);
    if (!content) throw Refusal(std::string("\"") + member + "\": " + path + ": there is no such file");
    return std::move(*content);
}

} // namespace

struct Signer::Key {
    const KeyPolicy* policy;
    Secret secret;
    std::atomic<std::uint64_t> used{0};
};

Signer::Signer(SignerPolicy policy, std::function<void(const std::string&)> warn)
    : policy_(std::move(policy)), warn_(std::move(warn)) {}
Signer::~Signer() = default;

void Signer::open(const Primitives& primitives) {
    if (policy_.keys.empty()) return;
    const Secret file = read_named("wallet", policy_.wallet, most_wallet_bytes);
    const Secret password = first_line(read_named("password_file", policy_.password_file, most_password_bytes));
    const OpenWallet wallet =
        at_place("\"wallet\": " + policy_.wallet + ", with the password of " + policy_.password_file,
                 [&] { return open_wallet(file, password, primitives); });
    for (const KeyPolicy& policy : policy_.keys) {
        at_place("\"keys\", \"" + policy.id + "\"", [&] {
            const auto entry = std::ranges::find(wallet.entries, policy.entry, &Entry::name);
            if (entry == wallet.entries.end()) throw Refusal(policy_.wallet + " has no entry \"" + policy.entry + "\"");
            auto key = std::make_unique<Key>();
            key->policy = &policy;
            key->secret = secret_at(*entry, policy.form, policy.path, primitives);
            keys_.push_back(std::move(key));
        });
    }
}

rvm_status Signer::sign(const rvm_frame& frame, rvm_view input, rvm_span output, std::uint64_t* size,
                        const Primitives& primitives) {
    if (input.size == 0 || input.size - 1 < input.data[0]) return RVM_TRAP_CRYPTO;
    const std::string_view id(reinterpret_cast<const char*>(input.data + 1), input.data[0]);
    const Bytes payload(input.data + 1 + id.size(), input.size - 1 - id.size());
    const KeyPolicy* policy = policy_.find(id);
    const auto is_self = [&](const rvm_address& caller) {
        return std::memcmp(caller.bytes, frame.self->address.bytes, sizeof caller.bytes) == 0;
    };
    // Code that runs on another account's behalf (DELEGATE, CALLCODE) is not that account's program.
    const bool own_code = std::memcmp(frame.code->address.bytes, frame.self->address.bytes, sizeof(rvm_address)) == 0;
    if (policy == nullptr || !own_code || std::ranges::none_of(policy->callers, is_self)) {
        warn_(policy == nullptr ? "a program asked for a signature of a key that the policy does not name"
                                : "a program asked for a signature of \"" + policy->id + "\" that it may not have");
        return RVM_TRAP_ILLEGAL;
    }
    Key& key = *keys_[static_cast<std::size_t>(policy - policy_.keys.data())];
    if (key.used.fetch_add(1, std::memory_order_relaxed) >= policy->most) {
        key.used.fetch_sub(1, std::memory_order_relaxed);
        warn_("the count of \"" + policy->id + "\" is used up: " + std::to_string(policy->most) + " a run");
        return RVM_TRAP_LIMIT;
    }
    try {
        const Buffer signature = wallet::sign(policy->form, key.secret, payload, primitives);
        *size = signature.size();
        if (output.size < signature.size()) return RVM_TRAP_LIMIT;
        std::memcpy(output.data, signature.data(), signature.size());
        return RVM_OK;
    } catch (const Refusal&) {
        return RVM_TRAP_CRYPTO; // counted all the same: programs do not probe for free
    }
}

} // namespace rvm::wallet
