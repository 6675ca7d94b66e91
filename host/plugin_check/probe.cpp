#include "plugin_check/probe.hpp"

#include "cli/values.hpp"
#include "program/machine.hpp"

namespace rvm::host {

namespace {

constexpr const char* format_id = "check.probe";
constexpr std::uint64_t native_stack = 4096; // an item and a few locals; the items' own need is in the host's margin

const std::function<rvm_status(rvm_frame*)>* program = nullptr; // of the one in_frame() of this process

std::uint32_t probe(const void*, rvm_view) { return RVM_PROBE_NO; }

rvm_status compile(const void*, rvm_view, std::uint32_t, std::uint32_t, rvm_artifact** out, rvm_error*) {
    static char nothing = 0;
    *out = reinterpret_cast<rvm_artifact*>(&nothing);
    return RVM_OK;
}

void release(const void*, rvm_artifact*) {}

rvm_status execute(const void*, const rvm_artifact*, rvm_frame* frame, rvm_result*) {
    return program == nullptr ? RVM_OK : (*program)(frame); // a nested call of the item into this account does nothing
}

rvm_status deployed(const void*, rvm_frame*, rvm_view*, const char**) { return RVM_OK; }

const rvm_format& format() {
    static const char* const rules[] = {"check.probe/1", nullptr};
    static const rvm_format table = [] {
        rvm_format f{};
        f.struct_size = sizeof f;
        f.id = format_id;
        f.summary = "runs functions of the check";
        f.rules = rules;
        f.units_per_gas = 1;
        f.native_stack_per_frame = native_stack;
        f.probe = probe;
        f.compile = compile;
        f.release = release;
        f.execute = execute;
        f.deployed = deployed;
        return f;
    }();
    return table;
}

const rvm_contribution* contributions(void*) {
    static const rvm_contribution list[] = {{RVM_KIND_FORMAT, &format()}, {nullptr, nullptr}};
    return list;
}

rvm_status create(const rvm_host*, rvm_plugin** out, rvm_error*) {
    static rvm_plugin table = {sizeof(rvm_plugin), 0, nullptr, nullptr, contributions, nullptr, nullptr, nullptr,
                               [](void*) {}};
    *out = &table;
    return RVM_OK;
}

const char* const provides[] = {"rvm.format/1:check.probe", nullptr};
const rvm_descriptor descriptor = {sizeof(rvm_descriptor),
                                   0,
                                   "org.rvm.check.probe",
                                   "1.0.0",
                                   "Probe",
                                   "rvm",
                                   "Apache-2.0",
                                   "frames for the check",
                                   nullptr,
                                   provides,
                                   nullptr};

} // namespace

extern "C" const rvm_entry probe_entry = RVM_ENTRY_INIT(&descriptor, create);

Outcome in_frame(Runtime& runtime, std::int64_t gas, const std::function<rvm_status(rvm_frame*)>& work) {
    static constexpr std::uint8_t code[] = {0};
    World world(runtime, World::ephemeral);
    world.begin({});
    rvm_account* const self = world.account(program_address);
    world.set_code(self, {code, sizeof code}, format_id);
    world.add_balance(self, {{1'000'000, 0, 0, 0}});
    world.set_slot(self, {{1, 0, 0, 0}}, {{2, 0, 0, 0}});
    rvm_message message{};
    message.struct_size = sizeof message;
    message.kind = RVM_CALL_CALL;
    message.gas = gas;
    message.sender = default_sender;
    message.recipient = program_address;
    message.code_address = program_address;
    const std::function<rvm_status(rvm_frame*)> once = [&](rvm_frame* frame) {
        program = nullptr;
        return work(frame);
    };
    program = &once;
    Outcome outcome = world.execute(message);
    program = nullptr;
    world.abort();
    return outcome;
}

} // namespace rvm::host
