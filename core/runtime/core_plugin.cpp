#include "runtime/core_plugin.hpp"

#include "state/memory_store.hpp"

namespace {

const rvm_contribution* contributions(void*) {
    static const rvm_contribution items[] = {{RVM_KIND_STORAGE, &rvm_memory_storage}, {nullptr, nullptr}};
    return items;
}

void destroy(void*) {}

rvm_status create(const rvm_host*, rvm_plugin** out, rvm_error*) {
    static rvm_plugin plugin{
        sizeof(rvm_plugin), 0, nullptr, nullptr, contributions, nullptr, nullptr, nullptr, destroy};
    *out = &plugin;
    return RVM_OK;
}

constexpr const char* provides[] = {RVM_KIND_STORAGE ":memory", nullptr};
constexpr rvm_descriptor descriptor{sizeof(rvm_descriptor),
                                    0,
                                    "org.rvm.core",
                                    RVM_PRODUCT_VERSION,
                                    "Core",
                                    "rvm",
                                    "Apache-2.0",
                                    "What the core contributes itself",
                                    nullptr,
                                    provides,
                                    nullptr};

} // namespace

extern "C" const rvm_entry rvm_core_entry = RVM_ENTRY_INIT(&descriptor, create);
