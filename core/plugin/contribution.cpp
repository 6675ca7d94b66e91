#include "plugin/contribution.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <set>
#include <span>
#include <tuple>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "manifest/names.hpp"
#include "plugin/texts.hpp"

namespace rvm::plugin {

/// Deques: growing them never moves what is in them, so items may point into them.
struct ContributionSet::Storage {
    std::deque<Item> items;
    std::deque<std::string> texts;
    std::deque<std::vector<const char*>> lists;
    std::deque<std::vector<std::uint32_t>> rule_flags;
    std::deque<rvm_gas_schedule> schedules;
    std::tuple<std::deque<rvm_opcode>, std::deque<rvm_syscall>, std::deque<rvm_crypto>, std::deque<rvm_program>,
               std::deque<rvm_format>, std::deque<rvm_storage>, std::deque<rvm_tracer>, std::deque<rvm_service>,
               std::deque<rvm_command>, std::deque<rvm_interface>>
        tables;
};

ContributionSet::ContributionSet() : storage_(std::make_unique<Storage>()) {}
ContributionSet::~ContributionSet() = default;
ContributionSet::ContributionSet(ContributionSet&&) noexcept = default;
ContributionSet& ContributionSet::operator=(ContributionSet&&) noexcept = default;

const std::deque<Item>& ContributionSet::items() const noexcept { return storage_->items; }

namespace {

// plugin.h, rvm_opcode: a window larger than this is a call in disguise.
constexpr unsigned max_window = 16;
constexpr unsigned max_immediate = 8; // one 64-bit word
constexpr std::size_t max_mnemonic_bytes = 32;
constexpr std::size_t max_summary_bytes = 1024; // one line
// Gas is a signed 64-bit number in frames.
constexpr auto max_gas = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
// The largest output a manifest may allow (limits.hpp, output_bytes).
constexpr std::uint64_t max_syscall_output = 16777216;
constexpr std::uint32_t max_digest_bytes = 64;              // SHA-512, BLAKE2b; plugin.h, rvm_crypto
constexpr std::uint64_t max_known_answers = 4096;           // a thorough set of vectors
constexpr std::uint64_t max_scratch_bytes = 1024 * 1024;    // plugin.h, rvm_format
constexpr std::uint64_t max_frame_stack = 64 * 1024 * 1024; // no thread of the host has more for one frame
constexpr std::size_t max_rules = 256;                      // forks of a chain
// Low bytes of a program's address that may be set: plugin.h, rvm_program. Worlds tell programs from accounts by that.
constexpr std::size_t program_address_bytes = 4;

constexpr std::uint32_t effect_flags =
    RVM_F_READS_STATE | RVM_F_WRITES_STATE | RVM_F_MAY_CALL | RVM_F_CHARGES | RVM_F_HALTS | RVM_F_EXTERNAL;
constexpr std::uint32_t known_flags = RVM_F_PURE | RVM_F_MEMORY | effect_flags;

bool is_mnemonic(std::string_view text) {
    return !text.empty() && text.size() <= max_mnemonic_bytes && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
    });
}

class Copier {
  public:
    Copier(const manifest::Sidecar& sidecar, const manifest::Manifest& deployment, const std::string& file,
           Report& report)
        : sidecar_(sidecar), deployment_(deployment), file_(file), report_(report), out_(set_.storage()) {}

    std::optional<ContributionSet> run(const std::vector<rvm_contribution>& list) {
        for (std::size_t i = 0; i < list.size(); ++i) {
            where_ = fmt::format("contributions[{}]", i);
            copy(list[i]);
        }
        check_provided();
        if (!ok_) return std::nullopt;
        return std::move(set_);
    }

  private:
    void refuse(ErrorCode code, std::string_view field, std::string message, std::string expected, std::string found) {
        const std::string where = field.empty() ? where_ : fmt::format("{}.{}", where_, field);
        Finding& finding = report_.error(code, file_, where, std::move(message));
        finding.expected = std::move(expected);
        finding.found = std::move(found);
        finding.plugin = sidecar_.id;
        ok_ = false;
    }
    void invalid(std::string_view field, std::string message, std::string expected, std::string found) {
        refuse(ErrorCode::contribution_invalid, field, std::move(message), std::move(expected), std::move(found));
    }
    void need(bool present, std::string_view field) {
        if (!present) invalid(field, "a mandatory member is missing", "a value", "NULL");
    }
    template <typename Number>
    void in_range(Number value, std::string_view field, Number lowest, Number highest) {
        if (value < lowest || value > highest)
            invalid(field, "the number is outside its range", fmt::format("{} to {}", lowest, highest),
                    std::to_string(value));
    }

