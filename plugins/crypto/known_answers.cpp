#include "known_answers.hpp"

#include <algorithm>

namespace rvm::crypto {
namespace {

std::uint8_t digit(char c) { return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); }

} // namespace

KnownAnswers::KnownAnswers() {
    const std::span<const Answer> groups[] = {hash_answers(),  signature_answers(), arithmetic_answers(),
                                              curve_answers(), keyed_answers(),     key_answers(),
                                              bls_answers()};
    std::size_t count = 0;
    std::size_t digits = 0;
    for (const auto& answers : groups) {
        count += answers.size();
        for (const Answer& answer : answers) {
            digits += answer.input.size() + answer.expected.size();
        }
    }
    // One allocation a member: hosts that let each allocation fail in turn load the plugin as often.
    bytes_.reserve(digits / 2);
    answers_.reserve(count);
    kats_.reserve(count);
    for (const auto& answers : groups) {
        for (const Answer& answer : answers) {
            answers_.push_back(&answer);
        }
    }
    // In place, unlike stable_sort: answers of one primitive keep the order of the tables, which are not moved.
    std::ranges::sort(answers_, [](const Answer* a, const Answer* b) {
        const int order = std::string_view(a->id).compare(b->id);
        return order != 0 ? order < 0 : std::less<>()(a, b);
    });
    for (const Answer* answer : answers_) {
        const rvm_view input = keep(answer->input);
        kats_.push_back({input, keep(answer->expected), answer->status, 0});
    }
}

rvm_view KnownAnswers::keep(std::string_view hex) {
    const std::size_t at = bytes_.size();
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        bytes_.push_back(static_cast<std::uint8_t>(digit(hex[i]) << 4u | digit(hex[i + 1])));
    }
    return {bytes_.data() + at, hex.size() / 2}; // reserved: the bytes move no more
}

std::span<const rvm_kat> KnownAnswers::of(std::string_view id) const noexcept {
    const auto found =
        std::ranges::equal_range(answers_, id, {}, [](const Answer* a) { return std::string_view(a->id); });
    return {kats_.data() + (found.begin() - answers_.begin()), found.size()};
}

} // namespace rvm::crypto
