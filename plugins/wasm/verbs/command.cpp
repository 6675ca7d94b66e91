#include "verbs/command.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <fstream>

#include "module/error.hpp"
#include "verb/run.hpp"

namespace rvm::wasm::verbs {
namespace {

/// Of a file or of standard input: a module is smaller, and a folder for a program is kept in memory.
constexpr std::uint64_t most_input = std::uint64_t{256} << 20;

constexpr const char* help =
    R"(rvm wasm: run, check and measure WebAssembly modules

  rvm wasm run FILE [--invoke NAME] [ARG...] [--gas N] [--features SET] [--trace] [--json]
      call an exported function and print its results, one a line; without --invoke run _start, with the words after
      FILE as the program's arguments; exit code 0 is success, others are named and end with status 1
      --env NAME=VALUE  a variable of its environment; may be repeated
      --dir HOST[::NAME]  a folder it may read, as it is now; it sees it as NAME, "/" unless said otherwise
      --stdin FILE      what it reads, "-" for what this program reads; without it nothing
      --clock SECONDS   the time when it starts, 0 unless said otherwise
      --seed N          of its randomness, 0 unless said otherwise
      --trace           every block of code that is entered, on standard error
  rvm wasm check FILE [--features SET] [--json]
      decode, validate and translate; says where and why a module is refused
  rvm wasm inspect FILE [--features SET] [--json]
      sections, imports, exports, limits, and what its functions cost
  rvm wasm bench FILE --invoke NAME [ARG...] [--runs N] [--gas N] [--features SET] [--json]
      time calls: best_ms, median_ms, result, gas
  rvm wasm spectest PATH... [--skip-list FILE] [--features SET]
      run tests of the specification (wast2json layout); the last line counts them

SET is core1, core2-without-vectors, core2 or all. The default is all; for spectest it is core1 under a folder core-1.0
and core2-without-vectors under core-2.0. run and bench take modules that import nothing but WASI; contracts run with rvm run.

Examples:
  rvm wasm run fib.wasm --invoke run 31
  rvm wasm run fib.wasm --invoke run 31 --gas 1000
  rvm wasm run tool.wasm --dir docs --env LANG=C -- --verbose readme.txt
  rvm wasm bench fib.wasm --invoke run 31 --json
  rvm wasm spectest core-2.0 --skip-list skips.txt
)";

struct Sub {
    const char* name;
    std::int32_t (*call)(const Io&, std::vector<std::string>);
};
/// All but run, which needs a world.
constexpr Sub subs[] = {{"check", check}, {"inspect", inspect}, {"bench", bench}, {"spectest", spectest}};

bool is_number(const std::string& word) { return word.size() > 1 && word[0] == '-' && word[1] != '-'; }

std::int32_t dispatch(const Io& io, const Worlds& worlds, std::vector<std::string> words) {
    constexpr const char* expected = "expected run, check, inspect, bench or spectest";
    if (words.empty()) {
        if (io.json()) throw Refusal(Fault::command_line, expected);
        io.error(help);
        return RVM_EXIT_USAGE;
    }
    if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
        io.out(help);
        return RVM_EXIT_OK;
    }
    const std::string name = std::move(words[0]);
    words.erase(words.begin());
    const auto* const sub = std::ranges::find(subs, std::string_view(name), &Sub::name);
    if (name != "run" && sub == std::end(subs))
        throw Refusal(Fault::command_line, "unknown command '" + name + "', " + expected);
    for (const std::string& word : words) {
        if (word == "--") break;
        if (word != "--help" && word != "-h") continue;
        io.out(help);
        return RVM_EXIT_OK;
    }
    return sub == std::end(subs) ? run(io, worlds, std::move(words)) : sub->call(io, std::move(words));
}

} // namespace

Words::Words(std::vector<std::string> words, const std::set<std::string>& options,
             const std::set<std::string>& switches) {
    bool only_rest = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (!only_rest && word == "--") {
            only_rest = true;
        } else if (only_rest || word.empty() || word[0] != '-' || is_number(word)) {
            rest_.push_back(word);
        } else if (switches.count(word) != 0) {
            values_.emplace(word, "");
        } else if (options.count(word) != 0) {
            if (i + 1 == words.size()) throw Refusal(Fault::command_line, word + " needs a value");
            values_.emplace(word, words[++i]);
        } else {
            throw Refusal(Fault::command_line, "unknown option '" + word + "', see rvm wasm help");
        }
    }
}

