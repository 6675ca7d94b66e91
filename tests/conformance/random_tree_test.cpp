// Random trees of calls and creations across both formats against a model that copies the whole state at every frame.
#include <map>
#include <memory>
#include <random>
#include <set>
#include <tuple>
#include <vector>

#include "mini_evm/interpreter.hpp"
#include "world_fixture.hpp"

namespace rvm::conformance {
namespace {

using namespace evm;

constexpr std::uint64_t kKeys = 3, kValues = 4, kInitialBalance = 10, kMaxValue = 5;
constexpr int kMaxDepth = 5, kMaxActions = 6;
// A callee gets a 64th of its caller's gas, so that no trap below starves the frames above.
constexpr std::int64_t kTopGas = std::int64_t{1} << 52;
constexpr unsigned kGasShift = 6;

enum class Do { store, store_transient, copy_transient, increment, log, call, create };
enum class End { success, revert, trap };

struct Node;
struct Action {
    Do what{};
    std::uint64_t key = 0, value = 0;
    std::uint32_t kind = RVM_CALL_CALL;
    std::unique_ptr<Node> child;
};
struct Node {
    bool is_toy = false;
    rvm_address where{};
    End end = End::success;
    std::vector<Action> actions;
};

using Key = Code; // an address as bytes, to be ordered
Key key_of(const rvm_address& of) { return {std::begin(of.bytes), std::end(of.bytes)}; }

struct Model {
    std::map<std::pair<Key, std::uint64_t>, std::uint64_t> slots, transient;
    std::map<Key, std::uint64_t> balances, nonces;
    std::vector<std::pair<Key, std::uint64_t>> logs;
};

// ---- Code of a node
// --------------------------------------------------------------------------------------------------

Code code_of(const Node& node, int depth);

std::uint64_t gas_below(int depth) {
    return static_cast<std::uint64_t>(kTopGas) >> (kGasShift * static_cast<unsigned>(depth + 1));
}

Code evm_action(const Action& action, int depth) {
    switch (action.what) {
    case Do::store:
        return evm::store(action.key, action.value);
    case Do::store_transient:
        return push(action.value) + push(action.key) + op({TSTORE});
    case Do::copy_transient:
        return push(action.value) + op({TLOAD}) + push(action.key) + op({SSTORE});
    case Do::increment:
        return push(action.key) + op({SLOAD}) + push(1) + op({ADD}) + push(action.key) + op({SSTORE});
    case Do::log:
        return push(action.value) + op({PUSH0, PUSH0, LOG1});
    case Do::call: {
        constexpr Opcode kKinds[] = {CALL, CALLCODE, DELEGATECALL, STATICCALL};
        return evm::call(kKinds[action.kind], action.child->where, {.value = action.value, .gas = gas_below(depth)}) +
               op({POP});
    }
    case Do::create:
        return evm::create2(code_of(*action.child, depth + 1), action.key, action.value) + op({POP});
    }
    return {};
}

Code toy_action(const Action& action, int depth) {
    switch (action.what) {
    case Do::store:
        return toy::write(action.key, action.value);
    case Do::store_transient:
        return toy::number(action.value) + toy::number(action.key) + toy::op({toy::store_transient});
    case Do::copy_transient:
        return toy::number(action.value) + toy::op({toy::load_transient}) + toy::number(action.key) +
               toy::op({toy::store});
    case Do::increment:
        return toy::number(action.key) + toy::op({toy::load}) + toy::number(1) + toy::op({toy::add}) +
               toy::number(action.key) + toy::op({toy::store});
    case Do::log:
        return toy::number(0) + toy::number(action.value) + toy::op({toy::log});
    case Do::call:
        return toy::invoke(action.kind, action.child->where, toy::number(0), action.value, gas_below(depth));
    case Do::create:
        return toy::make(code_of(*action.child, depth + 1), action.key, action.value);
    }
    return {};
}

Code code_of(const Node& node, int depth) {
    Code body;
    for (const Action& action : node.actions)
        body = std::move(body) + (node.is_toy ? toy_action(action, depth) : evm_action(action, depth));
    if (node.is_toy) {
        if (node.end == End::revert) body = std::move(body) + toy::number(1) + toy::op({toy::revert});
        if (node.end == End::trap) body = std::move(body) + toy::op({toy::trap});
        return toy::program(body);
    }
    if (node.end == End::revert) return body + op({PUSH0, PUSH0, REVERT});
    if (node.end == End::trap) return body + op({INVALID});
    return body + op({STOP});
}

// ---- What the specification says it does
// -------------------------------------------------------------------------------

bool run_model(const Node& node, int depth, const rvm_address& self, bool is_static, Model& model);

/// False: the frame traps here.
bool act(const Node& node, const Action& action, int depth, const rvm_address& self, bool is_static, Model& model) {
    const Key own = key_of(self);
    const bool writes = action.what != Do::call || (action.kind == RVM_CALL_CALL && action.value != 0);
    if (is_static && writes) return false;
    switch (action.what) {
    case Do::store:
        model.slots[{own, action.key}] = action.value;
        return true;
    case Do::store_transient:
        model.transient[{own, action.key}] = action.value;
        return true;
    case Do::copy_transient:
        model.slots[{own, action.key}] = model.transient[{own, action.value}];
        return true;
    case Do::increment:
        ++model.slots[{own, action.key}];
        return true;
    case Do::log:
        model.logs.emplace_back(own, action.value);
        return true;
    case Do::call: {
        const bool pays = action.kind == RVM_CALL_CALL || action.kind == RVM_CALL_CALLCODE;
        if (pays && model.balances[own] < action.value) return true; // a light failure
        const bool elsewhere = action.kind == RVM_CALL_CALL || action.kind == RVM_CALL_STATIC;
        const rvm_address target = elsewhere ? action.child->where : self;
        const Model before = model;
        if (action.kind == RVM_CALL_CALL) {
            model.balances[own] -= action.value;
            model.balances[key_of(target)] += action.value;
        }
        if (!run_model(*action.child, depth + 1, target, is_static || action.kind == RVM_CALL_STATIC, model))
            model = before;
        return true;
    }
    case Do::create: {
        if (model.balances[own] < action.value) return true;
        const Code init = code_of(*action.child, depth + 1);
        const rvm_bytes32 salt = to_bytes32(word(action.key));
        rvm_address made{};
        (node.is_toy ? toy::create_address : mini_evm::create_address)(nullptr, &self, 0, &salt, view(init), &made);
        ++model.nonces[own];
        const Model before = model;
        model.nonces[key_of(made)] = 1;
        model.balances[own] -= action.value;
        model.balances[key_of(made)] += action.value;
        if (!run_model(*action.child, depth + 1, made, false, model)) model = before;
        return true;
    }
    }
    return false;
}

bool run_model(const Node& node, int depth, const rvm_address& self, bool is_static, Model& model) {
    for (const Action& action : node.actions)
        if (!act(node, action, depth, self, is_static, model)) return false;
    return node.end == End::success;
}

// ---- Trees ---------------------------------------------------------------------------------------------------------

class random_tree : public WorldTest, public testing::WithParamInterface<std::uint32_t> {
  protected:
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

