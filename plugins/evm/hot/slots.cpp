#include "hot/slots.hpp"

namespace rvm::evm::hot {

Slots::Slots() {
    for (std::int32_t position = kLowest; position < 0; ++position)
        uses_[index(position)] = 1;
}

void Slots::reset() noexcept {
    for (std::int32_t position = low_; position <= high_; ++position)
        uses_[index(position)] = static_cast<std::uint16_t>(position < 0);
    for (std::int32_t slot = kFirstTemporary; slot < temporary_; ++slot)
        uses_[index(slot)] = 0;
    height_ = low_ = high_ = 0;
    temporary_ = kFirstTemporary;
}

std::int32_t Slots::temporaries(std::int32_t count) noexcept {
    const std::int32_t first = temporary_;
    temporary_ += count;
    return first;
}

bool Slots::will_be_written(std::int32_t slot) noexcept {
    return slot >= low_ && slot < height_ && !at(slot).is_slot(slot);
}

void Slots::settle(std::vector<Move>& out) {
    out.clear();
    ready_.clear();
    // A position may be written once no other owed position reads its slot.
    const std::int32_t low = low_, height = height_;
    for (std::int32_t position = low; position < height; ++position) {
        const Value& value = values_[index(position)];
        if (value.constant == nullptr && value.slot != position) ++readers_[index(value.slot)];
    }
    for (std::int32_t position = low; position < height; ++position)
        if (!values_[index(position)].is_slot(position) && readers_[index(position)] == 0) ready_.push_back(position);
    const auto write = [&](std::int32_t position) {
        Value& value = values_[index(position)];
        out.push_back({position, value});
        const Value from = value;
        value = {nullptr, position};
        return from;
    };
    while (!ready_.empty()) {
        const std::int32_t position = ready_.back();
        ready_.pop_back();
        const Value from = write(position);
        if (from.constant != nullptr || --readers_[index(from.slot)] != 0) continue;
        if (from.slot >= low && from.slot < height && !values_[index(from.slot)].is_slot(from.slot))
            ready_.push_back(from.slot);
    }
    // What is left are cycles, each word read by one other.
    std::int32_t saved = 0;
    for (std::int32_t start = low; start < height; ++start) {
        if (values_[index(start)].is_slot(start)) continue;
        if (saved == 0) saved = temporaries(1); // one cycle after the other
        out.push_back({saved, {nullptr, start}});
        std::int32_t position = start;
        for (;;) {
            const std::int32_t source = values_[index(position)].slot;
            readers_[index(source)] = 0;
            if (source == start) values_[index(position)].slot = saved;
            static_cast<void>(write(position));
            if (source == start) break;
            position = source;
        }
    }
}

} // namespace rvm::evm::hot
