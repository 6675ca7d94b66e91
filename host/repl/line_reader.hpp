// Lines for `rvm repl`: edited, with history and completion, at a terminal; as they come from anything else.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/io.hpp"

namespace rvm::host::repl {

/// Words that may stand where `word` stands; `before` is the line up to it.
using Completer = std::function<std::vector<std::string>(std::string_view before, std::string_view word)>;

class LineReader {
  public:
    enum class End : std::uint8_t { none, input, interrupt };

    /// Edits when standard input and output are terminals. `history_file` is read now and written by the destructor, readable
    /// by its owner only; empty: none.
    LineReader(Io& io, std::string history_file, Completer completer);
    ~LineReader();
    LineReader(const LineReader&) = delete;
    LineReader& operator=(const LineReader&) = delete;

    /// The next line without its line break; nullopt: the input ended, or Ctrl-C gave the line up (`why`).
    [[nodiscard]] std::optional<std::string> next(const char* prompt, End& why);
    /// Puts an entry into the history.
    void remember(const std::string& entry);
    [[nodiscard]] bool interactive() const noexcept { return editor_ != nullptr; }

  private:
    struct Editor;
    Io& io_;
    std::unique_ptr<Editor> editor_;
    std::string pending_; ///< read but not handed out
    bool ended_ = false;
};

} // namespace rvm::host::repl