    /// Init code only ends by success or revert: a trap would burn what its creator needs.
    Node make_node(int depth, bool is_init) {
        Node node;
        node.is_toy = below(2) != 0;
        node.where = address(next_address_++);
        const std::uint64_t dice = below(8);
        node.end = dice < 5 ? End::success : dice < 7 || is_init ? End::revert : End::trap;
        const std::uint64_t count = below(kMaxActions + 1);
        for (std::uint64_t i = 0; i < count; ++i)
            node.actions.push_back(make_action(depth));
        return node;
    }
    Action make_action(int depth) {
        Action action;
        action.what = static_cast<Do>(below(depth < kMaxDepth ? 10 : 5));
        if (action.what > Do::create) action.what = Do::call; // more calls than anything else
        action.key = below(kKeys);
        action.value = below(kValues);
        if (action.what == Do::copy_transient) action.value = below(kKeys);
        if (action.what == Do::call) {
            action.kind = static_cast<std::uint32_t>(below(4));
            action.value = below(3) == 0 ? below(kMaxValue) : 0;
            action.child = std::make_unique<Node>(make_node(depth + 1, false));
        } else if (action.what == Do::create) {
            action.key = next_salt_++;
            action.value = below(3);
            action.child = std::make_unique<Node>(make_node(depth + 1, true));
        }
        return action;
    }

