// Records what worlds are asked to do, by verbs of the program and by plugins alike.
#pragma once

#include <rvm/runtime.hpp>

#include "record/recording.hpp"

namespace rvm::record {

/// While it lives, every world of a deployment that was opened with attached options is recorded; one recorder at a time in a
/// process. Worlds may be used by several threads. What the recorder itself cannot do (no memory) makes the run fail with a
/// host failure.
class Recorder {
  public:
    /// At most `steps` instructions are kept; 0: none, and programs run in their fast loops.
    explicit Recorder(std::uint64_t steps);
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    void attach(RuntimeOptions& options) const;
    /// Ends the recording: worlds in which nothing was executed are left out. Call when no world is in use; the deployment
    /// must still be open. Throws Failure when something could not be written down.
    [[nodiscard]] Recording take();

    struct Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

} // namespace rvm::record
