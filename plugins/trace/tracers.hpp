// The tracers. Each keeps one object an execution (the cookie), so executions on several threads never mix.
#pragma once

#include <rvm/plugin.hpp>

namespace rvm::trace {

[[nodiscard]] rvm_tracer calltree_tracer() noexcept;
[[nodiscard]] rvm_tracer eip3155_tracer() noexcept;
[[nodiscard]] rvm_tracer jsonl_tracer() noexcept;

/// C functions of a tracer table around a class with members of the same names. Whatever the class throws (memory, at
/// most) ends here: an observer cannot fail an execution.
template <class Trace>
struct Thunks {
    static rvm_status begin(void*, const char*, std::uint64_t execution_id, void** cookie) noexcept {
        return sdk::guard(nullptr, [&] { *cookie = new Trace(execution_id); });
    }
    static void end(void*, void* cookie, const rvm_result*) noexcept { delete static_cast<Trace*>(cookie); }
    template <auto Fn, class... Args>
    static void call(void*, void* cookie, std::uint64_t frame_id, Args... args) noexcept {
        static_cast<void>(sdk::guard(nullptr, [&] { (static_cast<Trace*>(cookie)->*Fn)(frame_id, args...); }));
    }
    static rvm_status text(void*, void* cookie, rvm_view* out) noexcept {
        return sdk::guard(nullptr, [&] { *out = sdk::view(static_cast<Trace*>(cookie)->text()); });
    }
};

} // namespace rvm::trace