    void install_tree(const Node& node, int depth, Model& model) {
        install(node.where, code_of(node, depth), node.is_toy ? toy::kFormat : kMiniEvm);
        fund(node.where, kInitialBalance);
        model.nonces[key_of(node.where)] = 1;
        model.balances[key_of(node.where)] = kInitialBalance;
        install_children(node, depth, model);
    }
    void install_children(const Node& node, int depth, Model& model) {
        for (const Action& action : node.actions) {
            if (action.what == Do::call) install_tree(*action.child, depth + 1, model);
            if (action.what == Do::create) install_children(*action.child, depth + 1, model);
        }
    }

    void expect_state(const Model& model) {
        for (const auto& [who, nonce] : model.nonces) {
            rvm_address where{};
            std::copy(who.begin(), who.end(), where.bytes);
            EXPECT_EQ(account(where)->nonce, nonce);
            for (std::uint64_t key = 0; key < kKeys; ++key) {
                const auto found = model.slots.find({who, key});
                EXPECT_EQ(slot(where, key), found == model.slots.end() ? 0 : found->second);
            }
        }
        for (const auto& [who, wei] : model.balances) {
            rvm_address where{};
            std::copy(who.begin(), who.end(), where.bytes);
            EXPECT_EQ(balance(where), wei);
        }
        std::vector<std::pair<Key, std::uint64_t>> seen;
        for (const auto& [who, topic] : logs())
            seen.emplace_back(key_of(who), saturate(topic));
        EXPECT_EQ(seen, model.logs);
    }

    /// Addresses whose state differs.
    static std::set<Key> changed(const Model& before, const Model& after) {
        std::set<Key> out;
        const auto differ = [&out](const auto& left, const auto& right, auto address_of) {
            for (const auto& [key, value] : left) {
                const auto other = right.find(key);
                if (value != (other == right.end() ? 0 : other->second)) out.insert(address_of(key));
            }
        };
        const auto same = [](const Key& key) { return key; };
        const auto first = [](const std::pair<Key, std::uint64_t>& key) { return key.first; };
        for (const auto& [left, right] : {std::pair{&before, &after}, std::pair{&after, &before}}) {
            differ(left->balances, right->balances, same);
            differ(left->nonces, right->nonces, same);
            differ(left->slots, right->slots, first);
        }
        return out;
    }

    std::mt19937 random_{GetParam()};
    std::uint16_t next_address_ = 1;
    std::uint64_t next_salt_ = 100;
};

TEST_P(random_tree, does_what_the_model_says) {
    constexpr int kTransactions = 12;
    Model model;
    for (int round = 0; round < kTransactions; ++round) {
        next_address_ = static_cast<std::uint16_t>(round * 4096 + 1); // trees of other rounds stay as they are
        const Node top = make_node(0, false);
        if (next_address_ >= (round + 1) * 4096) continue; // a tree too large for its range
        install_tree(top, 0, model);
        next();
        model.transient.clear();
        model.logs.clear();
        const Model before = model;
        const bool success = run_model(top, 0, top.where, false, model);
        if (!success) model = before;
        const Ran ran = call(top.where, word(0), 0, kTopGas);
        EXPECT_EQ(ran.status == RVM_OK, success);
        expect_state(model);

        const Changes changes = end();
        std::set<Key> listed;
        std::uint64_t count = 0;
        const rvm_account_change* first = table().changes(changes.get(), &count);
        for (std::uint64_t i = 0; i < count; ++i)
            listed.insert(key_of(first[i].address));
        EXPECT_EQ(listed, changed(before, model)) << "the change set names what changed and nothing else";
        begin();
        if (testing::Test::HasFailure()) FAIL() << "seed " << GetParam() << ", transaction " << round;
    }
}

INSTANTIATE_TEST_SUITE_P(seeds, random_tree, testing::Range(1u, 41u));

} // namespace
} // namespace rvm::conformance
