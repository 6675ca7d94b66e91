// Secret bytes: locked in memory, wiped when they go, read from and written to files that nobody else may read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace rvm::host {

/// Bytes that are never swapped out and are wiped by the destructor. Throws std::bad_alloc.
class Secret {
  public:
    explicit Secret(std::size_t size);
    ~Secret();
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    [[nodiscard]] std::uint8_t* data() noexcept { return data_; }
    [[nodiscard]] const std::uint8_t* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept { return {data_, size_}; }

  private:
    std::uint8_t* data_;
    std::size_t size_;
};

/// Writes PREFIX and the bytes in hex to a new file with mode 0600. Throws Failure with RVM-U04: something is there
/// already, or it cannot be written; nothing is left then.
void write_secret(const std::filesystem::path& path, const std::string& prefix, const Secret& secret);
/// Fills `secret` from such a file. Throws Failure: RVM-U02 when it cannot be read or others may read it, RVM-U03 when
/// its text is something else.
void read_secret(const std::filesystem::path& path, const std::string& prefix, Secret& secret);

} // namespace rvm::host
