// Specification tests in wast2json's layout: a JSON file of commands with the .wasm files beside it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backend.hpp"

namespace rvm::wasm::spectest {

struct Totals {
    std::uint64_t passed = 0;  ///< assertions
    std::uint64_t failed = 0;  ///< assertions, modules and actions
    std::uint64_t skipped = 0; ///< assertions on the text format and those of the skip list
};

/// What not to run: one entry a line, "DIRECTORY/FILE.json" or "DIRECTORY/FILE.json:LINE", matched at the end of the
/// path, or "DIRECTORY/", matched anywhere in it; "#" begins the reason.
class SkipList {
  public:
    SkipList() = default;
    /// Throws std::runtime_error naming the file when it cannot be read.
    explicit SkipList(const std::filesystem::path& file);
    [[nodiscard]] bool whole_file(const std::filesystem::path& script) const;
    [[nodiscard]] bool line(const std::filesystem::path& script, std::uint64_t number) const;

  private:
    [[nodiscard]] bool has(const std::filesystem::path& script, const std::string& suffix) const;
    std::vector<std::string> entries_;
};

/// All scripts under a path, sorted; the path itself when it is a file. Throws std::runtime_error when there is none.
[[nodiscard]] std::vector<std::filesystem::path> find_scripts(const std::filesystem::path& path);

/// Runs one script in a store of its own. `report` gets a line for each failure. Throws std::runtime_error when the
/// script is not readable.
void run_script(const std::filesystem::path& script, Backend& backend, const SkipList& skips, Totals& totals,
                const std::function<void(const std::string&)>& report);

} // namespace rvm::wasm::spectest
