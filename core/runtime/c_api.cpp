// <rvm/rvm.h>: the C face of the embedding API.
#include <rvm/rvm.h>

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
