#include "runtime/code.hpp"

#include <cstring>
#include <string_view>

#include "base/bytes.hpp"

namespace rvm::runtime {
namespace {

void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

ByteView bytes_of(rvm_view view) { return {view.data, static_cast<std::size_t>(view.size)}; }

} // namespace

std::string probe_format(Runtime::Impl& runtime, rvm_view code, Report& report) {
    Report ignored; // a refused plugin was reported when the deployment was opened
    std::vector<plugin::Provided> certain, fallback;
    for (const auto& provided : runtime.registry->provided(RVM_KIND_FORMAT)) {
        const FormatBinding* format = runtime.formats->find(provided.id, ignored);
        if (format == nullptr || format->table->probe == nullptr) continue;
        const std::uint32_t answer = format->table->probe(format->table->self, code);
        if (answer == RVM_PROBE_YES) certain.push_back(provided);
        if (answer == RVM_PROBE_FALLBACK) fallback.push_back(provided);
    }
    if (certain.empty() && !runtime.manifest.pre_state_format.empty()) return runtime.manifest.pre_state_format;
    const auto& claims = certain.empty() ? fallback : certain;
    if (claims.size() < 2) return claims.empty() ? std::string{} : claims.front().id;

    // The order of plugins must not decide what code means: the manifest does, or nobody.
    std::vector<std::string> preferred;
    Finding finding;
    for (const plugin::Provided& claim : claims) {
        const auto wanted = runtime.manifest.prefer.find(std::string{RVM_KIND_FORMAT ":"} + claim.id);
        if (wanted != runtime.manifest.prefer.end() && wanted->second == claim.owner->id())
            preferred.push_back(claim.id);
        finding.found += (finding.found.empty() ? "" : " and ") + claim.id + " of " + claim.owner->id();
    }
    if (preferred.size() == 1) return preferred.front();
    finding.code = ErrorCode::format_ambiguous;
    finding.file = runtime.manifest.file;
    finding.where = "/prefer";
    finding.message =
        certain.empty() ? "several formats would take the code as a last resort" : "several formats recognise the code";
    finding.expected = "one format, or a preference";
    finding.hint =
        "add \"prefer\": { \"" RVM_KIND_FORMAT ":" + claims.front().id + "\": \"" + claims.front().owner->id() + "\" }";
    report.add(std::move(finding));
    return {};
}

std::string why_no_format(Runtime::Impl& runtime, std::string_view id) {
    Report report;
    static_cast<void>(runtime.formats->find(id, report));
    return report.ok() ? "the format " + std::string(id) + " was not loaded" : report.text();
}

rvm_bytes32 code_hash(const rvm_format& format, rvm_view code) {
    rvm_bytes32 hash;
    if (format.code_hash != nullptr) {
        format.code_hash(format.self, code, &hash);
        return hash;
    }
    std::memcpy(hash.bytes, sha256(bytes_of(code)).data(), sizeof hash.bytes);
    return hash;
}

void create_address(const rvm_format& format, const rvm_address& creator, std::uint64_t nonce, const rvm_bytes32* salt,
                    rvm_view init_code, rvm_address& out) {
    if (format.create_address != nullptr) {
        format.create_address(format.self, &creator, nonce, salt, init_code, &out);
        return;
    }
    Bytes text;
    append(text, as_bytes(salt == nullptr ? "rvm-create-1" : "rvm-create-2"));
    append(text, creator.bytes);
    if (salt == nullptr) {
        for (unsigned shift = 0; shift < 64; shift += 8)
            text.push_back(static_cast<std::uint8_t>(nonce >> shift));
    } else {
        append(text, salt->bytes);
        append(text, sha256(bytes_of(init_code)));
    }
    const Bytes hash = sha256(text);
    std::memcpy(out.bytes, hash.data() + (hash.size() - sizeof out.bytes), sizeof out.bytes);
}

rvm_status set_code(state::WorldState& state, state::Account& account, rvm_view code, const rvm_bytes32* hash,
                    const char* format) {
    const state::CodeFormat* interned = state.codes().intern(format);
    if (interned == nullptr || interned->format == nullptr) return RVM_E_CONFIG;
    return state.set_code(account, *interned, hash != nullptr ? *hash : code_hash(*interned->format, code), code);
}

} // namespace rvm::runtime
