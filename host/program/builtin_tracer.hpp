// A tracer of the program's own, as the built-in plugin that brings it into a deployment (Session::builtins).
#pragma once

#include <rvm/plugin.h>

namespace rvm::host {

/// `Observer` sees frames and instructions. Its members are all static: `plugin` (the id of the plugin), `id` (of the tracer),
/// `provides` ("rvm.tracer/1:ID"), `summary`, and rvm_tracer's functions `begin`, `enter`, `leave` and `op`.
template <typename Observer>
struct BuiltinTracer {
    [[nodiscard]] static const rvm_entry* entry() noexcept {
        static const char* const provides[] = {Observer::provides, nullptr};
        static const rvm_descriptor descriptor{sizeof(rvm_descriptor), 0,       Observer::plugin, RVM_PRODUCT_VERSION,
                                               Observer::summary,      "rvm",   "Apache-2.0", Observer::summary,
                                               nullptr,                provides, nullptr};
        static const rvm_entry entry = RVM_ENTRY_INIT(&descriptor, create);
        return &entry;
    }

  private:
    static const rvm_contribution* contributions(void*) {
        static constexpr rvm_tracer tracer{.struct_size = sizeof(rvm_tracer),
                                           .interest = RVM_TRACE_FRAME | RVM_TRACE_OP,
                                           .id = Observer::id,
                                           .summary = Observer::summary,
                                           .self = nullptr,
                                           .begin = Observer::begin,
                                           .end = nullptr,
                                           .enter = Observer::enter,
                                           .leave = Observer::leave,
                                           .op = Observer::op,
                                           .fault = nullptr,
                                           .state = nullptr,
                                           .log = nullptr,
                                           .text = nullptr};
        static const rvm_contribution items[] = {{RVM_KIND_TRACER, &tracer}, {nullptr, nullptr}};
        return items;
    }
    static void destroy(void*) {}
    static rvm_status create(const rvm_host*, rvm_plugin** out, rvm_error*) {
        static rvm_plugin plugin{
            sizeof(rvm_plugin), 0, nullptr, nullptr, contributions, nullptr, nullptr, nullptr, destroy};
        *out = &plugin;
        return RVM_OK;
    }
};

} // namespace rvm::host
