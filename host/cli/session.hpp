// One run of the program: its streams, its global options and, once something needs it, its deployment.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cli/io.hpp"
#include "cli/options.hpp"
#include <rvm/report.hpp>
#include <rvm/runtime.hpp>

namespace rvm::plugin {
class PluginSlot;
}

namespace rvm::host {

/// Not thread-safe; lives in main().
class Session {
  public:
    Session();
    ~Session();

    Io io;
    GlobalOptions globals;
    /// Plugins of the program itself that a verb adds before the deployment is opened.
    std::vector<const rvm_entry*> builtins;
    /// Sees the options of the deployment before it is opened: for a verb that watches another. May be empty.
    std::function<void(RuntimeOptions&)> prepare;
    /// What the verb asks of the deployment's store; set before the deployment is opened.
    RuntimeOptions::Store store = RuntimeOptions::Store::if_there;
    /// File that the verb, or one around it, writes when its programs have run; empty: none.
    std::string written_last;

    /// The manifest in use: --config, else $RVM_CONFIG (never with raised privileges), else configs/dev.json beside the
    /// program.
    [[nodiscard]] std::filesystem::path manifest_file() const;
    /// Folder `share/rvm` of the tree the program file stands in, wherever it was started from.
    [[nodiscard]] std::filesystem::path share_dir() const;

    /// The deployment, opened on the first call. Warnings go to the error stream. Throws Failure.
    [[nodiscard]] Runtime& runtime();
    /// The same with its store open, which is made when it is not there and `store` does not forbid it.
    [[nodiscard]] Runtime& runtime_with_store();
    /// As runtime(), but nullptr with findings instead of throwing.
    [[nodiscard]] Runtime* try_runtime(Report& report);
    /// Confines the process when the manifest says so: everything that the verb needs is open, only programs are left
    /// to run. `state_file` is what the verb writes afterwards, empty for nothing. `second` is another deployment that
    /// the verb runs programs in, nullptr for none: its manifest may ask as well. Throws Failure (RVM-L06), also for
    /// `written_last`.
    void confine(const std::string& state_file, Runtime* second = nullptr);
    /// The same for a verb that opens files while plugins run: that right stays. A verb whose programs run with it
    /// warns. `owner` is the plugin the verb is from, which keeps what its sidecar declares; nullptr: the verb is the
    /// host's. Throws Failure (RVM-L06).
    enum class Programs { none, run };
    void confine_but_for_files(Programs programs, const plugin::PluginSlot* owner = nullptr);
    /// Stops the plugins; what they did wrong then goes to `report`. Nothing when there is no deployment.
    void close(Report& report);
    /// What a plugin may take to stop when a verb is over: by then it has nothing left to do.
    static constexpr std::uint64_t stop_deadline_ms = 2'000;

    /// Writes findings to the error stream, warnings and notes only without --quiet.
    void show(const Report& report);
    /// One JSON document and a line break to standard output.
    void print_json(const nlohmann::ordered_json& document);
    /// "name      value" in the calm two-column layout of every verb.
    void line(std::string_view name, std::string_view value, Style style = Style::heading);
    /// Says something on the error stream with --verbose only.
    void remark(std::string_view text);
    /// Shows how far long work has come, at a terminal and without --quiet, some times a second at most. `total` 0:
    /// unknown. The next output takes the line away.
    void progress(std::string_view what, std::uint64_t done, std::uint64_t total);

  private:
    std::chrono::steady_clock::time_point progress_at_{}; ///< when it was last shown
    std::unique_ptr<Runtime> runtime_;
    enum class Rights { all, files, none } rights_ = Rights::all; ///< what the process has not given up
};

/// {"code", "severity", "file", ...} without empty members.
[[nodiscard]] nlohmann::ordered_json finding_json(const Finding& finding);
[[nodiscard]] nlohmann::ordered_json report_json(const Report& report);
/// A report of one error, ready to be thrown.
[[nodiscard]] Failure failure(ErrorCode code, std::string file, std::string where, std::string message,
                              std::string hint = {});

} // namespace rvm::host
