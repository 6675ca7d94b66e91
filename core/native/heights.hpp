// Operand stack heights of labels, which the container states and assembly text mostly leaves out.
#pragma once

#include "native/module.hpp"

namespace rvm::native {

/// Fills in the height of every label of a function: as written; else as control reaches it first; else 0. Wrong
/// programs get some height, and the verifier's error. `labels` maps names to ordinals.
void infer_heights(FunctionText& function, const Module& module,
                   const std::unordered_map<std::string_view, std::uint32_t>& labels,
                   const std::unordered_map<std::string_view, std::uint32_t>& functions);

} // namespace rvm::native
