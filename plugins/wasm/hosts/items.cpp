#include "hosts/items.hpp"

#include <memory>
#include <new>

namespace rvm::wasm::hosts {
namespace {

/// Input and output of a call. Items may rely on them being apart: an input that overlaps is copied.
struct Spans {
    rvm_view input{};
    rvm_span output{};
    std::unique_ptr<std::uint8_t[]> copy;
};
Trap spans(Context& context, const Cell* window, std::uint64_t most_output, Spans& out) noexcept {
    const std::uint8_t* input = place(context, window[0], window[1]);
    std::uint8_t* output = place(context, window[2], window[3]);
    if (input == nullptr || output == nullptr) return Trap::memory_bounds;
    out.input = {input, window[1]};
    out.output = {output, std::min<std::uint64_t>(window[3], most_output)};
    const bool overlap = out.input.size != 0 && out.output.size != 0 && window[0] < window[2] + out.output.size &&
                         window[2] < window[0] + out.input.size;
    if (!overlap) return Trap::none;
    out.copy.reset(new (std::nothrow) std::uint8_t[window[1]]);
    if (out.copy == nullptr) return end(context, RVM_E_NO_MEMORY);
    std::memcpy(out.copy.get(), input, window[1]);
    out.input.data = out.copy.get();
    return Trap::none;
}

} // namespace

Trap call_syscall(Context& context, Cell* window, std::uint64_t data) noexcept {
    const auto& item = *reinterpret_cast<const GrantedItem*>(data);
    const rvm_syscall& syscall = *item.syscall.syscall;
    FrameContext& frame = frame_of(context);
    Spans memory;
    const Trap found = spans(context, window, syscall.max_output, memory);
    if (found != Trap::none) return found;
    const std::uint64_t price = frame.host->vm->price(syscall.gas, syscall.self, memory.input);
    if (price > static_cast<std::uint64_t>(INT64_MAX) - prices::host_call || !pay(context, prices::host_call + price)) {
        return Trap::out_of_gas;
    }
    const bool is_static = (frame.frame->flags & RVM_FRAME_STATIC) != 0;
    if (is_static && (syscall.flags & RVM_F_WRITES_STATE) != 0) return end(context, RVM_TRAP_STATIC);
    const bool pure = (syscall.flags & RVM_F_PURE) != 0;
    GasOfFrame gas(context);
    std::uint64_t written = 0;
    const rvm_status status =
        syscall.run(syscall.self, pure ? item.syscall.guard : frame.frame, memory.input, memory.output, &written);
    if (!pure && !gas.settle()) return Trap::out_of_gas;
    if (pure && (__atomic_load_n(&item.syscall.guard->flags, __ATOMIC_RELAXED) & RVM_FRAME_VIOLATED) != 0) {
        return end(context, RVM_TRAP_ILLEGAL);
    }
    if (status != RVM_OK) return end(context, status);
    if (written > memory.output.size) return end(context, RVM_TRAP_ILLEGAL);
    window[0] = written;
    return Trap::none;
}

Trap call_crypto(Context& context, Cell* window, std::uint64_t data) noexcept {
    const rvm_crypto& crypto = *reinterpret_cast<const GrantedItem*>(data)->crypto;
    if (!pay(context, prices::host_call + prices::primitive + words(window[1]) * prices::primitive_word)) {
        return Trap::out_of_gas;
    }
    Spans memory;
    const Trap found = spans(context, window, UINT64_MAX, memory);
    if (found != Trap::none) return found;
    std::uint64_t written = crypto.digest_size;
    if (crypto.shape == RVM_CRYPTO_HASH) {
        if (memory.output.size < crypto.digest_size) return end(context, RVM_TRAP_LIMIT);
        crypto.hash(crypto.self, memory.input, memory.output.data);
    } else {
        const rvm_status status = crypto.run(crypto.self, memory.input, memory.output, &written);
        if (status == RVM_E_BUFFER_TOO_SMALL) return end(context, RVM_TRAP_LIMIT);
        if (status != RVM_OK) return end(context, status);
    }
    if (written > memory.output.size) return end(context, RVM_TRAP_ILLEGAL);
    window[0] = written;
    return Trap::none;
}

} // namespace rvm::wasm::hosts