std::vector<std::string> Words::values(const std::string& name) const {
    std::vector<std::string> out;
    const auto [first, last] = values_.equal_range(name);
    for (auto at = first; at != last; ++at)
        out.push_back(at->second);
    return out;
}

std::string Words::value(const std::string& name, const std::string& otherwise) const {
    const std::vector<std::string> all = values(name);
    return all.empty() ? otherwise : all.back();
}

std::uint64_t Words::number(const std::string& name, std::uint64_t otherwise) const {
    if (!has(name)) return otherwise;
    const std::string text = value(name);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
        throw Refusal(Fault::command_line, name + ": expected a whole number, found '" + text + "'");
    }
    return number;
}

std::vector<std::uint8_t> Io::read_all() const {
    std::vector<std::uint8_t> out;
    std::uint8_t piece[65536];
    for (;;) {
        rvm_span span{piece, sizeof piece};
        if (io_.read == nullptr || io_.read(io_.ctx, &span) != RVM_OK || span.size == 0) return out;
        out.insert(out.end(), piece, piece + span.size);
        if (out.size() > most_input) throw Refusal(Fault::unreadable, "standard input: expected at most 256 MiB");
    }
}

std::vector<std::uint8_t> read_file(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
        throw Refusal(Fault::unreadable, path.string() + ": no such file, or not a regular one");
    }
    if (std::filesystem::file_size(path, error) > most_input && !error)
        throw Refusal(Fault::unreadable, path.string() + ": expected at most 256 MiB");
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Refusal(Fault::unreadable, path.string() + ": cannot be read");
    return {std::istreambuf_iterator<char>(file), {}};
}

namespace {

[[noreturn]] void bad_value(ValueType type, const std::string& text) {
    throw Refusal(Fault::command_line, "expected a value of type " + type.text() + ", found '" + text + "'");
}

std::uint64_t parse_integer(ValueType type, const std::string& text) {
    const bool negative = !text.empty() && text[0] == '-';
    std::string_view digits(text);
    digits.remove_prefix(negative ? 1 : 0);
    const bool hex = digits.size() > 2 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
    digits.remove_prefix(hex ? 2 : 0);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, hex ? 16 : 10);
    const unsigned bits = type == i32 ? 32 : 64;
    const std::uint64_t most = negative ? std::uint64_t{1} << (bits - 1) : bits == 32 ? UINT32_MAX : UINT64_MAX;
    if (error != std::errc() || digits.empty() || end != digits.data() + digits.size() || number > most) {
        bad_value(type, text);
    }
    const std::uint64_t value = negative ? 0 - number : number;
    return bits == 32 ? value & UINT32_MAX : value;
}

template <class Float>
Float parse_float(ValueType type, const std::string& text) {
    Float value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) bad_value(type, text);
    return value;
}

template <class Float>
std::string float_text(Float value) {
    char buffer[64];
    const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
    return {buffer, result.ptr};
}

} // namespace

std::uint64_t parse_value(ValueType type, const std::string& text) {
    if (type == i32 || type == i64) return parse_integer(type, text);
    if (type == f32) return std::bit_cast<std::uint32_t>(parse_float<float>(type, text));
    if (type == f64) return std::bit_cast<std::uint64_t>(parse_float<double>(type, text));
    if (type.is_reference() && text == "null") return 0;
    bad_value(type, text);
}

std::string value_text(ValueType type, std::uint64_t low, std::uint64_t high) {
    if (type == i32) return std::to_string(static_cast<std::int32_t>(static_cast<std::uint32_t>(low)));
    if (type == i64) return std::to_string(static_cast<std::int64_t>(low));
    if (type == f32) return float_text(std::bit_cast<float>(static_cast<std::uint32_t>(low)));
    if (type == f64) return float_text(std::bit_cast<double>(low));
    if (type.is_reference()) return low == 0 ? "null" : "a reference";
    char buffer[40];
    const auto put = [](char* at, std::uint64_t value) {
        for (int i = 15; i >= 0; --i, value >>= 4) {
            at[i] = "0123456789abcdef"[value & 15];
        }
    };
    buffer[0] = '0';
    buffer[1] = 'x';
    put(buffer + 2, high);
    put(buffer + 18, low);
    return {buffer, 34};
}

std::int32_t command(const rvm_command_io* raw, const Worlds& worlds, std::int32_t argc,
                     const char* const* argv) noexcept {
    const Io io(*raw);
    return verb::run(*raw, [&] { return dispatch(io, worlds, std::vector<std::string>(argv + 1, argv + argc)); });
}

} // namespace rvm::wasm::verbs
