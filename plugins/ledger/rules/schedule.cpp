#include "rules/schedule.hpp"

#include <charconv>

namespace rvm::ledger {
namespace {

/// All of `text` as a number.
std::optional<std::uint64_t> number_from(std::string_view text, int base) noexcept {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, base);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

bool take_prefix(std::string_view& text, std::string_view prefix) noexcept {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

} // namespace

ForkSchedule::ForkSchedule(const Fork& fork) : paris_(*find_fork("Paris")) {
    if (fork.has(Revision::paris)) {
        by_block_.push_back({*find_fork("GrayGlacier"), 0});
        by_time_.push_back({fork, 0});
        terminal_total_difficulty_ = U256{};
    } else {
        by_block_.push_back({fork, 0});
    }
}

std::optional<ForkSchedule> ForkSchedule::named(std::string_view network) {
    if (const Fork* fork = find_fork(network)) return ForkSchedule(*fork);
    const std::size_t to = network.find("To");
    const std::size_t at = network.rfind("At");
    if (to == std::string_view::npos || at == std::string_view::npos || at < to + 2) return std::nullopt;
    const Fork* before = find_fork(network.substr(0, to));
    const std::string_view after_name = network.substr(to + 2, at - to - 2);
    const Fork* after = after_name == "Dao" ? find_fork("Homestead") : find_fork(after_name);
    if (before == nullptr || after == nullptr) return std::nullopt;

    ForkSchedule schedule(*before);
    std::string_view when = network.substr(at + 2);
    if (take_prefix(when, "Time")) {
        const bool thousands = when.ends_with('k');
        if (thousands) when.remove_suffix(1);
        const auto time = number_from(when, 10);
        if (!time || *time > UINT64_MAX / 1000) return std::nullopt;
        schedule.add_at_time(*after, thousands ? *time * 1000 : *time);
    } else if (take_prefix(when, "Diff")) {
        const auto difficulty = number_from(when, 16);
        if (!difficulty) return std::nullopt;
        schedule.add_at_time(*after, 0);
        schedule.merge_at(*difficulty);
    } else {
        const auto number = number_from(when, 10);
        if (!number) return std::nullopt;
        schedule.add_at_block(*after, *number);
        if (after_name == "Dao") schedule.set_dao_fork(*number);
    }
    return schedule;
}

void ForkSchedule::add_at_block(const Fork& fork, std::uint64_t number) { by_block_.push_back({fork, number}); }

void ForkSchedule::add_at_time(const Fork& fork, std::uint64_t timestamp) { by_time_.push_back({fork, timestamp}); }

bool ForkSchedule::set_blobs(std::string_view fork, const BlobSchedule& blobs) {
    const Fork* known = find_fork(fork);
    bool found = false;
    for (Step& step : by_time_) {
        if (known == nullptr || step.fork.name != known->name) continue;
        step.fork.blobs = blobs;
        found = true;
    }
    return found;
}

bool ForkSchedule::is_merged(const U256& parent_total_difficulty) const noexcept {
    return terminal_total_difficulty_ && parent_total_difficulty >= *terminal_total_difficulty_;
}

const Fork& ForkSchedule::at(std::uint64_t number, std::uint64_t timestamp, bool merged) const noexcept {
    const Fork* fork = merged ? &paris_ : &by_block_.front().fork;
    const std::uint64_t now = merged ? timestamp : number;
    for (const Step& step : merged ? by_time_ : by_block_) {
        if (step.from <= now) fork = &step.fork;
    }
    return *fork;
}

} // namespace rvm::ledger
