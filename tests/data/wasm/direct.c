// A contract of vm_hooks without a cache of slots, as the SDK for C makes them.
//
// Input: an address, and the input of a delegated call of it. Gives what slot 1 holds before the call and after it, and
// what slot 2 holds once the second was written there.
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
#define HOOK(name) extern __attribute__((import_module("vm_hooks"), import_name(#name)))
HOOK(read_args) void read_args(u8*);
HOOK(write_result) void write_result(const u8*, u32);
HOOK(storage_load_bytes32) void storage_load_bytes32(const u8*, u8*);
HOOK(storage_store_bytes32) void storage_store_bytes32(const u8*, const u8*);
HOOK(delegate_call_contract) u32 delegate_call_contract(const u8*, const u8*, u32, u64, u32*);

static u8 in[4096], out[96], one[32] = {[31] = 1}, two[32] = {[31] = 2};

__attribute__((export_name("user_entrypoint"))) u32 user_entrypoint(u32 size) {
    read_args(in);
    u32 length;
    storage_load_bytes32(one, out);
    u32 status = delegate_call_contract(in, in + 20, size - 20, ~0ull, &length);
    storage_load_bytes32(one, out + 32);
    storage_store_bytes32(two, out + 32);
    storage_load_bytes32(two, out + 64);
    write_result(out, sizeof out);
    return status;
}
