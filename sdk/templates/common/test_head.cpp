#include <cstdio>

#include <rvm/test_host.hpp>

namespace {

using namespace rvm::sdk::test;

int failures = 0;
void check(bool holds, const char* what) {
    if (holds) return;
    ++failures;
    std::fprintf(stderr, "FAILED: %s\n", what);
}
