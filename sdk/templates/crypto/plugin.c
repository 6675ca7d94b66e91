/* <<name>>: the hash <<name>>.fnv1a, FNV-1a with 64 bits (Fowler, Noll, Vo). Quick, and no protection against anybody. */
#include <rvm/plugin.h>

#define DIGEST 8 /* bytes, most significant first */

/* [any] */
static void fnv1a(const void* self, rvm_view input, uint8_t* digest) {
    (void)self;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (uint64_t i = 0; i < input.size; ++i)
        hash = (hash ^ input.data[i]) * UINT64_C(0x100000001b3);
    for (int i = 0; i < DIGEST; ++i)
        digest[i] = (uint8_t)(hash >> (56 - 8 * i));
}

/* Known answers, which the host tries when the primitive is first resolved; a wrong one refuses the plugin. */
static const uint8_t of_nothing[DIGEST] = {0xcb, 0xf2, 0x9c, 0xe4, 0x84, 0x22, 0x23, 0x25};
static const uint8_t of_a[DIGEST] = {0xaf, 0x63, 0xdc, 0x4c, 0x86, 0x01, 0xec, 0x8c};
static const rvm_kat answers[] = {
    {.input = {NULL, 0}, .expected = {of_nothing, DIGEST}, .status = RVM_OK},
    {.input = {(const uint8_t*)"a", 1}, .expected = {of_a, DIGEST}, .status = RVM_OK},
};

static const rvm_crypto item = {
    .struct_size = sizeof(rvm_crypto),
    .flags = RVM_F_PURE,
    .id = "<<name>>.fnv1a",
    .summary = "64-bit FNV-1a",
    .shape = RVM_CRYPTO_HASH,
    .digest_size = DIGEST,
    .hash = fnv1a,
    .kats = answers,
    .kat_count = sizeof answers / sizeof answers[0],
};

<<tail>>
