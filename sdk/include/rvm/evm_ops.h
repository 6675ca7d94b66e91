/* org.rvm.evm/ops/1: instructions of a plugin in slots that the EVM leaves unassigned.
 *
 * A plugin contributes an rvm_interface (RVM_KIND_INTERFACE) with this id whose table is an rvm_evm_ops; the plugin
 * org.rvm.evm takes it when it is linked, and refuses to link when an op breaks what is said here. Where several plugins
 * contribute one, the manifest's "prefer" decides. Code that contains such an instruction stays in the direct
 * interpreter. C11, like plugin.h. */
#ifndef RVM_EVM_OPS_H
#define RVM_EVM_OPS_H

#include <rvm/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RVM_EVM_OPS "org.rvm.evm/ops/1"
#define RVM_EVM_OP_MAX_WORDS 16u /* operands, and results */
#define RVM_EVM_OP_MAX_GAS 32767u

/* One instruction. The interpreter checks the stack and takes the gas before it runs. */
typedef struct rvm_evm_op {
    uint32_t struct_size;
    uint8_t number;           /* no Ethereum rule set assigns it */
    uint8_t operands;         /* words it takes from the stack */
    uint8_t results;          /* words it leaves there */
    uint8_t reserved;         /* 0 */
    uint32_t gas;             /* its price, the whole of it */
    uint32_t reserved_2;      /* 0 */
    const char* name;         /* "POPCOUNT": for traces and disassembly, [A-Z][A-Z0-9_]{0,31} */
    const char* const* rules; /* NULL-terminated rule sets that have it, "evm/osaka"; NULL: all */
    /* words[0] is the deepest operand, words[operands - 1] was the top of the stack; results are written from words[0] up
     * and the last is the new top. There is room for 16 words. The results depend on the operands alone. RVM_OK, a trap
     * (the frame halts and loses its gas) or a host failure. [any] */
    rvm_status (*run)(const void* self, rvm_u256* words);
    const void* self;
} rvm_evm_op;

typedef struct rvm_evm_ops {
    uint32_t struct_size;
    uint32_t count; /* at most 256 */
    const rvm_evm_op* ops;
} rvm_evm_ops;

#ifdef __cplusplus
}
#endif

#endif
