// What both contract modules, rvm and vm_hooks, do to the world: slots, accounts, calls, creations. Everything is paid
// before it takes effect; a price that only the host knows is paid right after, and takes the frame along if it cannot.
#pragma once

#include "hosts/host.hpp"

namespace rvm::wasm::hosts {

[[nodiscard]] Trap load_slot(Context& context, const rvm_u256& key, rvm_u256& out) noexcept;
/// With the refunds of EIP-3529.
[[nodiscard]] Trap store_slot(Context& context, const rvm_u256& key, const rvm_u256& value) noexcept;

/// The account whose address is at `address` in memory, warmed and paid for. `want`: RVM_WANT_*.
[[nodiscard]] Trap find_account(Context& context, Cell address, std::uint32_t want, rvm_account*& out) noexcept;
/// EIP-1052: zero for an account that is empty, the hash of nothing for one without code.
[[nodiscard]] rvm_bytes32 code_hash_of(const rvm_account& account) noexcept;
/// Copies code from `offset` on, as much as there is and `size` allows.
[[nodiscard]] Trap copy_code(Context& context, Cell address, Cell offset, Cell size, Cell to, Cell& copied) noexcept;

[[nodiscard]] Trap emit(Context& context, rvm_view data, const std::uint8_t* topics, Cell topic_count) noexcept;
/// Replaces the frame's output. The price is part of it.
[[nodiscard]] Trap give_output(Context& context, Cell from, Cell size) noexcept;
/// Copies `size` bytes of `from` at `offset`; RVM_TRAP_MEMORY beyond its end.
[[nodiscard]] Trap copy_exactly(Context& context, rvm_view from, Cell to, Cell offset, Cell size) noexcept;

/// What programs learn of a call or creation.
enum class Answer : Cell { done = 0, reverted = 1, failed = 2 };

struct CallRequest {
    std::uint32_t kind = RVM_CALL_CALL;
    Cell address = 0;
    Cell input = 0, input_size = 0;
    const Cell* value = nullptr; ///< address of 32 bytes; null: none
    Cell gas = 0;                ///< at most; all but a 64th can be given
};
[[nodiscard]] Trap call_program(Context& context, const CallRequest& request, Answer& out) noexcept;

struct CreateRequest {
    Cell value = 0;
    Cell code = 0, code_size = 0;
    const Cell* salt = nullptr;   ///< address of 32 bytes; null: by the creator's nonce
    const char* format = nullptr; ///< null: the creator's
};
/// `created` is zero unless it is done.
[[nodiscard]] Trap create_program(Context& context, const CreateRequest& request, Answer& out,
                                  rvm_address& created) noexcept;

} // namespace rvm::wasm::hosts
