// Code by hash, shared by all worlds of a Runtime.
#pragma once

#include "state/keyed_hash.hpp"

#include <rvm/plugin.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace rvm::state {

/// A format id, interned: equal ids are the same object. Lives as long as its CodeTable.
struct CodeFormat {
    std::string id;                     ///< "evm"; matches [a-z0-9._/-]{1,64}
    const rvm_format* format = nullptr; ///< nullptr: no loaded plugin provides it; its programs are refused by name
    std::uint32_t rules_count = 0;      ///< names in format->rules
};

/// Where the runtime keeps what a format made of a code object, one per period of equal prices, rule set and tier.
/// Filled by the runtime: it publishes `artifact` (or `refused`) with a compare-and-exchange; the loser of a race
/// releases its own.
struct ArtifactSlot {
    std::atomic<rvm_artifact*> artifact{nullptr}; ///< released with the table
    std::atomic<rvm_status> refused{RVM_OK};      ///< a trap: the format refuses this code under these rules
};

/// Immutable bytes of deployed code and what is derived from them. Lives as long as its CodeTable; shared by threads.
class CodeObject {
  public:
    CodeObject(const CodeFormat& format, const rvm_bytes32& hash, rvm_view bytes, std::uint32_t periods);
    ~CodeObject();
    CodeObject(const CodeObject&) = delete;
    CodeObject& operator=(const CodeObject&) = delete;

    [[nodiscard]] const CodeFormat& format() const noexcept { return format_; }
    [[nodiscard]] const rvm_bytes32& hash() const noexcept { return hash_; }
    /// RVM_CODE_ZEROS zero bytes follow.
    [[nodiscard]] rvm_view bytes() const noexcept { return {bytes_.data(), bytes_.size() - RVM_CODE_ZEROS}; }
    /// EIP-7702 target, decoded once by format.delegate_of; nullptr: none.
    [[nodiscard]] const rvm_address* delegate() const noexcept { return delegates_ ? &delegate_ : nullptr; }
    /// `period` below the table's periods, `rules` below format().rules_count, `tier` RVM_TIER_COLD or RVM_TIER_HOT;
    /// format().format is not nullptr.
    [[nodiscard]] ArtifactSlot& artifact(std::uint32_t period, std::uint32_t rules, std::uint32_t tier) const noexcept {
        return artifacts_[(period * format_.rules_count + rules) * tier_count + tier];
    }

  private:
    static constexpr std::uint32_t tier_count = 2; // RVM_TIER_COLD, RVM_TIER_HOT

    const CodeFormat& format_;
    rvm_bytes32 hash_;
    std::vector<std::uint8_t> bytes_; ///< with the zeroes behind them
    rvm_address delegate_{};
    bool delegates_ = false;
    std::uint32_t artifact_count_;
    std::unique_ptr<ArtifactSlot[]> artifacts_;
};

/// Thread-safe. Locks are taken only when an account's code is first touched in a world or new code is deployed, never
/// while programs run. Objects are kept until the table dies.
class CodeTable {
  public:
    /// Finds the plugin of a format id, asked once per id; nullptr: none. Called under a lock of the table: it must not
    /// call back into the table.
    using Resolver = const rvm_format* (*)(void* ctx, const char* id);

    /// `periods`: in how many periods of different prices code may run, at least 1.
    explicit CodeTable(Resolver resolver = nullptr, void* ctx = nullptr, std::uint32_t periods = 1) noexcept
        : resolver_(resolver), ctx_(ctx), periods_(periods) {}
    CodeTable(const CodeTable&) = delete;
    CodeTable& operator=(const CodeTable&) = delete;

    /// The interned id; nullptr when the text is not a valid id. Throws std::bad_alloc.
    [[nodiscard]] const CodeFormat* intern(std::string_view id);
    /// The object of this format with this hash, or nullptr.
    [[nodiscard]] const CodeObject* find(const CodeFormat& format, const rvm_bytes32& hash) const;
    /// The object of this format with this hash, made from a copy of `bytes` when there is none.
    /// RVM_E_IO: there is one with other bytes (a damaged store, or a format whose hash function is not one).
    [[nodiscard]] rvm_status insert(const CodeFormat& format, const rvm_bytes32& hash, rvm_view bytes,
                                    const CodeObject** out);

  private:
    struct Key {
        const CodeFormat* format;
        rvm_bytes32 hash;
        bool operator==(const Key& other) const noexcept;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const noexcept;
    };
    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<Key, std::unique_ptr<CodeObject>, KeyHash> objects;
    };
    static constexpr std::size_t shard_count = 16; // more than the threads that deploy at once

    [[nodiscard]] Shard& shard(const Key& key) noexcept { return shards_[KeyHash{}(key) % shard_count]; }
    [[nodiscard]] const Shard& shard(const Key& key) const noexcept { return shards_[KeyHash{}(key) % shard_count]; }

    Resolver resolver_;
    void* ctx_;
    std::uint32_t periods_;
    mutable std::mutex formats_mutex_;
    std::vector<std::unique_ptr<CodeFormat>> formats_;
    std::array<Shard, shard_count> shards_;
};

} // namespace rvm::state
