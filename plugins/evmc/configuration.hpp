// What a deployment says about the virtual machine behind the format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rvm::evmc {

/// /plugins/N/config of a manifest (config.schema.json). An empty library: none is configured.
struct Configuration {
    std::string library;
    std::string sha256;
    std::string symbol; ///< never empty after parse
    std::vector<std::string> options;
    std::uint64_t native_stack = 16384; ///< bytes of C stack in one frame

    /// From JSON that satisfies the schema, with every default filled in. Throws sdk::Failure for text that does not,
    /// and for an option without a name; std::bad_alloc.
    [[nodiscard]] static Configuration parse(std::string_view json);
};

/// "NAME=VALUE" or "NAME" as name and value.
[[nodiscard]] std::pair<std::string, std::string> split_option(const std::string& option);

/// evmc_create_NAME for a file name: without directory, "lib" and extensions, '-' as '_'.
[[nodiscard]] std::string create_function_of(std::string_view file);

} // namespace rvm::evmc
