// What a recorder keeps while worlds are in use. Internal to this folder.
#pragma once

#include <atomic>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "record/recorder.hpp"
#include "state/limbs.hpp"

namespace rvm::record {

struct AddressLess {
    bool operator()(const rvm_address& a, const rvm_address& b) const noexcept {
        return std::memcmp(a.bytes, b.bytes, sizeof a.bytes) < 0;
    }
};
struct WordLess {
    bool operator()(const rvm_u256& a, const rvm_u256& b) const noexcept { return state::less(a, b); }
};

/// One world that is being recorded.
struct WorldLog {
    World record;
    rvm_host_ctx* context = nullptr;
    rvm_world* twin = nullptr; ///< at the commit the world found; nullptr for an ephemeral one
    std::map<rvm_address, std::set<rvm_u256, WordLess>, AddressLess> read;
    rvm_tx_env env{};                     ///< the caller's
    std::map<std::uint64_t, std::uint64_t> marks;
    bool in_tx = false, executed = false; ///< executed: in the open transaction
    std::size_t executions = 0;
};

struct Recorder::Impl {
    std::uint64_t most_steps = 0;
    std::atomic<std::uint64_t> steps{0}, kept{0};
    std::mutex mutex;
    std::map<rvm_world*, std::unique_ptr<WorldLog>> open;
    std::vector<World> done; ///< in the order they were closed
    std::atomic<bool> broken{false}; ///< something could not be written down

    WorldLog& of(rvm_world* world) {
        const std::lock_guard lock(mutex);
        return *open.at(world);
    }
    /// Ends the record of a world; what it found in the store is read now.
    void finish(WorldLog& log);
    void seal_base(WorldLog& log);
};

/// The recorder that worlds tell, or nullptr.
void set_active(Recorder::Impl* recorder) noexcept;
/// The host's own table of worlds; known once a deployment was opened.
[[nodiscard]] const rvm_host_world& real_worlds() noexcept;
/// Puts the recorder between a deployment and everybody who drives worlds in it.
void tap_worlds(RuntimeOptions& options);

} // namespace rvm::record
