// Code made ready to run: padded, with the positions of its JUMPDESTs.
#pragma once

#include <atomic>
#include <cstdint>

#include <rvm/plugin.h>

namespace rvm::evm {

namespace hot {
struct Program;
}

/// Code behind which 33 zero bytes follow: the data of a truncated PUSH32 and a STOP. The header, the bytes and the
/// bitmap are one allocation.
struct Code {
    std::uint64_t size = 0; ///< without the padding
    const std::uint8_t* bytes = nullptr;
    const std::uint64_t* jumpdests = nullptr; ///< one bit a byte of code

    // What frames on any thread add while they run.
    mutable std::atomic<const hot::Program*> program{nullptr}; ///< owned; the translation, once there is one
    mutable std::atomic<std::int64_t> spent{0};                ///< gas of the frames that ended without one

    [[nodiscard]] bool is_jumpdest(std::uint64_t position) const noexcept {
        return position < size && (jumpdests[position / 64] >> (position % 64) & 1u) != 0;
    }
};

/// nullptr without memory. Release with free_code().
[[nodiscard]] Code* analyze(rvm_view code) noexcept;
void free_code(const Code* code) noexcept;

} // namespace rvm::evm
