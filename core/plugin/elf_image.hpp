// A 64-bit ELF file held in memory, read with bounds checks on every access.
//
// Nothing here trusts a number of the file: every read is checked against the bytes, every table against the segment
// that holds it. Section headers are not used (the dynamic loader ignores them too); they are only checked to lie
// inside the file, so that a truncated file is recognised. Sources: System V ABI (gABI) chapters 4 and 5, elf(5).
// The beginning of a file will do for what lies there: see parse().
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <elf.h>

#include "base/bytes.hpp"
#include <rvm/report.hpp>

namespace rvm::plugin {

/// A view of ELF bytes and their checked program headers. The bytes must outlive the image. Not thread-safe to build,
/// free to read.
class ElfImage {
  public:
    /// Checks the file header, the program headers and the placement of every segment; nullopt with F02 findings in
    /// `report` when the file is not a shared object of this machine. Allocates for at most 64 program headers.
    /// `file_bytes`: size of the whole file, of which `bytes` are the beginning; at least theirs.
    [[nodiscard]] static std::optional<ElfImage> parse(ByteView bytes, std::uint64_t file_bytes,
                                                       const std::string& file, Report& report);

    [[nodiscard]] const std::vector<Elf64_Phdr>& segments() const noexcept { return segments_; }
    /// The file bytes of a segment; nullopt when they do not all lie in the beginning that was given.
    [[nodiscard]] std::optional<ByteView> content(const Elf64_Phdr& segment) const noexcept {
        return part(segment.p_offset, segment.p_filesz);
    }

    /// The object of type T at a file offset; nullopt when it does not lie inside the file.
    template <typename T>
    [[nodiscard]] std::optional<T> at_offset(std::uint64_t offset) const noexcept {
        static_assert(std::is_trivially_copyable_v<T>);
        if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return std::nullopt;
        T value;
        std::memcpy(&value, bytes_.data() + offset, sizeof(T)); // the file promises no alignment
        return value;
    }

    /// The object of type T at a virtual address; nullopt when no loaded segment backs all of it with file bytes.
    template <typename T>
    [[nodiscard]] std::optional<T> at_address(std::uint64_t address) const noexcept {
        const auto view = range(address, sizeof(T));
        if (!view) return std::nullopt;
        T value;
        std::memcpy(&value, view->data(), sizeof(T));
        return value;
    }

    /// The file bytes behind [address, address + size); nullopt when one loaded segment does not back them all.
    [[nodiscard]] std::optional<ByteView> range(std::uint64_t address, std::uint64_t size) const noexcept;
    /// True when [address, address + size) lies in the memory of one loaded segment with all of `flags` (PF_R|W|X).
    [[nodiscard]] bool mapped(std::uint64_t address, std::uint64_t size, std::uint32_t flags) const noexcept;

  private:
    [[nodiscard]] std::optional<ByteView> part(std::uint64_t offset, std::uint64_t size) const noexcept {
        if (offset > bytes_.size() || bytes_.size() - offset < size) return std::nullopt;
        return bytes_.subspan(offset, size);
    }

    ByteView bytes_;
    std::vector<Elf64_Phdr> segments_;
};

} // namespace rvm::plugin
