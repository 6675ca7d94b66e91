// Functions of the host that a module imports, called in every way but by its code: they work on the memory of the
// instance they were called through, whatever ran on the machine before.
#include <gtest/gtest.h>

#include "module/type_section.hpp"
#include "run/instance.hpp"
#include "run/machine.hpp"
#include "support/wasm_builder.hpp"

namespace rvm::wasm {
namespace {

using namespace test;

/// The first byte of memory 0; 255 without one.
engine::Trap peek(engine::Context& context, Cell* window, std::uint64_t) noexcept {
    window[0] = context.memory_size == 0 ? 255 : context.memory[0];
    return context.charge(7) ? engine::Trap::none : engine::Trap::out_of_gas;
}

/// Imports `h.peek: () -> i32` and exports it as `again`; `table` has it as element 0. `own` calls it by its name,
/// `by_table` through the table, `start` if asked. Its memory begins with `first`; 0: it has none.
Bytes module(std::uint8_t first, bool imports_table = false) {
    const auto import_of = [](std::string_view item, const Bytes& what) { return join({name("h"), name(item), what}); };
    std::vector<Bytes> imports = {import_of("peek", {0, 0})};
    if (imports_table) imports.push_back(import_of("table", {1, 0x70, 0, 1}));
    const auto exported = [](std::string_view as, std::uint8_t kind, std::uint8_t index) {
        return join({name(as), {kind, index}});
    };
    const Bytes tables = imports_table ? Bytes{} : section(4, vec({{0x70, 0, 1}}));
    const Bytes memory = first == 0 ? Bytes{} : section(5, vec({{0, 1}}));
    const Bytes elements = imports_table ? Bytes{} : section(9, vec({{0, 0x41, 0, 0x0b, 1, 0}}));
    const Bytes data = first == 0 ? Bytes{} : section(11, vec({{0, 0x41, 0, 0x0b, 1, first}}));
    return join({header(), section(1, vec({function_type({}, {i32_type})})), section(2, vec(imports)),
                 section(3, vec({leb(0), leb(0)})), tables, memory,
                 section(7, vec({exported("again", 0, 0), exported("own", 0, 1), exported("by_table", 0, 2),
                                 exported("table", 1, 0)})),
                 elements, section(10, vec({body({0x10, 0}), body({0x41, 0, 0x11, 0, 0})})), data});
}

class imports : public testing::Test {
  protected:
    struct Ran {
        engine::Trap trap;
        Cell result;
        std::int64_t left;
        bool operator==(const Ran&) const = default;
    };
    std::unique_ptr<Instance> instance(const Bytes& bytes, const Extern& table = {}) {
        auto out = std::make_unique<Instance>(
            compile(bytes, Features::all(), types_),
            [&](const Import& import) -> std::optional<Extern> {
                if (import.kind == ExternKind::table) return table;
                Extern found;
                found.function = &callable_;
                return found;
            },
            MemoryLimits{});
        EXPECT_EQ(out->initialize(), engine::Trap::none);
        return out;
    }
    static Ran call(Machine& machine, Instance& of, std::string_view function) {
        Ran out{engine::Trap::none, 0, 1000};
        out.trap = machine.call(of, of.module().find_export(function)->index, {&out.result, 1}, out.left);
        return out;
    }

  private:
    std::shared_ptr<TypeSpace> types_ = std::make_shared<TypeSpace>();
    HostCall host_{peek, 0};
    const ValueType result_ = i32;
    Callable callable_{nullptr, function_type_id(*types_, {}, {&result_, 1}), nullptr,
                       reinterpret_cast<std::uint64_t>(&host_)};
};

TEST_F(imports, work_on_the_memory_of_the_instance_that_exports_them) {
    const Bytes bytes = module(5), empty = module(0);
    const auto with = instance(bytes), without = instance(empty);
    Machine machine;
    EXPECT_EQ(call(machine, *with, "again"), (Ran{engine::Trap::none, 5, 993}));
    EXPECT_EQ(call(machine, *without, "again"), (Ran{engine::Trap::none, 255, 993})) << "nothing of the other's";
    EXPECT_EQ(call(machine, *with, "own").result, 5u);
    EXPECT_EQ(call(machine, *with, "by_table").result, 5u);
    EXPECT_EQ(call(machine, *without, "by_table").result, 255u);
}

TEST_F(imports, do_not_see_what_ran_before) {
    const Bytes bytes = module(5), empty = module(0);
    const auto without = instance(empty);
    Machine used, fresh;
    {
        const auto gone = instance(bytes);
        EXPECT_EQ(call(used, *gone, "own").result, 5u);
    }
    EXPECT_EQ(call(used, *without, "again"), call(fresh, *without, "again")) << "not even without reset()";
    used.reset();
    EXPECT_EQ(used.stopped_in(), nullptr);
    EXPECT_EQ(used.stopped_at(), nullptr);
    EXPECT_EQ(call(used, *without, "again"), call(fresh, *without, "again"));
    EXPECT_EQ(used.stopped_at(), nullptr) << "a function of the host is at no instruction";
}

TEST_F(imports, passed_on_by_a_table_work_on_the_callers_memory) {
    const Bytes first = module(5), second = module(6, true);
    const auto owner = instance(first);
    const auto user = instance(second, *owner->find_export("table"));
    Machine machine;
    EXPECT_EQ(call(machine, *owner, "by_table").result, 5u);
    EXPECT_EQ(call(machine, *user, "by_table").result, 6u);
}

TEST_F(imports, pay_with_what_the_call_has) {
    const Bytes bytes = module(5);
    const auto of = instance(bytes);
    Machine machine;
    machine.slice = 1; // a function of the host is not cut
    Cell result = 0;
    std::int64_t units = 7;
    const std::uint32_t again = of->module().find_export("again")->index;
    EXPECT_EQ(machine.call(*of, again, {&result, 1}, units), engine::Trap::none);
    EXPECT_EQ(units, 0);
    EXPECT_EQ(machine.call(*of, again, {&result, 1}, units), engine::Trap::out_of_gas);
}

} // namespace
} // namespace rvm::wasm
