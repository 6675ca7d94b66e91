// What the engine's tests share: an environment of fixed stacks and one memory, and a function made by a few calls.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <initializer_list>
#include <stdexcept>
#include <utility>
#include <vector>

#include "engine/builder.hpp"

namespace rvm::engine::test {

inline constexpr std::array one_i64{Type::i64};

/// An environment of fixed stacks and one memory.
struct Machine {
    Machine() {
        hooks.more_stack = [](Context& c, std::uint64_t height, std::uint64_t) noexcept {
            return c.record == c.record_limit ? Trap::depth : height > c.logical_limit ? Trap::stack : Trap::exit;
        };
        hooks.more_gas = refill_gas;
        hooks.call_other = [](Context&, const Callable& callee, Cell* window) noexcept {
            window[0] = callee.data + window[0];
            return Trap::none;
        };
        context.hooks = &hooks;
        context.records = records.data();
        context.record_limit = records.data() + records.size();
        context.logical_limit = 1000;
        context.cell_limit = cells.data() + cells.size();
        context.set_memory(memory.data(), memory.size());
        context.gas = 1'000'000;
    }

    Trap call(const Code& code, std::initializer_list<Cell> arguments, std::uint32_t function = 0) {
        std::copy(arguments.begin(), arguments.end(), cells.begin());
        begin(context, code, function, cells.data());
        return run(context);
    }

    Hooks hooks{};
    Context context;
    std::vector<Cell> cells = std::vector<Cell>(5000, 0xdeadbeef);
    std::vector<Record> records = std::vector<Record>(100);
    std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(1024);
};

inline Code made(const std::function<void(Builder&)>& body,
                 FunctionShape shape = {.parameters = 2, .locals = 4, .results = 1}) {
    Builder b;
    b.begin_function(0, shape);
    body(b);
    b.end_function();
    auto code = b.finish();
    if (!code) throw std::runtime_error("the builder failed");
    return std::move(*code);
}

} // namespace rvm::engine::test
