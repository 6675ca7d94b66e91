#include "program/code.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/files.hpp"
#include "manifest/manifest.hpp"
#include "native/container.hpp"
#include "plugin/registry.hpp"

namespace rvm::host {

namespace {

bool is_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 ? byte != 0x7f : c == '\n' || c == '\t' || c == '\r';
    });
}

/// Looks a mnemonic up among the opcodes of plugins, loading as few of them as possible. Findings about plugins that
/// were refused stay in `report`: they are why a mnemonic is unknown.
std::optional<native::ResolvedOpcode> resolve(plugin::Registry& registry, std::string_view mnemonic, Report& report) {
    const auto describe = [](const rvm_opcode& opcode) {
        return native::ResolvedOpcode{opcode.id, opcode.pops, opcode.pushes, opcode.immediate_size,
                                      (opcode.flags & RVM_F_MEMORY) != 0};
    };
    if (registry.provider(RVM_KIND_OPCODE, mnemonic) != nullptr) { // the usual case: mnemonic and id are one
        if (const auto found = registry.find<rvm_opcode>(mnemonic, report)) return describe(*found.item);
        return std::nullopt;
    }
    for (const auto& found : registry.all<rvm_opcode>(report))
        if (found->mnemonic == mnemonic) return describe(*found.item);
    return std::nullopt;
}

Bytes assemble_text(Session& session, std::string_view text, const std::string& file) {
    Report report, plugins;
    auto bytes = native::assemble(text, file, mnemonic_resolver(session, plugins), report);
    if (bytes) {
        session.show(report);
        return std::move(*bytes);
    }
    report.merge(std::move(plugins));
    throw Failure(std::move(report));
}

} // namespace

native::MnemonicResolver mnemonic_resolver(Session& session, Report& plugins) {
    return [&session, &plugins](std::string_view mnemonic) {
        return resolve(session.runtime().registry(), mnemonic, plugins);
    };
}

std::optional<Bytes> hex_of_text(std::string_view text) {
    std::string digits;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '#')
            at = std::min(text.find('\n', at), text.size());
        else if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
            digits += c;
    }
    if (digits.empty()) return std::nullopt;
    return from_hex(digits);
}

Code assemble_code(Session& session, const std::string& path) {
    Code code;
    code.file = path == "-" ? "standard input" : path;
    code.format = native_format;
    code.source = read_input(session.io, path);
    if (code.source.empty()) throw failure(ErrorCode::input_malformed, code.file, {}, "the file is empty");
    if (!is_text(code.source)) throw failure(ErrorCode::input_malformed, code.file, {}, "this is not assembly text");
    code.bytes = assemble_text(session, code.source, code.file);
    return code;
}

Code load_code(Session& session, const std::string& path, const std::string& format) {
    Code code;
    code.file = path == "-" ? "standard input" : path;
    code.format = format;
    std::string text = read_input(session.io, path);
    const bool native_wanted = format.empty() || format == native_format;
    if (text.empty()) throw failure(ErrorCode::input_malformed, code.file, {}, "the file is empty");

    if (is_text(text)) {
        auto hex = path.ends_with(".rasm") ? std::nullopt : hex_of_text(text);
        if (!hex && !native_wanted)
            throw failure(
                ErrorCode::input_malformed, code.file, {},
                fmt::format("not hex digits: code of the format \"{}\" is given as hex digits or bytes", format));
        if (hex) {
            code.bytes = std::move(*hex);
        } else {
            code.bytes = assemble_text(session, text, code.file);
            code.format = native_format;
        }
        code.source = std::move(text);
    } else {
        const ByteView bytes = as_bytes(text);
        code.bytes.assign(bytes.begin(), bytes.end());
    }

    Runtime& runtime = session.runtime();
    Report report;
    if (code.format.empty())
        code.format = native::is_container(code.bytes)
                          ? std::string{native_format}
                          : runtime.probe_format({code.bytes.data(), code.bytes.size()}, report);
    if (!report.ok()) throw Failure(std::move(report));
    if (code.format.empty())
        throw failure(ErrorCode::program_format_missing, code.file, {},
                      "no format of this deployment recognises the code",
                      "`rvm plugin list` shows the formats present; --format names one");
    if (runtime.format(code.format, report) == nullptr) {
        report.error(ErrorCode::program_format_missing, code.file, {},
                     fmt::format("the format \"{}\" is not present", code.format));
        throw Failure(std::move(report));
    }
    return code;
}

bool check_imports(Runtime& runtime, ByteView bytes, const std::string& file, Report& report) {
    if (!native::is_container(bytes)) return true;
    Report ignored; // a malformed container is the verifier's business
    const auto container = native::decode_container(bytes, file, ignored);
    if (!container) return true;
    plugin::Registry& registry = runtime.registry();
    bool ok = true;
    const auto missing = [&](const native::Import& import, std::string message, std::string hint, Report reasons) {
        ok = false;
        report.merge(std::move(reasons)); // first why a provider was refused: that is wrong, not the program
        Finding& finding = report.error(ErrorCode::native_import_missing, file, "imports", std::move(message));
        finding.found = import.id;
        finding.hint = std::move(hint);
    };
    for (const native::Import& import : container->imports) {
        Report reasons;
        const bool known = [&] {
            switch (import.kind) {
            case native::ImportKind::opcode:
                return registry.provider(RVM_KIND_OPCODE, import.id) != nullptr;
            case native::ImportKind::syscall:
                return registry.provider(RVM_KIND_SYSCALL, import.id) != nullptr;
            case native::ImportKind::format:
                return true; // needed only when a creation asks for it; warned about below
            case native::ImportKind::env:
                return true; // unset words are zero
            }
            return false;
        }();
        const std::string_view kind = native::import_kind_name(import.kind);
        if (import.kind == native::ImportKind::format && registry.provider(RVM_KIND_FORMAT, import.id) == nullptr) {
            report.warning(
                ErrorCode::native_import_missing, file, "imports",
                fmt::format("no plugin provides the format \"{}\": creating such a program will fail", import.id));
        } else if (!known) {
            missing(import, fmt::format("no plugin provides the {} \"{}\"", kind, import.id),
                    "add the plugin that provides it to the manifest", {});
        } else if (import.kind == native::ImportKind::opcode) {
            const auto opcode = registry.find<rvm_opcode>(import.id, reasons);
            if (!opcode) {
                missing(import, fmt::format("the plugin of the opcode \"{}\" was refused", import.id), {},
                        std::move(reasons));
            } else if (opcode->pops != import.pops || opcode->pushes != import.pushes ||
                       opcode->immediate_size != import.immediate_size) {
                ok = false;
                Finding& finding = report.error(ErrorCode::native_import_mismatch, file, "imports",
                                                fmt::format("the opcode \"{}\" is another one here", import.id));
                finding.expected = fmt::format("pops {}, pushes {}, immediate {} bytes", import.pops, import.pushes,
                                               import.immediate_size);
                finding.found = fmt::format("pops {}, pushes {}, immediate {} bytes", opcode->pops, opcode->pushes,
                                            opcode->immediate_size);
            }
        } else if (import.kind == native::ImportKind::syscall) {
            if (!runtime.manifest().grants_syscall(import.id))
                missing(import, fmt::format("the deployment does not grant the syscall \"{}\"", import.id),
                        "add it to \"syscalls\" in the manifest", {});
            else if (!registry.find<rvm_syscall>(import.id, reasons))
                missing(import, fmt::format("the plugin of the syscall \"{}\" was refused", import.id), {},
                        std::move(reasons));
        }
    }
    return ok;
}

} // namespace rvm::host
