// What running fixtures found, and how it is told.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <rvm/plugin.h>

namespace rvm::ledger {

/// A case that failed or was skipped.
struct Finding {
    std::string file;
    std::string test;  ///< name of the fixture's test
    std::string where; ///< "Cancun data 0 gas 1 value 0"; empty when it concerns the whole test
    std::string reason;
    std::vector<std::string> details; ///< differences
};

/// Of one file, or of all.
struct Tally {
    std::uint64_t passed = 0;
    std::uint64_t skipped = 0;
    std::vector<Finding> failures;
    std::vector<Finding> skips;     ///< fewer than `skipped`: one finding may stand for many cases
    std::vector<std::string> empty; ///< files that hold no test
    std::string trace;

    /// Cases that passed, failed or were skipped.
    [[nodiscard]] std::uint64_t cases() const noexcept { return passed + skipped + failures.size(); }
    void add(Tally&& other);
};

/// Writes to a command's streams. [main]
class Console {
  public:
    explicit Console(const rvm_command_io& io) : io_(io) {}

    [[nodiscard]] bool json() const noexcept { return (io_.flags & RVM_IO_JSON) != 0; }
    [[nodiscard]] const rvm_command_io& io() const noexcept { return io_; }
    void out(std::string_view text) const;
    void error(std::string_view text) const;
    /// All of standard input.
    [[nodiscard]] std::string read_all() const;

    /// One failed case, as it happens.
    void failure(const Finding& finding) const;
    /// What was skipped and why, then the last line; with --json the one document.
    void summary(const Tally& tally, bool verbose) const;

  private:
    const rvm_command_io& io_;
};

} // namespace rvm::ledger
