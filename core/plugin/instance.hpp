// One plugin object and its life: create -> configure -> contributions -> link -> start -> stop -> destroy.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <rvm/plugin.h>
#include <rvm/report.hpp>

namespace rvm::plugin {

/// Owns what create() made. Every call into the plugin is guarded: an exception that leaves it is caught and reported
/// (L02), which holds for plugins that share the host's C++ runtime; others abort the process, as the ABI warns. Use
/// from one thread at a time.
class Instance {
  public:
    /// Runs create() and judges the table it returns: L01 for an error, no table, too small a table or a missing
    /// mandatory function; nullptr then, with the object destroyed as far as that is possible. `entry` was judged
    /// before; `host` must outlive the instance.
    [[nodiscard]] static std::unique_ptr<Instance> create(const rvm_entry& entry, const rvm_host& host, std::string id,
                                                          std::string file, Report& report);
    /// stop(), when started, with the deadline the registry gives; then destroy().
    ~Instance();
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    /// Hands over a configuration that satisfies the schema. False with L04 or L02.
    bool configure(const std::string& config_json, Report& report);
    /// The list of contributions, asked for twice: K08 when there is none, it is longer than max_contributions, or the
    /// second answer differs. The items belong to the plugin and live until destroy.
    [[nodiscard]] std::optional<std::vector<rvm_contribution>> contributions(Report& report);
    bool link(Report& report);
    bool start(Report& report);
    /// Asks a started plugin to stop: L04 for an error, L05 when it took longer than the deadline. Does nothing when
    /// the plugin was not started. Never runs twice.
    bool stop(std::uint64_t deadline_ms, Report& report);

  private:
    Instance(std::string id, std::string file) : id_(std::move(id)), file_(std::move(file)) {}
    /// Runs a step that returns a status; false with L02 or L04.
    template <typename Call>
    bool run(const char* name, Report& report, Call call);

    std::string id_;
    std::string file_;
    rvm_plugin table_{}; // the host's copy; members the plugin's table does not have are NULL
    bool started_ = false;
};

} // namespace rvm::plugin
