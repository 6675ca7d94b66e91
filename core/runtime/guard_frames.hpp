// Guard frames: how the host hears of PURE items that call it.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include <rvm/plugin.h>

namespace rvm::runtime {

/// What PURE items get instead of a frame: the host functions recognise it, mark it and refuse. One per linked item.
class GuardFrames {
  public:
    /// The guard of an item; lives as long as this object. Thread-safe.
    [[nodiscard]] rvm_frame* of(const void* item) {
        const std::lock_guard lock(mutex_);
        auto& guard = guards_[item];
        if (guard == nullptr) {
            guard = std::make_unique<rvm_frame>();
            guard->struct_size = sizeof(rvm_frame);
            guard->flags = RVM_FRAME_GUARD;
        }
        return guard.get();
    }

  private:
    std::mutex mutex_;
    std::map<const void*, std::unique_ptr<rvm_frame>> guards_;
};

} // namespace rvm::runtime
