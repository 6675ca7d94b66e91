// org.rvm.trace: the tracers `calltree`, `eip3155` and `jsonl`.
#include "tracers.hpp"

namespace {

constexpr const char* provides[] = {RVM_KIND_TRACER ":calltree", RVM_KIND_TRACER ":eip3155", RVM_KIND_TRACER ":jsonl",
                                    nullptr};

class TracePlugin {
  public:
    explicit TracePlugin(rvm::sdk::Host)
        : calltree_(rvm::trace::calltree_tracer()), eip3155_(rvm::trace::eip3155_tracer()),
          jsonl_(rvm::trace::jsonl_tracer()) {
        items_.add(calltree_).add(eip3155_).add(jsonl_);
    }
    [[nodiscard]] const rvm_contribution* contributions() const noexcept { return items_.data(); }

  private:
    rvm_tracer calltree_;
    rvm_tracer eip3155_;
    rvm_tracer jsonl_;
    rvm::sdk::Contributions items_;
};

constexpr rvm_descriptor descriptor =
    rvm::sdk::describe({.id = RVM_PLUGIN_ID,
                        .version = RVM_PLUGIN_VERSION,
                        .name = "Tracers",
                        .vendor = "rvm",
                        .license = "MIT",
                        .description = "Execution traces: a call tree for people, JSON lines for machines",
                        .provides = provides});

} // namespace

RVM_PLUGIN(TracePlugin, descriptor);
