#include "runtime/env_keys.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <string>

namespace rvm::runtime {
namespace {

std::mutex keys_mutex;
std::atomic<std::uint32_t> key_count{0};

std::map<std::string, std::uint32_t, std::less<>>& keys() {
    static std::map<std::string, std::uint32_t, std::less<>> table;
    return table;
}

} // namespace

std::uint32_t env_key(std::string_view name) {
    const std::lock_guard lock(keys_mutex);
    if (const auto found = keys().find(name); found != keys().end()) return found->second;
    const std::uint32_t next = key_count.load(std::memory_order_relaxed);
    if (next == kMaxEnvKeys) return UINT32_MAX;
    keys().emplace(name, next);
    key_count.store(next + 1, std::memory_order_release);
    return next;
}

std::string env_name(std::uint32_t key) {
    const std::lock_guard lock(keys_mutex);
    for (const auto& [name, handle] : keys())
        if (handle == key) return name;
    return {};
}

std::uint32_t env_key_count() noexcept { return key_count.load(std::memory_order_acquire); }

} // namespace rvm::runtime
