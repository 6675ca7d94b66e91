// A virtual machine's library, loaded by the host, and its instances.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <rvm/plugin.hpp>

#include "evmc_abi.h"

namespace rvm::evmc {

/// What /plugins/N/config says (evmc.rvm.json.in has the schema). An empty library: none is configured.
struct Configuration {
    std::string library;
    std::string sha256;
    std::string symbol; ///< never empty after parse
    std::vector<std::string> options;
    std::uint64_t native_stack = 16384;

    /// From JSON that satisfies the schema. Throws sdk::Failure for an option without a name.
    [[nodiscard]] static Configuration parse(std::string_view json);
};

/// evmc_create_NAME for a file name: without directory, "lib" and extensions, '-' as '_'.
[[nodiscard]] std::string create_function_of(std::string_view file);

/// A loaded library. EVMC machines are for one thread at a time, formats for any: each thread gets an instance of its
/// own, made at first use and destroyed with the thread.
class VirtualMachine {
  public:
    /// Loads the library through the host and makes the calling thread's instance. Throws sdk::Failure, naming the
    /// file: the host's refusal; another ABI version; a missing function; an option that the machine does not know.
    VirtualMachine(sdk::Host host, const Configuration& configuration);

    /// This thread's instance. Throws as the constructor. Thread-safe.
    [[nodiscard]] Vm& instance() const;

  private:
    [[nodiscard]] Vm* make() const;

    Configuration configuration_;
    CreateFn create_ = nullptr;
    std::uint64_t serial_; ///< tells instances apart after this object is gone
};

} // namespace rvm::evmc
