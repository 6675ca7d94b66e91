#include "scenario.hpp"

#include <algorithm>

#include "code_generator.hpp"

namespace rvm::differential {
namespace {

rvm_address address_of(std::uint64_t low, std::uint64_t high = 0) {
    const rvm_u256 number{{low, high, 0, 0}};
    rvm_address out;
    rvm_u256_to_bytes(&number, out.bytes, sizeof out.bytes);
    return out;
}

constexpr std::uint64_t above_programs = std::uint64_t{1} << 32; ///< a high part no fixed program has
constexpr std::uint64_t last_program = 0x11;                     ///< BLS12_MAP_FP2_TO_G2 (EIP-2537)
constexpr std::uint64_t ripemd160 = 3;
constexpr std::uint64_t p256_verify = 0x100; ///< EIP-7951

} // namespace

const std::vector<std::string>& rule_sets() {
    static const std::vector<std::string> names{"frontier",   "homestead", "eip150", "eip158", "byzantium",
                                                "petersburg", "istanbul",  "berlin", "london", "paris",
                                                "shanghai",   "cancun",    "prague", "osaka"};
    return names;
}

Scenario draw(std::uint64_t seed, const std::string& rules) {
    Random random(seed);
    const auto& names = rule_sets();
    std::size_t index = random.one_in(2) ? names.size() - 1 - random.below(3) : random.below(names.size());
    if (!rules.empty()) index = static_cast<std::size_t>(std::ranges::find(names, rules) - names.begin());
    const auto at = [&](const char* name) {
        return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
    };
    Scenario out;
    out.rules = names[index];
    out.removes_empty = index >= at("eip158");
    out.has_warmth = index >= at("berlin");

    const rvm_address sender = address_of(0xa11ce, above_programs);
    std::vector<rvm_address> targets;
    const std::size_t contracts = 3 + random.below(4);
    for (std::size_t i = 0; i < contracts; ++i)
        targets.push_back(address_of(0xc0de00 + i, above_programs));
    const rvm_address plain = address_of(0xe0a, above_programs), absent = address_of(0xab5e47, above_programs);
    const rvm_address delegating = address_of(0xde1e, above_programs);
    targets.insert(targets.end(), {plain, absent, delegating});
    targets.push_back(address_of(random.one_in(3) ? ripemd160 : 1 + random.below(last_program)));
    targets.push_back(address_of(random.one_in(4) ? p256_verify : 1 + random.below(9)));
    out.watched = targets;

    CodeGenerator generator(random, targets);
    for (std::size_t i = 0; i < contracts; ++i) {
        Account account;
        account.address = targets[i];
        account.nonce = random.one_in(20) ? UINT64_MAX - random.below(2) : 1;
        if (!random.one_in(3)) account.balance = {{random.below(1000), 0, 0, 0}};
        account.code = generator.runtime(3 + random.below(20));
        for (std::uint64_t key = 0; key < watched_slots; ++key)
            if (random.one_in(2)) account.slots.push_back({{{key, 0, 0, 0}}, {{1 + random.below(2), 0, 0, 0}}});
        out.accounts.push_back(std::move(account));
    }
    out.accounts.push_back({sender, {{0, 1, 0, 0}}, 7, {}, {}});
    if (random.one_in(2)) out.accounts.push_back({address_of(ripemd160), {}, 0, {}, {}}); // EIP-161's mishap
    out.accounts.push_back({plain, {{random.below(50), 0, 0, 0}}, random.below(2), {}, {}});
    if (index >= at("prague")) { // EIP-7702, also to itself, to nothing and to a program
        Account account{delegating, {{5, 0, 0, 0}}, 1, {0xef, 0x01, 0x00}, {}};
        const rvm_address& target = random.one_in(8) ? delegating : random.pick(std::span<const rvm_address>(targets));
        account.code.insert(account.code.end(), std::begin(target.bytes), std::end(target.bytes));
        out.accounts.push_back(std::move(account));
    }

    const std::size_t count = 1 + random.below(8);
    for (std::size_t i = 0; i < count; ++i) {
        Transaction transaction;
        transaction.sender = sender;
        transaction.gas =
            static_cast<std::int64_t>(random.one_in(5) ? random.below(40'000) : 100'000 + random.below(1'500'000));
        if (random.one_in(4)) transaction.value = {{random.below(100), 0, 0, 0}};
        if (random.one_in(8)) {
            transaction.kind = RVM_CALL_CREATE;
            transaction.input = generator.init(random.below(10));
        } else {
            transaction.target = targets[random.one_in(6) ? random.below(targets.size()) : random.below(contracts)];
            for (std::size_t size = random.below(100); size > 0; --size)
                transaction.input.push_back(static_cast<std::uint8_t>(random.next()));
        }
        if (out.has_warmth && random.one_in(2))
            transaction.access_list.push_back(
                {random.pick(std::span<const rvm_address>(targets)), {{{random.below(watched_slots), 0, 0, 0}}}});
        out.transactions.push_back(std::move(transaction));
    }
    return out;
}

} // namespace rvm::differential
