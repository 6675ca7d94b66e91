#include "hosts/wasi/process.hpp"

#include <algorithm>
#include <cstring>

#include "keccak/keccak.hpp"

namespace rvm::wasm::wasi {

Process::Process(Configuration configuration) : configuration_(std::move(configuration)), clock_(configuration_.clock) {
    if (configuration_.folder == nullptr) return;
    descriptors_.push_back({true, true, Tree::Kind::folder, "", 0});
}

Process::Descriptor* Process::descriptor(std::uint64_t number) noexcept {
    if (number < first_free || number - first_free >= descriptors_.size()) return nullptr;
    Descriptor& found = descriptors_[number - first_free];
    return found.open ? &found : nullptr;
}

Errno Process::open(Tree::Kind kind, std::string path, std::uint32_t& number) {
    std::size_t at = 0;
    while (at < descriptors_.size() && descriptors_[at].open)
        ++at;
    if (at == descriptors_.size()) {
        if (at == most_descriptors) return Errno::mfile;
        descriptors_.emplace_back();
    }
    descriptors_[at] = {true, false, kind, std::move(path), 0};
    number = first_free + static_cast<std::uint32_t>(at);
    return Errno::success;
}

std::span<const std::uint8_t> Process::read_input(std::uint64_t size) noexcept {
    const std::uint64_t count = std::min(size, input_left());
    const auto out = configuration_.input.subspan(input_at_, count);
    input_at_ += count;
    return out;
}

void Process::random(std::span<std::uint8_t> out) noexcept {
    for (std::uint8_t& byte : out) {
        if (random_left_ == 0) {
            std::uint8_t text[sizeof configuration_.seed + 8];
            std::memcpy(text, configuration_.seed, sizeof configuration_.seed);
            for (std::size_t i = 0; i < 8; ++i)
                text[sizeof configuration_.seed + i] = static_cast<std::uint8_t>(random_blocks_ >> 8 * i);
            ++random_blocks_;
            keccak::keccak256(text, random_);
            random_left_ = sizeof random_;
        }
        byte = random_[sizeof random_ - random_left_--];
    }
}

} // namespace rvm::wasm::wasi
