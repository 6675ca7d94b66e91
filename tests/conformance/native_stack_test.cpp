// How much C stack a nested frame really takes in this build, against what the runtime reckons with
// (core/runtime/native_stack.cpp). A probe format notes where its frames stand.
#include <pthread.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mini_evm/interpreter.hpp"
#include "native/assembler.hpp"
#include "runtime/native_stack.hpp"
#include "world_fixture.hpp"

namespace rvm::conformance {
namespace {

// ---- The probe format: each frame notes its place and calls on as its input says ----------------------------------

struct Place {
    std::uintptr_t entered; ///< frame address of execute(): where the host's stack ended
    std::uintptr_t left;    ///< stack pointer at the nested host call
};
/// Frames of the probe in the order they were entered; one thread at a time.
std::vector<Place> places;

const rvm_host_vm* vm = nullptr;

[[gnu::noinline]] std::uintptr_t stack_pointer() {
    return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)); // two words below the caller's
}

/// Code of a probe program: "PRB", kind of the nested message, the address it goes to.
constexpr std::array<std::uint8_t, 3> kMagic{'P', 'R', 'B'};
constexpr std::size_t kProgramSize = kMagic.size() + 1 + sizeof(rvm_address);

[[gnu::noinline]] rvm_status probe_execute(const void*, const rvm_artifact*, rvm_frame* frame, rvm_result* result) {
    places.push_back({reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)), stack_pointer()});
    rvm_message message{};
    message.struct_size = sizeof message;
    message.kind = frame->program.data[kMagic.size()];
    std::copy_n(frame->program.data + kMagic.size() + 1, sizeof(rvm_address), message.code_address.bytes);
    message.recipient = message.code_address;
    message.gas = frame->gas;
    if (message.kind == RVM_CALL_CREATE) { // the init code is this code: creations nest
        message.init_code = frame->program;
        message.recipient.bytes[0] = static_cast<std::uint8_t>(frame->depth >> 8);
        message.recipient.bytes[1] = static_cast<std::uint8_t>(frame->depth);
        message.recipient.bytes[2] = 1;
    }
    rvm_result nested{};
    nested.struct_size = sizeof nested;
    const rvm_status status = vm->call(frame, &message, &nested);
    result->output = {};
    return status < 0 ? status : RVM_OK; // a failed call (depth) is fine
}

std::uint32_t probe_probe(const void*, rvm_view code) {
    return code.size == kProgramSize && std::equal(kMagic.begin(), kMagic.end(), code.data) ? RVM_PROBE_YES
                                                                                            : RVM_PROBE_NO;
}
rvm_status probe_compile(const void*, rvm_view, std::uint32_t, std::uint32_t, rvm_artifact** out, rvm_error*) {
    static int nothing;
    *out = reinterpret_cast<rvm_artifact*>(&nothing);
    return RVM_OK;
}
void probe_release(const void*, rvm_artifact*) {}
rvm_status probe_deployed(const void*, rvm_frame*, rvm_view*, const char**) { return RVM_OK; }

const char* const kRules[] = {"probe/1", nullptr};
constexpr std::uint64_t kProbeStack = 1024; ///< probe_execute() is tiny

rvm_format format{};
const rvm_contribution kContributions[] = {{RVM_KIND_FORMAT, &format}, {nullptr, nullptr}};
rvm_plugin plugin{};

rvm_status probe_create(const rvm_host* host, rvm_plugin** out, rvm_error*) {
    vm = static_cast<const rvm_host_vm*>(host->get_interface(host->ctx, RVM_HOST_VM));
    format.struct_size = sizeof format;
    format.id = "probe";
    format.summary = "notes where its frames stand";
    format.rules = kRules;
    format.units_per_gas = 1;
    format.scratch_bytes = 64;
    format.native_stack_per_frame = kProbeStack;
    format.probe = probe_probe;
    format.compile = probe_compile;
    format.release = probe_release;
    format.execute = probe_execute;
    format.deployed = probe_deployed;
    plugin.struct_size = sizeof plugin;
    plugin.contributions = [](void*) { return kContributions; };
    plugin.destroy = [](void*) {};
    *out = &plugin;
    return RVM_OK;
}

