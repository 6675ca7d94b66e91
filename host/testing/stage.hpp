// The world of one test: set up as its suite says, then called.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "program/code.hpp"
#include "program/machine.hpp"
#include "testing/drawing.hpp"
#include "testing/suite.hpp"

namespace rvm::host::testing {

/// The programs of a suite: each is read and assembled once, however many worlds are set up with it.
class Programs {
  public:
    Programs(Session& session, const Suite& suite) : session_(session), folder_(suite.file.parent_path()) {}
    /// Throws Failure.
    [[nodiscard]] const Code& get(const std::string& program, const std::string& format);

  private:
    Session& session_;
    std::filesystem::path folder_;
    std::map<std::pair<std::string, std::string>, Code> codes_;
};

class Stage {
  public:
    /// Throws Failure: a program cannot be read, a deployment fails.
    Stage(Session& session, const Suite& suite, Programs& programs, std::string tracer);

    /// `own` was drawn for this call; `outer` is what its `argument` pieces mean.
    [[nodiscard]] Receipt send(const Call& call, const Arguments& own, const Drawing& outer);
    /// What differs from what was expected; each a line of its own.
    [[nodiscard]] std::vector<std::string> differences(const Expectation& expected, const Receipt& receipt,
                                                       const Drawing& outer);
    [[nodiscard]] rvm_address address(const std::string& name) const;
    [[nodiscard]] std::string name(const rvm_address& address) const; ///< or its hex digits
    [[nodiscard]] Machine& machine() noexcept { return machine_; }

    /// The names of all accounts in the order of the suite: what drawn accounts count in.
    [[nodiscard]] static std::vector<std::string> names(const Suite& suite);

  private:
    void put(const Account& account, Programs& programs);
    void deploy(const Deployment& deployment, Programs& programs);
    [[nodiscard]] MessageOptions message(const Call& call, const Arguments& own, const Drawing& outer);
    void append(Bytes& out, const Piece& piece, const Drawn& drawn) const;

    const Suite& suite_;
    std::string tracer_;
    Machine machine_;
    std::vector<std::string> names_;
    std::map<std::string, rvm_address, std::less<>> addresses_;
};

} // namespace rvm::host::testing
