/* A primitive whose known answer does not hold. */
#include <rvm/plugin.h>
static void sum(const void* self, rvm_view input, uint8_t* digest) {
    (void)self;
    digest[0] = 0;
    for (uint64_t i = 0; i < input.size; ++i)
        digest[0] = (uint8_t)(digest[0] + input.data[i]);
}
#ifndef ANSWERS
#define ANSWERS 1
#endif
static const uint8_t input[] = {1, 2, 3};
static const uint8_t wrong[] = {7};
static const rvm_kat answers[] = {{{input, 3}, {wrong, 1}, RVM_OK, 0}};
static const rvm_crypto primitive = {
    sizeof(rvm_crypto), RVM_F_PURE, "test.bad", "sum", RVM_CRYPTO_HASH, 1, sum, NULL, NULL, answers, ANSWERS,
};
#define ITEM {RVM_KIND_CRYPTO, &primitive}
#define PROVIDES "rvm.crypto/1:test.bad"
#include "bad.h"
