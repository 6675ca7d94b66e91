// Instances that wait for the next frame of their program on this thread: linked already, as good as new.
#pragma once

#include <memory>

#include "run/instance.hpp"

namespace rvm::wasm {

/// A ready instance of the program, or null. Only of programs that import nothing but functions, and always resolve
/// them to the same ones.
[[nodiscard]] std::unique_ptr<Instance> take_instance(const Program& program) noexcept;
/// Resets the instance and keeps it, or drops it when many wait already. Two of one program may wait: frames nest.
void keep_instance(std::unique_ptr<Instance> instance) noexcept;

} // namespace rvm::wasm
