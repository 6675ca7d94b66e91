// The schema of a plugin's configuration: a subset of JSON Schema, judged and applied before the plugin sees anything,
// so that plugin authors write no validation.
//
// Keywords: type (object, array, string, integer, boolean), properties, required, additionalProperties (true or false),
// enum, minimum, maximum, minLength, maxLength (in code points), items (one schema), maxItems, default, description.
// They mean what JSON Schema 2020-12 says, with two differences: a keyword that does not exist here, or that does not
// apply to the schema's type, refuses the schema; and `default` fills in absent members. `required` speaks of what the
// operator wrote, before defaults. The outermost schema has type object.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "manifest/json_reader.hpp"

namespace rvm::manifest {

inline constexpr std::size_t max_config_bytes = 65536; ///< canonical text of one configuration or schema
inline constexpr std::size_t max_config_depth = 32;    ///< levels of a configuration or schema

/// A schema that is valid. Immutable; may be shared between threads.
class ConfigSchema {
  public:
    /// Judges a schema inside another document; what is wrong is RVM-C02, C03 or C04 at `pointer` or below.
    [[nodiscard]] static std::optional<ConfigSchema> from_json(JsonContext& context, const JsonValue& schema,
                                                               const std::string& pointer);
    /// The same for a text of its own, as Sidecar::config_schema holds it.
    [[nodiscard]] static std::optional<ConfigSchema> parse(std::string_view text, const std::string& file,
                                                           Report& report);

    /// Checks `config` (JSON text) and fills in defaults. The result is canonical JSON text; nullopt after reporting
    /// RVM-C01, C03 or C04 in `file`, at `pointer` (where the configuration stands in that file) or below.
    [[nodiscard]] std::optional<std::string> apply(std::string_view config, const std::string& file,
                                                   const std::string& pointer, const std::string& plugin,
                                                   Report& report) const;
    /// Canonical JSON text.
    [[nodiscard]] std::string text() const;

  private:
    explicit ConfigSchema(JsonValue schema) : schema_(std::move(schema)) {}
    JsonValue schema_;
};

/// Reports RVM-C03 or C04 when `config` is larger or deeper than allowed; its canonical text otherwise.
[[nodiscard]] std::optional<std::string> bounded_config(JsonContext& context, const JsonValue& config,
                                                        const std::string& pointer);

} // namespace rvm::manifest
