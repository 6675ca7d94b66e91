// The journaled world against the naive model of state_model.hpp, over random sequences of operations.
//
// RVM_STATE_SEQUENCES sets the number of sequences, RVM_STATE_SEED the first seed (to repeat one sequence: its seed and
// 1).
#include "state_model.hpp"

#include "state/memory_store.hpp"
#include "state/world_state.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <random>

namespace rvm::state {
namespace {

using model::Address;
using model::Number;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::vector<model::Change> list(const ChangeSet& set) {
    std::vector<model::Change> out;
    for (const rvm_account_change& change : set.accounts())
        out.push_back(model::of(change));
    return out;
}

std::string digest_of(const ChangeSet& set) {
    rvm_bytes32 out;
    set.digest(&out);
    return model::text(out.bytes, 32);
}

/// One sequence: a store, a world over it, the model, and the operations that one seed chooses.
class Sequence {
  public:
    explicit Sequence(std::uint64_t seed) : random_(seed), recording_(chance(3)), intrusive_(chance(2)) {
        EXPECT_EQ(rvm_memory_storage.open(nullptr, nullptr, &store_, nullptr), RVM_OK);
        open_world();
    }
    ~Sequence() {
        world_.reset();
        rvm_memory_storage.close(store_);
    }
    Sequence(const Sequence&) = delete;
    Sequence& operator=(const Sequence&) = delete;

    void run(int steps) {
        for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
            model_.in_tx ? step_in_tx() : step_between();
            if (intrusive_ || chance(40)) compare_everything();
            compare_handles();
        }
        if (model_.in_tx) end_tx();
        compare_everything();
        compare_merges();
    }

  private:
    // ---- choices ----
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
    bool chance(std::uint64_t one_in) { return below(one_in) == 0; }

    Address address() {
        Address out;
        const std::uint64_t which = below(6);
        out.bytes[0] = static_cast<std::uint8_t>(which * 37); // differ at both ends: order and hash see it
        out.bytes[19] = static_cast<std::uint8_t>(7 - which);
        return out;
    }
    Number key() {
        const std::uint64_t which = below(5);
        return which == 4 ? Number(1) << 255 : Number(which) << (64 * which);
    }
    Number value() { return chance(3) ? Number(0) : Number(below(3)) << (chance(2) ? 0 : 200); }
    Number amount() {
        if (chance(12)) return (Number(1) << 256) - 1 - Number(below(3));
        return chance(4) ? Number(0) : Number(below(40));
    }
    model::Code code() {
        static const std::vector<std::string> formats{"evm", "native"};
        const std::uint64_t which = below(4);
        if (which == 3) return model::no_code();
        const std::string bytes(which + 1, static_cast<char>('a' + which));
        return {formats[below(2)], std::string(32, static_cast<char>('A' + which)), bytes};
    }

    // ---- the world ----
    void open_world() {
        world_.reset();
        handles_.clear();
        ASSERT_EQ(WorldState::open(rvm_memory_storage, *store_, codes_, recording_ ? RVM_WORLD_RECORD_READS : 0,
                                   &world_, nullptr),
                  RVM_OK);
        model_.programs.clear();
        model_.read_fields.clear();
        model_.read_slots.clear();
        model_.now.logs.clear();
    }

    state::Account& handle(const Address& a, std::uint32_t want = 0) {
        state::Account* account = nullptr;
        std::uint32_t access = 99;
        EXPECT_EQ(world_->account(a.c(), want, &account, &access), RVM_OK);
        const bool cold = model_.access(a, (want & RVM_WANT_WARM) != 0);
        EXPECT_EQ(access, cold ? RVM_ACCESS_COLD : 0u);
        model_.note(a, want);
        EXPECT_NE(account, nullptr);
        const auto [known, fresh] = handles_.emplace(a, account);
        EXPECT_EQ(known->second, account) << "a handle names one address for ever";
        return *account;
    }

