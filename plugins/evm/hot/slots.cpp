#include "hot/slots.hpp"

namespace rvm::evm::hot {

void Slots::reset() noexcept {
    for (std::int32_t position = low_; position < 0; ++position) {
        values_[index(position)] = Value::in(position);
        uses_[index(position)] = 1;
    }
    for (std::int32_t position = 0; position <= high_; ++position)
        uses_[index(position)] = 0;
    for (std::int32_t slot = kFirstTemporary; slot < temporary_; ++slot)
        uses_[index(slot)] = 0;
    height_ = low_ = high_ = 0;
    temporary_ = kFirstTemporary;
}

void Slots::know(std::int32_t position) noexcept {
    while (known_ > position) { // every word is where it was found
        --known_;
        values_[index(known_)] = Value::in(known_);
        uses_[index(known_)] = 1;
    }
}

} // namespace rvm::evm::hot
