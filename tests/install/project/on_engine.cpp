// on_engine: (3 + 4) * 5 on the engine alone.
#include <iostream>
#include <vector>

#include <engine/builder.hpp>

using namespace rvm::engine;

int main() {
    Builder builder;
    builder.begin_function(0, {.parameters = 2, .locals = 2, .results = 1});
    builder.local_get(0, Type::i64);
    builder.local_get(1, Type::i64);
    builder.binary(Op::i64_add, Type::i64);
    builder.push(Type::i64, 5);
    builder.binary(Op::i64_mul, Type::i64);
    builder.ret();
    builder.end_function();
    const auto code = builder.finish();
    if (!code) return 1;

    Hooks hooks{};
    hooks.more_stack = [](Context&, std::uint64_t, std::uint64_t) noexcept { return Trap::stack; };
    hooks.more_gas = refill_gas;
    hooks.call_other = [](Context&, const Callable&, Cell*) noexcept { return Trap::depth; };
    std::vector<Cell> cells(100);
    std::vector<Record> records(4);
    Context context;
    context.hooks = &hooks;
    context.records = context.record = records.data();
    context.record_limit = records.data() + records.size();
    context.logical_limit = 100;
    context.cell_limit = cells.data() + cells.size();
    context.gas = 1000;
    cells[0] = 3;
    cells[1] = 4;
    begin(context, *code, 0, cells.data());
    if (run(context) != Trap::none) return 1;
    std::cout << cells[0] << "\n";
    return 0;
}
