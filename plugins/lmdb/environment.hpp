// One LMDB environment in the layout of this engine: opened, made when it does not exist, copied.
//
// Layout 1 of data.mdb: a named database "rvm" with "engine" -> "lmdb" and "layout" -> the number (8 bytes,
// big-endian), and one named database "keyspace NN" for each keyspace of the boundary. Keys and values are those of the
// boundary.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include <lmdb.h>

#include <rvm/plugin.h>

#include "settings.hpp"

namespace rvm::lmdb {

inline constexpr std::uint64_t layout_version = 1;

/// Runs `body` with a directory-local name and puts what it wrote there in place of `folder`/data.mdb, all or nothing,
/// also when the machine stops in between. `replace` false: a data file that is there already stays, as if it had been
/// a moment earlier. Throws sdk::Failure.
void install_data_file(const std::string& folder, bool replace, const std::function<void(const std::string&)>& body);

/// Throws sdk::Failure: there is no store, and the settings make none.
[[noreturn]] void refuse_absent(const Settings& settings);

class Environment {
  public:
    /// Opens `settings.path`. Throws sdk::Failure: RVM_E_CONFIG where the settings, permissions or the layout are the
    /// reason, RVM_E_IO where the file is damaged.
    explicit Environment(const Settings& settings);
    ~Environment();
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

    [[nodiscard]] MDB_env* get() const noexcept { return env_; }
    [[nodiscard]] MDB_dbi keyspace(std::uint32_t number) const noexcept { return keyspaces_[number]; }
    [[nodiscard]] std::size_t most_key_bytes() const noexcept { return most_key_bytes_; }
    /// Number of the last commit when the environment was opened.
    [[nodiscard]] std::uint64_t opened_at() const noexcept { return opened_at_; }

  private:
    void open();
    void open_keyspaces();

    const Settings& settings_;
    MDB_env* env_ = nullptr;
    std::array<MDB_dbi, RVM_KEYSPACE_LIMIT> keyspaces_{};
    std::size_t most_key_bytes_ = 0;
    std::uint64_t opened_at_ = 0;
};

} // namespace rvm::lmdb
