/* <rvm.h> -- the import module `rvm` for contracts in C: what a program asks of its frame and of the world.
 *
 *     #include "rvm.h"
 *     RVM_EXPORT(execute) void execute(void) { ... }         called once a frame, in a new instance
 *     RVM_EXPORT(deploy) void deploy(void) { ... }           optional: runs when the module is deployed
 *
 * Freestanding: no library is needed. Values, keys and hashes are 32 bytes, big-endian; addresses 20. A pointer outside
 * memory, or a range outside the input or returned data, traps. What each function costs: plugins/wasm/README.md.
 */
#ifndef RVM_CONTRACT_H
#define RVM_CONTRACT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RVM_EXPORT(name) __attribute__((export_name(#name)))
#define RVM_IMPORT(id) __attribute__((import_module("rvm"), import_name(id)))

typedef struct rvm_value { uint8_t bytes[32]; } rvm_value;
typedef struct rvm_address { uint8_t bytes[20]; } rvm_address;

/* -- input and output ------------------------------------------------------------------------------------------- */
RVM_IMPORT("input_size") uint32_t rvm_input_size(void);
RVM_IMPORT("input_read") void rvm_input_read(void* to, uint32_t offset, uint32_t size);
/* The frame's output; the last one counts. */
RVM_IMPORT("output") void rvm_output(const void* from, uint32_t size);
/* Ends the frame with this output and undoes its effects. */
RVM_IMPORT("revert") _Noreturn void rvm_revert(const void* from, uint32_t size);

/* -- this frame ------------------------------------------------------------------------------------------------- */
RVM_IMPORT("caller") void rvm_caller(rvm_address* to);
RVM_IMPORT("self") void rvm_self(rvm_address* to);
RVM_IMPORT("value") void rvm_value_sent(rvm_value* to);
RVM_IMPORT("gas_left") uint64_t rvm_gas_left(void);
RVM_IMPORT("is_static") int rvm_is_static(void);
RVM_IMPORT("is_reentrant") int rvm_is_reentrant(void); /* this account is active in an outer frame */

/* -- the block and the transaction ------------------------------------------------------------------------------- */
RVM_IMPORT("block_number") uint64_t rvm_block_number(void);
RVM_IMPORT("block_timestamp") uint64_t rvm_block_timestamp(void);
RVM_IMPORT("block_gas_limit") uint64_t rvm_block_gas_limit(void);
RVM_IMPORT("chain_id") uint64_t rvm_chain_id(void);
RVM_IMPORT("block_coinbase") void rvm_block_coinbase(rvm_address* to);
RVM_IMPORT("origin") void rvm_origin(rvm_address* to);
RVM_IMPORT("base_fee") void rvm_base_fee(rvm_value* to);
RVM_IMPORT("prevrandao") void rvm_prevrandao(rvm_value* to);
RVM_IMPORT("gas_price") void rvm_gas_price(rvm_value* to);
RVM_IMPORT("block_hash") void rvm_block_hash(uint64_t number, rvm_value* to); /* zero when unknown */

/* -- state ------------------------------------------------------------------------------------------------------ */
RVM_IMPORT("storage_load") void rvm_storage_load(const rvm_value* key, rvm_value* to);
RVM_IMPORT("storage_store") void rvm_storage_store(const rvm_value* key, const rvm_value* value);
RVM_IMPORT("transient_load") void rvm_transient_load(const rvm_value* key, rvm_value* to);
RVM_IMPORT("transient_store") void rvm_transient_store(const rvm_value* key, const rvm_value* value);
/* At most 4 topics. */
RVM_IMPORT("log") void rvm_log(const void* data, uint32_t size, const rvm_value* topics, uint32_t count);

/* -- other accounts --------------------------------------------------------------------------------------------- */
RVM_IMPORT("balance") void rvm_balance(const rvm_address*, rvm_value* to);
RVM_IMPORT("code_size") uint32_t rvm_code_size(const rvm_address*);
RVM_IMPORT("code_hash") void rvm_code_hash(const rvm_address*, rvm_value* to);
/* Gives how many bytes there were to copy. */
RVM_IMPORT("code_read") uint32_t rvm_code_read(const rvm_address*, void* to, uint32_t offset, uint32_t size);

#define RVM_DONE     0
#define RVM_REVERTED 1
#define RVM_FAILED   2
#define RVM_ALL_GAS  UINT64_MAX /* all but a 64th can be given */
/* RVM_DONE, RVM_REVERTED or RVM_FAILED; the output is then what rvm_returned_read reads. */
RVM_IMPORT("call") int rvm_call(const rvm_address*, const rvm_value* value, const void* input, uint32_t size, uint64_t gas);
RVM_IMPORT("static_call") int rvm_static_call(const rvm_address*, const void* input, uint32_t size, uint64_t gas);
/* Runs the other account's code on this account. */
RVM_IMPORT("delegate_call") int rvm_delegate_call(const rvm_address*, const void* input, uint32_t size, uint64_t gas);
RVM_IMPORT("returned_size") uint32_t rvm_returned_size(void);
RVM_IMPORT("returned_read") void rvm_returned_read(void* to, uint32_t offset, uint32_t size);
/* Runs init code of this format, or of another one; *to is the new account. */
RVM_IMPORT("create") int rvm_create(const rvm_value* value, const void* init, uint32_t size, const rvm_value* salt, rvm_address* to);
RVM_IMPORT("create.evm") int rvm_create_evm(const rvm_value* value, const void* init, uint32_t size, const rvm_value* salt, rvm_address* to);

/* -- what plugins bring ----------------------------------------------------------------------------------------- */
/* Every syscall and primitive that the deployment grants has this type; it gives how many bytes it wrote. */
#define RVM_ITEM(function, id) \
    RVM_IMPORT(id) uint32_t function(const void* input, uint32_t size, void* output, uint32_t room)
RVM_ITEM(rvm_keccak256, "keccak256");

#ifdef __cplusplus
}
#endif
#endif