    void copy(const rvm_contribution& contribution) {
        const ReadText kind = read_text(contribution.kind, manifest::max_id_bytes);
        if (!kind.text)
            return invalid("kind", "the kind is not a text", "a kind such as " RVM_KIND_OPCODE, kind.problem);
        if (contribution.item == nullptr) return invalid("item", "there is no item", "a table", "NULL");
        const std::string_view k = *kind.text;
        if (k == RVM_KIND_OPCODE) return copy_as<rvm_opcode>(contribution, k);
        if (k == RVM_KIND_SYSCALL) return copy_as<rvm_syscall>(contribution, k);
        if (k == RVM_KIND_CRYPTO) return copy_as<rvm_crypto>(contribution, k);
        if (k == RVM_KIND_PROGRAM) return copy_as<rvm_program>(contribution, k);
        if (k == RVM_KIND_FORMAT) return copy_as<rvm_format>(contribution, k);
        if (k == RVM_KIND_STORAGE) return copy_as<rvm_storage>(contribution, k);
        if (k == RVM_KIND_TRACER) return copy_as<rvm_tracer>(contribution, k);
        if (k == RVM_KIND_SERVICE) return copy_as<rvm_service>(contribution, k);
        if (k == RVM_KIND_COMMAND) return copy_as<rvm_command>(contribution, k);
        if (k == RVM_KIND_INTERFACE) return copy_as<rvm_interface>(contribution, k);
        Finding& finding = report_.warning(ErrorCode::contribution_unknown_kind, file_, where_ + ".kind",
                                           "this host does not know the kind; the item is skipped");
        finding.expected = fmt::format("a kind of ABI {}.{}", RVM_ABI_MAJOR, RVM_ABI_MINOR);
        finding.found = in_quotes(k);
        finding.plugin = sidecar_.id;
    }

    template <typename Table>
    void copy_as(const rvm_contribution& contribution, std::string_view kind) {
        std::uint32_t size = 0;
        std::memcpy(&size, contribution.item, sizeof size);
        if (size < sizeof(Table))
            return invalid("struct_size", "the table is too small", fmt::format("at least {}", sizeof(Table)),
                           std::to_string(size));
        Table& table = std::get<std::deque<Table>>(out_.tables).emplace_back();
        std::memcpy(&table, contribution.item, sizeof table); // what a newer plugin has beyond is not looked at
        table.struct_size = sizeof table;
        const std::string id = text(table.id, "id", manifest::max_id_bytes, true);
        if (!manifest::is_id(id)) {
            if (!id.empty()) invalid("id", "the id does not have the form of ids", "[a-z0-9._/-]{1,64}", in_quotes(id));
            return;
        }
        table.id = keep(id);
        where_ += fmt::format(" ({} {})", kind, id);
        Item item{std::string{kind}, id, {}, &table};
        check(table, item);
        if (!listed_.insert({item.kind, id}).second)
            return refuse(ErrorCode::contribution_collision, "id", "the plugin contributes the item twice", "once", id);
        if (!sidecar_.provides_item(kind, id))
            return refuse(ErrorCode::contribution_list, "id", "the item is not in \"provides\"", "an item of provides",
                          fmt::format("{}:{}", kind, id));
        out_.items.push_back(std::move(item));
    }

    const char* keep(std::string text) { return out_.texts.emplace_back(std::move(text)).c_str(); }

    std::string text(const char* value, std::string_view field, std::size_t limit, bool required) {
        if (value == nullptr && !required) return {};
        ReadText read = read_text(value, limit);
        if (read.text && !(required && read.text->empty())) return std::move(*read.text);
        invalid(field, "the text is not valid", fmt::format("UTF-8 of at most {} bytes", limit),
                read.text ? "an empty text" : read.problem);
        return {};
    }
    template <typename Table>
    void keep_summary(Table& table) {
        table.summary = keep(text(table.summary, "summary", max_summary_bytes, false));
    }

