// One world to run programs in: over a state file or empty, one transaction a message.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "cli/interrupt.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include <rvm/runtime.hpp>

namespace rvm::host {

/// Enough for everything interactive; an endless loop ends within a fraction of a second.
inline constexpr std::uint64_t default_gas = 10'000'000;
/// Where `run` places a program: easy to recognise in a trace, and not among the addresses that begin with 16 zero
/// bytes, where a program of a plugin may live: the first look at one of those loads every plugin that provides one.
inline constexpr rvm_address program_address{{0xc0, 0xde}};
/// Who sends messages unless --sender says otherwise.
inline constexpr rvm_address default_sender{{0xca, 0x11, 0xe4}};

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

/// Throws UsageError when neither a state file is named nor the deployment's storage lasts.
void require_place(Session& session, const std::string& state_file, const std::string& hint);

/// A world and where it is kept. Not thread-safe. Every function throws Failure.
class Machine {
  public:
    /// Empty `state_file`: a world that is forgotten. A file that does not exist is an empty world, or an error with
    /// `must_exist`. `world_flags` are RVM_WORLD_*; an interruption ends
    /// what runs in a world that can be cancelled, with a Failure.
    Machine(Session& session, std::string state_file, bool must_exist, std::uint32_t world_flags = 0);
    /// The world in the deployment's store.
    explicit Machine(Session& session);
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    /// Places code at an address; nothing runs and nothing is charged.
    void place(const rvm_address& address, ByteView code, const std::string& format);
    /// Credits the sender of an ephemeral world with what it is about to send.
    void fund(const rvm_address& address, const rvm_u256& amount);
    [[nodiscard]] Receipt call(const rvm_address& address, const MessageOptions& message);
    /// The outcome of a call whose effects are undone. `around` gets a function that executes it and returns what that returns.
    template <class Around>
    [[nodiscard]] Outcome rehearse(const rvm_address& address, const MessageOptions& options, Around&& around) {
        rvm_message message = call_message(address, options);
        const CancelOnInterrupt cancelling(cancellable());
        world_.begin(prepare(message, options));
        cancelling.begun();
        Outcome outcome = around([&] { return world_.execute(message); });
        world_.abort();
        return outcome;
    }
    /// Runs `code` as init code; the outcome's `created` is the new account.
    [[nodiscard]] Receipt create(ByteView code, const std::string& format, const MessageOptions& message);
    /// The format of the code at an address; nullopt when there is none.
    [[nodiscard]] std::optional<std::string> format_at(const rvm_address& address);
    [[nodiscard]] rvm_view code_at(const rvm_address& address);
    /// Writes the state file or commits to the deployment's store; nothing for a world that is forgotten.
    void save();
    /// The world between two messages.
    [[nodiscard]] World& world() noexcept { return world_; }
    /// The receipt of `send()`, saved when it succeeded. When another process has committed to the store in between,
    /// sends again on what is there now.
    template <class Send>
    [[nodiscard]] Receipt keep(Send&& send) {
        for (int left = most_attempts;; --left) {
            Receipt receipt = send();
            if (receipt.outcome.status != RVM_OK || try_save(left > 1)) return receipt;
        }
    }
    [[nodiscard]] bool ephemeral() const noexcept { return state_file_.empty() && !in_store_; }

  private:
    static constexpr int most_attempts = 100; ///< each failure means that somebody else got on

    [[nodiscard]] Receipt execute(rvm_message& message, const MessageOptions& options);
    [[nodiscard]] static rvm_message call_message(const rvm_address& address, const MessageOptions& options);
    /// Completes a message, and says what its transaction begins with.
    [[nodiscard]] TxOptions prepare(rvm_message& message, const MessageOptions& options);
    /// False: another process was faster, the world is up to date again. Throws what it may not answer so.
    [[nodiscard]] bool try_save(bool may_retry);

    /// The world, when it can be cancelled.
    [[nodiscard]] World* cancellable() noexcept { return cancellable_ ? &world_ : nullptr; }

    Session& session_;
    std::string state_file_;
    bool in_store_ = false; ///< the deployment's
    bool cancellable_ = false;
    World world_;
};

} // namespace rvm::host
