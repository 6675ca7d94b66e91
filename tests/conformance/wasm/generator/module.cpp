// Sections around the code.
#include "generator/code.hpp"

namespace rvm::wasm::generator {
namespace {

constexpr std::uint8_t end = 0x0b;

void limits(Bytes& out, bool is64, std::uint64_t minimum, std::uint64_t maximum) {
    put(out, {static_cast<std::uint8_t>(is64 ? 5 : 1)});
    leb(out, minimum);
    leb(out, maximum);
}

void offset(Bytes& out, bool is64, std::uint32_t at) {
    is64 ? number64(out, at) : number(out, static_cast<std::int32_t>(at));
    put(out, {end});
}

Bytes type_section(const Plan& plan) {
    Bytes out;
    for (const Signature& each : plan.types) {
        put(out, {0x60});
        types(out, each.parameters);
        types(out, each.results);
    }
    return out;
}

Bytes table_section(Random& random, const Plan& plan) {
    Bytes out;
    for (const PlannedTable& each : plan.tables) {
        const bool initial = each.element != 'x' && plan.has(Feature::function_references) && random.one_in(3);
        if (initial) put(out, {0x40, 0x00});
        type(out, each.element);
        limits(out, each.is64, each.size, each.most);
        if (initial) {
            opcode(out, Op::ref_func, plan.functions.size() - 1);
            put(out, {end});
        }
    }
    return out;
}

void global(Random& random, Bytes& out, const Plan& plan, std::uint32_t index) {
    const PlannedGlobal& wanted = plan.globals[index];
    type(out, wanted.type);
    put(out, {static_cast<std::uint8_t>(wanted.is_mutable ? 1 : 0)});
    // Older engines take imported globals only.
    const bool may_copy = plan.has(Feature::extended_const) && !plan.options.portable;
    for (std::uint32_t from = 0; from < index && may_copy; ++from) {
        if (plan.globals[from].type != wanted.type || plan.globals[from].is_mutable || random.one_in(2)) continue;
        opcode(out, Op::global_get, from);
        put(out, {end});
        return;
    }
    constant(random, out, wanted.type);
    if ((wanted.type == 'i' || wanted.type == 'I') && plan.has(Feature::extended_const) && random.one_in(2)) {
        const bool narrow = wanted.type == 'i';
        constant(random, out, wanted.type);
        opcode(out, random.pick({narrow ? Op::i32_add : Op::i64_add, narrow ? Op::i32_sub : Op::i64_sub,
                                 narrow ? Op::i32_mul : Op::i64_mul}));
    }
    put(out, {end});
}

Bytes global_section(Random& random, const Plan& plan) {
    Bytes out;
    for (std::uint32_t i = 0; i < plan.globals.size(); ++i)
        global(random, out, plan, i);
    if (plan.options.portable) {
        put(out, {0x7f, 1});
        number(out, static_cast<std::int32_t>(200 + random.below(2'000)));
        put(out, {end, 0x7e, 1, 0x42, 0, end});
    }
    return out;
}

/// Passive segments first: plan.passive has their numbers.
std::uint64_t element_section(Random& random, const Plan& plan, Bytes& out) {
    std::uint64_t count = plan.passive.size();
    const std::uint64_t last = plan.functions.size() - 1;
    for (const PlannedElements& each : plan.passive) {
        const bool indices = each.type == 'r' && random.one_in(2);
        put(out, {static_cast<std::uint8_t>(indices ? 1 : 5)});
        indices ? put(out, {0x00}) : type(out, each.type);
        leb(out, each.count);
        for (std::uint32_t i = 0; i < each.count; ++i) {
            const std::uint64_t function = each.type == 't' ? last : random.below(plan.functions.size());
            if (indices) {
                leb(out, function);
                continue;
            }
            random.one_in(6) ? null(out, each.type) : opcode(out, Op::ref_func, function);
            put(out, {end});
        }
    }
    for (std::uint32_t i = 0; i < plan.tables.size(); ++i) {
        const PlannedTable& table = plan.tables[i];
        if (table.filled.empty()) continue;
        ++count;
        put(out, {static_cast<std::uint8_t>(i == 0 ? 0 : 2)});
        if (i != 0) leb(out, i);
        offset(out, table.is64, 0);
        if (i != 0) put(out, {0x00});
        leb(out, table.filled.size());
        for (const std::uint32_t function : table.filled)
            leb(out, function);
    }
    return count;
}

std::uint64_t data_section(Random& random, const Plan& plan, Bytes& out) {
    std::uint64_t count = plan.data.size();
    const auto bytes = [&](std::uint64_t size) {
        leb(out, size);
        for (std::uint64_t i = 0; i < size; ++i)
            put(out, {static_cast<std::uint8_t>(random.next())});
    };
    for (const std::uint32_t size : plan.data) {
        put(out, {1});
        bytes(size);
    }
    for (std::uint32_t i = 0; i < plan.memories.size(); ++i) {
        if (plan.memories[i].pages == 0 || random.one_in(3)) continue;
        ++count;
        put(out, {static_cast<std::uint8_t>(i == 0 ? 0 : 2)});
        if (i != 0) leb(out, i);
        offset(out, plan.memories[i].is64, static_cast<std::uint32_t>(random.one_in(60) ? 65'500 : random.below(4096)));
        bytes(random.below(80));
    }
    return count;
}

void add_exports(const Plan& plan, Bytes& out) {
    Bytes items;
    for (std::size_t i = 0; i < plan.functions.size(); ++i) {
        name(items, "f" + std::to_string(i));
        put(items, {0});
        leb(items, i);
    }
    if (plan.options.portable) {
        name(items, "run");
        put(items, {0});
        leb(items, plan.functions.size());
    }
    section(out, 7, plan.functions.size() + (plan.options.portable ? 1 : 0), items);
}

} // namespace

Generated generate(std::uint64_t seed, const Options& options) {
    Random random(seed);
    Plan plan = make_plan(random, options);
    Bytes bodies, declared;
    for (std::uint32_t i = 0; i < plan.functions.size(); ++i) {
        put(bodies, function_body(random, plan, i));
        leb(declared, plan.type_index(plan.functions[i]));
    }
    if (options.portable) {
        put(bodies, run_body(random, plan));
        leb(declared, plan.type_index({"", "I"}));
    }
    const std::uint64_t functions = plan.functions.size() + (options.portable ? 1 : 0);
    Bytes tags;
    for (const std::string& parameters : plan.tags) {
        put(tags, {0});
        leb(tags, plan.type_index({parameters, ""}));
    }
    Bytes memories;
    for (const PlannedMemory& each : plan.memories)
        limits(memories, each.is64, each.pages, each.most);
    Bytes elements, data;
    const std::uint64_t element_count = element_section(random, plan, elements);
    const std::uint64_t data_count = data_section(random, plan, data);

    Generated made{{0, 'a', 's', 'm', 1, 0, 0, 0}, plan.functions};
    Bytes& out = made.bytes;
    section(out, 1, plan.types.size(), type_section(plan));
    section(out, 3, functions, declared);
    section(out, 4, plan.tables.size(), table_section(random, plan));
    if (!plan.memories.empty()) section(out, 5, plan.memories.size(), memories);
    if (!plan.tags.empty()) section(out, 13, plan.tags.size(), tags);
    section(out, 6, plan.globals.size() + (options.portable ? 2 : 0), global_section(random, plan));
    add_exports(plan, out);
    if (plan.starts) put(out, {8, 1, 0});
    if (element_count != 0) section(out, 9, element_count, elements);
    if (!plan.data.empty()) section(out, 12, data_count, {});
    section(out, 10, functions, bodies);
    if (data_count != 0) section(out, 11, data_count, data);
    return made;
}

} // namespace rvm::wasm::generator
