#include "verbs/surroundings.hpp"

#include <algorithm>

#include "hosts/wasi/tree.hpp"

namespace rvm::wasm::verbs {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t most_bytes = 256u << 20u; ///< of a folder: it is held in memory
constexpr std::size_t most_files = 100'000;

/// Regular files below `root`; links are not followed, so that nothing outside of it gets in.
std::shared_ptr<const wasi::Tree> read_folder(const fs::path& root) {
    std::error_code error;
    if (!fs::is_directory(root, error)) {
        throw Refusal(Fault::command_line, "--dir: expected a folder, found '" + root.string() + "'");
    }
    auto tree = std::make_shared<wasi::Tree>();
    std::uint64_t bytes = 0;
    std::size_t files = 0;
    for (auto at = fs::recursive_directory_iterator(root, error); !error && at != fs::recursive_directory_iterator();
         at.increment(error)) {
        if (at->is_symlink(error) || !at->is_regular_file(error)) continue;
        bytes += at->file_size(error);
        if (++files > most_files || bytes > most_bytes) {
            throw Refusal(Fault::command_line, "--dir: " + root.string() + ": more than " + std::to_string(most_files) +
                                              " files or " + std::to_string(most_bytes) + " bytes");
        }
        tree->add(at->path().lexically_relative(root).generic_string(), read_file(at->path()));
    }
    if (error) throw Refusal(Fault::command_line, "--dir: " + root.string() + ": " + error.message());
    return tree;
}

} // namespace

Surroundings::Surroundings(const Io& io, const Words& words, bool is_command) {
    const std::vector<std::string>& rest = words.rest();
    configuration_.arguments.assign(rest.begin(), is_command ? rest.end() : rest.begin() + 1);
    configuration_.environment = words.values("--env");
    for (const std::string& variable : configuration_.environment) {
        if (variable.find('=') == std::string::npos || variable[0] == '=') {
            throw Refusal(Fault::command_line, "--env: expected NAME=VALUE, found '" + variable + "'");
        }
    }
    if (words.has("--dir")) {
        if (words.values("--dir").size() > 1) throw Refusal(Fault::command_line, "--dir: one folder can be given");
        const std::string text = words.value("--dir");
        const std::size_t colons = text.find("::");
        if (colons != std::string::npos) configuration_.folder_name = text.substr(colons + 2);
        configuration_.folder = read_folder(text.substr(0, colons));
    }
    if (words.has("--stdin")) {
        const std::string file = words.value("--stdin");
        input_ = file == "-" ? io.read_all() : read_file(file);
    }
    constexpr std::uint64_t nanoseconds = 1'000'000'000;
    const std::uint64_t seconds = words.number("--clock", 0);
    if (seconds > UINT64_MAX / nanoseconds) throw Refusal(Fault::command_line, "--clock: expected seconds since 1970");
    configuration_.clock = seconds * nanoseconds;
    const std::uint64_t seed = words.number("--seed", 0);
    for (std::size_t i = 0; i < 8; ++i)
        configuration_.seed[i] = static_cast<std::uint8_t>(seed >> 8 * i);
}

wasi::Configuration Surroundings::configuration() const {
    wasi::Configuration out = configuration_;
    out.input = input_;
    return out;
}

} // namespace rvm::wasm::verbs
