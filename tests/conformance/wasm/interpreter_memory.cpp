// Memories and tables (core specification 4.4.5, 4.4.6).
#include <cstring>

#include "interpreter.hpp"
#include "module/costs.hpp"

namespace rvm::wasm::reference {
namespace {

using Kind = spectest::Outcome::Kind;

void check(std::uint64_t at, std::uint64_t size, std::uint64_t bound, const char* what) {
    if (at > bound || size > bound - at) throw Trap{Kind::trap, what};
}
constexpr const char* outside_memory = "out of bounds memory access";
constexpr const char* outside_table = "out of bounds table access";

/// What growing that fails answers.
std::uint64_t minus_one(const Limits& limits) { return limits.is64 ? UINT64_MAX : UINT32_MAX; }

bool signed_load(Op op) {
    switch (op) {
    case Op::i32_load8_s:
    case Op::i32_load16_s:
    case Op::i64_load8_s:
    case Op::i64_load16_s:
    case Op::i64_load32_s:
        return true;
    default:
        return false;
    }
}

} // namespace

void Interpreter::memory(Frame& frame, const Instruction& in) {
    std::vector<std::uint64_t>& stack = frame.stack;
    const auto pop = [&] {
        const std::uint64_t top = stack.back();
        stack.pop_back();
        return top;
    };
    const Module& m = *frame.instance.module;
    const OpInfo& op = info(in.op);
    if (op.immediate == Immediate::memarg) {
        const bool stores = op.signature.back() == '.';
        const std::uint64_t value = stores ? pop() : 0;
        const std::uint64_t base = pop();
        const std::uint64_t address = base + in.value;
        if (address < base) throw Trap{Kind::trap, outside_memory};
        const std::uint64_t bytes = std::uint64_t{1} << op.access;
        std::vector<std::uint8_t>& memory = frame.instance.memories[in.index]->bytes;
        check(address, bytes, memory.size(), outside_memory);
        if (stores) {
            std::memcpy(memory.data() + address, &value, bytes);
            return;
        }
        std::uint64_t loaded = 0;
        std::memcpy(&loaded, memory.data() + address, bytes);
        if (signed_load(in.op)) {
            const auto shift = static_cast<unsigned>(64 - 8 * bytes);
            loaded = static_cast<std::uint64_t>(static_cast<std::int64_t>(loaded << shift) >> shift);
            if (op.signature.back() == 'i') loaded = static_cast<std::uint32_t>(loaded);
        }
        stack.push_back(loaded);
        return;
    }
    if (in.op == Op::data_drop) {
        const_cast<Instance&>(frame.instance).dropped_data[in.index] = true;
        return;
    }
    Memory& first = *frame.instance.memories[in.op == Op::memory_init ? in.index2 : in.index];
    const std::uint64_t pages = first.bytes.size() / limits::page_bytes;
    if (in.op == Op::memory_size) {
        stack.push_back(pages);
        return;
    }
    if (in.op == Op::memory_grow) {
        const std::uint64_t more = pop();
        const std::uint64_t most = std::min(first.limits.maximum, most_.pages);
        if (pages > most || more > most - pages) {
            stack.push_back(minus_one(first.limits));
            return;
        }
        pay(more * costs::per_page);
        first.bytes.resize((pages + more) * limits::page_bytes);
        stack.push_back(pages);
        return;
    }
    const std::uint64_t size = pop();
    const std::uint64_t from = pop();
    const std::uint64_t to = pop();
    if (in.op == Op::memory_fill) {
        check(to, size, first.bytes.size(), outside_memory);
        pay(size / costs::bulk_bytes_per_unit);
        std::memset(first.bytes.data() + to, static_cast<int>(from & 0xff), size);
    } else if (in.op == Op::memory_copy) {
        const Memory& source = *frame.instance.memories[in.index2];
        check(to, size, first.bytes.size(), outside_memory);
        check(from, size, source.bytes.size(), outside_memory);
        pay(size / costs::bulk_bytes_per_unit);
        std::memmove(first.bytes.data() + to, source.bytes.data() + from, size);
    } else {
        const bool dropped = frame.instance.dropped_data[in.index];
        const std::span<const std::uint8_t> data =
            m.part(m.data[in.index].bytes).first(dropped ? 0 : m.data[in.index].bytes.size);
        check(from, size, data.size(), outside_memory);
        check(to, size, first.bytes.size(), outside_memory);
        pay(size / costs::bulk_bytes_per_unit);
        if (size != 0) std::memcpy(first.bytes.data() + to, data.data() + from, size);
    }
}

void Interpreter::table(Frame& frame, const Instruction& in) {
    std::vector<std::uint64_t>& stack = frame.stack;
    const auto pop = [&] {
        const std::uint64_t top = stack.back();
        stack.pop_back();
        return top;
    };
    auto& instance = const_cast<Instance&>(frame.instance);
    if (in.op == Op::elem_drop) {
        instance.dropped_elements[in.index] = true;
        return;
    }
    Table& first = *instance.tables[in.op == Op::table_init ? in.index2 : in.index];
    std::vector<std::uint64_t>& items = first.items;
    switch (in.op) {
    case Op::table_get:
        check(stack.back(), 1, items.size(), outside_table);
        stack.back() = items[stack.back()];
        return;
    case Op::table_set: {
        const std::uint64_t value = pop();
        const std::uint64_t at = pop();
        check(at, 1, items.size(), outside_table);
        items[at] = value;
        return;
    }
    case Op::table_size:
        stack.push_back(items.size());
        return;
    case Op::table_grow: {
        const std::uint64_t more = pop();
        const std::uint64_t value = pop();
        const std::uint64_t most = std::min(first.limits.maximum, most_.elements);
        if (items.size() > most || more > most - items.size()) {
            stack.push_back(minus_one(first.limits));
            return;
        }
        pay(more * costs::per_table_element);
        stack.push_back(items.size());
        items.resize(items.size() + more, value);
        return;
    }
    default:
        break;
    }
    const std::uint64_t size = pop();
    const std::uint64_t from = pop();
    const std::uint64_t to = pop();
    if (in.op == Op::table_fill) {
        check(to, size, items.size(), outside_table);
        pay(size * costs::per_table_element);
        std::fill_n(items.begin() + static_cast<std::ptrdiff_t>(to), size, from);
        return;
    }
    const bool copies = in.op == Op::table_copy;
    std::vector<std::uint64_t> source;
    if (copies) {
        source = instance.tables[in.index2]->items;
    } else if (!instance.dropped_elements[in.index]) {
        source = element_values(instance, in.index);
    }
    check(copies ? to : from, size, copies ? items.size() : source.size(), outside_table);
    check(copies ? from : to, size, copies ? source.size() : items.size(), outside_table);
    pay(copies ? size * costs::per_table_element : (from + size) * costs::per_item);
    std::copy_n(source.begin() + static_cast<std::ptrdiff_t>(from), size,
                items.begin() + static_cast<std::ptrdiff_t>(to));
}

} // namespace rvm::wasm::reference
