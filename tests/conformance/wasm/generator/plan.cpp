#include "generator/plan.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace rvm::wasm::generator {
namespace {

std::string some(Random& random, const std::string& letters, std::uint64_t most) {
    std::string out;
    for (std::uint64_t i = random.below(most + 1); i > 0; --i)
        out += letters[random.below(letters.size())];
    return out;
}

void plan_tables(Random& random, Plan& plan) {
    const bool several = plan.has(Feature::reference_types);
    const std::uint64_t count = 1 + (several ? random.below(3) : 0);
    for (std::uint64_t i = 0; i < count; ++i) {
        PlannedTable table{'r', false, 0, 0, {}};
        if (i > 0) table.element = random.pick({'r', 'x', 't'});
        if (table.element == 't' && !plan.has(Feature::function_references)) table.element = 'r';
        table.is64 = plan.has(Feature::memory64) && !plan.options.portable && random.one_in(6);
        table.size = static_cast<std::uint32_t>(random.below(12));
        table.most = table.size + static_cast<std::uint32_t>(random.below(20));
        for (std::uint32_t k = 0; table.element == 'r' && k < table.size && !random.one_in(8); ++k)
            table.filled.push_back(static_cast<std::uint32_t>(random.below(plan.functions.size())));
        plan.tables.push_back(table);
    }
    for (std::uint64_t i = random.below(3); several && i > 0; --i) {
        const bool typed = plan.has(Feature::function_references) && random.one_in(3);
        plan.passive.push_back({typed ? 't' : 'r', static_cast<std::uint32_t>(random.below(6))});
    }
}

void plan_memories(Random& random, Plan& plan) {
    std::uint64_t count = random.one_in(12) ? 0 : 1;
    if (count != 0 && plan.has(Feature::multi_memory) && random.one_in(4)) count += 1 + random.below(2);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto pages = static_cast<std::uint32_t>(random.one_in(40) ? 0 : 1);
        plan.memories.push_back({plan.has(Feature::memory64) && random.one_in(5), pages,
                                 pages + static_cast<std::uint32_t>(random.below(3))});
    }
    for (std::uint64_t i = random.below(3); count != 0 && plan.has(Feature::bulk_memory) && i > 0; --i)
        plan.data.push_back(static_cast<std::uint32_t>(random.below(40)));
}

} // namespace

std::uint32_t Plan::type_index(const Signature& wanted) {
    const auto found = std::find(types.begin(), types.end(), wanted);
    if (found != types.end()) return static_cast<std::uint32_t>(found - types.begin());
    types.push_back(wanted);
    return static_cast<std::uint32_t>(types.size() - 1);
}

std::string Plan::letters() const {
    std::string out = "iiIIfF";
    if (has(Feature::simd)) out += "vv";
    if (has(Feature::reference_types)) out += "rx";
    if (has(Feature::function_references)) out += "t";
    return out;
}

Plan make_plan(Random& random, const Options& options) {
    Plan plan;
    plan.options = options;
    plan.wild = random.one_in(options.portable ? 20 : 6); // portable: one trap ends everything
    const std::string letters = plan.letters();
    const std::uint64_t count = 2 + random.below(6);
    plan.starts = random.one_in(10);
    if (plan.starts) plan.functions.push_back({"", ""});
    for (std::uint64_t i = 0; i < count; ++i)
        plan.functions.push_back(
            {some(random, letters, random.one_in(10) ? 9 : 4), some(random, letters,
                                                                    !plan.has(Feature::multi_value) ? 1
                                                                    : random.one_in(10)             ? 9
                                                                                                    : 3)});
    plan.functions.push_back({"", "i"}); // of type 0, so that typed references have something to name
    for (std::uint64_t i = random.below(6); i > 0; --i)
        plan.globals.push_back({letters[random.below(letters.size())], !random.one_in(4)});
    if (plan.has(Feature::exceptions)) {
        for (std::uint64_t i = random.below(4); i > 0; --i)
            plan.tags.push_back(some(random, letters, random.one_in(6) ? 8 : 3));
    }
    plan_tables(random, plan);
    plan_memories(random, plan);
    if (options.portable) {
        plan.counter = static_cast<std::uint32_t>(plan.globals.size());
        plan.digest = plan.counter + 1;
    }
    return plan;
}

std::uint64_t interesting(Random& random, char type) {
    constexpr std::uint64_t whole[] = {0,
                                       1,
                                       2,
                                       7,
                                       8,
                                       31,
                                       32,
                                       63,
                                       64,
                                       127,
                                       128,
                                       255,
                                       256,
                                       0x7fff,
                                       0x8000,
                                       0xffff,
                                       0x10000,
                                       0x7fffffff,
                                       0x80000000,
                                       0xffffffff,
                                       0x100000000,
                                       0x7fffffffffffffff,
                                       0x8000000000000000,
                                       0xffffffffffffffff,
                                       0xfffffffffffffffe,
                                       0xffffffff80000000};
    constexpr double real[] = {0.0,
                               1.0,
                               0.5,
                               1.5,
                               2.5,
                               4.2e9,
                               2147483648.0,
                               4294967296.0,
                               9223372036854775808.0,
                               18446744073709551616.0,
                               1e-40,
                               1e300,
                               1e38,
                               16777217.0,
                               9007199254740993.0,
                               0.1,
                               std::numeric_limits<double>::infinity(),
                               std::numeric_limits<double>::denorm_min()};
    if (type == 'f' || type == 'F') {
        const bool narrow = type == 'f';
        if (random.one_in(4)) return narrow ? random.next() & UINT32_MAX : random.next();
        if (random.one_in(10)) return narrow ? 0x7fa12345 : 0x7ff4123456789abc; // a signalling NaN
        if (random.one_in(10)) return narrow ? 0xffc00000 : 0xfff8000000000000;
        double value = real[random.below(std::size(real))] * (random.one_in(3) ? -1 : 1);
        if (random.one_in(4)) value = static_cast<double>(static_cast<std::int64_t>(random.next()) >> random.below(64));
        return narrow ? std::bit_cast<std::uint32_t>(static_cast<float>(value)) : std::bit_cast<std::uint64_t>(value);
    }
    std::uint64_t value = whole[random.below(std::size(whole))];
    if (random.one_in(3)) value = random.next() >> random.below(64);
    return type == 'i' ? value & UINT32_MAX : value;
}

void constant(Random& random, Bytes& out, char type) {
    switch (type) {
    case 'i':
        number(out, static_cast<std::int32_t>(static_cast<std::uint32_t>(interesting(random, type))));
        break;
    case 'I':
        number64(out, static_cast<std::int64_t>(interesting(random, type)));
        break;
    case 'f':
        put(out, {0x43});
        fixed(out, interesting(random, type), 4);
        break;
    case 'F':
        put(out, {0x44});
        fixed(out, interesting(random, type), 8);
        break;
    case 'v': {
        put(out, {0xfd, 0x0c});
        const char lanes = random.pick({'i', 'I', 'f', 'F'});
        const unsigned bytes = lanes == 'i' || lanes == 'f' ? 4 : 8;
        for (unsigned i = 0; i < 16; i += bytes)
            fixed(out, interesting(random, lanes), bytes);
        break;
    }
    default:
        null(out, type);
        break;
    }
}

} // namespace rvm::wasm::generator
