#include "native/link.hpp"

#include <limits>

#include <fmt/format.h>

#include "native/engine_frame.hpp"

namespace rvm::native {
namespace {

bool refuse(const Import& import, std::string_view why, std::string_view file, Report& report) {
    report.error(ErrorCode::native_import_missing, std::string{file}, "imports",
                 fmt::format("the program needs {} {}, which {}", import_kind_name(import.kind), import.id, why));
    return false;
}

std::string shape(unsigned pops, unsigned pushes, unsigned immediate_size) {
    return fmt::format("{} -> {} imm {}", pops, pushes, immediate_size);
}

bool link_opcode(const Import& import, LinkedImport& out, const HostTables& host, std::string_view file,
                 Report& report) {
    rvm_opcode_ref ref{};
    if (host.items == nullptr || host.items->opcode(host.host->ctx, import.id.c_str(), &ref) != RVM_OK)
        return refuse(import, "no plugin of this deployment provides", file, report);
    const rvm_opcode& op = *ref.opcode;
    if (op.pops != import.pops || op.pushes != import.pushes || op.immediate_size != import.immediate_size) {
        Finding& finding = report.error(ErrorCode::native_import_mismatch, std::string{file}, "imports",
                                        fmt::format("opcode {} has another shape", import.id));
        finding.expected = shape(import.pops, import.pushes, import.immediate_size);
        finding.found = shape(op.pops, op.pushes, op.immediate_size);
        return false;
    }
    out.opcode = ref.opcode;
    out.guard = ref.guard;
    out.item = engine_item(out);
    return true;
}

bool link_syscall(const Import& import, LinkedImport& out, const HostTables& host, std::string_view file,
                  Report& report) {
    rvm_syscall_ref ref{};
    const rvm_status status =
        host.items == nullptr ? RVM_E_NOT_FOUND : host.items->syscall(host.host->ctx, import.id.c_str(), &ref);
    if (status == RVM_E_UNSUPPORTED) return refuse(import, "the deployment does not grant", file, report);
    if (status != RVM_OK) return refuse(import, "no plugin of this deployment provides", file, report);
    out.syscall = ref.syscall;
    out.guard = ref.guard;
    return true;
}

bool link_env(const Import& import, LinkedImport& out, const HostTables& host, std::string_view file, Report& report) {
    out.env = host.host->env_key(host.host->ctx, import.id.c_str());
    return out.env != std::numeric_limits<std::uint32_t>::max() ||
           refuse(import, "is one name more than the host keeps", file, report);
}

} // namespace

bool link(Artifact& artifact, const HostTables& host, std::string_view file, Report& report) {
    bool ok = true;
    artifact.imports.assign(artifact.program.imports.size(), {});
    for (std::size_t i = 0; i < artifact.imports.size(); ++i) {
        const Import& import = artifact.program.imports[i];
        LinkedImport& out = artifact.imports[i];
        switch (import.kind) {
        case ImportKind::opcode:
            ok &= link_opcode(import, out, host, file, report);
            break;
        case ImportKind::syscall:
            ok &= link_syscall(import, out, host, file, report);
            break;
        case ImportKind::env:
            ok &= link_env(import, out, host, file, report);
            break;
        case ImportKind::format:
            out.format = import.id.c_str();
            break;
        }
    }
    return ok;
}

} // namespace rvm::native
