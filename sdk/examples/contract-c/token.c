/* A token: who deploys it owns all of it.
 *
 *   input                                output
 *   0, address                           balance, 32 bytes
 *   1, address, amount (32 bytes)        1; reverts with "too little" when the caller has less
 *
 * A balance is in the slot keccak256(address). Every transfer logs the amount with the topics from and to. */
#include "rvm.h"

static const uint32_t supply = 1000000;

static void slot_of(const rvm_address* owner, rvm_value* key) {
    rvm_keccak256(owner->bytes, sizeof owner->bytes, key->bytes, sizeof key->bytes);
}

/* to = a + b, or a - b; gives the carry or borrow. */
static int add(rvm_value* to, const rvm_value* a, const rvm_value* b) {
    unsigned carry = 0;
    for (int i = 31; i >= 0; --i) {
        carry += (unsigned)a->bytes[i] + b->bytes[i];
        to->bytes[i] = (uint8_t)carry;
        carry >>= 8;
    }
    return (int)carry;
}
static int subtract(rvm_value* to, const rvm_value* a, const rvm_value* b) {
    unsigned borrow = 0;
    for (int i = 31; i >= 0; --i) {
        const unsigned part = 256u + a->bytes[i] - b->bytes[i] - borrow;
        to->bytes[i] = (uint8_t)part;
        borrow = part < 256 ? 1 : 0;
    }
    return (int)borrow;
}
static rvm_value topic(const rvm_address* address) {
    rvm_value out = {{0}};
    for (int i = 0; i < 20; ++i)
        out.bytes[12 + i] = address->bytes[i];
    return out;
}

static void transfer(const rvm_address* to, const rvm_value* amount) {
    rvm_address from;
    rvm_value from_key, to_key, balance;
    rvm_caller(&from);
    slot_of(&from, &from_key);
    slot_of(to, &to_key);
    rvm_storage_load(&from_key, &balance);
    if (subtract(&balance, &balance, amount)) rvm_revert("too little", 10);
    rvm_storage_store(&from_key, &balance);
    rvm_storage_load(&to_key, &balance); /* after the write: one may pay oneself */
    add(&balance, &balance, amount);
    rvm_storage_store(&to_key, &balance);
    const rvm_value topics[2] = {topic(&from), topic(to)};
    rvm_log(amount, sizeof *amount, topics, 2);
}

RVM_EXPORT(deploy) void deploy(void) {
    rvm_address owner;
    rvm_value key, balance = {{0}};
    rvm_caller(&owner);
    slot_of(&owner, &key);
    for (int i = 0; i < 4; ++i)
        balance.bytes[31 - i] = (uint8_t)(supply >> 8 * i);
    rvm_storage_store(&key, &balance);
}

RVM_EXPORT(execute) void execute(void) {
    uint8_t what;
    rvm_address address;
    rvm_value value = {{0}};
    rvm_input_read(&what, 0, 1);
    rvm_input_read(&address, 1, sizeof address);
    if (what == 0) {
        rvm_value key;
        slot_of(&address, &key);
        rvm_storage_load(&key, &value);
    } else {
        rvm_input_read(&value, 1 + sizeof address, sizeof value);
        transfer(&address, &value);
        value = (rvm_value){{[31] = 1}};
    }
    rvm_output(&value, sizeof value);
}
