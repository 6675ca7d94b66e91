#include "trace/filter.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "cli/options.hpp"

namespace rvm::host {

namespace {

bool same_word(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

} // namespace

void TraceFilter::only(const std::string& kinds) {
    calls = steps = state = logs = false;
    for (const std::string& kind : split(kinds, ",")) {
        bool* const member = kind == "calls"   ? &calls
                             : kind == "steps" ? &steps
                             : kind == "state" ? &state
                             : kind == "logs"  ? &logs
                                               : nullptr;
        if (member == nullptr)
            throw UsageError(fmt::format("--only: expected calls, steps, state or logs, found \"{}\"", kind));
        *member = true;
    }
}

void TraceFilter::range(const std::string& text) {
    const std::size_t dots = text.find("..");
    const std::string low = text.substr(0, dots), high = dots == std::string::npos ? low : text.substr(dots + 2);
    const auto from = low.empty() ? std::optional<std::uint64_t>(0) : parse_number(low);
    const auto to = high.empty() ? std::optional<std::uint64_t>(UINT64_MAX) : parse_number(high);
    if (!from || !to || *from > *to)
        throw UsageError(fmt::format("--range: expected N, N..M, N.. or ..M, found \"{}\"", text));
    first = *from;
    last = *to;
}

bool Filtering::shows(const record::Event& event) {
    using Kind = record::Event::Kind;
    const bool inside = open_.empty() || open_.back();
    switch (event.kind) {
    case Kind::enter: {
        const bool wanted =
            event.depth <= filter_.depth &&
            (!filter_.address || std::memcmp(&*filter_.address, &event.message.recipient, sizeof(rvm_address)) == 0 ||
             std::memcmp(&*filter_.address, &event.message.code_address, sizeof(rvm_address)) == 0);
        open_.push_back(wanted);
        return wanted && filter_.calls;
    }
    case Kind::leave: {
        while (open_.size() > event.depth + 1)
            open_.pop_back(); // frames that were lost
        const bool wanted = open_.empty() || open_.back();
        if (!open_.empty()) open_.pop_back();
        return wanted && filter_.calls;
    }
    case Kind::op:
    case Kind::fault: {
        const std::uint64_t step = event.kind == Kind::op ? step_++ : step_ - std::min<std::uint64_t>(step_, 1);
        const bool named = filter_.instructions.empty() ||
                           std::ranges::any_of(filter_.instructions,
                                               [&](const std::string& name) { return same_word(name, event.op.name); });
        return inside && filter_.steps && named && step >= filter_.first && step <= filter_.last;
    }
    case Kind::state:
        return inside && filter_.state;
    case Kind::log:
        return inside && filter_.logs;
    case Kind::external:
    case Kind::block_hash:
    case Kind::steps_end:
    case Kind::deed:
        return false;
    }
    return false;
}

} // namespace rvm::host
