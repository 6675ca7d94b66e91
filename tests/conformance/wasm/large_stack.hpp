// A stack for the reference interpreter, which calls itself for every call of a program: where functions are instrumented, the
// 1,500 of them that it allows need more than a thread usually has.
#pragma once

#include <cstddef>
#include <functional>

#include <pthread.h>

#include <gtest/gtest.h>

namespace rvm::wasm::reference {

/// Runs `work` on a thread of its own with 512 MiB of stack, touched only as far as it is used, and waits for it.
inline void on_a_large_stack(std::function<void()> work) {
    constexpr std::size_t bytes = std::size_t{512} << 20;
    pthread_attr_t attributes;
    ASSERT_EQ(pthread_attr_init(&attributes), 0);
    ASSERT_EQ(pthread_attr_setstacksize(&attributes, bytes), 0);
    pthread_t thread{};
    const auto run = [](void* argument) -> void* {
        (*static_cast<std::function<void()>*>(argument))();
        return nullptr;
    };
    ASSERT_EQ(pthread_create(&thread, &attributes, run, &work), 0);
    ASSERT_EQ(pthread_join(thread, nullptr), 0);
    pthread_attr_destroy(&attributes);
}

} // namespace rvm::wasm::reference
