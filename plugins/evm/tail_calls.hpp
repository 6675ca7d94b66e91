// Handlers that end in a call of the next handler. g++ 12 has no way to demand a tail call, but makes one of every call
// in that place in optimised code, as clang does, while no local variable's address has left the function;
// tests/unit/evm_hot_test.cpp runs loops that would overflow the stack without. Other builds (RVM_EVM_LOOP) return to a
// loop that calls the next one.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define RVM_EVM_LOOP 1
#endif
#endif
#if !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RVM_EVM_LOOP 1
#endif
