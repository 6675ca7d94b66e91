// What a manifest's "storage": { "config": {...} } says to this engine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rvm::lmdb {

/// When a commit is on the disk. What a killed process committed survives under each of them.
enum class Sync : std::uint8_t {
    commit,   ///< when commit() returns
    previous, ///< when the next commit() returns: losing power may lose the last batch, never a part of one
    system,   ///< when the operating system writes it: losing power may damage the store
};

/// The word a manifest uses for a policy, and what it promises in a few words.
[[nodiscard]] std::string_view sync_name(Sync sync) noexcept;
[[nodiscard]] std::string_view sync_promise(Sync sync) noexcept;

struct Settings {
    /// Most a store may ever hold, and the address space it takes: the file itself grows with its contents.
    static constexpr std::uint64_t default_map_bytes = std::uint64_t{1} << 40;
    static constexpr std::uint64_t least_map_bytes = std::uint64_t{1} << 20;
    static constexpr std::uint64_t most_map_bytes = std::uint64_t{1} << 46; // half of what x86-64 gives a process

    std::string path; ///< folder of the store; absolute (the manifest's parser makes it so)
    Sync sync = Sync::commit;
    /// As the manifest says; 0: default_map_bytes, or as much of it as the process may map.
    std::uint64_t map_bytes = 0;
    bool read_only = false;  ///< commits are refused; a store that does not exist is not made
    bool must_exist = false; ///< a store that does not exist is not made: RVM_E_NOT_FOUND

    [[nodiscard]] bool makes_store() const noexcept { return !read_only && !must_exist; }

    /// Throws sdk::Failure with RVM_E_CONFIG: member, what was expected and what was found.
    [[nodiscard]] static Settings parse(std::string_view json);
};

} // namespace rvm::lmdb
