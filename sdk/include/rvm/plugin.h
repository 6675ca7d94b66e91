/* <rvm/plugin.h> -- the rvm plugin ABI 0.2: everything that crosses the boundary between host and plugin.
 *
 * C11 and C++11 or newer, no dependencies beyond stddef.h and stdint.h. The comments are the contract; MUST, SHOULD
 * and MAY are meant as in RFC 2119.
 *
 * RULES OF THE ABI
 *  R1  A plugin exports exactly one symbol: the const object rvm_plugin_entry_v0 (data, not a function). The host
 *      judges it before it runs one instruction of the plugin.
 *  R2  A struct that may grow begins with `uint32_t struct_size`, is passed by pointer and grows only at its end. Read
 *      a later field through RVM_HAS(). Nothing growable is passed, returned or stored in an array by value.
 *      Structs without struct_size are fixed for the major version.
 *  R3  An interface id ("rvm.host.state/1") names one frozen layout. A change is a new revision under a new id.
 *  R4  Who allocates, frees. Views and texts given to a call die when that call returns, unless the field says
 *      otherwise. No FILE*, errno, locale, varargs, bool, enum or long in any signature or struct.
 *  R5  Nothing may unwind across the boundary: no C++ exception, no Rust panic, no longjmp.
 *  R6  Thread tags: [main] one thread, never concurrent; [any] concurrent and re-entrant; [frame] on the thread that
 *      runs the frame, other frames may run concurrently on other threads.
 *  R7  Texts are UTF-8 and NUL-terminated. Ids match [a-z0-9._/-]{1,64}.
 *  R8  Native code in the host's process cannot be forced to meter itself: a format, program or opcode is trusted
 *      code. The host keeps its own meter, clamps what it is told and never lets gas rise.
 *
 * While the major version is 0 a plugin loads only into a host with the same minor version. Every change of a layout
 * raises the minor and is listed in sdk/ABI-CHANGES.md.
 */
#ifndef RVM_PLUGIN_H
#define RVM_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#define RVM_ABI_MAJOR 0u
#define RVM_ABI_MINOR 4u

#define RVM_EXPORT __attribute__((visibility("default")))

/* True when *p is new enough to have `field`. */
#define RVM_HAS_FIELD(p, type, field) ((p)->struct_size >= offsetof(type, field) + sizeof(((type*)0)->field))
/* True when *p is new enough to have the pointer `field` and it is set. */
#define RVM_HAS(p, type, field) (RVM_HAS_FIELD(p, type, field) && (p)->field != NULL)

