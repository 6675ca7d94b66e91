// Where the values of a JSON text stand: for messages that name the line behind a decision.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace rvm::manifest {

/// The line of every value of one document.
class JsonLines {
  public:
    /// `text` is a document that parse_json() accepted; of any other text some lines may be missing.
    explicit JsonLines(std::string_view text);

    /// The line, counted from 1, on which the value at a JSON pointer begins; 0 when there is no such value.
    [[nodiscard]] std::size_t line(std::string_view pointer) const;

  private:
    std::map<std::string, std::size_t, std::less<>> lines_;
};

} // namespace rvm::manifest
