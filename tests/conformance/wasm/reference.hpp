// A plain interpreter of WebAssembly 3.0 without vectors and garbage collection, written from the specification's
// execution rules (core specification 4.4): it walks the bytes of a body with a stack of values and a stack of labels.
// No register code, no translation, nothing of the engine. It shares only decoder and validator with the product. Tests
// compare the two.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "module/validator.hpp"
#include "spectest/backend.hpp"

namespace rvm::wasm::reference {

struct Instance;

struct Function {
    TypeId type = 0;
    const Instance* home = nullptr; ///< null: a function of the environment, which does nothing
    std::uint32_t index = 0;
};
struct Table {
    Limits limits;
    ValueType element;
    const Module* home = nullptr;     ///< whose types the element's index means; null: it has none
    std::vector<std::uint64_t> items; ///< Function*, or an externref; 0: null
};
struct Memory {
    Limits limits;
    std::vector<std::uint8_t> bytes;
};
struct Global {
    GlobalType type;
    std::uint64_t value = 0;
    const Module* home = nullptr; ///< as of a table
};
struct Tag {
    TypeId type = 0;
    std::size_t values = 0; ///< of the payload
};
/// An exception; references to it are its address.
struct Exception {
    const Tag* tag = nullptr;
    std::vector<std::uint64_t> values;
};

/// What one pass over a body finds: where blocks end, and what entering a run costs.
struct Structure {
    std::unordered_map<std::uint32_t, std::uint32_t> end_of;  ///< offset of block, loop, if -> behind its end
    std::unordered_map<std::uint32_t, std::uint32_t> else_of; ///< offset of if -> behind its else
    std::unordered_map<std::uint32_t, std::uint64_t> runs;    ///< offset where a run begins -> its price
    std::uint32_t first = 0;                                  ///< offset of the first instruction
    std::vector<ValueType> locals;                            ///< parameters first
};

struct Instance {
    const Module* module = nullptr;
    std::vector<Function*> functions;
    std::vector<Table*> tables;
    std::vector<Memory*> memories;
    std::vector<Global*> globals;
    std::vector<Tag*> tags;
    std::vector<bool> dropped_data, dropped_elements;
    mutable std::unordered_map<std::uint32_t, Structure> structures;
};

/// What programs may ask for, whatever they declare.
struct Most {
    std::uint64_t pages = limits::pages32;
    std::uint64_t elements = limits::table_elements;
};

/// Instructions run so far, by kind, over all interpreters of this thread.
std::array<std::uint64_t, static_cast<std::size_t>(Op::count)>& executed();

/// Why a program stopped.
struct Trap {
    spectest::Outcome::Kind kind;
    const char* text;
};

class Backend final : public spectest::Backend {
  public:
    Backend(Features features, std::int64_t units, Most most = {});

    spectest::Outcome compile(std::span<const std::uint8_t> bytes, std::uint32_t* module) override;
    spectest::Outcome instantiate(std::uint32_t module, std::uint32_t* instance) override;
    void register_as(std::uint32_t instance, std::string_view name) override;
    spectest::Outcome invoke(std::uint32_t instance, std::string_view function,
                             std::span<const spectest::Value> arguments,
                             std::vector<spectest::Value>& results) override;
    spectest::Outcome get(std::uint32_t instance, std::string_view global, spectest::Value& result) override;

    /// Units of the next calls.
    void set_budget(std::int64_t units) noexcept { budget_ = units; }
    /// Units that the last call left.
    [[nodiscard]] std::int64_t units_left() const noexcept { return units_; }
    [[nodiscard]] const Instance& instance(std::uint32_t number) const { return instances_[number]; }

  private:
    void link(Instance& made, const Import& import);
    void allocate(Instance& made);
    void check_segments(const Instance& made) const;
    void write_segments(Instance& made);

    Features features_;
    std::int64_t budget_;
    std::int64_t units_ = 0;
    Most most_;
    std::shared_ptr<TypeSpace> types_ = std::make_shared<TypeSpace>();
    std::deque<std::vector<std::uint8_t>> bytes_;
    std::deque<Module> modules_;
    std::deque<Instance> instances_;
    std::deque<Function> functions_;
    std::deque<Table> tables_;
    std::deque<Memory> memories_;
    std::deque<Global> globals_;
    std::deque<Tag> tags_;
    std::deque<Exception> exceptions_; ///< that references name
    std::map<std::string, std::uint32_t, std::less<>> registered_;
    std::map<std::string, Function, std::less<>> host_functions_;
    std::map<std::string, Global, std::less<>> host_globals_;
    Table host_table_, host_table64_;
    Memory host_memory_;
};

} // namespace rvm::wasm::reference
