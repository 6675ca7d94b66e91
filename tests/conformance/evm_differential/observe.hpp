// Running a scenario under one format and writing down everything that can be seen of it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <rvm/runtime.hpp>

#include "scenario.hpp"

namespace rvm::differential {

/// How one transaction went, as named texts: two formats agree when all of them are equal.
struct Observed {
    std::vector<std::pair<const char*, std::string>> fields;
    friend bool operator==(const Observed&, const Observed&) = default;
};

struct Run {
    std::vector<Observed> transactions;
    std::uint64_t frames = 0; ///< counted only with a tracer
};

/// Runs `scenario` in a fresh world with `format` ("evm") for all code. `count_frames` needs the tracer of
/// frame_counter.hpp. Throws Failure on host failures outside a program.
[[nodiscard]] Run observe(Runtime& runtime, const Scenario& scenario, const std::string& format, bool count_frames);

/// The names and values of what differs, with the scenario's transaction; empty when nothing does.
[[nodiscard]] std::string difference(const Run& a, const std::string& name_a, const Run& b, const std::string& name_b);

} // namespace rvm::differential
