#pragma once

#include <rvm/plugin.h>

namespace rvm::differential {

/// A plugin with one tracer, frame-counter.
extern const rvm_entry frame_counter_entry;

} // namespace rvm::differential