    // ---- steps ----
    void step_between() {
        switch (below(8)) {
        case 0:
            commit();
            break;
        case 1:
            world_->discard();
            model_.discard();
            since_commit_.clear();
            sets_.clear();
            break;
        case 2: {
            const Address a = address();
            const bool there = chance(2);
            ASSERT_EQ(world_->set_program(a.c(), there ? this : nullptr), RVM_OK);
            there ? (void)model_.programs.insert(a) : (void)model_.programs.erase(a);
            break;
        }
        case 3:
            peek_slot(address(), key());
            break;
        default:
            ASSERT_EQ(world_->begin_tx(), RVM_OK);
            model_.begin_tx();
            marks_.clear();
        }
    }

    void step_in_tx() {
        const Address a = address();
        const Address b = address();
        switch (below(28)) {
        case 0:
            account_access(a);
            break;
        case 1:
        case 2:
            sload(a, key());
            break;
        case 3:
        case 4:
        case 5:
            sstore(a, key(), value());
            break;
        case 6:
            peek_slot(a, key());
            break;
        case 7: {
            const Number k = key();
            const Number v = value();
            state::Account& account = handle(a);
            model_.note_slot(a, k);
            ASSERT_EQ(world_->set_slot(account, model::limbs(k), model::limbs(v)), RVM_OK);
            model_.set_slot(a, k, v);
            break;
        }
        case 8: {
            const Number k = key();
            const Number v = value();
            ASSERT_EQ(world_->tstore(handle(a), model::limbs(k), model::limbs(v)), RVM_OK);
            model_.now.transient[{a, k}] = v;
            break;
        }
        case 9:
            log(a);
            break;
        case 10:
        case 11: {
            const Number n = amount();
            state::Account& from = handle(a);
            state::Account& to = handle(b);
            ASSERT_EQ(world_->transfer(from, to, model::limbs(n)),
                      model_.transfer(a, b, n) ? RVM_OK : RVM_TRAP_BALANCE);
            break;
        }
        case 12:
        case 13:
            add_balance(a, amount());
            break;
        case 14: {
            const Number n = amount();
            state::Account& account = handle(a);
            model_.note(a, RVM_WANT_BALANCE);
            const bool enough = model_.account(a).balance >= n;
            ASSERT_EQ(world_->sub_balance(account, model::limbs(n)), enough ? RVM_OK : RVM_TRAP_BALANCE);
            if (!enough) break;
            model_.write(a);
            if (n != 0) model_.make(a).balance -= n;
            break;
        }
        case 15:
        case 16: {
            const Number n = below(40);
            ASSERT_EQ(world_->credit(a.c(), model::limbs(n)), RVM_OK);
            if (n == 0) break;
            model_.now.credits[a] += n;
            model_.make(a).balance += n;
            break;
        }
        case 17:
            nonce(a);
            break;
        case 18:
            set_code(a);
            break;
        case 19: {
            const bool sticky = chance(3);
            ASSERT_EQ(world_->touch(handle(a), sticky ? RVM_TOUCH_STICKY : 0), RVM_OK);
            model_.write(a);
            model_.make(a);
            if (sticky) model_.sticky.insert(a);
            break;
        }
        case 20:
            create(a);
            break;
        case 21: {
            const std::uint32_t mode = chance(2) ? RVM_DESTROY_ALWAYS : RVM_DESTROY_IF_NEW_IN_TX;
            bool first = false;
            state::Account& account = handle(a);
            state::Account& heir = handle(b);
            ASSERT_EQ(world_->destroy(account, heir, mode, &first), RVM_OK);
            ASSERT_EQ(first, model_.destroy(a, b, mode));
            break;
        }
        case 22: {
            std::vector<Number> keys(below(3));
            std::vector<rvm_u256> raw;
            for (Number& k : keys) {
                k = key();
                raw.push_back(model::limbs(k));
                model_.now.warm_slots.insert({a, k});
            }
            ASSERT_EQ(world_->warm(a.c(), raw), RVM_OK);
            model_.now.warm.insert(a);
            break;
        }
        case 23:
        case 24:
            marks_.push_back({world_->snapshot(), model_.now});
            break;
        case 25:
            if (!marks_.empty()) revert();
            break;
        case 26:
            if (chance(3)) end_tx();
            break;
        default:
            if (!chance(12)) break;
            world_->abort_tx();
            model_.abort_tx();
        }
    }

