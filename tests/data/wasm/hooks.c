// A contract of vm_hooks that does what its input says: commands of one byte and their operands. What they answer is
// appended to the result.
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
#define HOOK(name) extern __attribute__((import_module("vm_hooks"), import_name(#name)))
HOOK(read_args) void read_args(u8*);
HOOK(write_result) void write_result(const u8*, u32);
HOOK(exit_early) void exit_early(u32);
HOOK(storage_load_bytes32) void storage_load_bytes32(const u8*, u8*);
HOOK(storage_cache_bytes32) void storage_cache_bytes32(const u8*, const u8*);
HOOK(storage_flush_cache) void storage_flush_cache(u32);
HOOK(transient_load_bytes32) void transient_load_bytes32(const u8*, u8*);
HOOK(transient_store_bytes32) void transient_store_bytes32(const u8*, const u8*);
HOOK(call_contract) u32 call_contract(const u8*, const u8*, u32, const u8*, u64, u32*);
HOOK(delegate_call_contract) u32 delegate_call_contract(const u8*, const u8*, u32, u64, u32*);
HOOK(static_call_contract) u32 static_call_contract(const u8*, const u8*, u32, u64, u32*);
HOOK(create1) void create1(const u8*, u32, const u8*, u8*, u32*);
HOOK(create2) void create2(const u8*, u32, const u8*, const u8*, u8*, u32*);
HOOK(read_return_data) u32 read_return_data(u8*, u32, u32);
HOOK(return_data_size) u32 return_data_size(void);
HOOK(emit_log) void emit_log(const u8*, u32, u32);
HOOK(account_balance) void account_balance(const u8*, u8*);
HOOK(account_code) u32 account_code(const u8*, u32, u32, u8*);
HOOK(account_code_size) u32 account_code_size(const u8*);
HOOK(account_codehash) void account_codehash(const u8*, u8*);
HOOK(evm_gas_left) u64 evm_gas_left(void);
HOOK(evm_ink_left) u64 evm_ink_left(void);
HOOK(block_basefee) void block_basefee(u8*);
HOOK(block_coinbase) void block_coinbase(u8*);
HOOK(block_gas_limit) u64 block_gas_limit(void);
HOOK(block_number) u64 block_number(void);
HOOK(block_timestamp) u64 block_timestamp(void);
HOOK(chainid) u64 chainid(void);
HOOK(contract_address) void contract_address(u8*);
HOOK(math_div) void math_div(u8*, const u8*);
HOOK(math_mod) void math_mod(u8*, const u8*);
HOOK(math_pow) void math_pow(u8*, const u8*);
HOOK(math_add_mod) void math_add_mod(u8*, const u8*, const u8*);
HOOK(math_mul_mod) void math_mul_mod(u8*, const u8*, const u8*);
HOOK(msg_reentrant) u32 msg_reentrant(void);
HOOK(msg_sender) void msg_sender(u8*);
HOOK(msg_value) void msg_value(u8*);
HOOK(tx_gas_price) void tx_gas_price(u8*);
HOOK(tx_ink_price) u32 tx_ink_price(void);
HOOK(tx_origin) void tx_origin(u8*);
HOOK(pay_for_memory_grow) void pay_for_memory_grow(u32);
HOOK(native_keccak256) void native_keccak256(const u8*, u32, u8*);

static u8 in[16384], out[16384];
static u32 at, used, visits;

static u8* take(u32 size) {
    u8* bytes = in + at;
    at += size;
    return bytes;
}
static u32 number(u32 size) { // big-endian
    u32 value = 0;
    for (; size != 0; --size)
        value = value << 8 | *take(1);
    return value;
}
static u8* room(u32 size) {
    u8* bytes = out + used;
    used += size;
    return bytes;
}
static void put(u64 value, u32 size) { // big-endian
    u8* to = room(size);
    for (; size != 0; --size, value >>= 8)
        to[size - 1] = (u8)value;
}

