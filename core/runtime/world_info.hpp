// What the C++ API shows of a world beyond rvm.host.world/1.
#pragma once

#include <cstdint>

#include <rvm/plugin.h>

namespace rvm::runtime {

/// The top frame of the last message of a world.
struct LastRun {
    const rvm_format* format = nullptr; ///< nullptr: no code ran
    rvm_view program{};                 ///< its code; init code of a creation lives as long as the caller's message
};
[[nodiscard]] LastRun last_run(rvm_world* world);
/// World::height
[[nodiscard]] std::uint64_t world_height(const rvm_world* world) noexcept;

} // namespace rvm::runtime
