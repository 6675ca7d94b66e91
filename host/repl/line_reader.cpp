#include "repl/line_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cwchar>
#include <filesystem>

#include <fcntl.h>
#include <histedit.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cli/files.hpp"
#include "cli/interrupt.hpp"

namespace rvm::host::repl {

namespace {

constexpr int history_entries = 1'000;
constexpr std::size_t read_bytes = 4096;

/// Characters that end the word to be completed.
bool separates(char c) { return c == ' ' || c == '\t' || c == '"' || c == '[' || c == ',' || c == '+'; }

std::string common_beginning(const std::vector<std::string>& words) {
    std::string common = words.front();
    for (const std::string& word : words) {
        const auto [end, other] = std::mismatch(common.begin(), common.end(), word.begin(), word.end());
        common.erase(end, common.end());
        static_cast<void>(other);
    }
    return common;
}

} // namespace

struct LineReader::Editor {
    EditLine* line = nullptr;
    History* history = nullptr;
    HistEvent event{};
    std::string history_file;
    Completer completer;
    const char* prompt = "";
    bool interrupted = false; ///< while the line was edited
    InterruptWatch watch{InterruptWatch::Second::is_noted};

    static Editor& of(EditLine* line) {
        void* self = nullptr;
        ::el_get(line, EL_CLIENTDATA, &self);
        return *static_cast<Editor*>(self);
    }
    static char* prompt_of(EditLine* line) { return const_cast<char*>(of(line).prompt); }

    /// A character of the terminal. Unlike libedit's own, Ctrl-C ends it.
    static int character(EditLine* line, wchar_t* out) {
        std::mbstate_t state{};
        for (;;) {
            if (!InterruptWatch::wait_readable(STDIN_FILENO)) {
                of(line).interrupted = true;
                return -1;
            }
            char byte = 0;
            const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
            if (count < 0 && errno == EINTR) continue; // a resized window
            if (count <= 0) return static_cast<int>(count);
            const std::size_t used = std::mbrtowc(out, &byte, 1, &state);
            if (used == static_cast<std::size_t>(-2)) continue; // needs more bytes
            if (used == static_cast<std::size_t>(-1)) {
                state = {};
                continue;
            }
            if (used == 0) *out = L'\0';
            return 1;
        }
    }

    static unsigned char complete(EditLine* line, int) {
        Editor& self = of(line);
        const LineInfo* info = ::el_line(line);
        const std::string_view before{info->buffer, static_cast<std::size_t>(info->cursor - info->buffer)};
        std::size_t begin = before.size();
        while (begin > 0 && !separates(before[begin - 1]))
            --begin;
        const std::string_view word = before.substr(begin);
        const auto words = self.completer(before.substr(0, begin), word);
        if (words.empty()) return CC_ERROR;
        std::string addition = common_beginning(words).substr(word.size());
        if (words.size() == 1 && !words.front().ends_with('/')) addition += ' ';
        if (!addition.empty()) return ::el_insertstr(line, addition.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
        std::string list = "\n";
        for (const std::string& one : words)
            list += one + "  ";
        list += "\n";
        std::fputs(list.c_str(), stdout);
        return CC_REDISPLAY;
    }
};

LineReader::LineReader(Io& io, std::string history_file, Completer completer) : io_(io) {
    if (::isatty(STDIN_FILENO) != 1 || !io.out_is_terminal()) return;
    std::setlocale(LC_CTYPE, ""); // how the terminal's characters are encoded; nothing else
    editor_ = std::make_unique<Editor>();
    Editor& e = *editor_;
    e.completer = std::move(completer);
    e.history_file = std::move(history_file);
    e.line = ::el_init("rvm", stdin, stdout, stderr);
    e.history = ::history_init();
    ::el_set(e.line, EL_CLIENTDATA, &e);
    ::el_set(e.line, EL_PROMPT, &Editor::prompt_of);
    ::el_set(e.line, EL_EDITOR, "emacs");
    ::el_set(e.line, EL_GETCFN, &Editor::character);
    ::el_set(e.line, EL_ADDFN, "rvm-complete", "complete a word", &Editor::complete);
    ::el_set(e.line, EL_BIND, "^I", "rvm-complete", nullptr);
    ::el_set(e.line, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    ::history(e.history, &e.event, H_SETSIZE, history_entries);
    ::history(e.history, &e.event, H_SETUNIQUE, 1);
    ::el_set(e.line, EL_HIST, ::history, e.history);
    if (!e.history_file.empty()) ::history(e.history, &e.event, H_LOAD, e.history_file.c_str());
    ::el_source(e.line, nullptr); // the user's ~/.editrc
}

LineReader::~LineReader() {
    if (editor_ == nullptr) return;
    Editor& e = *editor_;
    if (!e.history_file.empty()) {
        std::error_code ignored; // a history that cannot be kept is no reason to complain
        std::filesystem::create_directories(std::filesystem::path(e.history_file).parent_path(), ignored);
        const int made = ::open(e.history_file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
        if (made >= 0) {
            ::close(made);
            ::history(e.history, &e.event, H_SAVE, e.history_file.c_str());
        }
    }
    ::history_end(e.history);
    ::el_end(e.line);
}

std::optional<std::string> LineReader::next(const char* prompt, End& why) {
    why = End::none;
    if (editor_ != nullptr) {
        io_.flush();
        editor_->prompt = prompt;
        editor_->interrupted = false;
        int count = 0;
        const char* line = ::el_gets(editor_->line, &count);
        if (editor_->interrupted) {
            static_cast<void>(InterruptWatch::take());
            ::el_reset(editor_->line);
            why = End::interrupt;
            return std::nullopt;
        }
        if (line == nullptr || count <= 0) {
            why = End::input;
            return std::nullopt;
        }
        ++line_;
        std::string text{line, static_cast<std::size_t>(count)};
        while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
            text.pop_back();
        return text;
    }
    for (;;) {
        const std::size_t end = pending_.find('\n', searched_);
        if (end != std::string::npos || (ended_ && !pending_.empty())) {
            ++line_;
            std::string line = pending_.substr(0, end);
            pending_.erase(0, end == std::string::npos ? end : end + 1);
            searched_ = 0;
            if (line.size() > max_input_bytes) throw too_long("the line");
            return line;
        }
        searched_ = pending_.size();
        if (ended_) {
            why = End::input;
            return std::nullopt;
        }
        char bytes[read_bytes];
        if (pending_.size() > max_input_bytes) {
            ++line_;
            throw too_long("the line");
        }
        const std::int64_t count = io_.read(bytes, sizeof bytes);
        if (count <= 0)
            ended_ = true;
        else
            pending_.append(bytes, static_cast<std::size_t>(count));
    }
}

Failure LineReader::too_long(const char* what) const {
    Report report;
    Finding& finding = report.error(ErrorCode::input_unreadable, "standard input", fmt::format("line {}", line_),
                                    fmt::format("{} is too long", what));
    finding.expected = fmt::format("at most {} bytes", max_input_bytes);
    finding.found = "more";
    return Failure(std::move(report));
}

void LineReader::remember(const std::string& entry) {
    if (editor_ != nullptr) ::history(editor_->history, &editor_->event, H_ENTER, entry.c_str());
}

} // namespace rvm::host::repl