static void call(void) {
    u32 kind = number(1);
    u8* address = take(20);
    u8* value = take(32);
    u64 gas = number(4);
    if (gas == 0) gas = ~0ull;
    u32 size = number(2);
    u8* data = take(size);
    u32 length = 0xffffffff;
    u32 status = kind == 0   ? call_contract(address, data, size, value, gas, &length)
                 : kind == 1 ? delegate_call_contract(address, data, size, gas, &length)
                             : static_call_contract(address, data, size, gas, &length);
    put(status, 1);
    put(length, 2);
    put(return_data_size() == length && read_return_data(out + used + 1, 0, 4096) == length, 1);
    room(length);
}

static void environment(void) {
    block_basefee(room(32));
    block_coinbase(room(20));
    put(block_gas_limit(), 8);
    put(block_number(), 8);
    put(block_timestamp(), 8);
    put(chainid(), 8);
    contract_address(room(20));
    msg_sender(room(20));
    msg_value(room(32));
    tx_gas_price(room(32));
    put(tx_ink_price(), 4);
    tx_origin(room(20));
}

static void account(void) {
    u8* address = take(20);
    account_balance(address, room(32));
    put(account_code_size(address), 4);
    account_codehash(address, room(32));
    u32 offset = number(2), size = number(2);
    u32 copied = account_code(address, offset, size, out + used + 4);
    put(copied, 4);
    room(copied);
}

static void create(void) {
    u32 salted = number(1);
    u8* endowment = take(32);
    u8* salt = take(32);
    u32 size = number(2);
    u8* code = take(size);
    u32 length = 0xffffffff;
    if (salted) {
        create2(code, size, endowment, salt, room(20), &length);
    } else {
        create1(code, size, endowment, room(20), &length);
    }
    put(length, 2);
}

static void math(void) {
    u32 kind = number(1);
    u8 *a = take(32), *b = take(32), *c = take(32);
    if (kind == 0) math_div(a, b);
    if (kind == 1) math_mod(a, b);
    if (kind == 2) math_pow(a, b);
    if (kind == 3) math_add_mod(a, b, c);
    if (kind == 4) math_mul_mod(a, b, c);
    u8* to = room(32);
    for (u32 i = 0; i < 32; ++i)
        to[i] = a[i];
}

__attribute__((export_name("user_entrypoint"))) u32 user_entrypoint(u32 size) {
    read_args(in);
    ++visits;
    u32 status = 0;
    while (at < size) {
        u8 *first, *second;
        u32 bytes;
        switch (number(1)) {
        case 1: // cache key value
            first = take(32);
            second = take(32);
            storage_cache_bytes32(first, second);
            break;
        case 2: // flush clear
            storage_flush_cache(number(1));
            break;
        case 3: // load key
            first = take(32);
            storage_load_bytes32(first, room(32));
            break;
        case 4:
            call();
            break;
        case 5:
            create();
            break;
        case 6: // log topics size bytes
            status = number(1);
            bytes = number(2);
            emit_log(take(bytes), bytes, status);
            status = 0;
            break;
        case 7:
            environment();
            break;
        case 8:
            account();
            break;
        case 9:
            math();
            break;
        case 10: // keccak size bytes
            bytes = number(2);
            native_keccak256(take(bytes), bytes, room(32));
            break;
        case 11: // exit early, with status
            write_result(out, used);
            exit_early(number(1));
            break;
        case 12:
            __builtin_trap();
        case 13: // transient store key value
            first = take(32);
            second = take(32);
            transient_store_bytes32(first, second);
            break;
        case 14: // transient load key
            first = take(32);
            transient_load_bytes32(first, room(32));
            break;
        case 15: // pay for pages
            pay_for_memory_grow(number(2));
            break;
        case 16: // gas and ink
            put(evm_gas_left(), 8);
            put(evm_ink_left(), 8);
            break;
        case 17: // end with status
            status = number(1);
            break;
        case 18: // who am I
            put(visits, 1);
            put(msg_reentrant(), 1);
            break;
        }
    }
    write_result(out, used);
    return status;
}
