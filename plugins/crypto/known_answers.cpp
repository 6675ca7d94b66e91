#include "known_answers.hpp"

namespace rvm::crypto {
namespace {

std::vector<std::uint8_t> from_hex(std::string_view text) {
    const auto digit = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        bytes.push_back(static_cast<std::uint8_t>(digit(text[i]) << 4u | digit(text[i + 1])));
    }
    return bytes;
}

} // namespace

KnownAnswers::KnownAnswers() {
    const std::span<const Answer> groups[] = {hash_answers(), signature_answers(), arithmetic_answers(),
                                              curve_answers()};
    std::size_t count = 0;
    for (const auto& answers : groups) {
        count += answers.size();
    }
    bytes_.reserve(2 * count); // views point into the elements
    const auto keep = [this](std::string_view hex) -> rvm_view {
        const std::vector<std::uint8_t>& kept = bytes_.emplace_back(from_hex(hex));
        return {kept.data(), kept.size()};
    };
    for (const auto& answers : groups) {
        for (const Answer& answer : answers) {
            answers_[answer.id].push_back({keep(answer.input), keep(answer.expected), answer.status, 0});
        }
    }
}

std::span<const rvm_kat> KnownAnswers::of(std::string_view id) const noexcept {
    const auto found = answers_.find(id);
    return found == answers_.end() ? std::span<const rvm_kat>() : std::span<const rvm_kat>(found->second);
}

} // namespace rvm::crypto
