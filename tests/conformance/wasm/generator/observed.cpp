// Statements whose effect is looked at at once: what random code seldom does by chance.
#include "generator/code.hpp"

namespace rvm::wasm::generator {

/// Of the value on top: into a global, which is compared, else as sink().
void Code::keep(char type) {
    const auto count = static_cast<std::uint32_t>(plan_.globals.size());
    const auto start = static_cast<std::uint32_t>(random_.below(std::uint64_t{count} + 1));
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t global = (start + i) % count;
        if (plan_.globals[global].type == type && plan_.globals[global].is_mutable)
            return opcode(out_, Op::global_set, global);
    }
    sink(type);
}

/// Stores a value and loads from there, mostly in another memory than the first one.
void Code::read_back(unsigned depth) {
    if (plan_.memories.empty()) return;
    const auto memory = static_cast<std::uint32_t>(random_.one_in(3) ? random_.below(plan_.memories.size())
                                                                     : plan_.memories.size() - 1);
    const PlannedMemory& at = plan_.memories[memory];
    if (at.pages == 0) return;
    const auto place = static_cast<std::int32_t>(random_.below(2000));
    const auto whole = [&] { at.is64 ? number64(out_, place) : number(out_, place); };
    whole();
    random_.one_in(3) ? value('I', depth) : number64(out_, static_cast<std::int64_t>(random_.next())); // signs anywhere
    opcode(out_, Op::i64_store);
    memarg(Op::i64_store, memory, 0);
    for (std::uint64_t i = 1 + random_.below(6); i > 0; --i) {
        const char type = random_.pick({'i', 'I'});
        const std::vector<Op>& all = instructions(plan_.options.features, type).loads;
        const Op op = all[random_.below(all.size())];
        if (info(op).immediate == Immediate::memarg_lane) continue;
        whole();
        opcode(out_, op);
        memarg(op, memory, random_.below(4));
        keep(type);
    }
}

/// Grows a memory and, when that went well, uses what is new.
void Code::grow(unsigned depth) {
    if (plan_.memories.empty()) return;
    const auto memory = static_cast<std::uint32_t>(random_.below(plan_.memories.size()));
    const PlannedMemory& grown = plan_.memories[memory];
    const auto whole = [&](std::int32_t n) { grown.is64 ? number64(out_, n) : number(out_, n); };
    whole(1);
    opcode(out_, Op::memory_grow, memory);
    whole(-1);
    opcode(out_, grown.is64 ? Op::i64_ne : Op::i32_ne);
    opcode(out_, Op::if_);
    block_type("", "");
    labels_.push_back({"", false});
    const auto place = static_cast<std::int32_t>(grown.pages * 0x10000 + random_.below(0x10000 - 100));
    whole(place);
    value('i', depth);
    opcode(out_, Op::i32_store);
    memarg(Op::i32_store, memory, 0);
    whole(place);
    opcode(out_, Op::i32_load);
    memarg(Op::i32_load, memory, 0);
    keep('i');
    labels_.pop_back();
    opcode(out_, Op::end);
}

/// Throws, behind a condition that is mostly true.
void Code::raise(unsigned depth) {
    const auto tag = static_cast<std::uint32_t>(random_.below(plan_.tags.size()));
    number(out_, random_.one_in(4) ? 0 : 1);
    opcode(out_, Op::if_);
    block_type("", "");
    labels_.push_back({"", false});
    values(plan_.tags[tag], depth);
    opcode(out_, Op::throw_, tag);
    labels_.pop_back();
    opcode(out_, Op::end);
}

} // namespace rvm::wasm::generator