    void account_access(const Address& a) {
        const auto want = static_cast<std::uint32_t>(below(256)) & ~RVM_WANT_NO_COLD;
        if (!chance(3)) {
            handle(a, want);
            return;
        }
        const bool cold = !model_.is_warm(a);
        state::Account* account = nullptr;
        std::uint32_t access = 99;
        ASSERT_EQ(world_->account(a.c(), want | RVM_WANT_NO_COLD, &account, &access), RVM_OK);
        ASSERT_EQ(access, cold ? RVM_ACCESS_COLD | RVM_ACCESS_SKIPPED : 0u);
        ASSERT_EQ(account == nullptr, cold);
        if (cold) return;
        model_.access(a, (want & RVM_WANT_WARM) != 0);
        model_.note(a, want);
    }

    void sload(const Address& a, const Number& k) {
        state::Account& account = handle(a);
        const bool cold = model_.now.warm_slots.count({a, k}) == 0;
        const bool unpaid = chance(4);
        rvm_u256 out{};
        std::uint32_t access = 99;
        ASSERT_EQ(world_->sload(account, model::limbs(k), unpaid ? RVM_WANT_NO_COLD : 0, &out, &access), RVM_OK);
        if (cold && unpaid) {
            ASSERT_EQ(access, RVM_ACCESS_COLD | RVM_ACCESS_SKIPPED);
            return;
        }
        model_.note_slot(a, k);
        model_.now.warm_slots.insert({a, k});
        ASSERT_EQ(access, cold ? RVM_ACCESS_COLD : 0u);
        ASSERT_EQ(model::number(out), model_.account(a).slot(k));
    }

    void sstore(const Address& a, const Number& k, const Number& v) {
        state::Account& account = handle(a);
        const bool cold = model_.now.warm_slots.count({a, k}) == 0;
        const bool unpaid = chance(4);
        rvm_slot_write out{};
        ASSERT_EQ(world_->sstore(account, model::limbs(k), model::limbs(v), unpaid ? RVM_WANT_NO_COLD : 0, &out),
                  RVM_OK);
        if (cold && unpaid) {
            ASSERT_EQ(out.access, RVM_ACCESS_COLD | RVM_ACCESS_SKIPPED);
            return;
        }
        const Number original = model_.original(a, k);
        const Number current = model_.account(a).slot(k);
        ASSERT_EQ(out.access, cold ? RVM_ACCESS_COLD : 0u);
        ASSERT_EQ(model::number(out.original), original);
        ASSERT_EQ(model::number(out.current), current);
        ASSERT_EQ(out.change, model::World::change_of(original, current, v));
        model_.note_slot(a, k);
        model_.now.warm_slots.insert({a, k});
        model_.set_slot(a, k, v);
    }

    void peek_slot(const Address& a, const Number& k) {
        rvm_u256 out{};
        ASSERT_EQ(world_->slot(handle(a), model::limbs(k), &out), RVM_OK);
        model_.note_slot(a, k);
        ASSERT_EQ(model::number(out), model_.account(a).slot(k));
    }

    void log(const Address& a) {
        std::vector<rvm_bytes32> topics(below(5));
        model::Log log{a, {}, std::string(below(40), static_cast<char>('a' + below(26)))};
        for (rvm_bytes32& topic : topics) {
            std::fill(std::begin(topic.bytes), std::end(topic.bytes), static_cast<std::uint8_t>(below(256)));
            log.topics.push_back(model::text(topic.bytes, 32));
        }
        const rvm_view data{reinterpret_cast<const std::uint8_t*>(log.data.data()), log.data.size()};
        ASSERT_EQ(world_->log(handle(a), topics, data), RVM_OK);
        model_.now.logs.push_back(log);
    }

