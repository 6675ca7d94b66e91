// A program of the import module rvm; the first byte of its input says what it does with the rest.
//   0 creates from init code, 1 creates from EVM init code: gives the answer and the address
//   2 calls the address statically, 3 delegates to it: gives the answer and what was returned
//   4 describes the address: balance, code size, code hash, first 4 bytes of code
//   5 describes the frame, the block and the transaction
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
#define IMPORT(id) __attribute__((import_module("rvm"), import_name(id)))
IMPORT("input_size") u32 input_size(void);
IMPORT("input_read") void input_read(void*, u32, u32);
IMPORT("output") void output(const void*, u32);
IMPORT("create") int create(const void*, const void*, u32, const void*, void*);
IMPORT("create.evm") int create_evm(const void*, const void*, u32, const void*, void*);
IMPORT("static_call") int static_call(const void*, const void*, u32, u64);
IMPORT("delegate_call") int delegate_call(const void*, const void*, u32, u64);
IMPORT("returned_size") u32 returned_size(void);
IMPORT("returned_read") void returned_read(void*, u32, u32);
IMPORT("balance") void balance(const void*, void*);
IMPORT("code_size") u32 code_size(const void*);
IMPORT("code_hash") void code_hash(const void*, void*);
IMPORT("code_read") u32 code_read(const void*, void*, u32, u32);
IMPORT("caller") void caller(void*);
IMPORT("self") void self(void*);
IMPORT("value") void value(void*);
IMPORT("gas_left") u64 gas_left(void);
IMPORT("is_static") u32 is_static(void);
IMPORT("is_reentrant") u32 is_reentrant(void);
IMPORT("block_number") u64 block_number(void);
IMPORT("block_timestamp") u64 block_timestamp(void);
IMPORT("block_gas_limit") u64 block_gas_limit(void);
IMPORT("chain_id") u64 chain_id(void);
IMPORT("block_coinbase") void block_coinbase(void*);
IMPORT("origin") void origin(void*);
IMPORT("base_fee") void base_fee(void*);
IMPORT("prevrandao") void prevrandao(void*);
IMPORT("gas_price") void gas_price(void*);
IMPORT("block_hash") void block_hash(u64, void*);

static u8 in[16384], out[16384], zero[32];
static u32 used;
static u8* room(u32 size) {
    used += size;
    return out + used - size;
}
static void put(u64 number, u32 size) { // big-endian
    u8* to = room(size);
    for (; size != 0; --size, number >>= 8)
        to[size - 1] = (u8)number;
}
static void answer(int status) {
    put((u32)status, 1);
    const u32 size = returned_size();
    returned_read(room(size), 0, size);
}

__attribute__((export_name("execute"))) void execute(void) {
    const u32 size = input_size() - 1;
    input_read(in, 0, size + 1);
    const u8* rest = in + 1;
    switch (in[0]) {
    case 0:
        put((u32)create(zero, rest, size, zero, out + 1), 1);
        room(20);
        break;
    case 1:
        put((u32)create_evm(zero, rest, size, zero, out + 1), 1);
        room(20);
        break;
    case 2:
        answer(static_call(rest, rest, size, ~0ull));
        break;
    case 3:
        answer(delegate_call(rest, rest, size, ~0ull));
        break;
    case 4:
        balance(rest, room(32));
        put(code_size(rest), 4);
        code_hash(rest, room(32));
        room(code_read(rest, out + used, 0, 4));
        break;
    default:
        put(block_number(), 8);
        put(block_timestamp(), 8);
        put(block_gas_limit(), 8);
        put(chain_id(), 8);
        block_coinbase(room(20));
        origin(room(20));
        base_fee(room(32));
        prevrandao(room(32));
        gas_price(room(32));
        block_hash(5, room(32));
        caller(room(20));
        self(room(20));
        value(room(32));
        put(is_static(), 1);
        put(is_reentrant(), 1);
        put(gas_left(), 8);
    }
    output(out, used);
}
