// A virtual machine's library, loaded by the host, and its instances.
#pragma once

#include <memory>

#include <rvm/plugin.hpp>

#include "configuration.hpp"
#include "evmc_abi.h"

namespace rvm::evmc {

/// A loaded library. EVMC machines are for one thread at a time, formats for any: each thread gets an instance of its
/// own, made at first use. It is destroyed with this object on the thread that destroys it, on others with the thread
/// or when they need an instance of another object.
class VirtualMachine {
  public:
    /// Loads the library through the host and makes the calling thread's instance. Throws sdk::Failure, naming the
    /// file: the host's refusal; another ABI version; a missing function; an option that the machine does not know.
    VirtualMachine(sdk::Host host, const Configuration& configuration);
    ~VirtualMachine();
    VirtualMachine(const VirtualMachine&) = delete;
    VirtualMachine& operator=(const VirtualMachine&) = delete;

    /// This thread's instance. Throws as the constructor. Thread-safe.
    [[nodiscard]] Vm& instance() const;

  private:
    [[nodiscard]] Vm* make() const;

    Configuration configuration_;
    CreateFn create_ = nullptr;
    std::shared_ptr<const bool> life_; ///< what instances are known by, and by which they know that this is gone
};

} // namespace rvm::evmc
