// Tells a tracer what a recording holds, as if it had seen the run.
#pragma once

#include <string>

#include <rvm/plugin.h>

#include "record/recording.hpp"
#include "trace/filter.hpp"

namespace rvm::host {

/// The text of the tracer for one execution, the `number`-th from 0. Throws Failure when it refuses to start,
/// record::Malformed for a stream that is none.
[[nodiscard]] std::string trace_text(const rvm_tracer& tracer, const record::Call& execution, std::uint64_t number,
                                     const TraceFilter& filter);

} // namespace rvm::host
