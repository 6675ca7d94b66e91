// What a program of wasi_snapshot_preview1 sees of its surroundings. Nothing comes from the machine it runs on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hosts/wasi/tree.hpp"

namespace rvm::wasm::wasi {

/// Error numbers of the interface, as it numbers them (wasi_snapshot_preview1, `errno`).
enum class Errno : std::uint16_t {
    success = 0,
    badf = 8,
    exist = 20,
    fault = 21,
    inval = 28,
    isdir = 31,
    mfile = 33,
    nametoolong = 37,
    noent = 44,
    nospc = 51,
    nosys = 52,
    notdir = 54,
    notsock = 57,
    rofs = 69,
    spipe = 70,
    notcapable = 76,
};

struct Configuration {
    std::vector<std::string> arguments;   ///< the first one is the program's name
    std::vector<std::string> environment; ///< "NAME=value"
    std::span<const std::uint8_t> input;  ///< of descriptor 0; outlives the process
    std::uint64_t clock = 0;              ///< nanoseconds since 1970 when it starts
    std::uint8_t seed[32] = {};           ///< of randomness
    std::shared_ptr<const Tree> folder;   ///< descriptor 3; null: none is granted
    std::string folder_name = "/";        ///< what the program calls it
    /// Takes what is written to descriptor 1 or 2; false: there is no room for it. Not thrown through.
    std::function<bool(int descriptor, std::span<const std::uint8_t>)> write;
};

class Process {
  public:
    static constexpr std::uint32_t first_free = 3; ///< descriptors above the standard streams
    static constexpr std::size_t most_descriptors = 64;
    static constexpr std::uint64_t clock_step = 1'000; ///< nanoseconds that pass with every look at the clock

    explicit Process(Configuration configuration);

    struct Descriptor {
        bool open = false;
        bool preopened = false;
        Tree::Kind kind = Tree::Kind::file;
        std::string path;
        std::uint64_t at = 0; ///< position in a file
    };

    [[nodiscard]] const Configuration& configuration() const noexcept { return configuration_; }
    /// A file or folder of the tree; null for the standard streams and what is not open.
    [[nodiscard]] Descriptor* descriptor(std::uint64_t number) noexcept;
    [[nodiscard]] static bool is_stream(std::uint64_t number) noexcept { return number < first_free; }
    [[nodiscard]] const Tree::Bytes& bytes_of(const Descriptor& file) const {
        return configuration_.folder->contents(file.path);
    }
    /// Errno::success and the number, or Errno::mfile.
    [[nodiscard]] Errno open(Tree::Kind kind, std::string path, std::uint32_t& number);
    /// Descriptor 0: what there is left of the input, at most `size` bytes.
    [[nodiscard]] std::span<const std::uint8_t> read_input(std::uint64_t size) noexcept;
    [[nodiscard]] std::uint64_t input_left() const noexcept { return configuration_.input.size() - input_at_; }

    [[nodiscard]] std::uint64_t now() noexcept { return clock_ += clock_step; }
    void sleep(std::uint64_t nanoseconds) noexcept { clock_ += nanoseconds; }
    void sleep_until(std::uint64_t time) noexcept { clock_ = std::max(clock_, time); }
    /// The next bytes of the stream keccak256(seed, 0), keccak256(seed, 1), ...
    void random(std::span<std::uint8_t> out) noexcept;

    void exit(std::uint32_t code) noexcept {
        exited_ = true;
        exit_code_ = code;
    }
    [[nodiscard]] bool exited() const noexcept { return exited_; }
    [[nodiscard]] std::uint32_t exit_code() const noexcept { return exit_code_; }

  private:
    Configuration configuration_;
    std::vector<Descriptor> descriptors_; ///< from first_free on
    std::uint64_t input_at_ = 0;
    std::uint64_t clock_;
    std::uint64_t random_blocks_ = 0;
    std::uint8_t random_[32] = {};
    std::size_t random_left_ = 0; ///< bytes at the end of random_ that nobody got yet
    bool exited_ = false;
    std::uint32_t exit_code_ = 0;
};

} // namespace rvm::wasm::wasi
