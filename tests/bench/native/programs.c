/* The same algorithms in C, for the compiler to show what the machine can do. Each takes n and gives the result of the
 * .rasm program of its name. */
#include "programs.h"

static uint64_t fib(uint64_t n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
uint64_t native_fib(uint64_t n) { return fib(n); }

enum { sieve_size = 1 << 20 };
static uint8_t flags[sieve_size];
uint64_t native_sieve(uint64_t n) {
    uint64_t count = 0;
    for (; n != 0; --n) {
        for (uint64_t i = 0; i < sieve_size; ++i) flags[i] = 1;
        for (uint64_t i = 2; i * i < sieve_size; ++i)
            if (flags[i] != 0)
                for (uint64_t j = i * i; j < sieve_size; j += i) flags[j] = 0;
        for (uint64_t i = 2; i < sieve_size; ++i) count += flags[i];
    }
    return count;
}

enum { matrix_words = 256 * 256 };
static uint64_t a[matrix_words], b[matrix_words], c[matrix_words];
uint64_t native_matmul(uint64_t n) {
    for (uint64_t i = 0; i < n; ++i)
        for (uint64_t j = 0; j < n; ++j) {
            a[i * n + j] = (i * 3 + j) * 1000003;
            b[i * n + j] = i - j * 2 + 7;
        }
    uint64_t hash = 0;
    for (uint64_t i = 0; i < n; ++i)
        for (uint64_t j = 0; j < n; ++j) {
            uint64_t sum = 0;
            for (uint64_t k = 0; k < n; ++k) sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = sum;
            hash = hash * 31 + sum;
        }
    return hash;
}

static uint64_t v[1 << 19];
static void sort(uint64_t* low, uint64_t* high) {
    while (low < high) {
        const uint64_t pivot = low[(high - low) / 2];
        uint64_t* i = low;
        uint64_t* j = high;
        do {
            while (*i < pivot) ++i;
            while (pivot < *j) --j;
            if (i <= j) {
                const uint64_t t = *i;
                *i = *j;
                *j = t;
                ++i;
                --j;
            }
        } while (i <= j);
        if (j - low < high - i) {
            sort(low, j);
            low = i;
        } else {
            sort(i, high);
            high = j;
        }
    }
}
uint64_t native_quicksort(uint64_t n) {
    uint64_t x = 12345;
    for (uint64_t i = 0; i < n; ++i) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        v[i] = x;
    }
    sort(v, v + n - 1);
    uint64_t hash = 0;
    for (uint64_t i = 0; i < n; i += 97) hash = hash * 31 + v[i];
    return hash;
}

static uint64_t crc_table[256];
static uint8_t text[65536];
uint64_t native_crc(uint64_t n) {
    for (uint64_t i = 0; i < 256; ++i) {
        uint64_t x = i;
        for (int bit = 0; bit < 8; ++bit) x = (x >> 1) ^ ((x & 1) * 0xedb88320U);
        crc_table[i] = x;
    }
    for (uint64_t i = 0; i < sizeof text; ++i) text[i] = (uint8_t)(i * 7 + (i >> 8));
    uint64_t crc = 0xffffffff;
    for (; n != 0; --n)
        for (uint64_t i = 0; i < sizeof text; ++i) crc = crc_table[(crc ^ text[i]) & 255] ^ (crc >> 8);
    return crc ^ 0xffffffff;
}

static const uint32_t k[64] = {RVM_SHA256_K};
static uint32_t rotr(uint32_t x, int n) { return x >> n | x << (32 - n); }
uint64_t native_sha256(uint64_t n) {
    uint32_t h[8] = {RVM_SHA256_H};
    uint32_t w[64];
    for (; n != 0; --n) {
        for (uint32_t i = 0; i < 16; ++i) w[i] = i * 8 * 0x1234567U + (uint32_t)n;
        for (int i = 16; i < 64; ++i) {
            const uint32_t s0 = rotr(w[i - 15], 7) ^ rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
            const uint32_t s1 = rotr(w[i - 2], 17) ^ rotr(w[i - 2], 19) ^ w[i - 2] >> 10;
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }
        uint32_t s[8];
        for (int i = 0; i < 8; ++i) s[i] = h[i];
        for (int i = 0; i < 64; ++i) {
            const uint32_t t1 = s[7] + (rotr(s[4], 6) ^ rotr(s[4], 11) ^ rotr(s[4], 25)) +
                                ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[i] + w[i];
            const uint32_t t2 = (rotr(s[0], 2) ^ rotr(s[0], 13) ^ rotr(s[0], 22)) +
                                ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
            for (int j = 7; j > 0; --j) s[j] = s[j - 1];
            s[4] += t1;
            s[0] = t1 + t2;
        }
        for (int i = 0; i < 8; ++i) h[i] += s[i];
    }
    return (uint64_t)h[0] << 32 | h[7];
}

static const uint64_t rc[24] = {RVM_KECCAK_RC};
static uint64_t rotl(uint64_t x, unsigned n) { return x << n | x >> ((64 - n) & 63); }
uint64_t native_keccak(uint64_t n) {
    uint64_t s[25];
    for (uint64_t i = 0; i < 25; ++i) s[i] = i * 0x9e3779b97f4a7c15ULL;
    static const unsigned offsets[25] = {0,  1,  62, 28, 27, 36, 44, 6,  55, 20, 3,  10, 43,
                                         25, 39, 41, 45, 15, 21, 8,  18, 2,  61, 56, 14};
    for (; n != 0; --n)
        for (int round = 0; round < 24; ++round) {
            uint64_t parity[5], t[25];
            for (int x = 0; x < 5; ++x) parity[x] = s[x] ^ s[x + 5] ^ s[x + 10] ^ s[x + 15] ^ s[x + 20];
            for (int x = 0; x < 5; ++x) {
                const uint64_t d = parity[(x + 4) % 5] ^ rotl(parity[(x + 1) % 5], 1);
                for (int y = 0; y < 5; ++y)
                    t[y + 5 * ((2 * x + 3 * y) % 5)] = rotl(s[x + 5 * y] ^ d, offsets[x + 5 * y]);
            }
            for (int y = 0; y < 25; y += 5)
                for (int x = 0; x < 5; ++x) s[y + x] = t[y + x] ^ (~t[y + (x + 1) % 5] & t[y + (x + 2) % 5]);
            s[0] ^= rc[round];
        }
    return s[0] ^ s[24];
}