    /// A NULL-terminated list of ids, copied; NULL stays NULL.
    const char* const* keep_rules(const char* const* rules) {
        if (rules == nullptr) return nullptr;
        const auto pointers = read_list(rules);
        if (!pointers || pointers->size() > max_rules) {
            invalid("rules", "too many rule sets", fmt::format("at most {}", max_rules), "more");
            return nullptr;
        }
        std::vector<const char*>& list = out_.lists.emplace_back();
        for (const char* pointer : *pointers) {
            const std::string name = text(pointer, "rules", manifest::max_id_bytes, true);
            if (!manifest::is_id(name))
                invalid("rules", "a rule set's name does not have the form of ids", "[a-z0-9._/-]{1,64}",
                        in_quotes(name));
            list.push_back(keep(name));
        }
        list.push_back(nullptr);
        return list.data();
    }

    void keep_rules_and_flags(rvm_format& format) {
        format.rules = keep_rules(format.rules);
        if (format.rules == nullptr || format.rule_flags == nullptr) return;
        const std::size_t count = out_.lists.back().size() - 1; // without the end mark
        const std::span<const std::uint32_t> given{format.rule_flags, count};
        constexpr std::uint32_t known = RVM_RULE_CREATED_NONCE_ONE | RVM_RULE_DELEGATION;
        for (const std::uint32_t flags : given)
            if ((flags & ~known) != 0)
                refuse(ErrorCode::contribution_flags, "rule_flags", "a flag is unknown",
                       "CREATED_NONCE_ONE, DELEGATION", fmt::format("{:#x}", flags));
        format.rule_flags = out_.rule_flags.emplace_back(given.begin(), given.end()).data();
    }

    void check_flags(std::uint32_t flags, std::uint32_t allowed, const std::string& allowed_names) {
        const auto bits = [](std::uint32_t value) { return fmt::format("{:#x}", value); };
        const auto bad = [&](std::string message, std::string expected) {
            refuse(ErrorCode::contribution_flags, "flags", std::move(message), std::move(expected), bits(flags));
        };
        if ((flags & ~allowed) != 0)
            bad("a flag is unknown or does not belong to this kind", allowed_names);
        else if (flags == 0)
            bad("the item promises nothing", "PURE, or what it uses");
        else if ((flags & RVM_F_PURE) != 0 && (flags & effect_flags) != 0)
            bad("PURE contradicts the other flags", "PURE (with MEMORY at most), or no PURE");
        if ((flags & RVM_F_EXTERNAL) != 0 && deployment_.profile == manifest::Profile::consensus)
            bad("the item is not deterministic and the profile is consensus", "no EXTERNAL");
    }

    [[nodiscard]] const manifest::GasOverride* gas_override(const Item& item) const {
        const auto found = deployment_.gas.find(item.id);
        return found == deployment_.gas.end() ? nullptr : &found->second;
    }
    void check_base(std::uint64_t base, const Item& item, std::string_view field) {
        if (base == 0 && !deployment_.allows_free(item.id))
            invalid(field, "the base price is 0 and the deployment does not list the item as free", "at least 1", "0");
        if (base > max_gas)
            invalid(field, "the price is too high", fmt::format("at most {}", max_gas), std::to_string(base));
    }

    void check(rvm_opcode& opcode, Item& item) {
        keep_summary(opcode);
        item.alias = text(opcode.mnemonic, "mnemonic", max_text_bytes, true);
        if (!item.alias.empty() && !is_mnemonic(item.alias))
            invalid("mnemonic", "the mnemonic does not have the form of mnemonics", "[a-z0-9._]{1,32}",
                    in_quotes(item.alias));
        opcode.mnemonic = keep(item.alias);
        if (const auto* price = gas_override(item)) opcode.gas = price->base.value_or(opcode.gas);
        check_base(opcode.gas, item, "gas");
        in_range<unsigned>(opcode.pops, "pops", 0, max_window);
        in_range<unsigned>(opcode.pushes, "pushes", 0, max_window);
        in_range<unsigned>(opcode.immediate_size, "immediate_size", 0, max_immediate);
        need(opcode.run != nullptr, "run");
        check_flags(opcode.flags, known_flags,
                    "PURE, MEMORY, READS_STATE, WRITES_STATE, MAY_CALL, CHARGES, HALTS, EXTERNAL");
    }