    void add_balance(const Address& a, const Number& n) {
        state::Account& account = handle(a);
        const Number balance = model_.account(a).balance;
        const bool overflow = balance + n < balance;
        ASSERT_EQ(world_->add_balance(account, model::limbs(n)), overflow ? RVM_E_INVALID_ARGUMENT : RVM_OK);
        if (overflow) return;
        model_.note(a, RVM_WANT_BALANCE);
        model_.write(a);
        model_.make(a).balance += n;
    }

    void nonce(const Address& a) {
        state::Account& account = handle(a);
        if (chance(2)) {
            model_.note(a, RVM_WANT_NONCE);
            const bool full = model_.account(a).nonce == UINT64_MAX;
            ASSERT_EQ(world_->bump_nonce(account), full ? RVM_TRAP_NONCE : RVM_OK);
            if (full) return;
            model_.write(a);
            ++model_.make(a).nonce;
            return;
        }
        const std::uint64_t n = chance(8) ? UINT64_MAX : below(3);
        ASSERT_EQ(world_->set_nonce(account, n), RVM_OK);
        model_.write(a);
        model_.make(a).nonce = n;
    }

    void set_code(const Address& a) {
        const model::Code c = code();
        const CodeFormat* const format = codes_.intern(c.format.empty() ? "evm" : c.format);
        rvm_bytes32 hash;
        std::copy(c.hash.begin(), c.hash.end(), hash.bytes);
        const rvm_view bytes{reinterpret_cast<const std::uint8_t*>(c.bytes.data()), c.bytes.size()};
        ASSERT_EQ(world_->set_code(handle(a), *format, hash, bytes), RVM_OK);
        model_.write(a);
        model_.make(a).code = c;
    }

    void create(const Address& a) {
        state::Account& account = handle(a);
        const model::Account before = model_.account(a);
        model_.note(a, RVM_WANT_NONCE | RVM_WANT_CODE_HASH | RVM_WANT_EXISTS);
        const bool taken = before.nonce != 0 || !before.code.format.empty() || model_.has_storage(a);
        ASSERT_EQ(world_->collides(account), taken);
        if (taken && !chance(4)) return; // the world leaves the decision to its caller: wipe a storage now and then
        const std::uint64_t n = below(2);
        ASSERT_EQ(world_->create_account(account, n), RVM_OK);
        model_.create(a, n);
    }

    void revert() {
        const std::size_t which = below(marks_.size());
        ASSERT_EQ(world_->revert(marks_[which].first), RVM_OK);
        model_.now = marks_[which].second;
        marks_.resize(which + below(2)); // a mark stays good after it was reverted to
    }

    void end_tx() {
        const bool remove_empty = chance(2);
        ChangeSet set;
        ASSERT_EQ(world_->end_tx(remove_empty ? RVM_TX_REMOVE_EMPTY_TOUCHED : 0, &set), RVM_OK);
        const model::Accounts before = model_.start;
        const std::vector<model::Change> expected = model_.end_tx(remove_empty);
        const std::vector<model::Change> got = list(set);
        ASSERT_EQ(got.size(), expected.size());
        for (std::size_t i = 0; i < got.size(); ++i)
            ASSERT_EQ(got[i], expected[i]);
        ASSERT_EQ(digest_of(set), model::digest(expected));
        compare_addresses(world_->touched(), model_.ended_touched);
        compare_addresses(world_->destroyed(), model_.ended_destroyed);
        model::Accounts applied = before;
        model::apply(applied, got);
        ASSERT_EQ(applied, model_.now.accounts);
        since_commit_.push_back(set);
        sets_.push_back(std::move(set));
    }

    void commit() {
        const std::string pair_key = "height";
        const std::string pair_value(1 + below(9), 'h');
        const rvm_store_write pair{{reinterpret_cast<const std::uint8_t*>(pair_key.data()), pair_key.size()},
                                   {reinterpret_cast<const std::uint8_t*>(pair_value.data()), pair_value.size()},
                                   RVM_KEYSPACE_CALLER,
                                   0};
        compare_merges();
        ASSERT_EQ(world_->commit({&pair, 1}, nullptr), RVM_OK);
        rvm_view back{};
        ASSERT_EQ(world_->get(RVM_KEYSPACE_CALLER, pair.key, &back), RVM_OK);
        ASSERT_EQ(model::text(back.data, back.size), pair_value);
        model_.committed = model_.now.accounts;
        since_commit_.clear();
        sets_.clear();
        std::unique_ptr<WorldState> other; // another world sees the same through the store alone
        ASSERT_EQ(WorldState::open(rvm_memory_storage, *store_, codes_, 0, &other, nullptr), RVM_OK);
        compare_listing(*other);
        if (chance(4)) open_world();
    }

