// The verb `rvm evm`.
#pragma once

#include <rvm/plugin.hpp>

namespace rvm::evm {

class EvmCommand {
  public:
    /// `format` is the plugin's and outlives this.
    EvmCommand(const sdk::Host& host, const rvm_format& format);
    [[nodiscard]] const rvm_command& table() const noexcept { return table_; }

  private:
    static std::int32_t run(void* self, const rvm_command_io* io, std::int32_t argc, const char* const* argv) noexcept;
    [[nodiscard]] std::int32_t run(const rvm_command_io& io, std::int32_t argc, const char* const* argv) const;

    sdk::Host host_;
    const rvm_format& format_;
    rvm_command table_{};
};

} // namespace rvm::evm
