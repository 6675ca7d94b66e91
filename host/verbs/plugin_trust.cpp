// rvm plugin keygen, sign, verify, pin: what an author and an operator do so that a deployment trusts a file. The
// formats are those the loader reads (core/plugin/README.md).
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sodium.h>

#include "base/bytes.hpp"
#include "cli/files.hpp"
#include "cli/secret.hpp"
#include "manifest/manifest.hpp"
#include "manifest/sidecar.hpp"
#include "plugin/elf.hpp"
#include "plugin/trust.hpp"
#include "verbs/plugin_verbs.hpp"

namespace rvm::host {

namespace fs = std::filesystem;

namespace {

const std::string secret_prefix = "rvm-ed25519-seed:"; ///< RFC 8032's 32-byte secret key follows, in hex
const std::string public_prefix = "ed25519:";          ///< as in trust.keys of a manifest

/// A key pair from its seed. libsodium keeps seed and public key together as the secret.
struct KeyPair {
    Secret secret{crypto_sign_SECRETKEYBYTES};
    manifest::PublicKey public_key{};
    explicit KeyPair(const Secret& seed) { ::crypto_sign_seed_keypair(public_key.data(), secret.data(), seed.data()); }
    [[nodiscard]] std::string text() const { return public_prefix + to_hex(public_key); }
};

/// What a signature is about, and the plugin's id.
struct Subject {
    Bytes library_sha256, sidecar_sha256;
    manifest::Sidecar sidecar;
    std::string signature_file;
};

/// Reads the library and the sidecar that counts, as the loader does: the one beside the library, else the one inside.
Subject subject_of(Session& session, const std::string& file) {
    const std::string library = read_input(session.io, file, plugin::max_library_bytes);
    const fs::path beside = fs::path(file).replace_extension(".rvm.json");
    Report report;
    std::optional<manifest::Sidecar> sidecar;
    std::string text;
    if (fs::exists(beside)) {
        text = read_input(session.io, beside.string());
        sidecar = manifest::parse_sidecar(text, beside, manifest::SidecarSource::file, report);
    } else if (auto embedded = plugin::embedded_sidecar(as_bytes(library))) {
        text = std::move(*embedded);
        sidecar = manifest::parse_sidecar(text, file, manifest::SidecarSource::embedded, report);
    } else {
        report.error(ErrorCode::sidecar_missing, file, {}, "no sidecar in the file and none beside it").expected =
            beside.string();
    }
    if (!sidecar || !report.ok()) throw Failure(std::move(report));
    return {sha256(as_bytes(library)), sha256(as_bytes(text)), std::move(*sidecar),
            fs::path(file).replace_extension(".rvm.sig").string()};
}

manifest::PublicKey parse_public(const std::string& text) {
    manifest::PublicKey key{};
    const auto bytes = text.starts_with(public_prefix) ? from_hex(text.substr(public_prefix.size())) : std::nullopt;
    if (!bytes || bytes->size() != key.size())
        throw UsageError(fmt::format("--public: \"{}\" is no public key", text),
                         "ed25519: and 64 hex digits, as `rvm plugin keygen` prints it");
    std::copy(bytes->begin(), bytes->end(), key.begin());
    return key;
}

} // namespace

int keygen_plugin(Session& session, const std::string& file) {
    if (file.empty()) throw UsageError("FILE is missing", "rvm plugin keygen acme.key");
    Secret seed(crypto_sign_SEEDBYTES);
    ::randombytes_buf(seed.data(), seed.size());
    const KeyPair keys(seed);
    write_secret(file, secret_prefix, seed);
    if (session.globals.json) {
        session.print_json({{"secret_file", file}, {"public", keys.text()}});
        return RVM_EXIT_OK;
    }
    session.line("secret", fmt::format("{} (mode 0600; whoever has it signs as you)", file));
    session.line("public", keys.text());
    session.line("manifest", fmt::format(R"("trust": {{ "keys": {{ "NAME": "{}" }} }})", keys.text()));
    return RVM_EXIT_OK;
}

int sign_plugin(Session& session, const std::string& file, const PluginTrustOptions& options) {
    if (options.key.empty()) throw UsageError("--key is missing", "rvm plugin sign FILE --key acme.key");
    const Subject subject = subject_of(session, file);
    Secret seed(crypto_sign_SEEDBYTES);
    read_secret(options.key, secret_prefix, seed);
    const KeyPair keys(seed);
    const Bytes message = plugin::signed_message(subject.library_sha256, subject.sidecar_sha256);
    std::string signature(plugin::signature_bytes, '\0');
    ::crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, message.data(), message.size(),
                           keys.secret.data());
    write_atomically(subject.signature_file, signature, ErrorCode::output_unwritable);
    if (session.globals.json) {
        session.print_json(
            {{"plugin", subject.sidecar.id}, {"signature_file", subject.signature_file}, {"public", keys.text()}});
        return RVM_EXIT_OK;
    }
    session.line("plugin", fmt::format("{} {}", subject.sidecar.id, subject.sidecar.version.text()));
    session.line("signature", subject.signature_file);
    session.line("public", keys.text());
    return RVM_EXIT_OK;
}

int verify_plugin(Session& session, const std::string& file, const PluginTrustOptions& options) {
    const Subject subject = subject_of(session, file);
    std::map<std::string, manifest::PublicKey, std::less<>> keys;
    Report report;
    if (!options.public_key.empty()) {
        keys.emplace(options.public_key, parse_public(options.public_key));
    } else {
        const auto manifest = manifest::load_manifest(session.manifest_file(), report);
        if (!manifest) throw Failure(std::move(report));
        keys = manifest->trust.keys;
        if (keys.empty())
            throw UsageError("there is no key to verify with",
                             fmt::format("--public KEY, or --config with trust.keys ({} has none)",
                                         session.manifest_file().string()));
    }
    std::optional<Bytes> signature;
    if (fs::exists(subject.signature_file)) {
        const std::string text = read_input(session.io, subject.signature_file);
        signature.emplace(text.begin(), text.end());
    }
    // One key after the other, so that the answer names the one that holds.
    std::string signer;
    for (const auto& [name, key] : keys) {
        Report ignored;
        if (plugin::check_signature(signature, subject.library_sha256, subject.sidecar_sha256, keys, name,
                                    subject.signature_file, ignored)) {
            signer = name;
            break;
        }
    }
    if (signer.empty())
        plugin::check_signature(signature, subject.library_sha256, subject.sidecar_sha256, keys, {},
                                subject.signature_file, report);
    if (session.globals.json) {
        session.print_json({{"plugin", subject.sidecar.id},
                            {"holds", !signer.empty()},
                            {"key", signer},
                            {"exit", report.exit_status()},
                            {"findings", report_json(report)}});
        return report.exit_status();
    }
    session.show(report);
    session.line("plugin", fmt::format("{} {}", subject.sidecar.id, subject.sidecar.version.text()));
    session.line("signature", signer.empty() ? "does not hold" : fmt::format("holds, by {}", signer),
                 signer.empty() ? Style::bad : Style::good);
    return report.exit_status();
}

int pin_plugin(Session& session, const std::string& file) {
    const Subject subject = subject_of(session, file);
    const nlohmann::ordered_json entry{
        {"id", subject.sidecar.id}, {"path", file}, {"sha256", to_hex(subject.library_sha256)}};
    session.io.out(entry.dump(session.globals.json ? 2 : -1) + "\n"); // one line to paste into "plugins"
    return RVM_EXIT_OK;
}

} // namespace rvm::host
