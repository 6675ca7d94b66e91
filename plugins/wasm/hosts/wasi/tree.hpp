// A read-only directory that lives in memory.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rvm::wasm::wasi {

/// Files by their path from the root: "docs/readme.txt". Folders exist by what is in them; the root ("") always does.
class Tree {
  public:
    using Bytes = std::vector<std::uint8_t>;
    enum class Kind { file, folder };
    struct Item {
        std::string name;
        Kind kind;
    };

    /// `path`: components without ".", ".." and empty ones, separated by '/'. Replaces what was there.
    void add(std::string path, Bytes contents) { files_[std::move(path)] = std::move(contents); }

    [[nodiscard]] std::optional<Kind> find(const std::string& path) const;
    /// Of a file that is there.
    [[nodiscard]] const Bytes& contents(const std::string& path) const { return files_.at(path); }
    /// What a folder holds, by name.
    [[nodiscard]] std::vector<Item> list(const std::string& folder) const;
    /// All of them, by path.
    [[nodiscard]] const std::map<std::string, Bytes>& files() const noexcept { return files_; }
    /// The same number for the same path everywhere.
    [[nodiscard]] static std::uint64_t inode(std::string_view path) noexcept;

  private:
    std::map<std::string, Bytes> files_;
};

/// Follows `path` from the folder `from`. Nothing when it leaves the root or is absolute.
[[nodiscard]] std::optional<std::string> resolve(const std::string& from, std::string_view path);

} // namespace rvm::wasm::wasi