const char* const kProvides[] = {"rvm.format/1:probe", nullptr};
const char* const kRequires[] = {RVM_HOST_VM, nullptr};
const rvm_descriptor kDescriptor = {
    .struct_size = sizeof(rvm_descriptor),
    .flags = 0,
    .id = "org.rvm.test.probe",
    .version = "0.1.0",
    .name = "Probe",
    .vendor = "rvm",
    .license = "MIT",
    .description = "Measures the C stack of nested frames",
    .config_schema = nullptr,
    .provides = kProvides,
    .requires_ = kRequires,
};
const rvm_entry probe_entry = RVM_ENTRY_INIT(&kDescriptor, probe_create);

// ---- The measurement ----------------------------------------------------------------------------------------------

constexpr char kManifest[] = R"({
    "format_version": 1, "name": "native-stack", "profile": "development",
    "chain": {"id": 1, "rules": {"mini-evm": "evm/cancun", "toy": "toy/1"}}
})";
constexpr std::size_t kDeepest = 1024; // the default call depth: frames 0 to 1024

const rvm_address P = address(0x1), X = address(0x2);

/// Stack the runtime reckons with for one frame of a format that declares `per_frame`.
std::size_t assumed(std::size_t per_frame) {
    return runtime::native_stack_need(1, per_frame) - runtime::native_stack_need(0, per_frame);
}

/// Runs `function` on a thread with a stack of `bytes`; gives the stack's bounds.
std::pair<std::uintptr_t, std::uintptr_t> on_thread(std::size_t bytes, const std::function<void()>& function) {
    struct Job {
        const std::function<void()>* function;
        std::uintptr_t low = 0, high = 0;
    } job{&function};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    EXPECT_EQ(pthread_attr_setstacksize(&attributes, bytes), 0);
    pthread_t thread;
    const int failed = pthread_create(
        &thread, &attributes,
        [](void* argument) -> void* {
            auto& mine = *static_cast<Job*>(argument);
            pthread_attr_t own;
            void* low = nullptr;
            std::size_t size = 0;
            pthread_getattr_np(pthread_self(), &own);
            pthread_attr_getstack(&own, &low, &size);
            pthread_attr_destroy(&own);
            mine.low = reinterpret_cast<std::uintptr_t>(low);
            mine.high = mine.low + size;
            (*mine.function)();
            return nullptr;
        },
        &job);
    EXPECT_EQ(failed, 0);
    if (failed == 0) pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
    return {job.low, job.high};
}

class native_stack : public testing::Test {
  protected:
    static Runtime& runtime() {
        static const std::unique_ptr<Runtime> opened = [] {
            Report report;
            RuntimeOptions options;
            options.builtins = {&mini_evm_entry, &toy_format_entry, &probe_entry};
            auto out = Runtime::open_text(kManifest, "native-stack.json", options, report);
            if (out == nullptr) throw Failure(std::move(report));
            return out;
        }();
        return *opened;
    }
    static Code probe_code(std::uint32_t kind, const rvm_address& target) {
        Code code(kMagic.begin(), kMagic.end());
        code.push_back(static_cast<std::uint8_t>(kind));
        code.insert(code.end(), std::begin(target.bytes), std::end(target.bytes));
        return code;
    }
    static std::uint64_t declared(const char* id) {
        Report report;
        const rvm_format* found = runtime().format(id, report);
        if (found == nullptr) throw Failure(std::move(report));
        return found->native_stack_per_frame;
    }
    /// The probe at P sends `kind` to `target`; X has `code` of `x_format`. Fills `places`.
    static void measure(std::uint32_t kind, const rvm_address& target, const Code& code = {},
                        const char* x_format = nullptr) {
        static_cast<void>(declared("probe")); // says why when it is not there
        places.clear();
        places.reserve(kDeepest + 1); // nothing of the test's own below the frames
        World world(runtime(), World::ephemeral);
        world.begin({});
        world.set_code(world.account(P), view(probe_code(kind, target)), "probe");
        if (x_format != nullptr) world.set_code(world.account(X), view(code), x_format);
        rvm_message message{};
        message.struct_size = sizeof message;
        message.recipient = message.code_address = P;
        message.gas = std::int64_t{1} << 60;
        message.sender = address(0xfff0);
        const Outcome outcome = world.execute(message);
        EXPECT_EQ(outcome.status, RVM_OK) << outcome.error;
        world.abort();
    }
    /// The most stack between leaving a probe frame and entering the next one.
    static std::size_t most_between() {
        std::size_t most = 0;
        for (std::size_t i = 1; i < places.size(); ++i)
            most = std::max(most, static_cast<std::size_t>(places[i - 1].left - places[i].entered));
        return most;
    }
    void host_fits(const char* what, std::uint32_t kind) {
        measure(kind, P);
        ASSERT_EQ(places.size(), kDeepest + 1) << what;
        RecordProperty(std::string("host_bytes_") + what, static_cast<int>(most_between()));
        EXPECT_LE(most_between(), assumed(0)) << what << ": raise kHostStackPerFrame in core/runtime/native_stack.cpp";
        EXPECT_GT(most_between(), 0u);
    }
    /// A frame of X between two probes: the host twice, X once.
    void format_fits(const char* id, const Code& code) {
        measure(RVM_CALL_CALL, X, code, id);
        ASSERT_EQ(places.size(), kDeepest / 2 + 1) << id;
        RecordProperty(std::string("with_") + id, static_cast<int>(most_between()));
        EXPECT_LE(most_between(), assumed(declared(id)) + assumed(0)) << id << " uses more than it declares";
    }
};

