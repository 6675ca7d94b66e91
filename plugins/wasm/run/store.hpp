// A store for programs that link with each other, and the host module of the specification's tests.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "run/instance.hpp"
#include "run/machine.hpp"
#include "spectest/backend.hpp"

namespace rvm::wasm {

/// The product as the specification's tests see it: the engine's path.
class EngineBackend final : public spectest::Backend {
  public:
    EngineBackend(Features features, std::int64_t units);

    spectest::Outcome compile(std::span<const std::uint8_t> bytes, std::uint32_t* module) override;
    spectest::Outcome instantiate(std::uint32_t module, std::uint32_t* instance) override;
    void register_as(std::uint32_t instance, std::string_view name) override;
    spectest::Outcome invoke(std::uint32_t instance, std::string_view function,
                             std::span<const spectest::Value> arguments,
                             std::vector<spectest::Value>& results) override;
    spectest::Outcome get(std::uint32_t instance, std::string_view global, spectest::Value& result) override;

    /// Units that the last call left.
    [[nodiscard]] std::int64_t units_left() const noexcept { return left_; }

  private:
    [[nodiscard]] std::optional<Extern> resolve(const Import& import);
    [[nodiscard]] std::optional<Extern> host_item(const Import& import);
    [[nodiscard]] spectest::Outcome run(Instance& instance, std::uint32_t function, std::span<Cell> cells);
    void add_host_module();

    Features features_;
    std::int64_t units_; ///< for each call
    std::int64_t left_ = 0;
    MemoryLimits limits_;
    std::shared_ptr<TypeSpace> types_ = std::make_shared<TypeSpace>();
    std::deque<std::vector<std::uint8_t>> bytes_;
    std::deque<std::shared_ptr<const Program>> programs_;
    std::deque<std::unique_ptr<Instance>> instances_; ///< failed ones too: what they wrote may refer to them
    std::map<std::string, std::uint32_t, std::less<>> registered_;
    Machine machine_;
    // the module "spectest"
    std::map<std::string, Callable, std::less<>> host_functions_;
    std::map<std::string, GlobalObject, std::less<>> host_globals_;
    TableObject host_table_;
    TableObject host_table64_;
    std::deque<LinearMemory> host_memories_;
};

} // namespace rvm::wasm
