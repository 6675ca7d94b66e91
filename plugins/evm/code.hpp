// Code made ready to run: with the positions of its JUMPDESTs.
#pragma once

#include <atomic>
#include <cstdint>

#include <rvm/plugin.h>

namespace rvm::evm {

namespace hot {
struct Program;
}

/// Zero bytes that must follow code: the data of a truncated PUSH32 and a STOP. The host promises more.
inline constexpr std::size_t kZerosBehindCode = 33;
static_assert(RVM_CODE_ZEROS >= kZerosBehindCode);

/// Bytes of the host, which outlive this, and the bitmap, which is one allocation with the header.
struct Code {
    std::uint64_t size = 0; ///< without the zeroes
    const std::uint8_t* bytes = nullptr;
    const std::uint64_t* jumpdests = nullptr; ///< one bit a byte of code

    // What frames on any thread add while they run.
    mutable std::atomic<const hot::Program*> program{nullptr}; ///< owned; the translation, once there is one
    mutable std::atomic<std::int64_t> spent{0};                ///< gas of the frames that ended without one
    mutable std::atomic<bool> stays_direct{false};             ///< it has instructions that are not translated

    [[nodiscard]] bool is_jumpdest(std::uint64_t position) const noexcept {
        return position < size && (jumpdests[position / 64] >> (position % 64) & 1u) != 0;
    }
};

/// `code` stays, with the zeroes behind it, as long as what is made of it. nullptr without memory. Release with
/// free_code().
[[nodiscard]] Code* analyze(rvm_view code) noexcept;
void free_code(const Code* code) noexcept;

} // namespace rvm::evm
