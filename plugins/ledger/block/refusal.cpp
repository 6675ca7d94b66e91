#include "block/refusal.hpp"

namespace rvm::ledger {

std::string_view name(BlockFault fault) noexcept {
    static constexpr std::string_view names[] = {
#define REFUSAL(kind) #kind,
#include "block/refusals.def"
#undef REFUSAL
    };
    return names[static_cast<std::size_t>(fault)];
}

} // namespace rvm::ledger
