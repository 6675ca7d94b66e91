#include "runtime/native_stack.hpp"

#include <cstdint>

#include <boost/context/fiber.hpp>
#include <boost/context/preallocated.hpp>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define RVM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RVM_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define RVM_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RVM_TSAN 1
#endif
#endif
#ifdef RVM_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef RVM_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace rvm::runtime {
namespace {

/// C stack of the host's own functions between a format's host call and the callee's execute(), measured by
/// tests/conformance/native_stack_test.cpp with room to spare.
#if defined(RVM_ASAN) || defined(RVM_TSAN) || !defined(__OPTIMIZE__)
constexpr std::size_t kHostStackPerFrame = 8192; // with AddressSanitizer a creation takes 0.8 KiB, a call 0.4
constexpr std::size_t kBuildFactor = 6; // formats state what optimised code uses
#else
constexpr std::size_t kHostStackPerFrame = 2048; // a creation takes 0.9 KiB, a call 0.2
constexpr std::size_t kBuildFactor = 1;
#endif
/// The largest leaf: crypto, a syscall, a tracer, the loading of a plugin in the middle of an execution.
constexpr std::size_t kLeafStack = 256 * 1024;

/// What this thread may use: its own stack, or the pooled one it runs on at the moment.
struct Bounds {
    std::uintptr_t low = 0, high = 0;
};
thread_local Bounds current_bounds;

Bounds thread_bounds() {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return {};
    void* low = nullptr;
    std::size_t size = 0;
    const int failed = pthread_attr_getstack(&attributes, &low, &size);
    pthread_attr_destroy(&attributes);
    if (failed != 0) return {};
    return {reinterpret_cast<std::uintptr_t>(low), reinterpret_cast<std::uintptr_t>(low) + size};
}

std::size_t page_size() {
    static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return size;
}

/// Tells the sanitizers about the switch: they keep their own idea of the current stack. ThreadSanitizer counts the
/// calls of each fibre, so every function must return on the fibre it was entered on: the notes around the switch are
/// inlined, and the way back is noted after it.
class SwitchNotes {
  public:
    [[gnu::always_inline]] void before_entering([[maybe_unused]] const void* bottom, [[maybe_unused]] std::size_t size) {
#ifdef RVM_ASAN
        __sanitizer_start_switch_fiber(&outer_fake_, bottom, size);
#endif
#ifdef RVM_TSAN
        outer_fiber_ = __tsan_get_current_fiber();
        inner_fiber_ = __tsan_create_fiber(0);
        __tsan_switch_to_fiber(inner_fiber_, 0);
#endif
    }
    void entered() {
#ifdef RVM_ASAN
        __sanitizer_finish_switch_fiber(nullptr, &outer_bottom_, &outer_size_);
#endif
    }
    void before_leaving() {
#ifdef RVM_ASAN
        __sanitizer_start_switch_fiber(nullptr, outer_bottom_, outer_size_);
#endif
    }
    [[gnu::always_inline]] void left() {
#ifdef RVM_ASAN
        __sanitizer_finish_switch_fiber(outer_fake_, nullptr, nullptr);
#endif
#ifdef RVM_TSAN
        __tsan_switch_to_fiber(outer_fiber_, 0);
        __tsan_destroy_fiber(inner_fiber_);
#endif
    }

  private:
#ifdef RVM_ASAN
    void* outer_fake_ = nullptr;
    const void* outer_bottom_ = nullptr;
    std::size_t outer_size_ = 0;
#endif
#ifdef RVM_TSAN
    void* outer_fiber_ = nullptr;
    void* inner_fiber_ = nullptr;
#endif
};

/// The mapping belongs to NativeStack; the fibre must not free it.
struct KeepStack {
    static boost::context::stack_context allocate() { return {}; }
    static void deallocate(boost::context::stack_context&) noexcept {}
};

} // namespace

std::size_t native_stack_need(std::size_t max_depth, std::size_t per_frame) noexcept {
    return (max_depth + 1) * (per_frame * kBuildFactor + kHostStackPerFrame) + kLeafStack;
}

std::size_t native_stack_left() noexcept {
    if (current_bounds.high == 0) current_bounds = thread_bounds();
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    if (here <= current_bounds.low || here > current_bounds.high) return 0;
    return here - current_bounds.low;
}

NativeStack::~NativeStack() {
    if (base_ != nullptr) munmap(base_, size_);
}

bool NativeStack::grow(std::size_t bytes) {
    const std::size_t page = page_size();
    const std::size_t wanted = (bytes + page - 1) / page * page + page;
    if (wanted < bytes) return false;
    if (size_ >= wanted) return true;
    void* mapping = mmap(nullptr, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED) return false;
    if (mprotect(mapping, page, PROT_NONE) != 0) {
        munmap(mapping, wanted);
        return false;
    }
    if (base_ != nullptr) munmap(base_, size_);
    base_ = mapping;
    size_ = wanted;
    return true;
}

bool NativeStack::run(std::size_t bytes, void (*function)(void*), void* argument) {
    if (native_stack_left() >= bytes) {
        function(argument);
        return true;
    }
    if (!grow(bytes)) return false;

    auto* low = static_cast<std::uint8_t*>(base_) + page_size();
    boost::context::stack_context stack;
    stack.size = size_ - page_size();
    stack.sp = low + stack.size;

    const Bounds outer = current_bounds;
    SwitchNotes notes;
    boost::context::fiber fiber{std::allocator_arg, boost::context::preallocated(stack.sp, stack.size, stack),
                                KeepStack{}, [&](boost::context::fiber&& back) {
                                    notes.entered();
                                    function(argument);
                                    notes.before_leaving();
                                    return std::move(back);
                                }};
    current_bounds = {reinterpret_cast<std::uintptr_t>(low), reinterpret_cast<std::uintptr_t>(stack.sp)};
    notes.before_entering(low, stack.size);
    fiber = std::move(fiber).resume();
    notes.left();
    current_bounds = outer;
    return true;
}

} // namespace rvm::runtime
