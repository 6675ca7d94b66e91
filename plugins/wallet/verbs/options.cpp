#include "verbs/options.hpp"

#include <algorithm>
#include <charconv>

#include "base/error.hpp"

namespace rvm::wallet {

Options::Options(const std::vector<std::string>& words, std::initializer_list<std::string_view> valued,
                 std::initializer_list<std::string_view> flags) {
    bool only_words = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::string word = words[i] == "-o" ? "--output" : words[i];
        if (only_words || !word.starts_with("--")) {
            words_.push_back(std::move(word));
            continue;
        }
        if (word == "--") {
            only_words = true;
            continue;
        }
        word.erase(0, 2);
        std::optional<std::string> value;
        if (const std::size_t equals = word.find('='); equals != std::string::npos) {
            value = word.substr(equals + 1);
            word.erase(equals);
        }
        if (std::ranges::find(valued, word) != valued.end()) {
            if (!value) {
                if (++i == words.size()) throw UsageError("the option --" + word + " needs a value");
                value = words[i];
            }
            if (value->empty()) throw UsageError("the option --" + word + " needs a value, found an empty one");
        } else if (std::ranges::find(flags, word) == flags.end()) {
            throw UsageError("there is no option --" + word + " here");
        } else if (value) {
            throw UsageError("the option --" + word + " takes no value");
        }
        if (!values_.emplace(word, value.value_or("")).second)
            throw UsageError("the option --" + word + " stands twice");
    }
}

const std::string* Options::find(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
}

const std::string& Options::need(std::string_view name) const {
    const std::string* value = find(name);
    if (value == nullptr) throw UsageError("the option --" + std::string(name) + " is missing");
    return *value;
}

std::uint64_t Options::number(std::string_view name, std::uint64_t otherwise, std::uint64_t least,
                              std::uint64_t most) const {
    const std::string* text = find(name);
    if (text == nullptr) return otherwise;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc{} || end != text->data() + text->size() || value < least || value > most) {
        throw UsageError("--" + std::string(name) + ": expected " + std::to_string(least) + " to " +
                         std::to_string(most) + ", found \"" + *text + "\"");
    }
    return value;
}

void Options::refuse(std::initializer_list<std::string_view> names, const char* why) const {
    for (const std::string_view name : names) {
        if (has(name)) throw UsageError("the option --" + std::string(name) + " " + why);
    }
}

void Options::expect_words(std::initializer_list<const char*> names) const {
    if (words_.size() == names.size()) return;
    std::string expected;
    for (const char* name : names) {
        expected += std::string(expected.empty() ? "" : " ") + name;
    }
    throw UsageError("expected " + (expected.empty() ? std::string("no more words") : expected) + ", found " +
                     std::to_string(words_.size()) + " words");
}

} // namespace rvm::wallet
