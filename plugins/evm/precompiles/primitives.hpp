// Crypto primitives of other plugins, each resolved when a precompile first needs it.
#pragma once

#include <atomic>

#include <rvm/plugin.h>

namespace rvm::evm {

/// Finds primitives through the host. The host tests a primitive's known answers when it is first asked for it: with
/// all 18 at once every start of a program would pay for pairings (milliseconds) that few contracts use.
class PrimitiveSource {
  public:
    /// RVM_E_UNSUPPORTED when the host has no rvm.host.items/1. The host must outlive this. [main]
    rvm_status link(const rvm_host* host) noexcept;

    /// NULL: not there, or its known answers fail; the host's log says so. [any]
    [[nodiscard]] const rvm_crypto* find(const char* id) const noexcept;

  private:
    const rvm_host* host_ = nullptr;
    const rvm_host_items* items_ = nullptr;
};

class Primitive {
  public:
    Primitive(const PrimitiveSource& source, const char* id) noexcept : source_(source), id_(id) {}

    /// RVM_E_CONFIG: there is no such primitive, a failure of the host that no program sees. Otherwise what the
    /// primitive answers; a hash always RVM_OK, with `output` of its digest's size at least. [any]
    rvm_status run(rvm_view input, rvm_span output, std::uint64_t* size) const noexcept {
        const rvm_crypto* item = item_.load(std::memory_order_acquire);
        if (item == nullptr) {
            item = source_.find(id_);
            if (item == nullptr) return RVM_E_CONFIG;
            item_.store(item, std::memory_order_release); // the same pointer, whichever thread is first
        }
        if (item->shape == RVM_CRYPTO_GENERIC) return item->run(item->self, input, output, size);
        *size = item->digest_size;
        if (output.size < item->digest_size) return RVM_E_BUFFER_TOO_SMALL;
        item->hash(item->self, input, output.data);
        return RVM_OK;
    }

  private:
    const PrimitiveSource& source_;
    const char* id_;
    mutable std::atomic<const rvm_crypto*> item_{nullptr};
};

/// All of them; what a precompile is given to compute with.
struct Primitives {
    PrimitiveSource source;
#define PRECOMPILE_PRIMITIVE(member, id) Primitive member{source, id};
#include "primitives.def"
#undef PRECOMPILE_PRIMITIVE
};

} // namespace rvm::evm
