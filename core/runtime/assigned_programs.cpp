#include "runtime/assigned_programs.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/bytes.hpp"
#include "manifest/json.hpp"
#include "manifest/manifest.hpp"
#include "plugin/registry.hpp"
#include "runtime/guard_frames.hpp"
#include "runtime/periods.hpp"
#include "runtime/runtime_impl.hpp"

namespace rvm::runtime {
namespace {

rvm_address address_of(std::string_view text) { // the manifest's reader knows that it is one
    rvm_address address{};
    if (const auto bytes = from_hex(text); bytes && bytes->size() == sizeof address.bytes)
        std::ranges::copy(*bytes, address.bytes);
    return address;
}

/// The flags of a contribution by name.
std::string flag_names(std::uint32_t flags) {
    constexpr std::pair<std::uint32_t, std::string_view> names[] = {{RVM_F_PURE, "PURE"},
                                                                    {RVM_F_MEMORY, "MEMORY"},
                                                                    {RVM_F_READS_STATE, "READS_STATE"},
                                                                    {RVM_F_WRITES_STATE, "WRITES_STATE"},
                                                                    {RVM_F_MAY_CALL, "MAY_CALL"},
                                                                    {RVM_F_CHARGES, "CHARGES"},
                                                                    {RVM_F_EXTERNAL, "EXTERNAL"}};
    std::string out;
    for (const auto& [flag, name] : names)
        if ((flags & flag) != 0) out.append(out.empty() ? "" : ", ").append(name);
    return out;
}

/// Judges one assignment after the other.
class Judge {
  public:
    Judge(const manifest::Manifest& manifest, plugin::Registry& registry, Report& report)
        : manifest_(manifest), registry_(registry), report_(report) {
        Report skipped; // of a provider that is refused no program is ever found: the deployment goes without it
        programs_ = registry.all<rvm_program>(skipped);
    }

    /// The syscall, or nothing with findings.
    plugin::Found<rvm_syscall> judge(const std::string& address, const std::string& id) {
        where_ = manifest::json_pointer("/programs", address);
        const plugin::Found<rvm_syscall> found = find(id);
        const bool free = is_free(address);
        return free ? found : plugin::Found<rvm_syscall>{};
    }

  private:
    Finding& refuse(ErrorCode code, std::string message, std::string expected, std::string found) {
        Finding& finding = report_.error(code, manifest_.file, where_, std::move(message));
        finding.expected = std::move(expected);
        finding.found = std::move(found);
        return finding;
    }

    plugin::Found<rvm_syscall> find(const std::string& id) {
        Report why;
        const auto syscall = registry_.find<rvm_syscall>(id, why);
        if (!syscall) {
            const bool is_unknown = std::ranges::any_of(why.findings(), [](const Finding& finding) {
                return finding.code == ErrorCode::dependency_missing && finding.where == RVM_KIND_SYSCALL;
            });
            if (!is_unknown) tell(why); // its provider was refused, or there are two
            Finding& finding =
                refuse(ErrorCode::program_syscall_missing,
                       is_unknown ? "no plugin provides the syscall" : "the syscall's provider cannot be used",
                       "a syscall of a plugin of this deployment", "\"" + id + "\"");
            if (is_unknown) finding.hint = why.findings().front().hint;
            return {};
        }
        if (syscall->flags == RVM_F_PURE) return syscall;
        refuse(ErrorCode::program_not_pure, "a program at an address has no frame: no memory, no state, no meter",
               "a syscall that is PURE and nothing else", id + ": " + flag_names(syscall->flags))
            .plugin = syscall.owner->id();
        return {};
    }

    /// Findings of a provider, once for all of its syscalls.
    void tell(const Report& why) {
        for (const Finding& finding : why.findings()) {
            const auto same = [&](const Finding& other) { return other.text() == finding.text(); };
            if (std::ranges::none_of(report_.findings(), same)) report_.add(finding);
        }
    }

    /// Also under rule sets that the deployment does not follow: a transaction may name its own.
    bool is_free(const std::string& text) {
        const rvm_address address = address_of(text);
        const auto taken = std::ranges::find_if(programs_, [&](const plugin::Found<rvm_program>& program) {
            return std::memcmp(program->address.bytes, address.bytes, sizeof address.bytes) == 0;
        });
        if (taken == programs_.end()) return true;
        refuse(ErrorCode::program_address_taken, "a plugin has a program at this address",
               "an address without a program, under any rule set", std::string(taken->item->id))
            .plugin = taken->owner->id();
        return false;
    }

    const manifest::Manifest& manifest_;
    plugin::Registry& registry_;
    Report& report_;
    std::vector<plugin::Found<rvm_program>> programs_;
    std::string where_;
};

} // namespace

bool AssignedPrograms::open(const manifest::Manifest& manifest, plugin::Registry& registry, GuardFrames& guards,
                            PeriodPrices& prices, Report& report) {
    if (manifest.programs.empty()) return true;
    Judge judge(manifest, registry, report);
    bool sound = true;
    for (const auto& [address, id] : manifest.programs) {
        const auto syscall = judge.judge(address, id);
        if (!syscall) {
            sound = false;
            continue;
        }
        Assigned& assigned = assigned_.emplace_back();
        for (std::uint32_t period = 0; period < manifest.chain.periods(); ++period)
            assigned.of_period.push_back(prices.of(*syscall.item, period));
        assigned.guard = guards.of(syscall.item);
        programs_.push_back({sizeof(rvm_program), RVM_F_PURE, syscall->id, syscall->id, address_of(address), 0, nullptr,
                             &AssignedPrograms::run, &assigned});
    }
    return sound;
}

rvm_status AssignedPrograms::run(const void* self, rvm_view input, std::int64_t* gas, rvm_span* out) noexcept {
    return static_cast<const Assigned*>(self)->run(input, *gas, *out);
}

rvm_status AssignedPrograms::Assigned::run(rvm_view input, std::int64_t& gas, rvm_span& out) const noexcept {
    const rvm_syscall& syscall = *of_period[current_period()];
    const std::uint64_t price = vm_table().price(syscall.gas, syscall.self, input);
    const std::uint64_t room = out.size;
    out.size = 0;
    if (price > static_cast<std::uint64_t>(gas)) return RVM_TRAP_OUT_OF_GAS;
    if (room < syscall.max_output) { // with less, what decides between an answer and a trap would be the host's room
        out.size = syscall.max_output;
        return RVM_E_BUFFER_TOO_SMALL;
    }
    gas -= static_cast<std::int64_t>(price);
    std::uint64_t written = 0;
    const rvm_status status = syscall.run(syscall.self, guard, input, {out.data, syscall.max_output}, &written);
    // Shared with programs that import the syscall: once it broke its promise, no result of it is trusted any more.
    if ((__atomic_load_n(&guard->flags, __ATOMIC_RELAXED) & RVM_FRAME_VIOLATED) != 0) return RVM_TRAP_ILLEGAL;
    if (status == RVM_E_BUFFER_TOO_SMALL) return RVM_E_INTERNAL; // no answer of a syscall; here it would ask for room
    if (status != RVM_OK) return status;
    if (written > syscall.max_output) return RVM_TRAP_ILLEGAL;
    out.size = written;
    return RVM_OK;
}

} // namespace rvm::runtime
