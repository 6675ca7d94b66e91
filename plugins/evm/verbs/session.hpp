// One world with the code of a command line in it.
#pragma once

#include <rvm/plugin.hpp>

#include "verbs/options.hpp"

namespace rvm::evm {

/// A failure of the host: exit status 70.
class HostFailure : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct LogLine {
    rvm_address address{};
    std::vector<rvm_bytes32> topics;
    Bytes data;
};

/// What one execution did, copied out of the world.
struct Execution {
    rvm_status status = RVM_OK;
    std::int64_t gas_used = 0;
    std::int64_t refund = 0;
    Bytes output;
    rvm_address created{};
    std::uint32_t detail = 0;
    std::uint64_t fault_position = 0;
    std::vector<LogLine> logs;
    std::string trace;
};

class Session {
  public:
    Session(const sdk::Host& host, const EvmOptions& options, Bytes code);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Writes accounts in the form of a geth alloc before anything runs. Throws VerbError naming the place.
    void load_prestate(const std::string& json, const std::string& origin);
    /// Runs once, as a transaction of its own.
    [[nodiscard]] Execution run();
    /// Nanoseconds of one execution of hot code: the median of some rounds.
    [[nodiscard]] double measure(const rvm_command_io& io);
    /// All accounts, in the form of a geth alloc.
    [[nodiscard]] std::string dump();

  private:
    void check(rvm_status status, const char* what) const;
    void begin(bool traced);
    void install();
    [[nodiscard]] rvm_message message() const;
    [[nodiscard]] rvm_account* account(const rvm_address& address, std::uint32_t want = RVM_WANT_CODE);

    const sdk::Host host_;
    const rvm_host_world& worlds_;
    const EvmOptions& options_;
    Bytes code_;
    rvm_world* world_ = nullptr;
    rvm_error error_{};
    bool open_ = false;
};

} // namespace rvm::evm
