// The host's side of a frame: what a format sees (rvm_frame) and what the host keeps beside it.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include <rvm/plugin.h>

#include "runtime/buffer.hpp"

namespace rvm::runtime {

class Execution;
struct FormatBinding;

/// Format-owned scratch memory of one depth.
class Scratch {
  public:
    Scratch() = default;
    ~Scratch() { clear(); }
    Scratch(Scratch&& other) noexcept : format_(other.format_), bytes_(other.bytes_) { other.bytes_ = nullptr; }
    Scratch& operator=(Scratch&&) = delete;

    /// The area for `format`, zeroed when it is new; nullptr without memory.
    [[nodiscard]] void* get(const rvm_format& format) noexcept {
        if (bytes_ != nullptr) return bytes_;
        bytes_ = ::operator new(format.scratch_bytes, kAlignment, std::nothrow);
        if (bytes_ != nullptr) std::memset(bytes_, 0, format.scratch_bytes);
        format_ = &format;
        return bytes_;
    }

  private:
    static constexpr std::align_val_t kAlignment{64}; // promised by rvm_frame.scratch
    void clear() noexcept {
        if (bytes_ == nullptr) return;
        if (format_->scratch_release != nullptr) format_->scratch_release(format_->self, bytes_);
        ::operator delete(bytes_, kAlignment);
    }
    const rvm_format* format_ = nullptr;
    void* bytes_ = nullptr;
};

/// One activation. Frames live in the Execution, one a depth, and are reused.
struct Frame : rvm_frame {
    Execution* execution = nullptr;
    Frame* parent = nullptr;
    const FormatBinding* format = nullptr; ///< nullptr while a program at an address or nothing runs
    rvm_message message{};                 ///< the host's own copy; rvm_frame.msg points here
    std::int64_t meter = 0;                ///< gas as the host last knew it: what the frame may have at most
    std::uint64_t reserved = 0;            ///< bytes taken from the memory budget
    std::uint64_t id = 0;                  ///< for tracers
    Buffer output;
    Buffer init_code; ///< a creation's, with the zeroes that compile() is promised behind it
    const FormatBinding* scratch_of = nullptr; ///< whose area rvm_frame.scratch is
    std::vector<Scratch> scratches;            ///< by format ordinal

    /// Gas the format reports, clamped to the host's meter.
    [[nodiscard]] std::int64_t clamped_gas() const noexcept {
        const std::int64_t left = gas < meter ? gas : meter;
        return left < 0 ? 0 : left;
    }
};

} // namespace rvm::runtime
