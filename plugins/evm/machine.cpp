#include "machine.hpp"

#include <algorithm>
#include <cstdlib>

namespace rvm::evm {
namespace {

/// No frame of any block comes near (it costs 3.5e13 gas): a host that cannot hold more fails instead of answering
/// wrongly.
constexpr std::uint64_t kMostMemory = std::uint64_t{1} << 32u;
constexpr std::uint64_t kPage = 4096;

__extension__ using Wide = unsigned __int128;

/// C_mem (Yellow Paper, section 9.1 and appendix H).
std::uint64_t memory_gas(std::uint64_t words) {
    const auto quadratic = static_cast<std::uint64_t>(Wide{words} * words / static_cast<Wide>(kQuadraticDivisor));
    return words * static_cast<std::uint64_t>(kMemoryWordGas) + quadratic;
}

bool ensure_capacity(Machine& m, std::uint64_t bytes) {
    Scratch& scratch = m.scratch;
    if (bytes <= scratch.capacity) return true;
    const std::uint64_t wanted = (std::max(bytes, 2 * scratch.capacity) + kPage - 1) / kPage * kPage;
    auto* grown = static_cast<std::uint8_t*>(std::realloc(scratch.memory, wanted));
    if (grown == nullptr) return false;
    scratch.memory = grown;
    scratch.capacity = wanted;
    m.memory = grown;
    return true;
}

} // namespace

std::int64_t memory_growth_gas(const Machine& m, std::uint64_t end) noexcept {
    if (end <= m.memory_size) return 0;
    const std::uint64_t cost = memory_gas(end / 32 + (end % 32 != 0)) - memory_gas(m.memory_size / 32);
    return cost > INT64_MAX ? INT64_MAX : static_cast<std::int64_t>(cost);
}

[[gnu::noinline]] std::int64_t grow_memory(Machine& m, std::uint64_t end, std::int64_t gas) noexcept {
    const std::uint64_t words = end / 32 + (end % 32 != 0), bytes = words * 32;
    const std::uint64_t cost = memory_gas(words) - memory_gas(m.memory_size / 32);
    if (cost > static_cast<std::uint64_t>(gas)) return fail(m, Fault::out_of_gas);
    if (bytes > kMostMemory || !ensure_capacity(m, bytes)) return fail_in_host(m, RVM_E_NO_MEMORY);
    std::memset(m.memory + m.memory_size, 0, bytes - m.memory_size);
    m.memory_size = bytes;
    return gas - static_cast<std::int64_t>(cost);
}

void copy_padded(std::uint8_t* to, std::uint64_t size, rvm_view source, std::uint64_t from) noexcept {
    const std::uint64_t available = from < source.size ? std::min(size, source.size - from) : 0;
    if (available != 0) std::memcpy(to, source.data + from, available);
    if (size != available) std::memset(to + available, 0, size - available);
}

} // namespace rvm::evm
