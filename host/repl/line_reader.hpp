// Lines for `rvm repl`: edited, with history and completion, at a terminal; as they come from anything else.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/io.hpp"
#include <rvm/report.hpp>

namespace rvm::host::repl {

/// Words that may stand where `word` stands; `before` is the line up to it.
using Completer = std::function<std::vector<std::string>(std::string_view before, std::string_view word)>;

class LineReader {
  public:
    enum class End : std::uint8_t { none, input, interrupt };

    /// Edits when standard input and output are terminals. `history_file` is read now and written by the destructor,
    /// readable by its owner only; empty: none.
    LineReader(Io& io, std::string history_file, Completer completer);
    ~LineReader();
    LineReader(const LineReader&) = delete;
    LineReader& operator=(const LineReader&) = delete;

    /// The next line without its line break; nullopt: the input ended, or Ctrl-C gave the line up (`why`). Throws
    /// Failure (RVM-U02) at a line longer than max_input_bytes.
    [[nodiscard]] std::optional<std::string> next(const char* prompt, End& why);
    /// Puts an entry into the history.
    void remember(const std::string& entry);
    [[nodiscard]] bool interactive() const noexcept { return editor_ != nullptr; }
    /// Says that the line handed out last makes `what` longer than a program may be (RVM-U02).
    [[nodiscard]] Failure too_long(const char* what) const;

  private:
    struct Editor;
    Io& io_;
    std::unique_ptr<Editor> editor_;
    std::string pending_;     ///< read but not handed out
    std::size_t searched_ = 0; ///< bytes of it without a line break
    std::uint64_t line_ = 0;   ///< number of the line handed out last, from 1
    bool ended_ = false;
};

} // namespace rvm::host::repl
