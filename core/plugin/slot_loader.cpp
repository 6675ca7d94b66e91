#include "plugin/slot_loader.hpp"

#include <algorithm>
#include <mutex>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "manifest/schema.hpp"
#include "plugin/elf.hpp"
#include "plugin/instance.hpp"
#include "plugin/judge.hpp"
#include "plugin/library.hpp"
#include "plugin/rehearsal.hpp"
#include "plugin/texts.hpp"
#include "plugin/trust.hpp"

namespace rvm::plugin {
namespace {

namespace fs = std::filesystem;
using manifest::TrustRequirement;

constexpr std::string_view signature_suffix = ".rvm.sig";

/// Two programs meet when they share an address under one rule set; a NULL list means "under all".
bool rules_overlap(const char* const* a, const char* const* b) {
    if (a == nullptr || b == nullptr) return true;
    for (; *a != nullptr; ++a)
        for (const char* const* other = b; *other != nullptr; ++other)
            if (std::string_view{*a} == *other) return true;
    return false;
}

/// Libraries whose rehearsal this process has seen, by SHA-256: the same bytes need no second one.
struct Rehearsed {
    std::mutex mutex;
    std::set<std::string, std::less<>> digests;
};
Rehearsed& rehearsed() {
    static Rehearsed table;
    return table;
}

bool was_rehearsed(const std::string& sha256) {
    const std::lock_guard lock(rehearsed().mutex);
    return rehearsed().digests.contains(sha256);
}

void note_rehearsed(const std::string& sha256) {
    const std::lock_guard lock(rehearsed().mutex);
    rehearsed().digests.insert(sha256);
}

} // namespace

Finding& SlotLoader::refuse(ErrorCode code, std::string where, std::string message, std::string expected,
                            std::string found) {
    Finding& finding = report_.error(code, slot_.file_, std::move(where), std::move(message));
    finding.expected = std::move(expected);
    finding.found = std::move(found);
    finding.plugin = slot_.id();
    return finding;
}

bool SlotLoader::run() {
    if (slot_.builtin_ == nullptr) {
        if (!verify_library()) return false;
        if (!was_rehearsed(slot_.library_sha256_)) {
            const auto steps = [this] { static_cast<void>(bring_up(Purpose::rehearsal)); };
            if (!rehearse(steps, slot_.file_, slot_.id(), report_)) return false;
            note_rehearsed(slot_.library_sha256_);
        }
    }
    return bring_up(Purpose::use);
}

bool SlotLoader::bring_up(Purpose purpose) {
    const rvm_entry* entry = slot_.builtin_;
    if (entry == nullptr) {
        const FpChange fp_change =
            registry_.deployment_.profile == manifest::Profile::consensus ? FpChange::refuse : FpChange::warn;
        entry =
            load_library(library_, slot_.id(), slot_.library_sha256_, entry_symbol_, fp_change, slot_.file_, report_);
        if (entry == nullptr) return false;
        const auto binary = judge_entry(entry, slot_.file_, report_);
        if (!binary || !compare_sidecar(*binary, slot_.sidecar_, slot_.file_, report_)) return false;
    }
    const auto config = configuration();
    if (!config) return false;

    slot_.host_ = {};
    slot_.host_.struct_size = sizeof slot_.host_;
    slot_.host_.abi_major = RVM_ABI_MAJOR;
    slot_.host_.abi_minor = RVM_ABI_MINOR;
    slot_.host_.ctx = slot_.host_context();
    if (registry_.services_.fill_host != nullptr)
        registry_.services_.fill_host(registry_.services_.ctx, slot_, slot_.host_);

    slot_.instance_ = Instance::create(*entry, slot_.host_, slot_.id(), slot_.file_, report_);
    const auto steps = [&] {
        if (!slot_.instance_ || !slot_.instance_->configure(*config, report_)) return false;
        const auto list = slot_.instance_->contributions(report_);
        if (!list) return false;
        auto copies = copy_contributions(*list, slot_.sidecar_, registry_.deployment_, slot_.file_, report_);
        if (!copies) return false;
        slot_.contributions_ = std::move(*copies);
        if (!check_aliases() || !check_known_answers()) return false;
        // link() asks the registry for items, whose lock belongs to a thread the child does not have; starting has
        // effects outside.
        if (purpose == Purpose::rehearsal) return true;
        // Errors that link() brought about without failing itself (D03) count as well.
        if (!slot_.instance_->link(report_) || !report_.ok()) return false;
        return slot_.instance_->start(report_);
    };
    if (!steps()) {
        undo();
        return false;
    }
    publish();
    return true;
}

void SlotLoader::undo() {
    slot_.instance_.reset(); // stops and destroys
    slot_.contributions_ = {};
    slot_.host_ = {};
}

bool SlotLoader::verify_library() {
    // The sidecar decides about the ABI before anything is mapped; the entry must agree later (E04).
    const manifest::AbiVersions& abi = slot_.sidecar_.abi;
    if (abi.major != RVM_ABI_MAJOR || abi.built != RVM_ABI_MINOR) {
        refuse(ErrorCode::entry_abi_mismatch, "abi", "the plugin was built for another ABI",
               fmt::format("ABI {}.{}", RVM_ABI_MAJOR, RVM_ABI_MINOR), fmt::format("ABI {}.{}", abi.major, abi.built));
        return false;
    }
    const manifest::Profile profile = registry_.deployment_.profile;
    const ReadPolicy policy{profile == manifest::Profile::development, max_library_bytes};
    auto bytes = read_trusted(slot_.root_, fs::path{slot_.file_}.lexically_relative(slot_.root_), policy, report_);
    if (!bytes) return false;
    const Bytes sha256 = rvm::sha256(*bytes);
    slot_.library_sha256_ = to_hex(sha256);
    if (!check_trust(sha256) || !check_target()) return false;
    const auto facts = preflight(*bytes, slot_.file_, {}, report_);
    if (!facts) return false;
    library_ = std::move(*bytes);
    entry_symbol_ = facts->entry_symbol;
    return true;
}

bool SlotLoader::check_trust(ByteView library_sha256) {
    const manifest::Trust& trust = registry_.deployment_.trust;
    const manifest::PluginEntry* entry = slot_.entry_;
    const bool pinned = entry != nullptr && entry->sha256;
    bool ok = true;
    if (pinned)
        ok &= check_pin(manifest::digest_text(*entry->sha256), library_sha256, slot_.file_, entry->where + "/sha256",
                        report_);
    if (slot_.sidecar_.sha256)
        ok &= check_pin(manifest::digest_text(*slot_.sidecar_.sha256), library_sha256, slot_.file_,
                        slot_.sidecar_.file + " /sha256", report_);

    const std::string signed_by = entry != nullptr ? entry->signed_by : std::string{};
    const fs::path library{slot_.file_};
    const fs::path signature_file = library.parent_path() / (library.stem().string() + std::string{signature_suffix});
    std::error_code error;
    const bool present = fs::exists(fs::symlink_status(signature_file, error));
    const bool demanded = !signed_by.empty() || (trust.require == TrustRequirement::signature && !trust.allow_unsigned);
    // Under pin-or-signature a signature counts where there is no pin; one that is there must hold.
    const bool offered =
        present && !pinned && trust.require != TrustRequirement::none && trust.require != TrustRequirement::pin;
    bool is_signed = false;
    if (demanded || offered) {
        std::optional<Bytes> signature;
        if (present) {
            constexpr std::uint64_t longest = 4096; // a wrong size is reported as such, a flood is not read
            const ReadPolicy policy{registry_.deployment_.profile == manifest::Profile::development, longest};
            signature = read_trusted(slot_.root_, signature_file.lexically_relative(slot_.root_), policy, report_);
            if (!signature) signature = Bytes{}; // found, but empty or unreadable
        }
        is_signed = check_signature(signature, library_sha256, rvm::sha256(as_bytes(slot_.sidecar_text_)), trust.keys,
                                    signed_by, signature_file.string(), report_);
        ok &= is_signed;
    }
    if (!ok) return false;

    const bool satisfied = trust.require == TrustRequirement::none ||
                           (trust.require == TrustRequirement::pin && pinned) ||
                           (trust.require == TrustRequirement::signature && is_signed) ||
                           (trust.require == TrustRequirement::pin_or_signature && (pinned || is_signed));
    if (satisfied) return true;
    Finding finding;
    finding.code = ErrorCode::plugin_untrusted;
    finding.severity = trust.allow_unsigned ? Severity::warning : Severity::error;
    finding.file = slot_.file_;
    finding.where = entry != nullptr ? entry->where : "trust";
    finding.message = "nothing vouches for the plugin";
    finding.expected = trust.require == TrustRequirement::pin         ? "a pin"
                       : trust.require == TrustRequirement::signature ? "a signature"
                                                                      : "a pin or a signature";
    finding.found = "neither pin nor signature";
    finding.hint = fmt::format("\"sha256\": \"{}\"", slot_.library_sha256_);
    finding.plugin = slot_.id();
    report_.add(std::move(finding));
    return trust.allow_unsigned;
}

bool SlotLoader::check_target() {
    const manifest::Target host = manifest::Target::current();
    const manifest::Target& target = slot_.sidecar_.target;
    const auto text = [](const manifest::Target& t) { return fmt::format("{} {} {}", t.os, t.arch, t.libc); };
    if (target.os == host.os && target.arch == host.arch && (target.libc.empty() || target.libc == host.libc))
        return true;
    refuse(ErrorCode::plugin_elf_malformed, "target", "the sidecar says the library was built for another platform",
           text(host), text(target));
    return false;
}

std::optional<std::string> SlotLoader::configuration() {
    const manifest::PluginEntry* entry = slot_.entry_;
    const std::string given = entry != nullptr ? entry->config : "{}";
    const std::string& file = registry_.deployment_.file;
    const std::string where = entry != nullptr ? entry->where + "/config" : "config";
    if (slot_.sidecar_.config_schema.empty()) {
        if (given == "{}") return given;
        Finding& finding =
            refuse(ErrorCode::config_invalid, where, "the plugin takes no configuration", "{}", in_quotes(given));
        finding.file = file;
        return std::nullopt;
    }
    const auto schema = manifest::ConfigSchema::parse(slot_.sidecar_.config_schema, slot_.file_, report_);
    if (!schema) return std::nullopt;
    return schema->apply(given, file, where, slot_.id(), report_);
}

/// False when another provider is preferred, or none was chosen.
bool SlotLoader::is_provider_of(const Item& item) const { return registry_.provider(item.kind, item.id) == &slot_; }

bool SlotLoader::check_aliases() {
    bool ok = true;
    const auto collide = [&](const Item& item, std::string_view what, const PluginSlot& other, std::string_view id) {
        refuse(ErrorCode::contribution_collision, item.id, fmt::format("the {} {} is taken", what, item.alias),
               fmt::format("a {} of its own", what),
               fmt::format("{} of {} ({}) and {} of {} ({})", id, other.id(), other.file_, item.id, slot_.id(),
                           slot_.file_));
        ok = false;
    };
    std::map<std::string_view, const Item*> mine;
    std::vector<const Item*> programs;
    for (const Item& item : slot_.contributions_.items()) {
        if (!is_provider_of(item)) continue; // it will not be visible, so it is in nobody's way
        if (item.kind == RVM_KIND_OPCODE) {
            if (const auto taken = registry_.mnemonics_.find(item.alias); taken != registry_.mnemonics_.end())
                collide(item, "mnemonic", *taken->second.owner,
                        static_cast<const rvm_opcode*>(taken->second.table)->id);
            if (const auto [first, is_new] = mine.emplace(item.alias, &item); !is_new)
                collide(item, "mnemonic", slot_, first->second->id);
        }
        if (item.kind != RVM_KIND_PROGRAM) continue;
        const auto& program = *static_cast<const rvm_program*>(item.table);
        const auto meets = [&](const rvm_program& other) {
            return std::ranges::equal(other.address.bytes, program.address.bytes) &&
                   rules_overlap(other.rules, program.rules);
        };
        for (const Item* earlier : programs)
            if (meets(*static_cast<const rvm_program*>(earlier->table))) collide(item, "address", slot_, earlier->id);
        programs.push_back(&item);
        for (const auto& [key, visible] : registry_.items_) {
            if (key.first != RVM_KIND_PROGRAM) continue;
            const auto& other = *static_cast<const rvm_program*>(visible.raw.table);
            if (meets(other)) collide(item, "address", *visible.raw.owner, other.id);
        }
    }
    return ok;
}

/// Under profile consensus all known answers run now; elsewhere when a primitive is first resolved.
bool SlotLoader::check_known_answers() {
    if (registry_.deployment_.profile != manifest::Profile::consensus) return true;
    bool ok = true;
    for (const Item& item : slot_.contributions_.items())
        if (item.kind == RVM_KIND_CRYPTO)
            ok &= run_known_answers(*static_cast<const rvm_crypto*>(item.table), manifest::Profile::consensus,
                                    slot_.file_, slot_.id(), report_);
    return ok;
}

void SlotLoader::publish() {
    const bool tested = registry_.deployment_.profile == manifest::Profile::consensus;
    for (const Item& item : slot_.contributions_.items()) {
        if (!is_provider_of(item)) continue;
        const Registry::RawItem raw{item.table, &slot_};
        registry_.items_[{item.kind, item.id}] = {raw, tested ? Registry::Tested::passed : Registry::Tested::no};
        if (item.kind == RVM_KIND_OPCODE) registry_.mnemonics_.emplace(item.alias, raw);
    }
}

} // namespace rvm::plugin