    // ---- comparisons ----
    void compare_handles() {
        for (const auto& [a, account] : handles_) {
            const model::Account expected = model_.account(a);
            const rvm_account& visible = account->visible;
            ASSERT_EQ(model::number(visible.balance), expected.balance);
            ASSERT_EQ(visible.nonce, expected.nonce);
            ASSERT_EQ(visible.flags, model_.flags(a));
            ASSERT_EQ(visible.code_hash == nullptr, expected.code.format.empty());
            if (visible.code_hash != nullptr) {
                ASSERT_EQ(model::text(visible.code_hash->bytes, 32), expected.code.hash);
            }
            ASSERT_EQ(rvm_account_is_empty(&visible) != 0, expected.empty());
        }
        const std::span<const rvm_log> logs = world_->logs();
        ASSERT_EQ(logs.size(), model_.now.logs.size());
        for (std::size_t i = 0; i < logs.size(); ++i) {
            model::Log log{Address::of(logs[i].address), {}, model::text(logs[i].data.data, logs[i].data.size)};
            for (std::uint32_t t = 0; t < logs[i].topic_count; ++t)
                log.topics.push_back(model::text(logs[i].topics[t].bytes, 32));
            ASSERT_EQ(log, model_.now.logs[i]);
        }
        if (recording_) compare_reads();
    }

    static void compare_addresses(std::span<const rvm_address> got, const std::set<Address>& expected) {
        std::vector<Address> list;
        for (const rvm_address& address : got)
            list.push_back(Address::of(address));
        ASSERT_EQ(list, std::vector<Address>(expected.begin(), expected.end()));
    }

    void compare_reads() {
        std::map<Address, std::uint32_t> fields;
        std::set<model::SlotId> slots;
        const std::span<const rvm_read> reads = world_->reads();
        for (std::size_t i = 0; i < reads.size(); ++i) {
            const Address a = Address::of(reads[i].address);
            if (i != 0) {
                ASSERT_LE(Address::of(reads[i - 1].address), a);
            }
            if ((reads[i].fields & RVM_READ_SLOT) != 0)
                ASSERT_TRUE(slots.insert({a, model::number(reads[i].key)}).second);
            else
                ASSERT_TRUE(fields.emplace(a, reads[i].fields).second);
        }
        ASSERT_EQ(fields, model_.read_fields);
        ASSERT_EQ(slots, model_.read_slots);
    }

    /// Looks at everything through the interface; this also loads what was not in memory yet.
    void compare_everything() {
        for (std::uint64_t i = 0; i < 6 && !testing::Test::HasFailure(); ++i) {
            const Address a = address();
            state::Account& account = handle(a);
            const CodeObject* object = nullptr;
            ASSERT_EQ(world_->code(account, &object), RVM_OK);
            model_.note(a, RVM_WANT_CODE);
            const model::Code expected = model_.account(a).code;
            ASSERT_EQ(object == nullptr, expected.format.empty());
            if (object != nullptr) {
                ASSERT_EQ(model::text(object->bytes().data, object->bytes().size), expected.bytes);
                ASSERT_EQ(object->format().id, expected.format);
                ASSERT_EQ(account.visible.code_size, expected.bytes.size());
            }
            const Number k = key();
            peek_slot(a, k);
            if (!model_.in_tx) continue;
            rvm_u256 out{};
            world_->tload(account, model::limbs(k), &out);
            const auto found = model_.now.transient.find({a, k});
            ASSERT_EQ(model::number(out), found == model_.now.transient.end() ? Number(0) : found->second);
        }
        compare_listing(*world_);
    }

