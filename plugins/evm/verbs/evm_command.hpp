// The verb `rvm evm`.
#pragma once

#include <rvm/plugin.hpp>

namespace rvm::evm {

class EvmCommand {
  public:
    explicit EvmCommand(const sdk::Host& host);
    [[nodiscard]] const rvm_command& table() const noexcept { return table_; }

  private:
    static std::int32_t run(void* self, const rvm_command_io* io, std::int32_t argc, const char* const* argv) noexcept;
    [[nodiscard]] std::int32_t run(const rvm_command_io& io, std::int32_t argc, const char* const* argv) const;

    sdk::Host host_;
    rvm_command table_{};
};

} // namespace rvm::evm
