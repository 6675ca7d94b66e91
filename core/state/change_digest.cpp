// The fixed encoding of a change set (README.md, "Digest") and its SHA-256.
#include "base/sha256.hpp"
#include "state/change_set.hpp"
#include "state/limbs.hpp"

#include <algorithm>
#include <string_view>

namespace rvm::state {

namespace {

constexpr std::string_view domain = "rvm change set 1\n"; // no other thing we hash begins like this

/// Appends to a buffer and hashes it in pieces.
class Encoder {
  public:
    void bytes(const void* data, std::size_t size) { hash_.update(data, size); }
    void number(std::uint64_t value) {
        std::uint8_t out[8];
        store_be64(out, value);
        bytes(out, sizeof out);
    }
    void number(const rvm_u256& value) {
        std::uint8_t out[32];
        store_be256(out, value);
        bytes(out, sizeof out);
    }
    void account_state(const rvm_account_state& state) {
        number(state.nonce);
        number(state.balance);
        bytes(state.code_hash.bytes, sizeof state.code_hash.bytes);
    }
    void finish(rvm_bytes32* out) { hash_.finish(out->bytes); }

  private:
    Sha256 hash_;
};

void encode(Encoder& out, const rvm_account_change& change) {
    out.bytes(change.address.bytes, sizeof change.address.bytes);
    out.number(std::uint64_t{change.flags});
    out.account_state(change.before);
    out.account_state(change.after);
    out.number(change.slot_count);
    for (std::uint64_t i = 0; i < change.slot_count; ++i) {
        out.number(change.slots[i].key);
        out.number(change.slots[i].before);
        out.number(change.slots[i].after);
    }
    if ((change.flags & RVM_CHANGE_CODE) == 0) return;
    const std::string_view format = change.format != nullptr ? change.format : "";
    out.number(std::uint64_t{format.size()});
    out.bytes(format.data(), format.size());
    out.number(change.code.size);
    out.bytes(change.code.data, change.code.size);
}

} // namespace

void ChangeSet::digest(rvm_bytes32* out) const {
    Encoder encoder;
    encoder.bytes(domain.data(), domain.size());
    encoder.number(static_cast<std::uint64_t>(std::count_if(accounts_.begin(), accounts_.end(), changes_anything)));
    for (const rvm_account_change& change : accounts_)
        if (changes_anything(change)) encode(encoder, change);
    encoder.finish(out);
}

} // namespace rvm::state
