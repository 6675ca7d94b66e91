#include "precompiles/primitives.hpp"

#include <cstdio>

namespace rvm::evm {

rvm_status PrimitiveSource::link(const rvm_host* host) noexcept {
    host_ = host;
    items_ = static_cast<const rvm_host_items*>(host->get_interface(host->ctx, RVM_HOST_ITEMS));
    return items_ == nullptr ? RVM_E_UNSUPPORTED : RVM_OK;
}

const rvm_crypto* PrimitiveSource::find(const char* id) const noexcept {
    const rvm_crypto* item = nullptr;
    if (items_ != nullptr && items_->crypto(host_->ctx, id, &item) == RVM_OK) return item;
    if (host_ != nullptr) {
        char text[128]; // ids have at most 64 characters
        std::snprintf(text, sizeof text, "no crypto primitive %s: not provided, or its known answers failed", id);
        host_->log(host_->ctx, RVM_LOG_ERROR, text);
    }
    return nullptr;
}

} // namespace rvm::evm
