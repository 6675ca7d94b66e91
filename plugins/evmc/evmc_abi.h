// The binary interface of EVMC, ABI version 18, declared from its published layout (the header evmc/evmc.h of the
// Ethereum client-VM connector API): what a client and an Ethereum virtual machine in a library of its own say to each
// other.
//
// Numbers of 256 bits travel as 32 bytes, big-endian. Nothing here has a size field: a host must compare
// Vm::abi_version before it reads anything else. The assertions at the end hold the layout on 64-bit targets (System V
// ABI).
#pragma once

#include <cstddef>
#include <cstdint>

#include <rvm/plugin.h>

namespace rvm::evmc {

inline constexpr std::int32_t abi_version = 18;

using Address = rvm_address;
using Bytes32 = rvm_bytes32;

enum class CallKind : std::int32_t { call, delegatecall, callcode, create, create2 };

inline constexpr std::uint32_t flag_static = 1;    ///< state changes are forbidden; inherited by nested calls
inline constexpr std::uint32_t flag_delegated = 2; ///< code_address was found through a delegation (EIP-7702)

/// One call or creation. The virtual machine that makes it has checked depth, balance and nonce, computed the recipient
/// of a creation and followed a delegation.
struct Message {
    CallKind kind;
    std::uint32_t flags;
    std::int32_t depth;
    std::int64_t gas;  ///< of the callee, its stipend included
    Address recipient; ///< storage owner; the new account of a creation
    Address sender;
    const std::uint8_t* input_data; ///< init code of a creation
    std::size_t input_size;
    Bytes32 value;
    Address code_address;
    const std::uint8_t* code; ///< unused by this version's call sites
    std::size_t code_size;
};

/// Environment of a transaction.
struct TxContext {
    Bytes32 tx_gas_price;
    Address tx_origin;
    Address block_coinbase;
    std::int64_t block_number;
    std::int64_t block_timestamp;
    std::int64_t block_gas_limit;
    Bytes32 block_prev_randao; ///< the difficulty before EIP-4399
    Bytes32 chain_id;
    Bytes32 block_base_fee;
    Bytes32 blob_base_fee;
    const Bytes32* blob_hashes;
    std::size_t blob_hashes_count;
    std::uint64_t block_slot_number; ///< EIP-7843
};

enum class StatusCode : std::int32_t {
    success,
    failure,
    revert,
    out_of_gas,
    invalid_instruction, ///< the INVALID opcode
    undefined_instruction,
    stack_overflow,
    stack_underflow,
    bad_jump_destination,
    invalid_memory_access,
    call_depth_exceeded,
    static_mode_violation,
    precompile_failure,
    contract_validation_failure,
    argument_out_of_range,
    wasm_unreachable,
    wasm_trap,
    insufficient_balance,
    // Negative ones are failures of the virtual machine itself, not outcomes of a program.
    internal_error = -1,
    rejected = -2,
    out_of_memory = -3,
};

/// Outcome of a frame. gas_left is 0 unless the status is success or revert; gas_refund unless it is success.
struct Result {
    StatusCode status_code;
    std::int64_t gas_left;
    std::int64_t gas_refund; ///< of this frame and those it called
    const std::uint8_t* output_data;
    std::size_t output_size;
    void (*release)(const Result*); ///< NULL: nothing to free; else called once by whoever got the result
};

/// The nine outcomes of a storage write, numbered as RVM_SLOT_*.
enum class StorageStatus : std::int32_t {
    assigned,
    added,
    deleted,
    modified,
    deleted_added,
    modified_deleted,
    deleted_restored,
    added_deleted,
    modified_restored,
};

enum class AccessStatus : bool { cold, warm };

enum class Revision : std::int32_t {
    frontier,
    homestead,
    tangerine_whistle,
    spurious_dragon,
    byzantium,
    petersburg, ///< with Constantinople, whose EIP-1283 it takes back
    istanbul,
    berlin,
    london,
    paris,
    shanghai,
    cancun,
    prague,
    osaka,
    amsterdam,
    experimental,
};

/// Opaque: whatever the host passes to execute().
struct HostContext;

/// What a host offers during execute(), in this order.
struct HostInterface {
    bool (*account_exists)(HostContext*, const Address*);
    Bytes32 (*get_storage)(HostContext*, const Address*, const Bytes32* key);
    StorageStatus (*set_storage)(HostContext*, const Address*, const Bytes32* key, const Bytes32* value);
    Bytes32 (*get_balance)(HostContext*, const Address*);
    std::uint64_t (*get_nonce)(HostContext*, const Address*);
    std::size_t (*get_code_size)(HostContext*, const Address*);
    Bytes32 (*get_code_hash)(HostContext*, const Address*);
    std::size_t (*copy_code)(HostContext*, const Address*, std::size_t offset, std::uint8_t* buffer, std::size_t size);
    bool (*selfdestruct)(HostContext*, const Address*, const Address* beneficiary); ///< true: first registered now
    Result (*call)(HostContext*, const Message*);
    TxContext (*get_tx_context)(HostContext*);
    Bytes32 (*get_block_hash)(HostContext*, std::int64_t number);
    void (*emit_log)(HostContext*, const Address*, const std::uint8_t* data, std::size_t size, const Bytes32* topics,
                     std::size_t topic_count);
    AccessStatus (*access_account)(HostContext*, const Address*);
    AccessStatus (*access_storage)(HostContext*, const Address*, const Bytes32* key);
    Bytes32 (*get_transient_storage)(HostContext*, const Address*, const Bytes32* key);
    void (*set_transient_storage)(HostContext*, const Address*, const Bytes32* key, const Bytes32* value);
};

enum class SetOptionResult : std::int32_t { success, invalid_name, invalid_value };

/// A virtual machine. One thread at a time; execute() is re-entered for nested calls.
struct Vm {
    std::int32_t abi_version;
    const char* name;
    const char* version;
    void (*destroy)(Vm*);
    Result (*execute)(Vm*, const HostInterface*, HostContext*, Revision, const Message*, const std::uint8_t* code,
                      std::size_t code_size);
    SetOptionResult (*set_option)(Vm*, const char* name, const char* value); ///< NULL: there are no options
};

/// What a library exports, as evmc_create_NAME.
using CreateFn = Vm* (*)();

static_assert(sizeof(void*) == 8 && sizeof(std::size_t) == 8, "the layout below is that of 64-bit targets");
static_assert(sizeof(Message) == 152 && offsetof(Message, gas) == 16 && offsetof(Message, recipient) == 24 &&
              offsetof(Message, sender) == 44 && offsetof(Message, input_data) == 64 &&
              offsetof(Message, value) == 80 && offsetof(Message, code_address) == 112 &&
              offsetof(Message, code) == 136 && offsetof(Message, code_size) == 144);
static_assert(sizeof(TxContext) == 248 && offsetof(TxContext, tx_origin) == 32 &&
              offsetof(TxContext, block_coinbase) == 52 && offsetof(TxContext, block_number) == 72 &&
              offsetof(TxContext, block_prev_randao) == 96 && offsetof(TxContext, blob_base_fee) == 192 &&
              offsetof(TxContext, blob_hashes) == 224 && offsetof(TxContext, block_slot_number) == 240);
static_assert(sizeof(Result) == 48 && offsetof(Result, gas_left) == 8 && offsetof(Result, gas_refund) == 16 &&
              offsetof(Result, output_data) == 24 && offsetof(Result, release) == 40);
static_assert(sizeof(HostInterface) == 17 * sizeof(void*) && offsetof(HostInterface, call) == 72 &&
              offsetof(HostInterface, set_transient_storage) == 128);
static_assert(sizeof(Vm) == 48 && offsetof(Vm, name) == 8 && offsetof(Vm, destroy) == 24 &&
              offsetof(Vm, execute) == 32 && offsetof(Vm, set_option) == 40);
static_assert(sizeof(AccessStatus) == 1 && sizeof(StatusCode) == 4 && sizeof(Revision) == 4);
static_assert(static_cast<std::int32_t>(StorageStatus::modified_restored) == RVM_SLOT_MODIFIED_RESTORED);
static_assert(static_cast<std::int32_t>(Revision::osaka) == 13 &&
              static_cast<std::int32_t>(StatusCode::insufficient_balance) == 17);

} // namespace rvm::evmc
