// Code that leaves one value.
#include "generator/code.hpp"

#include <algorithm>
#include <tuple>

namespace rvm::wasm::generator {
namespace {

bool is_reference(char type) { return type == 'r' || type == 'x' || type == 't'; }

bool truncates(Op op) {
    return (op >= Op::i32_trunc_f32_s && op <= Op::i32_trunc_f64_u) ||
           (op >= Op::i64_trunc_f32_s && op <= Op::i64_trunc_f64_u);
}
bool divides(Op op) {
    return (op >= Op::i32_div_s && op <= Op::i32_rem_u) || (op >= Op::i64_div_s && op <= Op::i64_rem_u);
}
/// Its NaN is not determined by the standard.
bool makes_nan(Op op) {
    const std::string_view text = info(op).text;
    if (text[0] != 'f') return false;
    const std::string_view verb = text.substr(text.find('.') + 1);
    for (const char* each :
         {"add", "sub", "mul", "div", "min", "max", "sqrt", "ceil", "floor", "trunc", "nearest", "demote", "promote"}) {
        if (verb.substr(0, std::string_view(each).size()) == each) return true;
    }
    return false;
}

Instructions collect(Features features, char result) {
    Instructions out;
    for (std::size_t i = 0; i < op_table.size(); ++i) {
        const auto op = static_cast<Op>(i);
        const OpInfo& known = info(op);
        if (known.signature[0] == '*' || !features.has(known.feature)) continue;
        if (known.signature.back() != result) continue;
        switch (known.immediate) {
        case Immediate::none:
        case Immediate::lane:
        case Immediate::shuffle:
            if (known.signature[0] != '.') out.plain.push_back(op);
            break;
        case Immediate::memarg:
        case Immediate::memarg_lane:
            (result == '.' ? out.stores : out.loads).push_back(op);
            break;
        default:
            break;
        }
    }
    return out;
}

} // namespace

const Instructions& instructions(Features features, char result) {
    using Entry = std::tuple<Features, char, Instructions>;
    thread_local std::vector<Entry> known;
    for (const Entry& each : known) {
        if (std::get<0>(each) == features && std::get<1>(each) == result) return std::get<2>(each);
    }
    known.reserve(64); // what was handed out stays where it is
    return std::get<2>(known.emplace_back(features, result, collect(features, result)));
}

void Code::values(const std::string& types, unsigned depth) {
    for (const char type : types)
        value(type, depth);
}

void Code::value(char type, unsigned depth) {
    if (--budget_ < 0 || depth == 0 || type == 'e') return leaf(type);
    --depth;
    switch (random_.below(18)) {
    case 0:
    case 1:
        return leaf(type);
    case 2:
    case 3:
        if (load(type, depth)) return;
        break;
    case 4:
        return block_value(type, depth);
    case 5:
        if (call_value(type, depth)) return;
        break;
    case 7:
        return select(type, depth);
    case 8:
        if (measure(type, depth)) return;
        break;
    case 9:
        if (const std::uint32_t to = local(type); to != UINT32_MAX) {
            value(type, depth);
            return opcode(out_, Op::local_tee, to);
        }
        break;
    default:
        break;
    }
    if (is_reference(type)) return reference(type, depth);
    if (!operation(type, depth)) leaf(type);
}

void Code::leaf(char type) {
    const std::uint32_t from = random_.one_in(3) ? UINT32_MAX : local(type);
    if (from != UINT32_MAX) return opcode(out_, Op::local_get, from);
    if (random_.one_in(3)) {
        for (std::uint32_t i = 0; i < plan_.globals.size(); ++i) {
            if (plan_.globals[i].type == type) return opcode(out_, Op::global_get, i);
        }
    }
    const auto last = static_cast<std::uint32_t>(plan_.functions.size() - 1); // of type 0
    if (type == 't' && !careless()) return opcode(out_, Op::ref_func, last);
    if (type == 'r' && random_.one_in(2) && plan_.has(Feature::reference_types)) {
        return opcode(out_, Op::ref_func, random_.below(plan_.functions.size()));
    }
    constant(random_, out_, type);
}

bool Code::operation(char type, unsigned depth) {
    const std::vector<Op>& all = instructions(plan_.options.features, type).plain;
    if (all.empty()) return false;
    const Op op = all[random_.below(all.size())];
    if (truncates(op) && !plan_.wild && !random_.one_in(plan_.options.portable ? 40 : 8)) return false;
    const OpInfo& known = info(op);
    for (const char letter : known.signature.substr(0, known.signature.find('.')))
        value(letter, depth);
    if (divides(op) && !careless()) { // not zero, and seldom -1
        type == 'i' ? number(out_, 1) : number64(out_, 1);
        opcode(out_, type == 'i' ? Op::i32_or : Op::i64_or);
    }
    opcode(out_, op);
    if (known.immediate == Immediate::lane) put(out_, {static_cast<std::uint8_t>(random_.below(known.access))});
    for (unsigned i = 0; known.immediate == Immediate::shuffle && i < 16; ++i)
        put(out_, {static_cast<std::uint8_t>(random_.below(32))});
    if (plan_.options.portable && makes_nan(op)) canonical(op);
    return true;
}

/// Replaces every NaN on top by the positive canonical one.
void Code::canonical(Op op) {
    const char type = info(op).signature.back();
    const std::uint32_t kept = scratch(type);
    opcode(out_, Op::local_tee, kept);
    const bool narrow = info(op).text.substr(0, 3) == "f32";
    if (type == 'v') {
        put(out_, {0xfd, 0x0c});
        for (int i = 0; i < 2; ++i)
            fixed(out_, narrow ? 0x7fc000007fc00000 : 0x7ff8000000000000, 8);
    } else {
        put(out_, {static_cast<std::uint8_t>(narrow ? 0x43 : 0x44)});
        fixed(out_, narrow ? 0x7fc00000 : 0x7ff8000000000000, narrow ? 4 : 8);
    }
    opcode(out_, Op::local_get, kept);
    opcode(out_, Op::local_get, kept);
    if (type == 'v') {
        opcode(out_, narrow ? Op::f32x4_eq : Op::f64x2_eq);
        opcode(out_, Op::v128_bitselect);
    } else {
        opcode(out_, narrow ? Op::f32_eq : Op::f64_eq);
        opcode(out_, Op::select);
    }
}

void Code::address(const PlannedMemory& memory, unsigned depth) {
    value(memory.is64 ? 'I' : 'i', depth);
    if (careless()) return;
    memory.is64 ? number64(out_, 0xff8) : number(out_, 0xff8);
    opcode(out_, memory.is64 ? Op::i64_and : Op::i32_and);
}

void Code::memarg(Op op, std::uint32_t memory) {
    std::uint64_t offset = random_.below(64);
    if (careless()) offset = interesting(random_, plan_.memories[memory].is64 ? 'I' : 'i');
    memarg(op, memory, offset);
}

void Code::memarg(Op op, std::uint32_t memory, std::uint64_t offset) {
    const OpInfo& known = info(op);
    const std::uint64_t align = random_.below(std::uint64_t{known.access} + 1);
    leb(out_, memory == 0 ? align : align | 0x40);
    if (memory != 0) leb(out_, memory);
    leb(out_, offset);
    if (known.immediate == Immediate::memarg_lane)
        put(out_, {static_cast<std::uint8_t>(random_.below(16u >> known.access))});
}

bool Code::load(char type, unsigned depth) {
    const std::vector<Op>& all = instructions(plan_.options.features, type).loads;
    if (all.empty() || plan_.memories.empty()) return false;
    const Op op = all[random_.below(all.size())];
    const auto memory = static_cast<std::uint32_t>(random_.below(plan_.memories.size()));
    address(plan_.memories[memory], depth);
    if (info(op).immediate == Immediate::memarg_lane) value('v', depth);
    opcode(out_, op);
    memarg(op, memory);
    return true;
}

void Code::reference(char type, unsigned depth) {
    for (std::uint32_t i = 0; i < plan_.tables.size(); ++i) {
        const PlannedTable& from = plan_.tables[i];
        if (from.element != type || from.size == 0 || !plan_.has(Feature::reference_types) || random_.one_in(2))
            continue;
        small(from.is64, from.size - 1, depth);
        return opcode(out_, Op::table_get, i);
    }
    leaf(type);
    if (plan_.has(Feature::function_references) && careless()) opcode(out_, Op::ref_as_non_null);
}

void Code::select(char type, unsigned depth) {
    value(type, depth);
    value(type, depth);
    value('i', depth);
    if (!is_reference(type) && (random_.one_in(2) || !plan_.has(Feature::reference_types)))
        return opcode(out_, Op::select);
    opcode(out_, Op::select_t);
    types(out_, std::string(1, type));
}

bool Code::measure(char type, unsigned depth) {
    if (type != 'i' && type != 'I') return false;
    if (type == 'i' && plan_.has(Feature::reference_types) && random_.one_in(3)) {
        value(random_.pick({'r', 'x'}), depth);
        opcode(out_, Op::ref_is_null);
        return true;
    }
    const auto memory = static_cast<std::uint32_t>(random_.below(plan_.memories.size() + 1));
    if (memory < plan_.memories.size() && plan_.memories[memory].is64 == (type == 'I')) {
        const bool grows = random_.one_in(4);
        if (grows) small(type == 'I', 3, depth);
        opcode(out_, grows ? Op::memory_grow : Op::memory_size, memory);
        return true;
    }
    const auto table = static_cast<std::uint32_t>(random_.below(plan_.tables.size()));
    if (!plan_.has(Feature::reference_types) || plan_.tables[table].is64 != (type == 'I')) return false;
    const bool grows = random_.one_in(3);
    if (grows) {
        value(plan_.tables[table].element, depth);
        small(type == 'I', 5, depth);
    }
    opcode(out_, grows ? Op::table_grow : Op::table_size, table);
    return true;
}

bool Code::call_value(char type, unsigned depth) {
    const std::uint32_t wanted = callee();
    const std::string& results = plan_.functions[wanted].results;
    if (results.empty() || results.back() != type || !invoke(wanted, false, depth)) return false;
    keep_last(results);
    return true;
}

void Code::block_value(char type, unsigned depth) {
    const bool several = plan_.has(Feature::multi_value);
    const std::string results = (several && random_.one_in(3) ? some(2) : "") + type;
    if (plan_.has(Feature::exceptions) && random_.one_in(4)) {
        try_block(results, depth);
    } else {
        block(random_.pick({Block::block, Block::loop, Block::if_}), several && random_.one_in(3) ? some(2) : "",
              results, depth);
    }
    keep_last(results);
}

/// Of several values on top only the last one stays.
void Code::keep_last(const std::string& results) {
    if (results.size() == 1) return;
    const std::uint32_t kept = scratch(results.back());
    opcode(out_, Op::local_set, kept);
    sink(results.substr(0, results.size() - 1));
    opcode(out_, Op::local_get, kept);
}

} // namespace rvm::wasm::generator