#ifdef __cplusplus
extern "C" {
#endif

/* ==== Values =================================================================================================== */

typedef int32_t rvm_status;  /* RVM_OK, RVM_TRAP_* (positive), RVM_E_* (negative); an unknown one is a host failure */
typedef uint64_t rvm_word;   /* a word of the native VM */

typedef struct rvm_address { uint8_t bytes[20]; } rvm_address;
typedef struct rvm_bytes32 { uint8_t bytes[32]; } rvm_bytes32; /* hashes and log topics */
/* Unsigned 256-bit number: keys, values, balances, environment words. limbs[0] is the least significant. */
typedef struct rvm_u256 { uint64_t limbs[4]; } rvm_u256;

typedef struct rvm_view { const uint8_t* data; uint64_t size; } rvm_view; /* read-only bytes */
typedef struct rvm_span { uint8_t* data; uint64_t size; } rvm_span;       /* writable bytes  */

#define RVM_OK 0
/* Traps: deterministic outcomes of a program. The frame's effects are reverted. */
#define RVM_TRAP_REVERT        1  /* the program asked for it: keeps its remaining gas and carries output */
#define RVM_TRAP_OUT_OF_GAS    2
#define RVM_TRAP_STACK         3  /* operand stack overflow or underflow */
#define RVM_TRAP_MEMORY        4  /* access outside memory, or the memory budget is spent */
#define RVM_TRAP_STATIC        5  /* state change in a static frame */
#define RVM_TRAP_DEPTH         6  /* call depth limit; as a call's result: a light failure */
#define RVM_TRAP_INVALID_CODE  7  /* code that its format refuses, or that no format runs */
#define RVM_TRAP_ILLEGAL       8  /* undefined instruction, unreachable, broken promise of an item */
#define RVM_TRAP_BALANCE       9  /* value exceeds balance: a light failure */
#define RVM_TRAP_CRYPTO       10  /* malformed point, bad recovery id, ... */
#define RVM_TRAP_NONCE        11  /* nonce overflow of a creator: a light failure */
#define RVM_TRAP_COLLISION    12  /* the address of a creation is taken */
#define RVM_TRAP_ARITHMETIC   13  /* division by zero, conversion out of range */
#define RVM_TRAP_LIMIT        14  /* output, log or other limit of the rules */
/* Host failures: unwind every frame, are never seen by a program, never look like a failed call. */
#define RVM_E_UNSUPPORTED      (-1)
#define RVM_E_INVALID_ARGUMENT (-2)
#define RVM_E_CONFIG           (-3)
#define RVM_E_NOT_FOUND        (-4)
#define RVM_E_NO_MEMORY        (-5)
#define RVM_E_IO               (-6)  /* fatal for a node: what is stored may be unknown */
#define RVM_E_INTERNAL         (-7)
#define RVM_E_EXCEPTION        (-8)  /* an SDK thunk caught a C++ exception or a panic */
#define RVM_E_BUFFER_TOO_SMALL (-9)  /* the size field says what is needed */
#define RVM_E_RETRY           (-10)  /* optimistic execution read something that has changed: run again */
#define RVM_E_CANCELLED       (-11)  /* the embedder asked the execution to stop */

/* A 256-bit number from and to big-endian bytes; an address is the number of its 20 bytes. */
static inline rvm_u256 rvm_u256_from_bytes(const uint8_t* bytes, uint64_t size) { /* size <= 32 */
    rvm_u256 out = {{0, 0, 0, 0}};
    for (uint64_t i = 0; i < size; ++i) {
        const uint64_t bit = 8 * (size - 1 - i);
        out.limbs[bit / 64] |= (uint64_t)bytes[i] << (bit % 64);
    }
    return out;
}
static inline void rvm_u256_to_bytes(const rvm_u256* value, uint8_t* bytes, uint64_t size) { /* the low `size` bytes */
    for (uint64_t i = 0; i < size; ++i) {
        const uint64_t bit = 8 * (size - 1 - i);
        bytes[i] = (uint8_t)(value->limbs[bit / 64] >> (bit % 64));
    }
}

/* Caller-allocated and caller-zeroed; the callee fills it. */
typedef struct rvm_error {
    uint32_t struct_size;
    int32_t code;          /* RVM_E_* */
    char message[496];     /* NUL-terminated, truncated if needed */
} rvm_error;

typedef struct rvm_host_ctx rvm_host_ctx; /* opaque: this plugin's place in the host */

/* ==== Accounts ================================================================================================= */

#define RVM_ACCOUNT_EXISTS      (1u << 0) /* present in the state (an EIP-161 empty account may be present too) */
#define RVM_ACCOUNT_NEW_IN_TX   (1u << 1) /* created by a creation in this transaction (EIP-6780) */
#define RVM_ACCOUNT_HAS_STORAGE (1u << 2) /* has a non-zero slot in the state before this transaction */
#define RVM_ACCOUNT_PROGRAM     (1u << 3) /* a program at a fixed address under the current rules */
#define RVM_ACCOUNT_DESTROYED   (1u << 4) /* will be removed at the end of the transaction */

/* The visible part of the host's account entry: read it through the handle, at any time, without a callback; the host
 * keeps it current. A handle lives until its world is closed and names one address for all that time. Never write. */
typedef struct rvm_account {
    rvm_u256 balance;             /* wei */
    uint64_t nonce;
    uint64_t code_size;           /* valid once asked for with RVM_WANT_CODE_SIZE or RVM_WANT_CODE */
    const rvm_bytes32* code_hash; /* NULL: no code. The format that owns the code defines the hash function. */
    const rvm_address* delegate;  /* EIP-7702 target; NULL: none. Decoded once, when code enters the code table;
                                     valid once asked for with RVM_WANT_CODE_SIZE or RVM_WANT_CODE */
    rvm_address address;
    uint32_t flags;               /* RVM_ACCOUNT_* */
} rvm_account;

/* EIP-161: nonce 0, balance 0, no code. */
static inline int rvm_account_is_empty(const rvm_account* account) {
    const uint64_t* b = account->balance.limbs;
    return (account->nonce | b[0] | b[1] | b[2] | b[3]) == 0 && account->code_hash == NULL;
}

/* ==== Messages, results, frames ================================================================================ */

#define RVM_CALL_CALL     0u
#define RVM_CALL_CALLCODE 1u /* another account's code on the caller's storage; value moves from self to self */
#define RVM_CALL_DELEGATE 2u /* as CALLCODE, with the caller's own sender and value */
#define RVM_CALL_STATIC   3u
#define RVM_CALL_CREATE   4u /* `recipient` is the new address; zero: the format that runs the code computes it */

#define RVM_MESSAGE_NO_PROGRAM (1u << 0) /* never dispatch to a program at a fixed address */
#define RVM_MESSAGE_DELEGATED  (1u << 1) /* delegation (EIP-7702) is resolved: the host follows none, and code_address MAY
                                            differ from recipient in a CALL or STATIC. Without it the host follows one
                                            delegation of the target, if the target format's rules have
                                            RVM_RULE_DELEGATION. Code reached through a delegation is never a program
                                            at a fixed address: such a target runs as empty code. */
#define RVM_MESSAGE_STATIC     (1u << 2) /* top level only: run a CALL as static */

/* A call or creation, as the caller asks for it and as the callee's frame shows it. In a nested call the host sets
 * sender (all kinds), recipient (CALLCODE, DELEGATE), value (DELEGATE, STATIC) and depth itself. CALLCODE checks that
 * the balance covers `value` and moves nothing. In a CREATE frame input is empty and code_address is the recipient. */
typedef struct rvm_message {
    uint32_t struct_size;
    uint32_t kind;            /* RVM_CALL_* */
    uint32_t flags;           /* RVM_MESSAGE_* */
    uint32_t depth;           /* 0 is the top level; set by the host */
    int64_t gas;              /* debited from the caller and given to the callee; 0 or more */
    int64_t stipend;          /* minted on top of `gas`; 0 or more; the sum is at most INT64_MAX */
    rvm_address sender;
    rvm_address recipient;    /* storage owner */
    rvm_address code_address; /* code owner */
    uint32_t reserved;        /* 0 */
    rvm_u256 value;           /* wei */
    rvm_view input;           /* may point into the caller's memory, which MUST NOT move until the call returns */
    rvm_view init_code;       /* CREATE */
    const char* format;       /* CREATE: id of the format that runs it; NULL: the creator's. Top level NULL: probed. */
    rvm_account* target;      /* handle of code_address when the caller has it (saves the lookup), else NULL */
    const rvm_bytes32* salt;  /* CREATE with a zero recipient: salt of the address; NULL: by the creator's nonce */
} rvm_message;

/* Caller-allocated, struct_size set by the caller. */
typedef struct rvm_result {
    uint32_t struct_size;
    rvm_status status;        /* RVM_OK or RVM_TRAP_*; set by the host from what execute() returned */
    int64_t gas_left;         /* of the callee; a nested call has credited it to the caller already. All of gas + stipend
                                 after a light failure; 0 after any other trap but RVM_TRAP_REVERT */
    int64_t refund;           /* refund counter collected by the callee, may be negative; 0 unless status is RVM_OK */
    rvm_view output;          /* empty unless status is RVM_OK or RVM_TRAP_REVERT; the code of a successful creation.
                                 Valid until the caller's next call, create or return; at the top level until the next
                                 execution of that world */
    rvm_address created;      /* CREATE with status RVM_OK: the address; else zero */
    uint32_t detail;          /* the callee format's own fault code, see rvm_format.fault_name; 0: none */
    uint64_t fault_position;  /* where in the callee's code a trap happened, in the format's unit of pc */
} rvm_result;

#define RVM_FRAME_STATIC       (1u << 0) /* state changes trap */
#define RVM_FRAME_CREATE       (1u << 1) /* runs init code */
#define RVM_FRAME_REENTRANT    (1u << 2) /* an outer frame entered this storage owner; CALLCODE, DELEGATE: as the caller */
#define RVM_FRAME_TRACED       (1u << 3) /* a tracer wants instructions: run the loop that reports them */
#define RVM_FRAME_RECORD_READS (1u << 4) /* reads are recorded: name every field read in `want` or state->note_read */
#define RVM_FRAME_CANCELLABLE  (1u << 5) /* poll vm->cancelled at loop back-edges now and then */
#define RVM_FRAME_GUARD       (1u << 30) /* not a real frame: what PURE items get instead of one */
#define RVM_FRAME_VIOLATED    (1u << 31) /* on a guard frame: the item called the host against its promise */

/* One activation of one program. Owned by the host; grows at the end. A format keeps gas in a register while it runs,
 * stores it here before a host call or return and reloads it afterwards. */
typedef struct rvm_frame {
    uint32_t struct_size;
    uint32_t flags;           /* RVM_FRAME_*; read-only */
    uint32_t depth;           /* 0 is the top level; read-only */
    uint32_t rules;           /* index into the running format's `rules`; read-only */
    int64_t gas;              /* left; may be lowered by the format, never raised; below 0 counts as out of gas */
    int64_t refund;           /* counts only when the frame succeeds; may be negative in between */
    const rvm_message* msg;   /* read-only */
    const rvm_u256* env;      /* env[host->env_key(name)], RVM_ENV_LIMIT words; immutable during an execution; unset words
                                 are zero */
    rvm_view returned;        /* output of the last nested call; empty after a light failure and after a successful
                                 creation (EIP-211); read-only */
    rvm_account* self;        /* storage owner */
    rvm_account* code;        /* code owner */
    rvm_view program;         /* the code being executed (init code in a CREATE frame) */
    void* scratch;            /* format.scratch_bytes, zeroed at first use, 64-byte aligned, one per world, depth and
                                 format, reused by later frames of the format at that depth */
    rvm_span memory;          /* linear memory of a native frame, kept current by the native format; else empty */
} rvm_frame;

/* Charges before the work is done. Not RVM_OK: return it at once. [frame] */
static inline rvm_status rvm_charge(rvm_frame* frame, uint64_t gas) {
    if (frame->gas < 0 || gas > (uint64_t)frame->gas) {
        frame->gas = 0;
        return RVM_TRAP_OUT_OF_GAS;
    }
    frame->gas -= (int64_t)gas;
    return RVM_OK;
}

/* Bytes [offset, offset + size) of a native frame's memory, bounds-checked. Never grows it. The span dies when memory
 * may grow: at the end of the opcode or syscall it was taken in, or at a nested call. [frame] */
static inline rvm_status rvm_memory(const rvm_frame* frame, uint64_t offset, uint64_t size, rvm_span* out) {
    if (size > frame->memory.size || offset > frame->memory.size - size) return RVM_TRAP_MEMORY;
    out->data = frame->memory.data + offset;
    out->size = size;
    return RVM_OK;
}

/* ==== Gas schedules ============================================================================================ */

/* cost = base + per_unit * ceil(input_size / unit_bytes), saturating; evaluated and charged by the host, from its own
 * copy, before the operation runs. */
typedef struct rvm_gas_schedule {
    uint32_t struct_size;
    uint32_t unit_bytes;      /* 0: no per-unit part */
    uint64_t base;            /* 0 is refused unless the deployment lists the item as free */
    uint64_t per_unit;
    /* Optional, added to the above. PURE. UINT64_MAX means out of gas. [any] */
    uint64_t (*custom)(const void* self, rvm_view input);
} rvm_gas_schedule;

/* ==== What an item promises ==================================================================================== */

#define RVM_F_PURE         (1u << 0) /* result depends on the operands (and input) alone; gets a guard frame */
#define RVM_F_MEMORY       (1u << 1) /* opcode: reads or writes the frame's linear memory through rvm_memory() */
#define RVM_F_READS_STATE  (1u << 2)
#define RVM_F_WRITES_STATE (1u << 3) /* refused in a static frame before it is called */
#define RVM_F_MAY_CALL     (1u << 4) /* may start a nested frame */
#define RVM_F_CHARGES      (1u << 5) /* charges more than its schedule through rvm_charge() */
#define RVM_F_HALTS        (1u << 6) /* opcode: ends the program successfully when it returns RVM_OK */
#define RVM_F_EXTERNAL    (1u << 31) /* not deterministic: refused under profile consensus, recorded elsewhere */

/* ==== Contribution: opcode of the native VM ==================================================================== */

#define RVM_KIND_OPCODE "rvm.opcode/1"

/* The interpreter has verified arity, charged `gas`, decoded the immediate and checked the static flag.
 * args[0] is the deepest operand, args[pops - 1] was the top of the stack; results are written from args[0] up. Words
 * outside max(pops, pushes) are not yours. `frame` is a guard frame for PURE items without RVM_F_MEMORY: only its
 * address may be used, as an argument. [frame] */
typedef rvm_status (*rvm_opcode_fn)(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate);

typedef struct rvm_opcode {
    uint32_t struct_size;
    uint32_t flags;           /* RVM_F_*; exactly one of PURE or any of MEMORY..HALTS combinations as needed */
    const char* id;           /* "u256.add": the stable name programs import */
    const char* mnemonic;     /* "u256.add": how the assembler writes it; [a-z0-9._]{1,32} */
    const char* summary;      /* one line */
    uint64_t gas;             /* charged for every execution; 0 is refused unless the deployment lists it as free */
    uint8_t pops, pushes;     /* at most 16 each */
    uint8_t immediate_size;   /* bytes in the code after the import index, little-endian; 0 to 8 */
    uint8_t reserved0;
    uint32_t reserved1;
    rvm_opcode_fn run;
    const void* self;
} rvm_opcode;

/* ==== Contribution: syscall (bytes in, bytes out; native and wasm programs) ==================================== */

#define RVM_KIND_SYSCALL "rvm.syscall/1"

/* `input` and `output` never overlap. Writes at most output.size bytes and sets *output_size; an answer that does not
 * fit is RVM_TRAP_LIMIT. PURE items get a guard frame. [frame] */
typedef rvm_status (*rvm_syscall_fn)(const void* self, rvm_frame* frame, rvm_view input, rvm_span output,
                                     uint64_t* output_size);

typedef struct rvm_syscall {
    uint32_t struct_size;
    uint32_t flags;               /* RVM_F_* */
    const char* id;               /* "crypto.keccak256" */
    const char* summary;
    const rvm_gas_schedule* gas;  /* over the input's size */
    uint64_t max_output;          /* bytes; never more is asked for */
    rvm_syscall_fn run;
    const void* self;
} rvm_syscall;

/* ==== Contribution: crypto primitive =========================================================================== */

#define RVM_KIND_CRYPTO "rvm.crypto/1"
#define RVM_CRYPTO_HASH    1u /* fixed-size output: `hash` */
#define RVM_CRYPTO_GENERIC 2u /* verify, recover, pairing, modexp: `run` */

typedef void (*rvm_hash_fn)(const void* self, rvm_view input, uint8_t* digest);                             /* [any] */
/* Writes at most output.size bytes and sets *output_size. RVM_E_BUFFER_TOO_SMALL: *output_size says what is needed,
 * nothing was done. RVM_TRAP_CRYPTO: the input is malformed. */
typedef rvm_status (*rvm_crypto_fn)(const void* self, rvm_view input, rvm_span output, uint64_t* output_size); /* [any] */

/* Known-answer test. */
typedef struct rvm_kat {
    rvm_view input, expected;
    rvm_status status;        /* expected status; `expected` is compared when it is RVM_OK */
    uint32_t reserved;
} rvm_kat;

typedef struct rvm_crypto {
    uint32_t struct_size;
    uint32_t flags;           /* contains RVM_F_PURE */
    const char* id;           /* "keccak256", "secp256k1.recover", "bn254.pairing" */
    const char* summary;
    uint32_t shape;           /* RVM_CRYPTO_* */
    uint32_t digest_size;     /* HASH only; bytes, 1 to 64 */
    rvm_hash_fn hash;         /* exactly one of hash and run is set */
    rvm_crypto_fn run;
    const void* self;
    const rvm_kat* kats;      /* run by the host when the primitive is first resolved; a mismatch refuses the plugin */
    uint64_t kat_count;       /* 0 is refused under profile consensus */
} rvm_crypto;

/* Resolved once, then called directly. */
typedef struct rvm_hash_ref { rvm_hash_fn fn; const void* self; uint64_t digest_size; } rvm_hash_ref;
typedef struct rvm_crypto_ref { rvm_crypto_fn fn; const void* self; } rvm_crypto_ref;

/* ==== Contribution: program at a fixed address (precompile) ==================================================== */

#define RVM_KIND_PROGRAM "rvm.program/1"

/* No frame, no state. Subtracts its price from *gas first; a price above *gas is RVM_TRAP_OUT_OF_GAS.
 * On entry out->data has room for out->size bytes; the program sets out->size to what it wrote. When that is not
 * enough: set out->size to the need, leave *gas alone, return RVM_E_BUFFER_TOO_SMALL; the host calls again. [any] */
typedef rvm_status (*rvm_program_fn)(const void* self, rvm_view input, int64_t* gas, rvm_span* out);

typedef struct rvm_program {
    uint32_t struct_size;
    uint32_t flags;               /* RVM_F_PURE */
    const char* id;               /* "evm/ecrecover" */
    const char* name;             /* "ECREC", for traces */
    rvm_address address;          /* 16 leading zero bytes: other addresses are never looked up among programs */
    uint32_t reserved;
    const char* const* rules;     /* NULL-terminated rule-set names it exists under, any of which is active in the
                                     transaction; NULL: always. Programs may share an address under disjoint rules. Its
                                     address is warm from the start of the transaction. */
    rvm_program_fn run;
    const void* self;
} rvm_program;

/* ==== Contribution: execution format =========================================================================== */

#define RVM_KIND_FORMAT "rvm.format/1"
#define RVM_PROBE_NO       0u
#define RVM_PROBE_FALLBACK 1u /* would take it when nobody else does (EVM code has no magic) */
#define RVM_PROBE_YES      2u /* magic bytes match */

/* What the host does differently under a rule set of the format. */
#define RVM_RULE_CREATED_NONCE_ONE (1u << 0) /* a created account begins with nonce 1 (EIP-161), else 0 */
#define RVM_RULE_DELEGATION        (1u << 1) /* the host follows delegations (EIP-7702) */

#define RVM_TIER_COLD 0u      /* first execution or init code: the least analysis that is exact */
#define RVM_TIER_HOT  1u      /* worth a full translation; kept as long as the code is */

#define RVM_CODE_ZEROS 64u    /* readable zero bytes behind the code that compile() is given */

typedef struct rvm_artifact rvm_artifact; /* plugin-owned compiled code; independent of state */

typedef struct rvm_format {
    uint32_t struct_size;
    uint32_t flags;                   /* 0 */
    const char* id;                   /* "evm", "wasm", "native": stored with the account at creation */
    const char* summary;
    const char* const* rules;         /* NULL-terminated rule-set names, "evm/cancun"; at least one; a frame's `rules` is
                                         an index into this list; the last is the default */
    const uint32_t* rule_flags;       /* RVM_RULE_* for each of `rules`; NULL: all flags for all */
    uint64_t units_per_gas;           /* for tracers; 1 unless the format counts finer */
    uint64_t scratch_bytes;           /* see rvm_frame.scratch; at most 1 MiB */
    uint64_t native_stack_per_frame;  /* bytes of C stack between execute() and the nested host call, at most */
    const void* self;
    uint32_t (*probe)(const void* self, rvm_view code);                                                     /* [any] */
    /* Validates and translates. The host caches the artifact by (code hash, rules, tier); init code is never cached.
     * `code` outlives the artifact where it is, with RVM_CODE_ZEROS zero bytes behind it, so that an interpreter needs
     * no copy of its own to read past the end. RVM_TRAP_INVALID_CODE: executing this code traps. Its gas is charged in
     * `deployed`, never at execution. [any] */
    rvm_status (*compile)(const void* self, rvm_view code, uint32_t rules, uint32_t tier, rvm_artifact** out, rvm_error*);
    void (*release)(const void* self, rvm_artifact*);                                                       /* [any] */
    /* Runs one frame to its end: sets frame->gas, frame->refund, result->output, detail and fault_position; returns
     * RVM_OK, a trap, or a host failure it got. Re-entered for nested calls. Output lives in vm->output() or in memory
     * of this frame that stays untouched until a later frame runs at this depth. [frame] */
    rvm_status (*execute)(const void* self, const rvm_artifact*, rvm_frame*, rvm_result*);
    /* Frees what the format keeps inside a scratch area; may be NULL. [any] */
    void (*scratch_release)(const void* self, void* scratch);
    /* Init code succeeded with *code as its output: checks it (size, prefix, validity), charges frame->gas, MAY replace
     * *code by another view or an empty one, and *format (this format's id on entry) by another static id. Inside the
     * creation's snapshot. A trap undoes the creation. Not called for empty init code: that leaves an account without
     * code. [frame] */
    rvm_status (*deployed)(const void* self, rvm_frame*, rvm_view* code, const char** format);
    /* EIP-7702: 1 and *target when this code delegates, else 0. NULL: never. [any] */
    uint32_t (*delegate_of)(const void* self, rvm_view code, rvm_address* target);
    /* The hash that identifies this format's code. NULL: SHA-256. [any] */
    void (*code_hash)(const void* self, rvm_view code, rvm_bytes32* out);
    /* Address of a creation by `creator` whose nonce was `nonce`; with a salt where `salt` is not NULL. NULL: the host's
     * SHA-256 scheme. [any] */
    void (*create_address)(const void* self, const rvm_address* creator, uint64_t nonce, const rvm_bytes32* salt,
                           rvm_view init_code, rvm_address* out);
    /* One instruction as text (NUL-terminated, truncated); returns bytes consumed, 0 at the end. NULL: none. [any] */
    uint64_t (*disassemble)(const void* self, rvm_view code, uint64_t at, char* text, uint64_t text_size);
    /* Name of a result.detail code, static text; NULL when unknown. [any] */
    const char* (*fault_name)(const void* self, uint32_t detail);
    /* Source position of `position` in `code`, for messages: "file.rasm:12"; returns 0 when unknown. NULL: none. [any] */
    uint32_t (*source_of)(const void* self, rvm_view code, uint64_t position, char* text, uint64_t text_size);
} rvm_format;

/* ==== Contribution: storage engine ============================================================================= */

#define RVM_KIND_STORAGE "rvm.storage/1"
/* Keyspaces of the host; 16 and above belong to callers. */
#define RVM_KEYSPACE_ACCOUNTS 0u
#define RVM_KEYSPACE_SLOTS    1u
#define RVM_KEYSPACE_CODE     2u
#define RVM_KEYSPACE_META     3u
#define RVM_KEYSPACE_CALLER  16u
#define RVM_KEYSPACE_LIMIT   32u

typedef struct rvm_store rvm_store;
typedef struct rvm_store_view rvm_store_view;
typedef struct rvm_cursor rvm_cursor;
typedef struct rvm_store_write { /* value.data == NULL erases */
    rvm_view key, value;
    uint32_t keyspace;           /* below RVM_KEYSPACE_LIMIT */
    uint32_t reserved;
} rvm_store_write;

typedef struct rvm_storage {
    uint32_t struct_size;
    uint32_t flags;               /* 0 */
    const char* id;               /* "memory", "lmdb" */
    const char* summary;
    const void* self;
    rvm_status (*open)(const void* self, const char* config_json, rvm_store** out, rvm_error*);            /* [main] */
    void (*close)(rvm_store*); /* all views are released before. [main] */
    /* A consistent view of the last commit; never blocks a writer. [any] */
    rvm_status (*view)(rvm_store*, rvm_store_view** out, rvm_error*);
    void (*release)(rvm_store_view*);                                                                       /* [any] */
    /* RVM_E_NOT_FOUND is an answer; RVM_E_IO stops the node. *value is valid until the view is released. [any] */
    rvm_status (*get)(rvm_store_view*, uint32_t keyspace, rvm_view key, rvm_view* value);
    /* Cursor at the first key >= `key`, ascending by unsigned bytes. One thread per cursor. */
    rvm_status (*seek)(rvm_store_view*, uint32_t keyspace, rvm_view key, rvm_cursor** out);
    /* Key and value under the cursor, then advances; RVM_E_NOT_FOUND at the end. */
    rvm_status (*next)(rvm_cursor*, rvm_view* key, rvm_view* value);
    void (*end)(rvm_cursor*);
    /* All or nothing, durable when it returns. Later writes of one key win. One commit at a time. [any] */
    rvm_status (*commit)(rvm_store*, const rvm_store_write* writes, uint64_t count, rvm_error*);
} rvm_storage;

/* ==== Contribution: tracer ===================================================================================== */

#define RVM_KIND_TRACER "rvm.tracer/1"
#define RVM_TRACE_FRAME (1u << 0)
#define RVM_TRACE_OP    (1u << 1) /* instantiates the traced loops */
#define RVM_TRACE_STATE (1u << 2)
#define RVM_TRACE_LOG   (1u << 3)

/* Before the instruction's effects; a CALL's event precedes its child's events. */
typedef struct rvm_op_event {
    uint32_t struct_size;
    uint32_t opcode;              /* the format's number */
    const char* name;             /* static text */
    const char* format;           /* format id */
    uint64_t pc;
    int64_t gas;                  /* before the instruction */
    int64_t cost;                 /* after dynamic pricing */
    int64_t refund;
    uint32_t depth;
    uint32_t word_bytes;          /* bytes of one stack word: 8 or 32 */
    rvm_view stack;               /* bottom first, words of word_bytes, little-endian limbs */
    rvm_view memory;
    rvm_view returned;
    rvm_address address;          /* storage owner */
    uint32_t reserved;
} rvm_op_event;

#define RVM_STATE_BALANCE   1u    /* old and new value */
#define RVM_STATE_NONCE     2u    /* limbs[0] */
#define RVM_STATE_CODE      3u    /* values are code hashes, as numbers in big-endian */
#define RVM_STATE_SLOT      4u
#define RVM_STATE_TRANSIENT 5u
#define RVM_STATE_DESTROY   6u
typedef struct rvm_state_event {
    uint32_t struct_size;
    uint32_t kind;                /* RVM_STATE_* */
    rvm_address address;
    uint32_t reserved;
    rvm_u256 key;                 /* SLOT, TRANSIENT */
    rvm_u256 before, after;
} rvm_state_event;

typedef struct rvm_log_event {
    uint32_t struct_size;
    uint32_t topic_count;         /* at most 4 */
    const rvm_bytes32* topics;
    rvm_view data;
    rvm_address address;
    uint32_t reserved;
} rvm_log_event;

/* An observer: cannot change gas, state or result. Every event carries the cookie that `begin` set, so two threads never
 * mix. Everything an event points to dies when the function returns. Unset functions are skipped. [frame] */
typedef struct rvm_tracer {
    uint32_t struct_size;
    uint32_t interest;            /* RVM_TRACE_* */
    const char* id;
    const char* summary;
    void* self;
    rvm_status (*begin)(void* self, const char* config_json, uint64_t execution_id, void** cookie);
    void (*end)(void* self, void* cookie, const rvm_result*);
    void (*enter)(void* self, void* cookie, uint64_t frame_id, const rvm_message*, const char* format);
    void (*leave)(void* self, void* cookie, uint64_t frame_id, const rvm_result*);
    void (*op)(void* self, void* cookie, uint64_t frame_id, const rvm_op_event*);
    void (*fault)(void* self, void* cookie, uint64_t frame_id, const rvm_op_event*, rvm_status);
    void (*state)(void* self, void* cookie, uint64_t frame_id, const rvm_state_event*);
    void (*log)(void* self, void* cookie, uint64_t frame_id, const rvm_log_event*);
    /* What the tracer collected as text, for the caller to print; valid until `end`. */
    rvm_status (*text)(void* self, void* cookie, rvm_view* out);
} rvm_tracer;

/* ==== Contribution: service ==================================================================================== */

#define RVM_KIND_SERVICE "rvm.service/1"
typedef struct rvm_service {
    uint32_t struct_size;
    uint32_t flags;
    const char* id;
    const char* summary;
    void* self;
    rvm_status (*start)(void* self, rvm_error*);                                                           /* [main] */
    /* Every thread the service started is joined when this returns. */
    rvm_status (*stop)(void* self, uint64_t deadline_ms, rvm_error*);                                      /* [main] */
    rvm_status (*health)(void* self, rvm_error*);                                                           /* [any] */
} rvm_service;

/* ==== Contribution: command (a verb of the rvm program) ======================================================== */

#define RVM_KIND_COMMAND "rvm.command/1"
#define RVM_EXIT_OK        0
#define RVM_EXIT_TRAPPED   1  /* the program reverted or trapped; a check found something */
#define RVM_EXIT_USAGE     2
#define RVM_EXIT_INTERNAL 70
#define RVM_EXIT_CONFIG   78

#define RVM_IO_OUT   1u
#define RVM_IO_ERROR 2u
#define RVM_IO_IS_TERMINAL (1u << 0)
#define RVM_IO_COLOUR      (1u << 1)
#define RVM_IO_JSON        (1u << 2)

/* What a command may use of the terminal. Valid during run(). [main] */
typedef struct rvm_command_io {
    uint32_t struct_size;
    uint32_t flags;               /* RVM_IO_* */
    void* ctx;
    rvm_status (*write)(void* ctx, uint32_t stream, rvm_view text);
    /* Reads up to out->size bytes of standard input and sets out->size; 0 at the end. */
    rvm_status (*read)(void* ctx, rvm_span* out);
    /* Shows progress of a named piece of work on a terminal; total 0: unknown. */
    void (*progress)(void* ctx, const char* what, uint64_t done, uint64_t total);
    uint32_t (*cancelled)(void* ctx); /* the user interrupted. [any] */
    /* Runs another verb with this program's settings; returns its exit status. */
    int32_t (*run_verb)(void* ctx, int32_t argc, const char* const* argv);
} rvm_command_io;

typedef struct rvm_command {
    uint32_t struct_size;
    uint32_t flags;
    const char* id;               /* the verb: "evm" */
    const char* summary;          /* one line, equal to the sidecar's */
    void* self;
    int32_t (*run)(void* self, const rvm_command_io*, int32_t argc, const char* const* argv); /* argv[0] is the verb */
} rvm_command;

/* ==== Contribution: interface (a table one plugin offers another) ============================================== */

#define RVM_KIND_INTERFACE "rvm.interface/1"
typedef struct rvm_interface {
    uint32_t struct_size;
    uint32_t flags;
    const char* id;               /* "org.rvm.evm/ops/1": id and revision */
    const void* table;            /* layout fixed by the id */
} rvm_interface;

/* ==== Host interface: frames =================================================================================== */

#define RVM_HOST_VM "rvm.host.vm/1"
typedef struct rvm_host_vm {
    uint32_t struct_size;
    uint32_t reserved;
    /* The only way into another program or format. Store gas and refund before, reload after. Debits message->gas from
     * frame->gas (which must suffice), runs, credits what is left, adds the refund of a success, sets frame->returned
     * and *result. Returns result->status; a negative status MUST be returned at once.
     * - A static frame may not ask for value in a CALL, nor for a CREATE: the format traps before; the host answers
     *   RVM_E_INVALID_ARGUMENT, as it does for every message that breaks this contract.
     * - Light failures (RVM_TRAP_DEPTH, _BALANCE, _NONCE) give gas and stipend back and change nothing. A frame at depth
     *   1024 cannot call, unless the deployment sets another call_depth.
     * - CALL and STATIC touch the recipient inside the child's snapshot, also with value 0 and without code: a missing
     *   account then exists, empty, and tx_end removes it again under RVM_TX_REMOVE_EMPTY_TOUCHED.
     * - Without code no frame runs: RVM_OK, all gas back, empty output.
     * - Code of a format that no plugin provides is RVM_E_CONFIG, not a trap: nodes must not differ silently.
     * - Order of a creation: light checks; warm the new address and raise the creator's nonce (outside the child's
     *   snapshot); collision (nonce, code or storage, EIP-7610) burns the gas; snapshot; new account, keeping its
     *   balance; value; init code; format.deployed; set code. [frame] */
    rvm_status (*call)(rvm_frame*, const rvm_message*, rvm_result*);
    /* Output buffer of this frame's depth with room for `size` bytes. Contents of an earlier request survive growth.
     * RVM_TRAP_LIMIT above the deployment's native output limit, which binds nothing else: consensus formats return
     * views of their own memory, bounded by their gas. [frame] */
    rvm_status (*output)(rvm_frame*, uint64_t size, rvm_span* out);
    /* Takes (positive) or gives back (negative) bytes of the execution's memory budget, which spans all frames.
     * RVM_TRAP_MEMORY when it is spent. Everything taken by a frame is given back when it ends. [frame] */
    rvm_status (*reserve)(rvm_frame*, int64_t bytes);
    /* Gas of a schedule for this input; UINT64_MAX: out of gas. [any] */
    uint64_t (*price)(const rvm_gas_schedule*, const void* self, rvm_view input);
    /* 1 when the embedder asked the execution to stop: return RVM_E_CANCELLED. [frame] */
    uint32_t (*cancelled)(rvm_frame*);
} rvm_host_vm;

/* ==== Host interface: state, as frames reach it ================================================================ */

#define RVM_HOST_STATE "rvm.host.state/1"

/* What the caller is going to use; makes lazily loaded parts valid and records reads. */
#define RVM_WANT_WARM      (1u << 0) /* mark warm for this transaction (EIP-2929) */
#define RVM_WANT_CODE_SIZE (1u << 1)
#define RVM_WANT_CODE      (1u << 2)
#define RVM_WANT_NO_COLD   (1u << 3) /* a cold item cannot be paid: do not read, record or warm it. A host MAY ignore it */
#define RVM_WANT_BALANCE   (1u << 4)
#define RVM_WANT_NONCE     (1u << 5)
#define RVM_WANT_CODE_HASH (1u << 6)
#define RVM_WANT_EXISTS    (1u << 7) /* existence or emptiness */
#define RVM_WANT_PEEK      (1u << 8) /* sload, sstore: answer what would happen; change, warm and record nothing */

#define RVM_ACCESS_COLD    (1u << 0) /* it was cold before this access */
#define RVM_ACCESS_SKIPPED (1u << 1) /* RVM_WANT_NO_COLD applied: nothing was read, outputs are untouched */

/* The nine outcomes of a storage write, original -> current -> new (X, Y, Z distinct and not zero), numbered as in EVMC. */
#define RVM_SLOT_ASSIGNED          0u /* no change of current value, or anything not listed below */
#define RVM_SLOT_ADDED             1u /* 0 -> 0 -> Z */
#define RVM_SLOT_DELETED           2u /* X -> X -> 0 */
#define RVM_SLOT_MODIFIED          3u /* X -> X -> Z */
#define RVM_SLOT_DELETED_ADDED     4u /* X -> 0 -> Z */
#define RVM_SLOT_MODIFIED_DELETED  5u /* X -> Y -> 0 */
#define RVM_SLOT_DELETED_RESTORED  6u /* X -> 0 -> X */
#define RVM_SLOT_ADDED_DELETED     7u /* 0 -> Y -> 0 */
#define RVM_SLOT_MODIFIED_RESTORED 8u /* X -> Y -> X */

typedef struct rvm_slot_write {
    uint32_t change;              /* RVM_SLOT_* */
    uint32_t access;              /* RVM_ACCESS_* */
    rvm_u256 original;            /* value at the start of the transaction */
    rvm_u256 current;             /* value before this write */
} rvm_slot_write;

#define RVM_TOUCH_STICKY (1u << 0) /* survives a revert (EIP-161's ripemd160 exception) */
#define RVM_DESTROY_ALWAYS        0u
#define RVM_DESTROY_IF_NEW_IN_TX  1u /* EIP-6780: else only the balance moves */

typedef struct rvm_host_state {
    uint32_t struct_size;
    uint32_t reserved;
    /* Handle of an account; one table probe. `access` (may be NULL) gets RVM_ACCESS_*. [frame] */
    rvm_status (*account)(rvm_frame*, const rvm_address*, uint32_t want, rvm_account** out, uint32_t* access);
    /* Code of an account; valid until the world is closed. [frame] */
    rvm_status (*code)(rvm_frame*, rvm_account*, rvm_view* out);
    /* Names fields of a handle about to be read (RVM_WANT_*); needed only with RVM_FRAME_RECORD_READS. [frame] */
    rvm_status (*note_read)(rvm_frame*, rvm_account*, uint32_t want);
    /* Slot of the frame's own account; warms it. `want`: RVM_WANT_NO_COLD or 0. [frame] */
    rvm_status (*sload)(rvm_frame*, const rvm_u256* key, uint32_t want, rvm_u256* out, uint32_t* access);
    /* RVM_TRAP_STATIC in a static frame. [frame] */
    rvm_status (*sstore)(rvm_frame*, const rvm_u256* key, const rvm_u256* value, uint32_t want, rvm_slot_write* out);
    rvm_status (*tload)(rvm_frame*, const rvm_u256* key, rvm_u256* out);                                  /* [frame] */
    rvm_status (*tstore)(rvm_frame*, const rvm_u256* key, const rvm_u256* value); /* RVM_TRAP_STATIC as sstore. [frame] */
    /* At most 4 topics; RVM_TRAP_STATIC in a static frame. No limit of its own: the format prices it. [frame] */
    rvm_status (*log)(rvm_frame*, const rvm_bytes32* topics, uint32_t topic_count, rvm_view data);
    /* EIP-161: an empty account touched by a transaction is removed at its end. [frame] */
    rvm_status (*touch)(rvm_frame*, rvm_account*, uint32_t flags);
    /* SELFDESTRUCT of the frame's own account: moves the balance to `heir` (touching it) and marks the account for removal
     * at the end of the transaction, until when code and nonce stay visible and later balance vanishes with it.
     * RVM_DESTROY_IF_NEW_IN_TX marks only an account created in this transaction. An heir that is the account itself
     * burns the balance if the account is marked after the call, else changes nothing. *first_time (may be NULL) is 1 when this call
     * marked it. RVM_TRAP_STATIC in a static frame. [frame] */
    rvm_status (*destroy)(rvm_frame*, rvm_account* heir, uint32_t mode, uint32_t* first_time);
    /* Hash of an earlier block; zero when the environment does not know it. [frame] */
    rvm_status (*block_hash)(rvm_frame*, uint64_t number, rvm_bytes32* out);
} rvm_host_state;

/* ==== Host interface: items of other plugins, for formats that link imports ==================================== */

#define RVM_HOST_ITEMS "rvm.host.items/1"

/* The host's own copy of an item; valid as long as the host lives. */
typedef struct rvm_opcode_ref {
    const rvm_opcode* opcode;
    rvm_frame* guard;             /* for PURE items; check RVM_FRAME_VIOLATED (atomically) after the call or as the frame ends */
} rvm_opcode_ref;
typedef struct rvm_syscall_ref {
    const rvm_syscall* syscall;
    rvm_frame* guard;
} rvm_syscall_ref;

typedef struct rvm_host_items {
    uint32_t struct_size;
    uint32_t reserved;
    /* RVM_E_NOT_FOUND: no plugin provides it. Loads the providing plugin when needed. [any] */
    rvm_status (*opcode)(rvm_host_ctx*, const char* id, rvm_opcode_ref* out);
    /* Also RVM_E_UNSUPPORTED: provided, but not granted by the deployment. [any] */
    rvm_status (*syscall)(rvm_host_ctx*, const char* id, rvm_syscall_ref* out);
    rvm_status (*crypto)(rvm_host_ctx*, const char* id, const rvm_crypto** out);                           /* [any] */
} rvm_host_items;

/* ==== Host interface: libraries that a plugin brings =========================================================== */

#define RVM_HOST_LIBRARY "rvm.host.library/1"
typedef struct rvm_host_library {
    uint32_t struct_size;
    uint32_t reserved;
    /* Loads a shared library that this plugin's configuration names, on the way plugins take themselves: read once from
     * a place nobody else can write to, compared with its pin, its ELF tables judged, loaded from a private copy, never
     * unloaded. `path`: relative ones start at the manifest's directory. `sha256`: 64 lower-case hex digits; NULL or
     * empty where the deployment demands neither pin nor signature. *address is the exported function `symbol`.
     * RVM_E_CONFIG: refused; the text names code and file, and the finding is reported with this plugin's own. Only in
     * plugin->link. [main] */
    rvm_status (*load)(rvm_host_ctx*, const char* path, const char* sha256, const char* symbol, void** address, rvm_error*);
} rvm_host_library;

/* ==== Host interface: tracing, for formats ===================================================================== */

#define RVM_HOST_TRACE "rvm.host.trace/1"
typedef struct rvm_host_trace {
    uint32_t struct_size;
    uint32_t reserved;
    /* Only in frames with RVM_FRAME_TRACED. [frame] */
    void (*op)(rvm_frame*, const rvm_op_event*);
    void (*fault)(rvm_frame*, const rvm_op_event*, rvm_status);
} rvm_host_trace;

/* ==== Host interface: worlds, for commands, ledgers, services, embedders ======================================= */

#define RVM_HOST_WORLD "rvm.host.world/1"
typedef struct rvm_world rvm_world;     /* one thread at a time */
typedef struct rvm_changes rvm_changes; /* an immutable change set */

#define RVM_WORLD_RECORD_READS (1u << 0)
#define RVM_WORLD_EPHEMERAL    (1u << 1) /* over an empty memory store of its own instead of the deployment's */
#define RVM_WORLD_CANCELLABLE  (1u << 2) /* frames poll for cancel() */

/* A transaction's environment. */
typedef struct rvm_tx_env {
    uint32_t struct_size;
    uint32_t flags;                   /* 0 */
    const rvm_u256* words;            /* indexed by env_key; missing ones are zero */
    uint64_t word_count;
    const char* const* rules;         /* NULL-terminated rule-set names ("evm/cancun"), one per format at most; formats not
                                         named use the deployment's; may be NULL */
    /* Hash of an earlier block; returns 0 when unknown. May be NULL. */
    uint32_t (*block_hash)(void* ctx, uint64_t number, rvm_bytes32* out);
    void* ctx;
    const char* tracer;               /* id of a tracer contribution, or NULL */
    const char* tracer_config;        /* JSON, or NULL */
} rvm_tx_env;

#define RVM_TX_REMOVE_EMPTY_TOUCHED (1u << 0) /* EIP-161 */

typedef struct rvm_log {
    rvm_address address;
    uint32_t topic_count;
    rvm_bytes32 topics[4];
    rvm_view data;
} rvm_log;

#define RVM_CHANGE_CREATED   (1u << 0) /* did not exist before */
#define RVM_CHANGE_REMOVED   (1u << 1) /* does not exist afterwards */
#define RVM_CHANGE_WIPED     (1u << 2) /* all storage of before is gone; slots list what is there now */
#define RVM_CHANGE_CODE      (1u << 3) /* code differs */
#define RVM_CHANGE_DELTA     (1u << 4) /* only a credit: `after.balance` is the amount, before is unknown */
typedef struct rvm_account_state {
    rvm_u256 balance;
    uint64_t nonce;
    rvm_bytes32 code_hash;             /* zero: no code */
} rvm_account_state;
typedef struct rvm_slot_change { rvm_u256 key, before, after; } rvm_slot_change;
typedef struct rvm_account_change {
    rvm_address address;
    uint32_t flags;                    /* RVM_CHANGE_* */
    rvm_account_state before, after;   /* zero where it does not exist */
    const rvm_slot_change* slots;      /* ascending by key as a number */
    uint64_t slot_count;
    rvm_view code;                     /* RVM_CHANGE_CODE: the new code */
    const char* format;                /* format id of the code; NULL: none */
} rvm_account_change;

/* One recorded read; `fields` as RVM_WANT_*; slots have RVM_READ_SLOT and a key. */
#define RVM_READ_SLOT (1u << 31)
typedef struct rvm_read {
    rvm_address address;
    uint32_t fields;
    rvm_u256 key;
} rvm_read;

/* Account callback of `each`; return RVM_OK to go on, anything else stops and is returned. */
typedef rvm_status (*rvm_account_fn)(void* ctx, const rvm_address*, const rvm_account_state*, rvm_view code, const char* format);
typedef rvm_status (*rvm_slot_fn)(void* ctx, const rvm_u256* key, const rvm_u256* value);

/* Opening, reading and writing happen outside frames; writes need an open transaction (tx_begin). Every function is
 * for the thread that uses the world; different worlds are independent. A negative status leaves the world usable
 * only for `discard` and `close`. */
typedef struct rvm_host_world {
    uint32_t struct_size;
    uint32_t reserved;
    rvm_status (*open)(rvm_host_ctx*, uint32_t flags, rvm_world** out, rvm_error*);
    void (*close)(rvm_world*);
    /* RVM_E_INVALID_ARGUMENT: unknown rule set or tracer, named in the error. */
    rvm_status (*tx_begin)(rvm_world*, const rvm_tx_env*, rvm_error*);
    /* Ends the transaction: removals happen, change set, logs and reads become readable. Later transactions of the
     * world see its effects. *out is owned by the caller (release_changes). */
    rvm_status (*tx_end)(rvm_world*, uint32_t flags, rvm_changes** out, rvm_error*);
    /* Drops the effects of the open transaction. */
    void (*tx_abort)(rvm_world*);
    /* Access list: warms an address and keys of it. */
    rvm_status (*warm)(rvm_world*, const rvm_address*, const rvm_u256* keys, uint64_t key_count);
    rvm_status (*account)(rvm_world*, const rvm_address*, uint32_t want, rvm_account** out);
    rvm_status (*code)(rvm_world*, rvm_account*, rvm_view* out, const char** format);
    rvm_status (*slot)(rvm_world*, rvm_account*, const rvm_u256* key, rvm_u256* out);
    rvm_status (*set_nonce)(rvm_world*, rvm_account*, uint64_t nonce);
    rvm_status (*add_balance)(rvm_world*, rvm_account*, const rvm_u256* amount);
    /* A credit that need not read the account (fees): merged as a delta. Zero does nothing, not even touch. */
    rvm_status (*credit)(rvm_world*, const rvm_address*, const rvm_u256* amount);
    rvm_status (*sub_balance)(rvm_world*, rvm_account*, const rvm_u256* amount); /* RVM_TRAP_BALANCE: not enough */
    /* `format` NULL: the deployment's format for code without an id. `hash` NULL: computed by the format. */
    rvm_status (*set_code)(rvm_world*, rvm_account*, rvm_view code, const rvm_bytes32* hash, const char* format, rvm_error*);
    rvm_status (*set_slot)(rvm_world*, rvm_account*, const rvm_u256* key, const rvm_u256* value);
    rvm_status (*touch)(rvm_world*, rvm_account*);
    /* Undo within the open transaction. Marks nest. */
    rvm_status (*mark)(rvm_world*, uint64_t* out);
    rvm_status (*rollback)(rvm_world*, uint64_t mark);
    /* Runs one message at depth 0. May be called several times in one transaction. Returns result->status. CREATE raises
     * the sender's nonce as a nested creation does; with a zero recipient the format computes the address from the nonce
     * before. Warms nothing: who knows the access rules does. `detail` and fault_position describe a trap; the error has
     * the text of a host failure, and why a format refused the code with RVM_TRAP_INVALID_CODE. */
    rvm_status (*execute)(rvm_world*, const rvm_message*, rvm_result*, rvm_error*);
    /* Logs of the open or last transaction; valid until the next tx_begin. */
    const rvm_log* (*logs)(rvm_world*, uint64_t* count);
    const rvm_read* (*reads)(rvm_world*, uint64_t* count);
    /* Accounts of the world in address order; slots of one account in key order. */
    rvm_status (*each_account)(rvm_world*, rvm_account_fn, void* ctx);
    rvm_status (*each_slot)(rvm_world*, rvm_account*, rvm_slot_fn, void* ctx);
    /* Writes all ended transactions and the caller's own pairs (keyspaces >= RVM_KEYSPACE_CALLER) as one atomic batch. */
    rvm_status (*commit)(rvm_world*, const rvm_store_write* extra, uint64_t count, rvm_error*);
    /* Forgets everything since the last commit. */
    void (*discard)(rvm_world*);
    /* The accounts of a change set, ascending by address; valid until it is released. */
    const rvm_account_change* (*changes)(const rvm_changes*, uint64_t* count);
    /* later applied after earlier; associative; both stay valid. */
    rvm_status (*merge)(const rvm_changes* earlier, const rvm_changes* later, rvm_changes** out);
    /* SHA-256 over the documented encoding (core/state/README.md). */
    void (*digest)(const rvm_changes*, rvm_bytes32* out);
    void (*release_changes)(rvm_changes*);
    /* Text a tracer collected in the open or last transaction; empty without one. */
    rvm_status (*trace_text)(rvm_world*, rvm_view* out);
    /* A value of a caller's keyspace in the world's store. RVM_E_NOT_FOUND is an answer. */
    rvm_status (*get)(rvm_world*, uint32_t keyspace, rvm_view key, rvm_view* value);
    /* Asks the running execution of a RVM_WORLD_CANCELLABLE world to end with RVM_E_CANCELLED, soon; holds until the next
     * tx_begin. The one function that any thread may call at any time before close. [any] */
    void (*cancel)(rvm_world*);
    /* Accounts the last ended transaction touched (EIP-161: written, credited, called; of what was reverted only a sticky
     * touch), those its end removed included, ascending by address. *count is 0 while a transaction is open and after
     * tx_abort or discard. Valid until the next touched, tx_begin or discard. RVM_E_NO_MEMORY. Since 0.2. */
    rvm_status (*touched)(rvm_world*, const rvm_address** out, uint64_t* count);
    /* Accounts the last ended transaction destroyed (`destroy`, not EIP-161's removal), as above. Since 0.2. */
    rvm_status (*destroyed)(rvm_world*, const rvm_address** out, uint64_t* count);
} rvm_host_world;

/* ==== The host, as a plugin sees it ============================================================================ */

#define RVM_ENV_LIMIT 512u /* most environment words a process can know */

#define RVM_LOG_TRACE 0u
#define RVM_LOG_DEBUG 1u
#define RVM_LOG_INFO  2u
#define RVM_LOG_WARN  3u
#define RVM_LOG_ERROR 4u

typedef struct rvm_host {
    uint32_t struct_size;
    uint32_t abi_major, abi_minor;
    uint32_t reserved;
    const char* name;                 /* "rvm" */
    const char* version;              /* for logs, never for feature tests */
    rvm_host_ctx* ctx;
    void (*log)(rvm_host_ctx*, uint32_t level, const char* text);                                          /* [any] */
    /* A frozen host interface by id, or NULL. Valid until plugin->destroy returns. [any] */
    const void* (*get_interface)(rvm_host_ctx*, const char* id);
    /* Handle of an environment word, below RVM_ENV_LIMIT; the same name has the same handle for the life of the process.
     * UINT32_MAX: too many names. Names in use: block.number .timestamp .coinbase .gas_limit .base_fee .blob_base_fee
     * .prevrandao .difficulty, chain.id, tx.origin, tx.gas_price, tx.blob_hash.N (N from 0), tx.blob_count. [any] */
    uint32_t (*env_key)(rvm_host_ctx*, const char* name);
    /* Only in plugin->link and later, and only ids declared in `requires`: RVM_E_NOT_FOUND otherwise. [main] */
    rvm_status (*resolve_hash)(rvm_host_ctx*, const char* id, rvm_hash_ref* out);
    rvm_status (*resolve_crypto)(rvm_host_ctx*, const char* id, rvm_crypto_ref* out);
    rvm_status (*resolve_interface)(rvm_host_ctx*, const char* id, const void** table);
    /* Append below, naming the minor version that added the member. */
} rvm_host;

/* ==== The plugin, as the host sees it ========================================================================== */

typedef struct rvm_contribution { const char* kind; const void* item; } rvm_contribution;

/* Lifecycle, all [main]: create -> configure -> contributions -> link -> start -> stop -> destroy. A failure at any
 * step goes to destroy. The host MAY stop after contributions. Code is never unloaded. */
typedef struct rvm_plugin {
    uint32_t struct_size;
    uint32_t reserved;
    void* self;
    /* Optional. The JSON satisfies the descriptor's config_schema, defaults filled in. */
    rvm_status (*configure)(void* self, const char* config_json, rvm_error*);
    /* Required. Ended by a NULL kind; the same answer every time after configure. Items stay valid until destroy. */
    const rvm_contribution* (*contributions)(void* self);
    rvm_status (*link)(void* self, rvm_error*);                                /* optional: resolve crypto, interfaces */
    rvm_status (*start)(void* self, rvm_error*);                               /* optional */
    rvm_status (*stop)(void* self, uint64_t deadline_ms, rvm_error*);          /* optional */
    void (*destroy)(void* self);                                               /* required */
} rvm_plugin;

/* Must equal the sidecar field by field. */
typedef struct rvm_descriptor {
    uint32_t struct_size;
    uint32_t flags;                   /* 0 */
    const char* id;                   /* "org.example.arith" */
    const char* version;              /* semantic version of the plugin itself */
    const char* name;
    const char* vendor;
    const char* license;              /* SPDX */
    const char* description;
    const char* config_schema;        /* JSON Schema (the subset of sdk/docs), or NULL: takes no configuration */
    const char* const* provides;      /* NULL-terminated "kind:id": "rvm.crypto/1:keccak256" */
    const char* const* requires_;     /* NULL-terminated "kind:id" or interface ids; '?' prefix: optional; may be NULL */
} rvm_descriptor;

#define RVM_ENTRY_MAGIC 0x304D5652u   /* "RVM0" */
typedef struct rvm_entry {
    uint32_t magic;
    uint32_t struct_size;
    uint32_t abi_major;
    uint32_t abi_minor_built;         /* header it was built with */
    uint32_t abi_minor_needed;        /* lowest host minor it works with */
    uint32_t word_size;               /* sizeof(rvm_word) */
    uint32_t pointer_size;
    uint32_t reserved;
    const rvm_descriptor* descriptor;
    /* *out stays owned by the plugin until destroy. [main] */
    rvm_status (*create)(const rvm_host*, rvm_plugin** out, rvm_error*);
} rvm_entry;

#define RVM_ENTRY_INIT(descriptor_ptr, create_fn)                                                                      \
    { RVM_ENTRY_MAGIC, (uint32_t)sizeof(rvm_entry), RVM_ABI_MAJOR, RVM_ABI_MINOR, RVM_ABI_MINOR,                       \
      (uint32_t)sizeof(rvm_word), (uint32_t)sizeof(void*), 0u, (descriptor_ptr), (create_fn) }

#define RVM_ENTRY_SYMBOL "rvm_plugin_entry_v0"
extern RVM_EXPORT const rvm_entry rvm_plugin_entry_v0;

#ifdef __cplusplus
}
#endif
#endif /* RVM_PLUGIN_H */