    void compare_listing(WorldState& world) {
        struct Context {
            model::Accounts accounts;
            std::vector<Address> order;
        } listed;
        const rvm_account_fn on_account = [](void* ctx, const rvm_address* address, const rvm_account_state* state,
                                             rvm_view code, const char* format) -> rvm_status {
            auto& context = *static_cast<Context*>(ctx);
            const Address a = Address::of(*address);
            context.order.push_back(a);
            model::Account& account = context.accounts[a];
            account.balance = model::number(state->balance);
            account.nonce = state->nonce;
            account.code = {format != nullptr ? format : "", model::text(state->code_hash.bytes, 32),
                            model::text(code.data, code.size)};
            return RVM_OK;
        };
        ASSERT_EQ(world.each_account(on_account, &listed), RVM_OK);
        ASSERT_TRUE(std::is_sorted(listed.order.begin(), listed.order.end()));
        ASSERT_EQ(listed.order.size(), listed.accounts.size());
        for (auto& [a, account] : listed.accounts) {
            state::Account* handle = nullptr;
            ASSERT_EQ(world.account(a.c(), 0, &handle, nullptr), RVM_OK);
            std::vector<std::pair<Number, Number>> slots;
            const rvm_slot_fn on_slot = [](void* ctx, const rvm_u256* key, const rvm_u256* value) -> rvm_status {
                static_cast<std::vector<std::pair<Number, Number>>*>(ctx)->emplace_back(model::number(*key),
                                                                                        model::number(*value));
                return RVM_OK;
            };
            ASSERT_EQ(world.each_slot(*handle, on_slot, &slots), RVM_OK);
            ASSERT_TRUE(std::is_sorted(slots.begin(), slots.end()));
            account.slots = {slots.begin(), slots.end()};
            ASSERT_EQ(account.slots.size(), slots.size());
        }
        ASSERT_EQ(listed.accounts, model_.now.accounts);
    }

    /// Merging in any grouping gives the same, and what the world itself lists since the last commit.
    void compare_merges() {
        ChangeSet left;
        for (const ChangeSet& set : since_commit_)
            left = ChangeSet::merge(left, set);
        std::vector<ChangeSet> rest = std::move(sets_);
        sets_ = {};
        while (rest.size() > 1) {
            const std::size_t at = below(rest.size() - 1);
            rest[at] = ChangeSet::merge(rest[at], rest[at + 1]);
            rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(at) + 1);
        }
        const std::vector<model::Change> merged = list(left);
        ASSERT_EQ(rest.empty() ? std::vector<model::Change>{} : list(rest[0]), merged) << "merge is not associative";
        ChangeSet direct;
        ASSERT_EQ(world_->changes_since_commit(&direct), RVM_OK);
        ASSERT_EQ(list(direct), merged);
        ASSERT_EQ(digest_of(direct), digest_of(left));
        ASSERT_EQ(digest_of(direct), model::digest(merged));
        model::Accounts applied = model_.committed;
        model::apply(applied, merged);
        ASSERT_EQ(applied, model_.now.accounts);
        sets_ = since_commit_;
    }

    std::mt19937_64 random_;
    bool recording_;
    bool intrusive_; // compares everything after every step, so that nothing stays unloaded for long
    CodeTable codes_;
    rvm_store* store_ = nullptr;
    std::unique_ptr<WorldState> world_;
    model::World model_;
    std::map<Address, state::Account*> handles_;
    std::vector<std::pair<Mark, model::Reversible>> marks_;
    std::vector<ChangeSet> since_commit_, sets_;
};

TEST(state_property, world_equals_naive_model) {
    const std::uint64_t first = setting("RVM_STATE_SEED", 1);
    const std::uint64_t count = setting("RVM_STATE_SEQUENCES", 3000);
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        Sequence(seed).run(150);
        ASSERT_FALSE(HasFailure()) << "RVM_STATE_SEED=" << seed << " RVM_STATE_SEQUENCES=1 repeats it";
    }
    RecordProperty("seeds", std::to_string(first) + ".." + std::to_string(first + count - 1));
}

} // namespace
} // namespace rvm::state
