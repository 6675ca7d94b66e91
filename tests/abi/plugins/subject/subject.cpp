// Entry and life of the subject: what goes wrong between loading and destroy.
#include "subject.hpp"

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <pthread.h>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace subject {

#define SUBJECT_TEXT __attribute__((visibility("hidden"), used))
SUBJECT_TEXT Form form = {"rvm-test-form 1", "test.subject", "", {"rvm.opcode/1:test.subject.add"}, {}, "", ""};
const rvm_host_state* host_state = nullptr;
const rvm_host_vm* host_vm = nullptr;

bool behaves(const char* what) noexcept { return std::strcmp(form.behaviour, what) == 0; }

void note_step(const char* step) noexcept {
    if (form.journal[0] == '\0') return;
    const int file = ::open(form.journal, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return;
    const std::string line = std::to_string(::getpid()) + " " + form.id + " " + step + "\n";
    static_cast<void>(!::write(file, line.data(), line.size()));
    ::close(file);
}

namespace {

constexpr std::size_t huge_text = std::size_t{10} << 20;
std::string long_text;
pthread_key_t key;

/// Leaves a trace at the end of its thread and of the process.
struct Departing {
    const char* what;
    ~Departing() { note_step(what); }
};
thread_local Departing departing_thread{"thread local"};
Departing departing_process{"static"};

const char* provides[most_items + 1];
const char* requires_[most_items + 1];

[[maybe_unused]] rvm_descriptor descriptor = {
    sizeof(rvm_descriptor), 0,        form.id,  "1.0.0", "Subject", "rvm", "MIT", "the plugin on trial",
    form.config_schema,     provides, requires_};

/// Descriptors with texts as they must not be: nothing of a plugin may be believed, so they are made before it is read.
__attribute__((constructor)) void prepare() {
    std::size_t count = 0;
    for (const auto& text : form.provides)
        if (text[0] != '\0') provides[count++] = text;
    count = 0;
    for (const auto& text : form.requires_)
        if (text[0] != '\0') requires_[count++] = text;
    if (behaves("descriptor: null id")) descriptor.id = nullptr;
    if (behaves("descriptor: malformed id")) descriptor.id = "Not An Id";
    if (behaves("descriptor: not utf-8")) descriptor.name = "\xc3\x28";
    if (behaves("descriptor: huge text")) {
        long_text.assign(huge_text, 'x');
        descriptor.description = long_text.c_str();
    }
    if (behaves("constructor: exits")) std::_Exit(0);
    if (behaves("constructor: aborts")) std::abort();
    if (behaves("constructor: sleeps")) ::sleep(600);
}

rvm_status fail(rvm_error* error, const char* text) {
    error->code = RVM_E_INTERNAL;
    std::strncpy(error->message, text, sizeof error->message - 1);
    return RVM_E_INTERNAL;
}

/// What a step with a status does: notes itself, throws or fails when told so.
rvm_status step(const char* name, rvm_error* error) {
    note_step(name);
    if (behaves((std::string(name) + ": throws").c_str())) throw std::runtime_error("thrown by " + std::string(name));
    if (behaves((std::string(name) + ": fails").c_str())) return fail(error, "failed as told");
    return RVM_OK;
}

const rvm_host* host_table = nullptr;

rvm_status configure(void*, const char*, rvm_error* error) { return step("configure", error); }

const rvm_contribution* contributions(void*) {
    note_step("contributions");
    if (behaves("contributions: throws")) throw std::runtime_error("thrown by contributions");
    if (behaves("contributions: null")) return nullptr;
    static int asked = 0;
    static const rvm_contribution nothing[] = {{nullptr, nullptr}};
    if (behaves("contributions: empty")) return nothing;
    if (behaves("contributions: differ") && ++asked % 2 == 0) return nothing;
    if (behaves("contributions: endless")) {
        static rvm_contribution million[1'000'000];
        for (auto& item : million)
            item = build_items()[0];
        return million;
    }
    return build_items();
}

rvm_status link(void*, rvm_error* error) {
    if (behaves("link: resolves undeclared")) {
        rvm_hash_ref hash{};
        host_table->resolve_hash(host_table->ctx, "test.undeclared", &hash);
    }
    if (behaves("link: resolves sum")) {
        rvm_hash_ref hash{};
        if (host_table->resolve_hash(host_table->ctx, "test.sum", &hash) != RVM_OK) return fail(error, "no test.sum");
    }
    return step("link", error);
}

rvm_status start(void*, rvm_error* error) {
    static_cast<void>(departing_thread.what); // makes the thread's object
    static_cast<void>(departing_process.what);
    ::pthread_key_create(&key, [](void*) { note_step("pthread key"); });
    ::pthread_setspecific(key, &key);
    return step("start", error);
}

rvm_status stop(void*, std::uint64_t, rvm_error* error) {
    if (behaves("stop: leaves a thread")) {
        pthread_t thread{};
        ::pthread_create(
            &thread, nullptr, [](void*) -> void* { return ::sleep(600), nullptr; }, nullptr);
    }
    if (behaves("stop: late")) ::usleep(2'300'000); // the program gives a plugin two seconds
    return step("stop", error);
}

void destroy(void*) {
    note_step("destroy");
    if (behaves("destroy: throws")) throw std::runtime_error("thrown by destroy");
}

[[maybe_unused]] rvm_status create(const rvm_host* host, rvm_plugin** out, rvm_error* error) {
    static rvm_plugin table;
    table = {sizeof(rvm_plugin), 0, nullptr, configure, contributions, link, start, stop, destroy};
    host_table = host;
    host_state = static_cast<const rvm_host_state*>(host->get_interface(host->ctx, RVM_HOST_STATE));
    host_vm = static_cast<const rvm_host_vm*>(host->get_interface(host->ctx, RVM_HOST_VM));
    if (const rvm_status status = step("create", error); status != RVM_OK) return status;
    if (behaves("create: small table")) table.struct_size = 0;
    if (behaves("create: no destroy")) table.destroy = nullptr;
    if (behaves("create: no contributions")) table.contributions = nullptr;
    *out = behaves("create: null") ? nullptr : &table;
    return RVM_OK;
}

} // namespace
} // namespace subject

#ifdef SUBJECT_WITHOUT_DESCRIPTOR
#define SUBJECT_DESCRIPTOR nullptr
#else
#define SUBJECT_DESCRIPTOR &subject::descriptor
#endif
#ifdef SUBJECT_WITHOUT_CREATE
#define SUBJECT_CREATE nullptr
#else
#define SUBJECT_CREATE subject::create
#endif

extern "C" RVM_EXPORT const rvm_entry rvm_plugin_entry_v0 = RVM_ENTRY_INIT(SUBJECT_DESCRIPTOR, SUBJECT_CREATE);
