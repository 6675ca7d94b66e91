#include "overlay.hpp"

#include <charconv>
#include <limits>

#include <nlohmann/json.hpp>

#include <rvm/plugin.hpp>

namespace rvm::evm {
namespace {

/// Takes the members as they are read: see plugins/evmc/configuration.cpp for why no tree is built.
class Reader final : public nlohmann::json_sax<nlohmann::json> {
  public:
    explicit Reader(std::vector<Overlay>& out) : out_(out) {}

    bool key(string_t& name) override {
        key_ = std::move(name);
        return true;
    }
    bool string(string_t& text) override {
        if (depth_ == 3 && key_ == "rules")
            out_.back().rules = std::move(text);
        else if (depth_ == 4 && key_ == "set")
            out_.back().changes.push_back(std::move(text));
        else
            return false;
        return true;
    }
    bool start_object(std::size_t) override {
        if (++depth_ == 3) out_.emplace_back();
        return depth_ == 1 || depth_ == 3;
    }
    bool end_object() override { return --depth_ >= 0; }
    bool start_array(std::size_t) override {
        ++depth_;
        return (depth_ == 2 && key_ == "overlay") || (depth_ == 4 && key_ == "set");
    }
    bool end_array() override { return --depth_ >= 0; }

    // What the schema has no place for.
    bool number_unsigned(number_unsigned_t) override { return false; }
    bool null() override { return false; }
    bool boolean(bool) override { return false; }
    bool number_integer(number_integer_t) override { return false; }
    bool number_float(number_float_t, const string_t&) override { return false; }
    bool binary(binary_t&) override { return false; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

  private:
    std::vector<Overlay>& out_;
    std::string key_;
    int depth_ = 0; ///< 1: configuration, 2: overlay, 3: an entry, 4: its changes
};

constexpr std::uint64_t kMostGas = std::numeric_limits<std::int16_t>::max();
constexpr std::uint64_t kMostBytes = 1u << 24u; ///< of code: memory and translation stay in proportion

/// A member of Schedule that a change can name.
struct Member {
    std::string_view name;
    std::uint64_t most;
    void (*set)(Schedule&, std::uint64_t);
};

template <auto member>
void assign(Schedule& schedule, std::uint64_t number) {
    auto& target = schedule.*member;
    target = static_cast<std::remove_reference_t<decltype(target)>>(number);
}

constexpr Member kMembers[] = {
    {"exp_byte", kMostGas, assign<&Schedule::exp_byte>},
    {"cold_account", kMostGas, assign<&Schedule::cold_account>},
    {"cold_slot", kMostGas, assign<&Schedule::cold_slot>},
    {"cold_store", kMostGas, assign<&Schedule::cold_store>},
    {"cold_heir", kMostGas, assign<&Schedule::cold_heir>},
    {"store_sentry", kMostGas, assign<&Schedule::store_sentry>},
    {"max_code", kMostBytes, assign<&Schedule::max_code>},
    {"max_init_code", 2 * kMostBytes, assign<&Schedule::max_init_code>},
    {"init_code_word", kMostGas, assign<&Schedule::init_code_word>},
    {"destroy_refund", kMostGas, assign<&Schedule::destroy_refund>},
};

/// Where a refusal is: /overlay/1/set/0.
struct Place {
    std::size_t entry, change;
};

[[noreturn]] void refuse(const Place& at, const std::string& expected, std::string_view found) {
    throw sdk::Failure(RVM_E_CONFIG, "/overlay/" + std::to_string(at.entry) + "/set/" + std::to_string(at.change) +
                                         ": expected " + expected + ", found \"" + std::string(found) + "\"");
}

/// What net metering is made of, as changes name it.
struct StoreNumbers {
    static constexpr std::string_view names[] = {"sstore_noop", "sstore_set", "sstore_reset", "sstore_clear"};
    std::array<std::uint64_t, std::size(names)> values;

