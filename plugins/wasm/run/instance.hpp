// An instance of a module: linked, initialised (core specification 4.5.4).
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "run/instantiation.hpp"
#include "run/objects.hpp"
#include "translate/program.hpp"

namespace rvm::wasm {

class Instance {
  public:
    /// The import of this module and name, or nothing.
    using Resolver = std::function<std::optional<Extern>(const Import&)>;

    /// Links and allocates; runs and writes nothing yet. Throws ModuleError(link) naming the import that is missing or
    /// of another type, ModuleError(limit) when the module asks for more than `limits`, std::bad_alloc.
    Instance(std::shared_ptr<const Program> program, const Resolver& resolve, const MemoryLimits& limits);
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    /// Writes active segments in order. Trap::none, or why it stopped; what was written before stays.
    engine::Trap initialize() noexcept;

    /// As after the constructor, when everything but functions is its own. Throws std::bad_alloc: it cannot be used
    /// then.
    void reset();

    [[nodiscard]] const Program& program() const noexcept { return *program_; }
    [[nodiscard]] const Module& module() const noexcept { return program_->module; }
    [[nodiscard]] const Callable* function(std::uint32_t index) const noexcept { return functions[index]; }
    [[nodiscard]] std::optional<Extern> find_export(std::string_view name) const noexcept;
    /// Units that it costs, to be paid before it is made: instantiation_of().
    [[nodiscard]] std::uint64_t initial_price() const noexcept { return instantiation_of(module()).units; }

    /// Makes a context run this instance's code.
    void enter(engine::Context& context) noexcept {
        context.instance = this;
        context.globals = global_cells.data();
        context.tables = table_views.data();
        refresh_memory(context);
    }
    void refresh_memory(engine::Context& context) const noexcept {
        memories.empty() ? context.set_memory(nullptr, 0)
                         : context.set_memory(memories[0]->data(), memories[0]->size());
    }

    // Everything by index, imports first; read by the hooks.
    std::vector<const Callable*> functions;
    std::vector<TableObject*> tables;
    std::vector<LinearMemory*> memories;
    std::vector<GlobalObject*> globals;
    std::vector<TagObject*> tags;
    std::vector<Cell*> global_cells;
    std::vector<const engine::Table*> table_views;
    std::vector<bool> dropped_data;
    std::vector<bool> dropped_elements;

    /// The items of an element segment that follow the first `from`, as cells. Those are read, too.
    void read_elements(std::uint32_t segment, std::uint64_t from, std::span<Cell> to) const;
    /// The value of a constant expression; out[1] is the upper half of a v128.
    void evaluate(Range expression, Cell out[2]) const;

  private:
    [[nodiscard]] Cell read_item(Reader& items) const;
    void link(const Import& import, const Extern& found);
    void fill(TableObject& table, const TableType& type) const;
    engine::Trap write_segments();
    void check_segments() const;

    std::shared_ptr<const Program> program_;
    std::vector<Callable> own_functions_;
    std::deque<TableObject> own_tables_;
    std::deque<LinearMemory> own_memories_;
    std::deque<GlobalObject> own_globals_;
    std::deque<TagObject> own_tags_;
};

} // namespace rvm::wasm