    void check(rvm_syscall& syscall, Item& item) {
        keep_summary(syscall);
        need(syscall.run != nullptr, "run");
        in_range<std::uint64_t>(syscall.max_output, "max_output", 0, max_syscall_output);
        check_flags(syscall.flags, known_flags & ~RVM_F_HALTS,
                    "PURE, MEMORY, READS_STATE, WRITES_STATE, MAY_CALL, CHARGES, EXTERNAL");
        if (syscall.gas == nullptr) return need(false, "gas");
        std::uint32_t size = 0;
        std::memcpy(&size, syscall.gas, sizeof size);
        if (size < sizeof(rvm_gas_schedule))
            return invalid("gas.struct_size", "the schedule is too small",
                           fmt::format("at least {}", sizeof(rvm_gas_schedule)), std::to_string(size));
        rvm_gas_schedule& gas = out_.schedules.emplace_back(*syscall.gas);
        gas.struct_size = sizeof gas;
        syscall.gas = &gas;
        if (const auto* price = gas_override(item)) {
            gas.base = price->base.value_or(gas.base);
            gas.per_unit = price->per_unit.value_or(gas.per_unit);
        }
        check_base(gas.base, item, "gas.base");
        if (gas.unit_bytes == 0 && gas.per_unit != 0)
            invalid("gas.unit_bytes", "a price per unit needs a unit", "at least 1", "0");
        if (gas.per_unit > max_gas)
            invalid("gas.per_unit", "the price is too high", fmt::format("at most {}", max_gas),
                    std::to_string(gas.per_unit));
        check_activations(item, gas.unit_bytes);
    }

    /// Prices of a syscall that come into force later fit it; the manifest's reader knows their ranges. An opcode of
    /// the same id takes the base alone, now and later.
    void check_activations(const Item& item, std::uint64_t unit_bytes) {
        if (unit_bytes != 0) return;
        const auto& activations = deployment_.chain.activations;
        for (std::size_t i = 0; i < activations.size(); ++i) {
            const auto price = activations[i].gas.find(item.id);
            if (price == activations[i].gas.end() || price->second.per_unit.value_or(0) == 0) continue;
            invalid("gas", fmt::format("the item has no units, and from height {} on they have a price",
                                       activations[i].height),
                    fmt::format("no /chain/activations/{}/gas/{}/per_unit", i, item.id),
                    std::to_string(*price->second.per_unit));
        }
    }

    void check(rvm_crypto& crypto, Item&) {
        keep_summary(crypto);
        if (crypto.flags != RVM_F_PURE)
            refuse(ErrorCode::contribution_flags, "flags", "a primitive is PURE and nothing else", "PURE",
                   fmt::format("{:#x}", crypto.flags));
        if (crypto.shape == RVM_CRYPTO_HASH) {
            in_range<std::uint32_t>(crypto.digest_size, "digest_size", 1, max_digest_bytes);
            need(crypto.hash != nullptr, "hash");
            if (crypto.run != nullptr) invalid("run", "exactly one of hash and run is set", "NULL", "a function");
        } else if (crypto.shape == RVM_CRYPTO_GENERIC) {
            need(crypto.run != nullptr, "run");
            if (crypto.hash != nullptr) invalid("hash", "exactly one of hash and run is set", "NULL", "a function");
        } else {
            invalid("shape", "unknown shape", "1 (hash) or 2 (generic)", std::to_string(crypto.shape));
        }
        in_range<std::uint64_t>(crypto.kat_count, "kat_count", 0, max_known_answers);
        if (crypto.kat_count != 0) need(crypto.kats != nullptr, "kats");
    }

    void check(rvm_program& program, Item& item) {
        program.name = keep(text(program.name, "name", manifest::max_id_bytes, true));
        program.rules = keep_rules(program.rules);
        item.alias = fmt::format("0x{}", to_hex(program.address.bytes));
        if (std::any_of(std::begin(program.address.bytes), std::end(program.address.bytes) - program_address_bytes,
                        [](std::uint8_t byte) { return byte != 0; }))
            invalid("address", "the address is outside the range of programs",
                    fmt::format("{} leading zero bytes", sizeof program.address.bytes - program_address_bytes),
                    item.alias);
        need(program.run != nullptr, "run");
        check_flags(program.flags, RVM_F_PURE, "PURE");
    }

