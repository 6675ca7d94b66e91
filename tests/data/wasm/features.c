// Seeds for the fuzz targets and small programs for the tests; built by build.sh.
typedef unsigned u32;
typedef unsigned long long u64;
#define EXPORT(name) __attribute__((export_name(#name)))

static u32 table_a(u32 x) { return x + 1; }
static u32 table_b(u32 x) { return x * 3; }
static u32 (*volatile functions[2])(u32) = {table_a, table_b};

EXPORT(indirect) u32 indirect(u32 which, u32 x) { return functions[which & 1](x); }

EXPORT(fib) u32 fib(u32 n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

EXPORT(choose) u32 choose(u32 n) {
    switch (n) {
    case 0: return 11;
    case 1: return 7;
    case 2: return 23;
    case 3: return 5;
    case 4: return 42;
    default: return n ^ 1;
    }
}

EXPORT(sum) u64 sum(u32 n) {
    static unsigned char bytes[1000];
    u64 total = 0;
    for (u32 i = 0; i < n; ++i) bytes[i % 1000] = (unsigned char)(i * 7);
    for (u32 i = 0; i < 1000; ++i) total += bytes[i];
    return total;
}

EXPORT(mean) double mean(double a, double b) { return (a + b) / 2; }
