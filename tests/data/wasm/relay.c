// A program of the import module rvm that calls another one, for chains across formats.
//
// Input: a word, the level that reverts. Slot 1 holds the address to call, slot 2 this program's level, slot 3 the value
// to send along. Writes 7 to slot 0 and transient slot 0 and logs before the call; gives 1 + what the callee gave, or
// 100 + the answer of a call that failed.
#define IMPORT(n) __attribute__((import_module("rvm"), import_name(#n)))
#define EXPORT(n) __attribute__((export_name(#n)))
typedef unsigned char byte;
IMPORT(input_size) unsigned input_size(void);
IMPORT(input_read) void input_read(void*, unsigned, unsigned);
IMPORT(output) void output(const void*, unsigned);
IMPORT(revert) void revert(const void*, unsigned);
IMPORT(storage_load) void storage_load(const void*, void*);
IMPORT(storage_store) void storage_store(const void*, const void*);
IMPORT(transient_load) void transient_load(const void*, void*);
IMPORT(transient_store) void transient_store(const void*, const void*);
IMPORT(log) void log_(const void*, unsigned, const void*, unsigned);
IMPORT(call) int call(const void*, const void*, const void*, unsigned, unsigned long long);
IMPORT(returned_size) unsigned returned_size(void);
IMPORT(returned_read) void returned_read(void*, unsigned, unsigned);

static byte zero[32], seven[32] = {[31] = 7};
static byte word[32], target[32], level[32], value[32], given[32];

static void load(byte slot, byte* to) {
    byte key[32] = {0};
    key[31] = slot;
    storage_load(key, to);
}

EXPORT(execute) void execute(void) {
    if (input_size() != 0) input_read(word, 0, 32);
    load(1, target);
    load(2, level);
    load(3, value);
    storage_store(zero, seven);
    transient_store(zero, seven);
    log_(seven, 32, level, 1);
    int answer = call(target + 12, value, word, 32, ~0ull);
    if (answer == 0 && returned_size() >= 32) returned_read(given, 0, 32);
    given[31] += answer == 0 ? 1 : 100 + answer;
    if (word[31] == level[31]) revert(given, 32);
    output(given, 32);
}
