// One world to run programs in: over a state file or empty, one transaction a message.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include <rvm/runtime.hpp>

namespace rvm::host {

/// Enough for everything interactive; an endless loop ends within a fraction of a second.
inline constexpr std::uint64_t default_gas = 10'000'000;
/// Where `run` places a program: any address works, this one is easy to recognise in a trace.
inline constexpr rvm_address program_address{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xc0, 0xde}};
/// Who sends messages unless --sender says otherwise.
inline constexpr rvm_address default_sender{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xca, 0x11, 0xe4}};

/// What a message is sent with. parse() fills it from the options that run, deploy and call share.
struct MessageOptions {
    std::string input_text;
    std::vector<std::string> words;
    std::string sender_text;
    std::string value_text = "0";
    std::string trace;
    std::vector<std::string> env_texts;
    std::uint64_t gas = default_gas;

    rvm_address sender = default_sender;
    rvm_u256 value{};
    Bytes input;
    std::vector<std::pair<std::string, rvm_u256>> env;

    /// Declares --input, --arg, --gas, --sender, --value, --env and --trace.
    void declare(Options& options, bool with_input);
    /// Reads the texts into values. Throws UsageError and Failure.
    void resolve(Session& session);
};

struct LogEntry {
    rvm_address address{};
    std::vector<rvm_bytes32> topics;
    Bytes data;
};

/// Everything there is to say about one message, copied out of the world.
struct Receipt {
    Outcome outcome;
    std::vector<LogEntry> logs;
    std::string trace;
    Changes changes; ///< effects; empty after a trap
    std::uint64_t gas_limit = 0;
};

/// A world and the file it is kept in. Not thread-safe. Every function throws Failure.
class Machine {
  public:
    /// Empty `state_file`: a world that is forgotten. A file that does not exist is an empty world, or an error with
    /// `must_exist`.
    Machine(Session& session, std::string state_file, bool must_exist);
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    /// Places code at an address; nothing runs and nothing is charged.
    void place(const rvm_address& address, ByteView code, const std::string& format);
    /// Credits the sender of an ephemeral world with what it is about to send.
    void fund(const rvm_address& address, const rvm_u256& amount);
    [[nodiscard]] Receipt call(const rvm_address& address, const MessageOptions& message);
    /// Runs `code` as init code; the outcome's `created` is the new account.
    [[nodiscard]] Receipt create(ByteView code, const std::string& format, const MessageOptions& message);
    /// The format of the code at an address; nullopt when there is none.
    [[nodiscard]] std::optional<std::string> format_at(const rvm_address& address);
    [[nodiscard]] rvm_view code_at(const rvm_address& address);
    /// Writes the state file; nothing without one.
    void save();
    /// The world between two messages.
    [[nodiscard]] World& world() noexcept { return world_; }
    [[nodiscard]] bool ephemeral() const noexcept { return state_file_.empty(); }

  private:
    [[nodiscard]] Receipt execute(rvm_message& message, const MessageOptions& options);

    Session& session_;
    std::string state_file_;
    World world_;
};

} // namespace rvm::host
