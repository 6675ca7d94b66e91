// The steps of `rvm plugin check`: each runs in a child process of its own and says what it found.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "plugin/registry.hpp"
#include <rvm/report.hpp>
#include <rvm/runtime.hpp>

namespace rvm::host {

/// The plugin under test, prepared by the parent.
struct Candidate {
    std::string id;
    std::string manifest;                ///< text of a deployment with the plugin and what it requires
    std::filesystem::path manifest_path; ///< stands for it; anchors nothing, all paths in it are absolute
    std::filesystem::path library;       ///< the private copy that is loaded
    std::string config_schema;           ///< canonical JSON; empty: none
};

/// What a step reports from inside the child. Lines of JSON on a descriptor.
class CheckLog {
  public:
    explicit CheckLog(int descriptor) : descriptor_(descriptor) {}

    void fail(const Finding& finding);
    /// `where` names the item ("opcode u256.add").
    void fail(ErrorCode code, std::string where, std::string message, std::string expected = {},
              std::string found = {});
    void fail(const Report& report); ///< its errors; warnings become notes
    /// Something worth knowing that refuses nothing.
    void note(std::string text);
    /// Says what is about to be tried: when the child dies, its finding names the last one.
    void doing(std::string text);
    /// Says that the step has nothing to check.
    void skip(std::string reason);
    /// Bytes that must be the same in every process: equal input, equal evidence.
    void evidence(ByteView bytes);
    void evidence(std::uint64_t number);
    /// Sends the evidence and the end mark; without it the child counts as crashed.
    void finish();

    [[nodiscard]] bool failed() const noexcept { return failures_ != 0; }

  private:
    void send(const std::string& line);
    int descriptor_;
    std::size_t failures_ = 0;
    Bytes evidence_;
};

struct CheckStep {
    std::string_view name;
    std::string_view summary;
    void (*run)(const Candidate& candidate, CheckLog& log);
    bool repeated; ///< run again under another time zone and locale, the evidence must be equal
    bool decisive; ///< the later steps make no sense when it fails
};

/// In the order of the checks.
[[nodiscard]] std::span<const CheckStep> check_steps() noexcept;

/// Opens the candidate's deployment with every plugin loaded; nullptr with an error in `report`.
[[nodiscard]] std::unique_ptr<Runtime> try_candidate(const Candidate& candidate, Report& report);
/// The same; nullptr after reporting.
[[nodiscard]] std::unique_ptr<Runtime> open_candidate(const Candidate& candidate, CheckLog& log);

/// Closes it as a host does; failures to stop in time are reported. False after one.
bool close_candidate(std::unique_ptr<Runtime> runtime, CheckLog& log);

/// The candidate's items of one kind; what cannot be loaded is reported.
template <typename T>
std::vector<plugin::Found<T>> items_of(Runtime& runtime, const Candidate& candidate, CheckLog& log) {
    Report report;
    std::vector<plugin::Found<T>> own;
    for (const auto& found : runtime.registry().all<T>(report))
        if (found.owner->id() == candidate.id) own.push_back(found);
    log.fail(report);
    return own;
}

/// Entries of a folder of /proc: descriptors, threads.
[[nodiscard]] std::size_t count_entries(const char* folder);

/// Runs a native program in an empty world. `text` is assembly.
[[nodiscard]] Outcome run_native(Runtime& runtime, std::string_view text, std::string_view tracer, CheckLog& log);

/// Assembly that pushes the operands and runs the opcode, or only pushes them.
[[nodiscard]] std::string program_text(const rvm_opcode& opcode, std::span<const std::uint64_t> operands,
                                       bool with_opcode);
/// Runs code in a format of its own choice, in an empty world, with little gas.
[[nodiscard]] Outcome run_code(Runtime& runtime, const rvm_format& format, const Bytes& code);
/// Code that no compiler wrote: one byte, many, beginnings that formats recognise and then noise.
[[nodiscard]] std::vector<Bytes> garbage_codes();

/// What an item needs more than its operands; an EXTERNAL one may answer what it likes.
inline constexpr std::uint32_t needs_world = RVM_F_READS_STATE | RVM_F_WRITES_STATE | RVM_F_MAY_CALL;

/// A small generator (splitmix64) with a fixed seed: the same questions in every process.
class Questions {
  public:
    [[nodiscard]] std::uint64_t next() noexcept {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }
    [[nodiscard]] Bytes bytes(std::size_t size);
    /// A boundary word three times out of four, else any word.
    [[nodiscard]] std::uint64_t word() noexcept;

  private:
    std::uint64_t state_ = 1;
};

/// Words at which arithmetic, widths and offsets change their behaviour.
[[nodiscard]] std::span<const std::uint64_t> boundary_words() noexcept;
/// True for RVM_OK and the traps of plugin.h.
[[nodiscard]] bool is_program_status(rvm_status status) noexcept;

// lifecycle.cpp
void check_file(const Candidate&, CheckLog&);
void check_load(const Candidate&, CheckLog&);
void check_lifecycle(const Candidate&, CheckLog&);
void check_instances(const Candidate&, CheckLog&);
void check_configuration(const Candidate&, CheckLog&);
// items.cpp, opcodes.cpp
void check_opcodes(const Candidate&, CheckLog&);
void check_opcode_gas(const Candidate&, CheckLog&);
void check_syscalls(const Candidate&, CheckLog&);
void check_crypto(const Candidate&, CheckLog&);
void check_programs(const Candidate&, CheckLog&);
// formats.cpp, storage.cpp, tracers.cpp
void check_formats(const Candidate&, CheckLog&);
void check_storage(const Candidate&, CheckLog&);
void check_tracers(const Candidate&, CheckLog&);
// services.cpp, failures.cpp
void check_services(const Candidate&, CheckLog&);
void check_failures(const Candidate&, CheckLog&);

} // namespace rvm::host
