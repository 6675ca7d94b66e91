#include "manifest/json_lines.hpp"

#include <algorithm>
#include <vector>

#include "manifest/json.hpp"

namespace rvm::manifest {
namespace {

/// Follows the structure of a valid document; values are skipped, not read.
class Scanner {
  public:
    Scanner(std::string_view text, std::map<std::string, std::size_t, std::less<>>& lines)
        : text_(text), lines_(lines) {}

    void run() {
        for (; at_ < text_.size(); ++at_) {
            switch (text_[at_]) {
            case '\n':
                ++line_;
                break;
            case '{':
            case '[':
                begin_value();
                open_.push_back({pointer_, 0, text_[at_] == '['});
                break;
            case '}':
            case ']':
                if (!open_.empty()) open_.pop_back();
                break;
            case ',':
                if (!open_.empty()) ++open_.back().index;
                break;
            case ' ':
            case '\t':
            case '\r':
            case ':':
                break;
            case '"':
                string();
                break;
            default: // a number or a word: ends before what the loop looks at
                begin_value();
                at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size()) - 1;
            }
        }
    }

  private:
    struct Open {
        std::string pointer;
        std::size_t index; ///< of the element that is read now
        bool array;
    };

    void begin_value() {
        if (!open_.empty() && open_.back().array) pointer_ = json_pointer(open_.back().pointer, open_.back().index);
        lines_.emplace(pointer_, line_);
    }

    /// A key when a colon follows, else a value.
    void string() {
        const std::size_t begin = at_ + 1;
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
            if (text_[at_] == '\\') ++at_;
        const std::size_t next = text_.find_first_not_of(" \t\r\n", at_ + 1);
        const bool key = next != std::string_view::npos && text_[next] == ':' && !open_.empty() && !open_.back().array;
        if (key)
            pointer_ = json_pointer(open_.back().pointer, text_.substr(begin, at_ - begin));
        else
            begin_value();
    }

    std::string_view text_;
    std::map<std::string, std::size_t, std::less<>>& lines_;
    std::vector<Open> open_;
    std::string pointer_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
};

} // namespace

JsonLines::JsonLines(std::string_view text) { Scanner(text, lines_).run(); }

std::size_t JsonLines::line(std::string_view pointer) const {
    const auto found = lines_.find(pointer);
    return found == lines_.end() ? 0 : found->second;
}

} // namespace rvm::manifest