TEST_F(native_stack, host_part_of_a_call_is_within_the_assumption) { host_fits("call", RVM_CALL_CALL); }
TEST_F(native_stack, host_part_of_a_static_call_is_within_the_assumption) { host_fits("static", RVM_CALL_STATIC); }
TEST_F(native_stack, host_part_of_a_delegate_call_is_within_the_assumption) {
    host_fits("delegate", RVM_CALL_DELEGATE);
}
TEST_F(native_stack, host_part_of_a_creation_is_within_the_assumption) { host_fits("create", RVM_CALL_CREATE); }

TEST_F(native_stack, mini_evm_frame_is_within_its_declaration) {
    format_fits(kMiniEvm, evm::call(evm::CALL, P) + evm::op({evm::STOP}));
}
TEST_F(native_stack, toy_frame_is_within_its_declaration) {
    format_fits(toy::kFormat, toy::program(toy::invoke(RVM_CALL_CALL, P, toy::number(0))));
}
TEST_F(native_stack, native_frame_is_within_its_declaration) {
    Report report;
    const auto code = native::assemble(R"(
        data target = hex "0000000000000000000000000000000000010001"
        space zero 32
        push -1 push target push zero push 0 push 0 push 0 push 0 invoke drop
    )",
                                       "native_stack.rasm", {}, report);
    ASSERT_TRUE(code.has_value()) << report.text();
    format_fits("native", *code);
}

TEST_F(native_stack, thread_with_a_small_stack_runs_the_deepest_chain_on_a_pooled_one) {
    constexpr std::size_t kSmallStack = 256 * 1024;
    const auto [low, high] = on_thread(kSmallStack, [] { measure(RVM_CALL_CALL, P); });
    ASSERT_EQ(places.size(), kDeepest + 1);
    for (const Place& place : {places.front(), places.back()})
        EXPECT_FALSE(place.entered >= low && place.entered < high) << "ran on the thread's own stack";
}

TEST_F(native_stack, thread_with_a_large_stack_uses_it) {
    constexpr std::size_t kRoom = 1024 * 1024;
    const std::size_t need = runtime::native_stack_need(kDeepest, 64 * 1024); // no format here declares more
    const auto [low, high] = on_thread(need + kRoom, [] { measure(RVM_CALL_CALL, P); });
    ASSERT_EQ(places.size(), kDeepest + 1);
    for (const Place& place : {places.front(), places.back()})
        EXPECT_TRUE(place.entered >= low && place.entered < high) << "left the thread's own stack";
}

} // namespace
} // namespace rvm::conformance
