#include "state/log_book.hpp"

#include <algorithm>

namespace rvm::state {

void LogBook::append(const rvm_address& address, std::span<const rvm_bytes32> topics, rvm_view data) {
    rvm_log log{};
    log.address = address;
    log.topic_count = static_cast<std::uint32_t>(topics.size());
    std::copy(topics.begin(), topics.end(), log.topics);
    log.data.size = data.size;
    if (logs_.size() == logs_.capacity()) logs_.reserve(logs_.size() * 2 + 8); // so that push_back cannot throw
    bytes_.insert(bytes_.end(), data.data, data.data + data.size);
    logs_.push_back(log);
}

void LogBook::pop() noexcept {
    bytes_.resize(bytes_.size() - logs_.back().data.size);
    logs_.pop_back();
}

void LogBook::clear() noexcept {
    logs_.clear();
    bytes_.clear();
}

std::span<const rvm_log> LogBook::view() {
    const std::uint8_t* data = bytes_.data();
    for (rvm_log& log : logs_) {
        log.data.data = data;
        data += log.data.size;
    }
    return logs_;
}

} // namespace rvm::state