    void check(rvm_format& format, Item&) {
        keep_summary(format);
        if (format.rules == nullptr || format.rules[0] == nullptr)
            invalid("rules", "a format has at least one rule set", "a list", "none");
        else
            keep_rules_and_flags(format);
        in_range<std::uint64_t>(format.units_per_gas, "units_per_gas", 1, max_gas);
        in_range<std::uint64_t>(format.scratch_bytes, "scratch_bytes", 0, max_scratch_bytes);
        in_range<std::uint64_t>(format.native_stack_per_frame, "native_stack_per_frame", 1, max_frame_stack);
        need(format.probe != nullptr, "probe");
        need(format.compile != nullptr, "compile");
        need(format.release != nullptr, "release");
        need(format.execute != nullptr, "execute");
        need(format.deployed != nullptr, "deployed");
    }

    void check(rvm_storage& storage, Item&) {
        keep_summary(storage);
        need(storage.open != nullptr, "open");
        need(storage.close != nullptr, "close");
        need(storage.view != nullptr, "view");
        need(storage.release != nullptr, "release");
        need(storage.get != nullptr, "get");
        need(storage.seek != nullptr, "seek");
        need(storage.next != nullptr, "next");
        need(storage.end != nullptr, "end");
        need(storage.commit != nullptr, "commit");
    }

    void check(rvm_tracer& tracer, Item&) {
        keep_summary(tracer);
        constexpr std::uint32_t known = RVM_TRACE_FRAME | RVM_TRACE_OP | RVM_TRACE_STATE | RVM_TRACE_LOG;
        if ((tracer.interest & ~known) != 0)
            refuse(ErrorCode::contribution_flags, "interest", "an interest is unknown", "FRAME, OP, STATE, LOG",
                   fmt::format("{:#x}", tracer.interest));
    }

    void check(rvm_service& service, Item&) {
        keep_summary(service);
        need(service.start != nullptr, "start");
        need(service.stop != nullptr, "stop");
    }

    void check(rvm_command& command, Item& item) {
        keep_summary(command);
        need(command.run != nullptr, "run");
        // A built-in plugin has no sidecar, so no second text to differ from.
        const auto help = sidecar_.commands.find(item.id);
        if (help != sidecar_.commands.end() && help->second.summary != command.summary)
            refuse(ErrorCode::entry_sidecar_differs, "summary", "the summary differs from the sidecar's",
                   in_quotes(help->second.summary), in_quotes(command.summary));
    }

    void check(rvm_interface& interface, Item&) { need(interface.table != nullptr, "table"); }

    /// Everything promised must be there; unknown kinds were skipped with a warning and are not looked for.
    void check_provided() {
        static const std::set<std::string_view> known{
            RVM_KIND_OPCODE,  RVM_KIND_SYSCALL, RVM_KIND_CRYPTO,  RVM_KIND_PROGRAM, RVM_KIND_FORMAT,
            RVM_KIND_STORAGE, RVM_KIND_TRACER,  RVM_KIND_SERVICE, RVM_KIND_COMMAND, RVM_KIND_INTERFACE};
        where_ = "contributions";
        for (const manifest::Capability& promised : sidecar_.provides)
            if (known.contains(promised.kind) && !listed_.contains({promised.kind, promised.id}))
                refuse(ErrorCode::contribution_list, {}, "an item of \"provides\" is not contributed", promised.text(),
                       "missing");
    }

    const manifest::Sidecar& sidecar_;
    const manifest::Manifest& deployment_;
    const std::string& file_;
    Report& report_;
    ContributionSet set_;
    ContributionSet::Storage& out_;
    std::string where_;
    std::set<std::pair<std::string, std::string>> listed_;
    bool ok_ = true;
};

} // namespace

std::optional<ContributionSet> copy_contributions(const std::vector<rvm_contribution>& list,
                                                  const manifest::Sidecar& sidecar,
                                                  const manifest::Manifest& deployment, const std::string& file,
                                                  Report& report) {
    return Copier{sidecar, deployment, file, report}.run(list);
}

} // namespace rvm::plugin
