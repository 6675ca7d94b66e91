// <rvm/rvm.h>: the C face of the embedding API.
#include <rvm/rvm.h>

#include <cstring>
#include <new>
#include <string>

#include <rvm/runtime.hpp>

#include "runtime/runtime_impl.hpp"

struct rvm_runtime {
    std::unique_ptr<rvm::Runtime> runtime;
    std::string findings;
};

namespace {

template <class Open>
rvm_runtime* open(Open&& open_runtime, rvm_error* error) noexcept {
    try {
        rvm::Report report;
        auto opened = std::make_unique<rvm_runtime>();
        opened->runtime = open_runtime(report);
        opened->findings = report.text();
        if (opened->runtime != nullptr) return opened.release();
        for (const rvm::Finding& finding : report.findings()) {
            if (finding.severity != rvm::Severity::error) continue;
            rvm::runtime::fail(error, RVM_E_CONFIG, finding.text());
            return nullptr;
        }
        rvm::runtime::fail(error, RVM_E_INTERNAL, "the runtime could not be opened");
    } catch (const std::bad_alloc&) {
        rvm::runtime::fail(error, RVM_E_NO_MEMORY, "out of memory");
    } catch (const std::exception& problem) {
        rvm::runtime::fail(error, RVM_E_INTERNAL, problem.what());
    }
    return nullptr;
}

} // namespace

extern "C" {

rvm_runtime* rvm_runtime_open(const char* manifest_path, rvm_error* error) {
    return open([&](rvm::Report& report) { return rvm::Runtime::open(manifest_path, {}, report); }, error);
}

rvm_runtime* rvm_runtime_open_text(const char* manifest_json, const char* base, rvm_error* error) {
    return open(
        [&](rvm::Report& report) {
            return rvm::Runtime::open_text(manifest_json, std::filesystem::path(base) / "manifest.json", {}, report);
        },
        error);
}

rvm_runtime* rvm_runtime_create(const rvm_runtime_options* given, rvm_error* error) {
    if (given == nullptr || given->struct_size < sizeof *given ||
        (given->manifest_path == nullptr) == (given->manifest_json == nullptr)) {
        rvm::runtime::fail(error, RVM_E_INVALID_ARGUMENT,
                           "options: struct_size is that of rvm_runtime_options, and one of manifest_path and "
                           "manifest_json is set");
        return nullptr;
    }
    return open(
        [&](rvm::Report& report) {
            rvm::RuntimeOptions options;
            options.load_all = (given->flags & RVM_OPEN_LOAD_ALL) != 0;
            options.confines = (given->flags & RVM_OPEN_CONFINES) != 0;
            for (const rvm_entry* const* entry = given->builtins; entry != nullptr && *entry != nullptr; ++entry)
                options.builtins.push_back(*entry);
            for (const char* const* file = given->plugin_files; file != nullptr && *file != nullptr; ++file)
                options.plugin_files.emplace_back(*file);
            options.own_items = given->own_items;
            if (given->own_id != nullptr) options.own_id = given->own_id;
            if (given->log != nullptr)
                options.log = [log = given->log, ctx = given->log_ctx](std::uint32_t level, std::string_view plugin,
                                                                       std::string_view text) {
                    log(ctx, level, plugin.data(), text.data()); // both end with NUL: a slot's id, a plugin's text
                };
            if (given->manifest_path != nullptr) return rvm::Runtime::open(given->manifest_path, options, report);
            const std::filesystem::path base = given->base == nullptr ? "/" : given->base;
            return rvm::Runtime::open_text(given->manifest_json, base / "manifest.json", options, report);
        },
        error);
}

rvm_status rvm_runtime_fingerprints(rvm_runtime* runtime, char semantics[72], char binaries[72], rvm_error* error) {
    try {
        rvm::Report report;
        const std::string first = runtime->runtime->semantics_fingerprint(report);
        const std::string second = runtime->runtime->binaries_fingerprint();
        if (!report.ok()) return rvm::runtime::fail(error, RVM_E_CONFIG, report.text());
        std::memcpy(semantics, first.c_str(), first.size() + 1);
        std::memcpy(binaries, second.c_str(), second.size() + 1);
        return RVM_OK;
    } catch (const std::bad_alloc&) {
        return rvm::runtime::fail(error, RVM_E_NO_MEMORY, "out of memory");
    } catch (const std::exception& problem) {
        return rvm::runtime::fail(error, RVM_E_INTERNAL, problem.what());
    }
}

const char* rvm_runtime_findings(const rvm_runtime* runtime) { return runtime->findings.c_str(); }
void rvm_runtime_close(rvm_runtime* runtime) { delete runtime; }
const rvm_host_world* rvm_runtime_worlds(const rvm_runtime*) { return &rvm::runtime::world_table(); }
rvm_host_ctx* rvm_runtime_context(rvm_runtime* runtime) { return runtime->runtime->context(); }
uint32_t rvm_env_key(const char* name) {
    try {
        return rvm::Runtime::env_key(name);
    } catch (...) {
        return UINT32_MAX;
    }
}
const char* rvm_status_text(rvm_status status) { return rvm::status_name(status).data(); }
const char* rvm_version(void) { return RVM_PRODUCT_VERSION; }

} // extern "C"
