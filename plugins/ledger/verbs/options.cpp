#include "verbs/options.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "rules/schedule.hpp"

namespace rvm::ledger {
namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Walks the words after the verb; `--name value` and `--name=value` alike.
class Words {
  public:
    Words(std::int32_t argc, const char* const* argv) {
        for (std::int32_t i = 1; i < argc; ++i)
            words_.emplace_back(argv[i]);
    }
    [[nodiscard]] bool next() {
        if (at_ == words_.size()) return false;
        word_ = words_[at_++];
        value_.reset();
        if (const std::size_t equals = word_.find('='); word_.starts_with("--") && equals != std::string_view::npos) {
            value_ = word_.substr(equals + 1);
            word_ = word_.substr(0, equals);
        }
        return true;
    }
    [[nodiscard]] std::string_view word() const { return word_; }
    [[nodiscard]] const std::optional<std::string_view>& attached() const { return value_; }
    [[nodiscard]] std::string value() {
        if (value_) return std::string(*value_);
        if (at_ == words_.size()) throw UsageError("the option " + std::string(word_) + " needs a value");
        return std::string(words_[at_++]);
    }

  private:
    std::vector<std::string_view> words_;
    std::size_t at_ = 0;
    std::string_view word_;
    std::optional<std::string_view> value_;
};

unsigned parse_jobs(const std::string& text) {
    constexpr unsigned most = 256;
    unsigned jobs = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), jobs);
    if (error != std::errc{} || end != text.data() + text.size() || jobs == 0 || jobs > most)
        throw UsageError("--jobs: expected 1 to 256, found \"" + text + "\"");
    return jobs;
}

std::regex parse_regex(const std::string& text) {
    try {
        return std::regex(text, std::regex::ECMAScript | std::regex::optimize);
    } catch (const std::regex_error& error) {
        throw UsageError("--run: \"" + text + "\" is no regular expression: " + error.what());
    }
}

std::string made_folder(std::string_view path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error || path.empty())
        throw UsageError("--witness: expected a folder, found \"" + std::string(path) + "\": " + error.message());
    return std::string(path);
}

void parse_option(Words& words, SuiteOptions& out) {
    const std::string_view word = words.word();
    if (word == "--fork") {
        out.fork = words.value();
        if (!ForkSchedule::named(out.fork)) throw UsageError("--fork: there is no fork \"" + out.fork + "\"");
    } else if (word == "--run") {
        out.run = parse_regex(words.value());
    } else if (word == "--jobs" || word == "-j") {
        out.jobs = parse_jobs(words.value());
    } else if (word == "--skip-list") {
        out.skip.load(words.value());
    } else if (word == "--trace") {
        out.tracer = words.attached() ? std::string(*words.attached()) : "jsonl";
    } else if (word == "--witness") {
        out.witness = true;
        if (words.attached()) out.witness_folder = made_folder(*words.attached());
    } else if (word == "--keep-going" || word == "-k") {
        out.keep_going = true;
    } else if (word == "-v" || word == "--verbose") {
        out.verbose = true;
    } else if (word != "-q") {
        throw UsageError("there is no option " + std::string(word));
    }
}

} // namespace

void SkipList::load(const std::string& file) {
    std::ifstream in(file);
    if (!in) throw Unreadable("--skip-list: " + file + " cannot be read");
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        const std::string_view text = trimmed(line);
        if (text.empty() || text.front() == '#') continue;
        const std::size_t mark = text.find(" # ");
        if (mark == std::string_view::npos)
            throw UsageError(file + ":" + std::to_string(number) + ": expected `NAME # REASON`, found \"" +
                             std::string(text) + "\"");
        reasons_.emplace(trimmed(text.substr(0, mark)), trimmed(text.substr(mark + 3)));
    }
    if (in.bad()) throw Unreadable("--skip-list: " + file + " cannot be read");
}

const std::string* SkipList::test(std::string_view name) const {
    if (reasons_.empty()) return nullptr;
    const auto found = reasons_.find(std::string(name));
    return found == reasons_.end() ? nullptr : &found->second;
}

const std::string* SkipList::file(std::string_view path) const {
    for (const auto& [name, reason] : reasons_)
        if (path == name || (path.ends_with(name) && path[path.size() - name.size() - 1] == '/')) return &reason;
    return nullptr;
}

bool SuiteOptions::wants_fork(std::string_view name, const Fork* fork_of_name) const {
    if (fork.empty()) return true;
    return fork_of_name != nullptr ? fork_of_name == find_fork(fork) : name == fork;
}

bool SuiteOptions::wants_test(std::string_view name) const {
    return !run || std::regex_search(name.begin(), name.end(), *run);
}

SuiteOptions parse_suite_options(std::int32_t argc, const char* const* argv) {
    SuiteOptions out;
    Words words(argc, argv);
    bool only_paths = false;
    while (words.next()) {
        const std::string_view word = words.word();
        if (!only_paths && word == "--") {
            only_paths = true;
        } else if (!only_paths && word.size() > 1 && word.front() == '-') {
            parse_option(words, out);
        } else {
            out.paths.emplace_back(word);
        }
    }
    if (out.paths.empty()) throw UsageError("no file or directory is named");
    const std::string_view verb = argv[0];
    if (out.witness && verb == "txtest") throw UsageError("there is no option --witness: nothing is executed");
    if (!out.witness_folder.empty() && verb != "blocktest")
        throw UsageError("--witness: expected no value, found \"" + out.witness_folder +
                         "\": only blocktest writes files");
    if (!out.tracer.empty()) out.jobs = 1; // traces stand in the order of the cases
    return out;
}

} // namespace rvm::ledger
