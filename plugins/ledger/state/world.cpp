#include "state/world.hpp"

#include "state/access_log.hpp"

namespace rvm::ledger {
namespace {

rvm_error no_error() noexcept {
    rvm_error error{};
    error.struct_size = sizeof error;
    return error;
}

} // namespace

std::span<const rvm_account_change> Changes::accounts() const noexcept {
    if (changes_ == nullptr) return {};
    std::uint64_t count = 0;
    const rvm_account_change* first = table_->changes(changes_, &count);
    return {first, static_cast<std::size_t>(count)};
}

World::World(const rvm_host_world& table, rvm_host_ctx* host, std::uint32_t flags) : table_(table) {
    rvm_error error = no_error();
    check(table_.open(host, flags, &world_, &error), "open", &error);
}

void World::check(rvm_status status, const char* what, const rvm_error* error) {
    if (status == RVM_OK) [[likely]]
        return;
    std::string text = std::string("world ") + what + ": ";
    text += error != nullptr && error->message[0] != '\0' ? error->message : "status " + std::to_string(status);
    throw sdk::Failure(status, std::move(text));
}

void World::begin(const rvm_tx_env& env) {
    rvm_error error = no_error();
    check(table_.tx_begin(world_, &env, &error), "tx_begin", &error);
}

Changes World::end(std::uint32_t flags) {
    rvm_error error = no_error();
    rvm_changes* changes = nullptr;
    check(table_.tx_end(world_, flags, &changes, &error), "tx_end", &error);
    Changes out(table_, changes);
    if (log_ != nullptr) {
        note_reads();
        log_->changes(out.accounts());
    }
    return out;
}

void World::end_unseen(std::uint32_t flags) {
    rvm_error error = no_error();
    check(table_.tx_end(world_, flags, nullptr, &error), "tx_end", &error);
    if (log_ != nullptr) note_reads();
}

void World::note_reads() {
    std::uint64_t count = 0;
    const rvm_read* first = table_.reads(world_, &count);
    log_->reads({first, static_cast<std::size_t>(count)});
}

rvm_account* World::account(const Address& address, std::uint32_t want) {
    rvm_account* out = nullptr;
    check(table_.account(world_, &address, want, &out), "account");
    if (log_ != nullptr) log_->account(address); // outside of transactions the host notes nothing
    return out;
}

Bytes World::code(rvm_account* account) {
    rvm_view out{};
    check(table_.code(world_, account, &out, nullptr), "code");
    return sdk::bytes(out);
}

U256 World::slot(rvm_account* account, const U256& key) {
    const rvm_u256 word = to_abi(key);
    rvm_u256 out{};
    check(table_.slot(world_, account, &word, &out), "slot");
    if (log_ != nullptr) log_->slot(account->address, key);
    return from_abi(out);
}

void World::set_nonce(rvm_account* account, std::uint64_t nonce) {
    check(table_.set_nonce(world_, account, nonce), "set_nonce");
}

void World::add_balance(rvm_account* account, const U256& amount) {
    const rvm_u256 word = to_abi(amount);
    check(table_.add_balance(world_, account, &word), "add_balance");
}

void World::sub_balance(rvm_account* account, const U256& amount) {
    const rvm_u256 word = to_abi(amount);
    check(table_.sub_balance(world_, account, &word), "sub_balance");
}

void World::credit(const Address& address, const U256& amount) {
    const rvm_u256 word = to_abi(amount);
    check(table_.credit(world_, &address, &word), "credit");
}

void World::set_code(rvm_account* account, Bytes code, const Hash* hash, const char* format) {
    rvm_error error = no_error();
    check(table_.set_code(world_, account, sdk::view(code), hash, format, &error), "set_code", &error);
}

void World::set_slot(rvm_account* account, const U256& key, const U256& value) {
    const rvm_u256 slot = to_abi(key);
    const rvm_u256 word = to_abi(value);
    check(table_.set_slot(world_, account, &slot, &word), "set_slot");
}

void World::touch(rvm_account* account) { check(table_.touch(world_, account), "touch"); }

void World::warm(const Address& address, std::span<const U256> keys) {
    static_assert(sizeof(U256) == sizeof(rvm_u256) && alignof(U256) == alignof(rvm_u256));
    check(table_.warm(world_, &address, reinterpret_cast<const rvm_u256*>(keys.data()), keys.size()), "warm");
}

rvm_result World::execute(const rvm_message& message) {
    rvm_error error = no_error();
    rvm_result result{};
    result.struct_size = sizeof result;
    if (const rvm_status status = table_.execute(world_, &message, &result, &error); status < 0)
        check(status, "execute", &error);
    return result;
}

std::span<const rvm_log> World::logs() const noexcept {
    std::uint64_t count = 0;
    const rvm_log* first = table_.logs(world_, &count);
    return {first, static_cast<std::size_t>(count)};
}

std::string_view World::trace_text() {
    rvm_view out{};
    check(table_.trace_text(world_, &out), "trace_text");
    return sdk::text(out);
}

} // namespace rvm::ledger
