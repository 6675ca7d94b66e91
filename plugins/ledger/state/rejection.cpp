#include "state/rejection.hpp"

namespace rvm::ledger {

std::string_view name(Rejection rejection) noexcept {
    static constexpr std::string_view names[] = {
#define REJECTION(name, text) #name,
#include "state/rejections.def"
#undef REJECTION
    };
    return names[static_cast<std::size_t>(rejection)];
}

std::string_view text(Rejection rejection) noexcept {
    static constexpr std::string_view texts[] = {
#define REJECTION(name, text) text,
#include "state/rejections.def"
#undef REJECTION
    };
    return texts[static_cast<std::size_t>(rejection)];
}

} // namespace rvm::ledger
