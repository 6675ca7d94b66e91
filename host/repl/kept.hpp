// What a session of `rvm repl` keeps from one entry to the next.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "native/limits.hpp"
#include "repl/entry.hpp"

namespace rvm::host::repl {

struct Kept {
    std::vector<std::uint64_t> stack; ///< bottom first
    std::array<std::uint64_t, native::register_count> registers{};
    Bytes memory;               ///< whole pages
    std::uint64_t data_end = 0; ///< first byte that no datum has
    std::map<std::string, std::uint64_t> constants; ///< of const, data, space: values, offsets, sizes
    std::vector<std::string> imports;               ///< lines
    std::vector<FunctionText> functions;
};

} // namespace rvm::host::repl
