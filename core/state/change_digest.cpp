// The fixed encoding of a change set (README.md, "Digest"): its SHA-256, its bytes, and back.
#include "base/sha256.hpp"
#include "state/change_set.hpp"
#include "state/limbs.hpp"
#include "state/store_format.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace rvm::state {

namespace {

constexpr std::string_view domain = "rvm change set 1\n"; // no other thing we hash begins like this

struct HashSink {
    Sha256 hash;
    void bytes(const void* data, std::size_t size) { hash.update(data, size); }
};

struct ByteSink {
    std::vector<std::uint8_t>& out;
    void bytes(const void* data, std::size_t size) {
        const auto* const first = static_cast<const std::uint8_t*>(data);
        out.insert(out.end(), first, first + size);
    }
};

template <class Sink>
void number(Sink& out, std::uint64_t value) {
    std::uint8_t bytes[8];
    store_be64(bytes, value);
    out.bytes(bytes, sizeof bytes);
}

template <class Sink>
void number(Sink& out, const rvm_u256& value) {
    std::uint8_t bytes[32];
    store_be256(bytes, value);
    out.bytes(bytes, sizeof bytes);
}

template <class Sink>
void account_state(Sink& out, const rvm_account_state& state) {
    number(out, state.nonce);
    number(out, state.balance);
    out.bytes(state.code_hash.bytes, sizeof state.code_hash.bytes);
}

template <class Sink>
void account_change(Sink& out, const rvm_account_change& change) {
    out.bytes(change.address.bytes, sizeof change.address.bytes);
    number(out, std::uint64_t{change.flags});
    account_state(out, change.before);
    account_state(out, change.after);
    number(out, change.slot_count);
    for (std::uint64_t i = 0; i < change.slot_count; ++i) {
        number(out, change.slots[i].key);
        number(out, change.slots[i].before);
        number(out, change.slots[i].after);
    }
    if ((change.flags & RVM_CHANGE_CODE) == 0) return;
    const std::string_view format = change.format != nullptr ? change.format : "";
    number(out, std::uint64_t{format.size()});
    out.bytes(format.data(), format.size());
    number(out, change.code.size);
    if (change.code.size != 0) out.bytes(change.code.data, change.code.size);
}

template <class Sink>
void change_set(Sink& out, std::span<const rvm_account_change> accounts) {
    out.bytes(domain.data(), domain.size());
    number(out, static_cast<std::uint64_t>(std::count_if(accounts.begin(), accounts.end(), changes_anything)));
    for (const rvm_account_change& change : accounts)
        if (changes_anything(change)) account_change(out, change);
}

/// Takes parts from the front; what is not there is zero and makes `good` false.
class Decoder {
  public:
    explicit Decoder(rvm_view bytes) noexcept : left_(bytes) {}

    [[nodiscard]] rvm_view bytes(std::uint64_t size) noexcept {
        if (size > left_.size) {
            good_ = false;
            left_.size = 0;
            return {nullptr, 0};
        }
        const rvm_view taken{left_.data, size};
        left_ = {left_.data + size, left_.size - size};
        return taken;
    }
    void raw(std::uint8_t* out, std::size_t size) noexcept {
        if (const rvm_view taken = bytes(size); taken.size == size) std::memcpy(out, taken.data, size);
    }
    [[nodiscard]] std::uint64_t number() noexcept {
        const rvm_view taken = bytes(8);
        return taken.size == 8 ? load_be64(taken.data) : 0;
    }
    [[nodiscard]] rvm_u256 wide() noexcept {
        const rvm_view taken = bytes(32);
        return taken.size == 32 ? load_be256(taken.data) : zero_u256;
    }
    [[nodiscard]] rvm_account_state account() noexcept {
        rvm_account_state state{};
        state.nonce = number();
        state.balance = wide();
        raw(state.code_hash.bytes, sizeof state.code_hash.bytes);
        return state;
    }
    [[nodiscard]] bool good() const noexcept { return good_; }
    [[nodiscard]] bool at_end() const noexcept { return good_ && left_.size == 0; }

  private:
    rvm_view left_;
    bool good_ = true;
};

} // namespace

void ChangeSet::digest(rvm_bytes32* out) const {
    HashSink sink;
    change_set(sink, accounts_);
    sink.hash.finish(out->bytes);
}

void ChangeSet::encode(std::vector<std::uint8_t>* out) const {
    ByteSink sink{*out};
    change_set(sink, accounts_);
}

bool ChangeSet::decode(rvm_view bytes, ChangeSet* out) {
    Decoder in(bytes);
    const rvm_view head = in.bytes(domain.size());
    if (!in.good() || std::memcmp(head.data, domain.data(), domain.size()) != 0) return false;
    ChangeSetBuilder builder;
    rvm_address last{};
    const std::uint64_t accounts = in.number();
    for (std::uint64_t i = 0; i < accounts && in.good(); ++i) {
        rvm_account_change change{};
        in.raw(change.address.bytes, sizeof change.address.bytes);
        const std::uint64_t flags = in.number();
        change.flags = static_cast<std::uint32_t>(flags);
        if (flags != change.flags || (i > 0 && !less(last, change.address))) return false;
        last = change.address;
        change.before = in.account();
        change.after = in.account();
        builder.account(change);
        const std::uint64_t slots = in.number();
        rvm_u256 last_key{};
        for (std::uint64_t j = 0; j < slots && in.good(); ++j) {
            const rvm_u256 key = in.wide();
            const rvm_u256 before = in.wide();
            if (j > 0 && !less(last_key, key)) return false;
            last_key = key;
            builder.slot({key, before, in.wide()});
        }
        if ((change.flags & RVM_CHANGE_CODE) == 0) continue;
        const rvm_view format = in.bytes(in.number());
        const std::string_view id(reinterpret_cast<const char*>(format.data), static_cast<std::size_t>(format.size));
        if (!id.empty() && !valid_format_id(id)) return false;
        builder.code(in.bytes(in.number()), id);
    }
    if (!in.at_end()) return false;
    *out = builder.build();
    return true;
}

} // namespace rvm::state
