// <<name>>: a tracer that counts frames and instructions. A tracer observes: it cannot change gas, state or result.
#include <rvm/plugin.hpp>

namespace {

namespace sdk = rvm::sdk;

// One execution. The host gives it back with every event, so two threads never mix.
struct Counts {
    std::uint64_t frames = 0, instructions = 0, traps = 0;
    std::string text{};
};
Counts& counts(void* cookie) { return *static_cast<Counts*>(cookie); }

class Tracer {
  public:
    rvm_status begin(const char*, std::uint64_t, void** cookie) {
        *cookie = new Counts;
        return RVM_OK;
    }
    void end(void* cookie, const rvm_result*) { delete &counts(cookie); }
    void enter(void* cookie, std::uint64_t, const rvm_message*, const char*) { ++counts(cookie).frames; }
    void op(void* cookie, std::uint64_t, const rvm_op_event*) { ++counts(cookie).instructions; }
    void fault(void* cookie, std::uint64_t, const rvm_op_event*, rvm_status) { ++counts(cookie).traps; }
    rvm_status text(void* cookie, rvm_view* out) {
        Counts& seen = counts(cookie);
        seen.text = "frames " + std::to_string(seen.frames) + ", instructions " + std::to_string(seen.instructions) +
                    ", traps " + std::to_string(seen.traps) + "\n";
        *out = sdk::view(std::string_view(seen.text)); // valid until `end`
        return RVM_OK;
    }
};
Tracer tracer;

// thunk<>: what these functions throw ends at the boundary.
constinit const rvm_tracer item = {.struct_size = sizeof(rvm_tracer),
                                   .interest = RVM_TRACE_FRAME | RVM_TRACE_OP, // OP instantiates the traced loops
                                   .id = "<<name>>",
                                   .summary = "counts frames and instructions",
                                   .self = &tracer,
                                   .begin = sdk::thunk<&Tracer::begin>,
                                   .end = sdk::thunk<&Tracer::end>,
                                   .enter = sdk::thunk<&Tracer::enter>,
                                   .leave = nullptr,
                                   .op = sdk::thunk<&Tracer::op>,
                                   .fault = sdk::thunk<&Tracer::fault>,
                                   .state = nullptr,
                                   .log = nullptr,
                                   .text = sdk::thunk<&Tracer::text>};

<<tail>>
