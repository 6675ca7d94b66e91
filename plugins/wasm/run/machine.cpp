#include "run/machine.hpp"

#include <algorithm>
#include <new>

#include <sys/mman.h>

#include "engine/code.hpp"
#include "module/limits.hpp"
#include "run/hooks.hpp"
#include "run/instance.hpp"

namespace rvm::wasm {
namespace {

constexpr std::size_t largest_frame = 65'536;        ///< cells: the engine addresses them with 16 bits
constexpr std::size_t calls_per_instance_change = 3; // records of enter_instance
static_assert(StackLimits{}.words + largest_frame <= engine::Room::most_cells);
static_assert(StackLimits{}.calls + calls_per_instance_change <= engine::Room::most_records);

} // namespace

Machine::Machine(const StackLimits& limits) : limits_(limits) {
    const std::size_t cell_bytes = (limits.words + largest_frame) * sizeof(Cell);
    const std::size_t record_bytes = (limits.calls + calls_per_instance_change) * sizeof(engine::Record);
    context_.machine = this;
    mapped_ = cell_bytes + record_bytes;
    void* range = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (range == MAP_FAILED) throw std::bad_alloc();
    cells_ = static_cast<Cell*>(range);
    records_ = reinterpret_cast<engine::Record*>(static_cast<char*>(range) + cell_bytes);
    reset();
}

Machine::~Machine() { munmap(cells_, mapped_); }

Machine& Machine::of(engine::Context& context) noexcept { return *static_cast<OwnContext&>(context).machine; }

engine::Trap Machine::call(Instance& instance, std::uint32_t function, std::span<Cell> cells,
                           std::int64_t& units) noexcept {
    const Callable& callee = *instance.function(function);
    prepare(units);
    if (callee.entry == nullptr) { // an import of the instance
        instance.enter(context_);
        return call_host(callee, cells, units);
    }
    static_cast<Instance*>(callee.instance)->enter(context_);
    if (on_block == nullptr) grant(slice == 0 ? units : slice);
    std::copy(cells.begin(), cells.end(), cells_);
    engine::begin(context_, callee.entry, cells_);
    const auto height = static_cast<std::uint64_t>(engine::Room::words(callee.entry[-2])); // calls from code check it
    if (height > words_) {
        const engine::Trap trap = more_stack(height);
        if (trap != engine::Trap::none) return trap;
        engine::begin(context_, callee.entry, cells_); // with the limits as they are now
    }
    return run(cells, units);
}

/// A context as of a machine that nothing ran on, but for the limits of its stack.
void Machine::prepare(std::int64_t units) noexcept {
    static_cast<engine::Context&>(context_) = {};
    uncaught_ = false;
    context_.hooks = &hooks::table();
    context_.reserve_gas = units;
    context_.records = records_;
    context_.record = records_;
    context_.record_limit = records_ + calls_;
    context_.logical_limit = words_;
    context_.cell_limit = cells_ + limits_.words + largest_frame; // never reached before logical_limit
}

/// Without code of an instance around it: everything that can be spent is at hand, nothing is cut into quanta.
engine::Trap Machine::call_host(const Callable& callee, std::span<Cell> cells, std::int64_t& units) noexcept {
    grant(units);
    const auto& host = *reinterpret_cast<const HostCall*>(callee.data);
    const engine::Trap trap = host.function(context_, cells.data(), host.data);
    units = std::max<std::int64_t>(context_.gas_left(), 0);
    return trap;
}

engine::Trap Machine::resume(std::span<Cell> cells, std::int64_t& units) noexcept {
    const auto price = static_cast<std::int64_t>(context_.pc[-1]); // of the block that was not entered
    grant(std::max(slice, price) - context_.gas);
    return run(cells, units);
}

engine::Trap Machine::run(std::span<Cell> cells, std::int64_t& units) noexcept {
    const engine::Trap trap = engine::run(context_);
    if (trap == engine::Trap::none) std::copy_n(cells_, cells.size(), cells.begin());
    units = std::max<std::int64_t>(context_.gas_left(), 0);
    return trap;
}

/// Moves units from the reserve to what can be spent now.
void Machine::grant(std::int64_t units) noexcept {
    const std::int64_t moved = std::clamp<std::int64_t>(units, 0, std::max<std::int64_t>(context_.reserve_gas, 0));
    context_.gas += moved;
    context_.reserve_gas -= moved;
}

engine::Trap Machine::more_gas(std::uint64_t price) noexcept {
    if (price > static_cast<std::uint64_t>(context_.gas_left())) return engine::Trap::out_of_gas;
    if (on_block != nullptr) {
        on_block(user, context_, price);
        grant(static_cast<std::int64_t>(price) - context_.gas); // just this one: the next block asks again
        return engine::Trap::none;
    }
    return slice == 0 ? engine::refill_gas(context_, price) : engine::Trap::yield;
}

engine::Trap Machine::more_stack(std::uint64_t height) noexcept {
    if (height > limits_.words) return engine::Trap::stack;
    if (calls_ == limits_.calls && height <= words_) return engine::Trap::depth;
    const std::uint64_t words = std::min(limits_.words, std::max(2 * words_, height));
    if (!take((words - words_) * StackLimits::bytes_per_word)) return engine::Trap::stack;
    words_ = words;
    calls_ = std::min(limits_.calls, 2 * calls_);
    context_.logical_limit = words_;
    context_.record_limit = records_ + calls_;
    return engine::Trap::none;
}

void Machine::reset() noexcept {
    user = nullptr;
    reserve = nullptr;
    on_block = nullptr;
    slice = 0;
    exceptions.clear();
    pending = {};
    words_ = std::min(limits_.words, StackLimits::first_words);
    calls_ = std::min(limits_.calls, StackLimits::first_calls);
    prepare(0);
}

} // namespace rvm::wasm
