// The imports of a module on its own, each call of which is told to tracers as an instruction: the function's name, its
// arguments as the stack.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "format/frame.hpp"

namespace rvm::wasm::alone {

/// For one run in a frame with RVM_FRAME_TRACED; outlives the instances that are linked with it.
class TracedImports {
  public:
    explicit TracedImports(const rvm_artifact& artifact);
    [[nodiscard]] std::optional<Extern> resolve(const Import& import) const;

    /// One imported function.
    struct Function {
        HostCall real;
        const char* name;
        std::uint32_t parameters; ///< cells
        HostCall traced;          ///< called with this object
        Callable callable;
    };

  private:
    std::vector<std::unique_ptr<Function>> functions_; ///< by function index
};

} // namespace rvm::wasm::alone