    explicit StoreNumbers(const Schedule& schedule)
        : values{price(schedule, RVM_SLOT_ASSIGNED), price(schedule, RVM_SLOT_ADDED), price(schedule, RVM_SLOT_DELETED),
                 static_cast<std::uint64_t>(schedule.store[RVM_SLOT_DELETED].refund)} {}
    void apply(Schedule& schedule) const {
        const auto number = [this](std::size_t i) { return static_cast<int>(values[i]); };
        schedule.store = net_store_prices(number(0), number(1), number(2), number(3));
    }

  private:
    static std::uint64_t price(const Schedule& schedule, std::size_t change) {
        return static_cast<std::uint64_t>(schedule.store[change].gas);
    }
};

std::uint64_t number_in(std::string_view text, std::uint64_t least, std::uint64_t most, const Place& at,
                        std::string_view change) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < least || number > most)
        refuse(at, "NAME=NUMBER with a number from " + std::to_string(least) + " to " + std::to_string(most), change);
    return number;
}

bool change_store(Schedule& schedule, std::string_view name, std::string_view number, const Place& at,
                  std::string_view change) {
    for (std::size_t i = 0; i < std::size(StoreNumbers::names); ++i) {
        if (name != StoreNumbers::names[i]) continue;
        if (!schedule.meters_net) refuse(at, "a rule set with net metering (EIP-1283, 2200) for this name", change);
        StoreNumbers numbers(schedule);
        // Refunds are differences of up to three of them.
        const bool subtracted = i == 0 || i == 3;
        numbers.values[i] = number_in(number, 0, subtracted ? kMostGas / 2 : kMostGas, at, change);
        numbers.apply(schedule);
        return true;
    }
    return false;
}

bool change_opcode(Schedule& schedule, std::string_view name, std::string_view number, const Place& at,
                   std::string_view change) {
    for (std::size_t i = 0; i < kOpcodes; ++i) {
        const auto opcode = static_cast<std::uint8_t>(i);
        const char* const known = opcode_name(opcode, schedule.rules);
        if (known == nullptr || name != known) continue;
        const bool jumps = opcode == OP_JUMP || opcode == OP_JUMPI;
        schedule.gas[i] = static_cast<std::int16_t>(number_in(number, jumps ? 1 : 0, kMostGas, at, change));
        return true;
    }
    return false;
}

bool change_member(Schedule& schedule, std::string_view name, std::string_view number, const Place& at,
                   std::string_view change) {
    for (const Member& member : kMembers) {
        if (name != member.name) continue;
        member.set(schedule, number_in(number, 0, member.most, at, change));
        return true;
    }
    return false;
}

void apply(std::string_view change, Schedule& schedule, const Place& at) {
    const std::size_t equals = change.find('=');
    if (equals == std::string_view::npos) refuse(at, "NAME=NUMBER", change);
    const std::string_view name = change.substr(0, equals);
    const std::string_view number = change.substr(equals + 1);
    if (!change_opcode(schedule, name, number, at, change) && !change_store(schedule, name, number, at, change) &&
        !change_member(schedule, name, number, at, change))
        refuse(at, "an opcode of these rules, a price or a limit (README of the plugin)", change);
    schedule.overlaid = true;
}

} // namespace

std::vector<Overlay> parse_overlays(std::string_view json) {
    std::vector<Overlay> out;
    Reader reader(out);
    if (!nlohmann::json::sax_parse(json, &reader))
        throw sdk::Failure(RVM_E_CONFIG, "config: expected an object of the schema, found " + std::string(json));
    return out;
}

void apply_overlays(const std::vector<Overlay>& overlays, Schedules& schedules) {
    for (std::size_t entry = 0; entry < overlays.size(); ++entry) {
        const Overlay& overlay = overlays[entry];
        std::size_t rules = 0;
        while (rules < kRuleSets && overlay.rules != kRuleNames[rules])
            ++rules;
        if (rules == kRuleSets)
            throw sdk::Failure(RVM_E_CONFIG, "/overlay/" + std::to_string(entry) +
                                                 "/rules: expected a rule set as \"evm/osaka\", found \"" +
                                                 overlay.rules + "\"");
        for (std::size_t i = 0; i < overlay.changes.size(); ++i)
            apply(overlay.changes[i], schedules[rules], {entry, i});
    }
}

} // namespace rvm::evm
