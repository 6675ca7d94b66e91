#include "verbs/options.hpp"

#include <algorithm>
#include <cctype>
#include <climits>

#include "rules.hpp"

namespace rvm::evm {
namespace {

constexpr const char* kHelp = R"(rvm evm: run, measure or disassemble EVM code

Usage:
  rvm evm CODE|FILE|- [options]
  rvm evm disasm CODE|FILE|-
  rvm evm help

The code is hex digits, a file of hex digits or bytes, a compiler's JSON (solc), or - for standard input.

Options:
  --input HEX          message data
  --gas N              gas of the execution; default 30000000
  --fork NAME          rule set: frontier ... osaka; default osaka
  --sender ADDRESS     who calls; default 0xca11e40...0
  --receiver ADDRESS   where the code stands; default 0xc0de...0
  --value WEI          sent along; the sender is given what it lacks
  --create             the code is init code
  --prestate FILE      accounts before, JSON in the form of a geth alloc
  --block KEY=VALUE    number, timestamp, coinbase, gas_limit, base_fee, blob_base_fee, prevrandao, difficulty, chain_id,
                       origin, gas_price; repeatable
  --trace[=eip3155|calls]  writes a trace to the error stream
  --dump               prints the accounts afterwards, JSON
  --json               prints the result as JSON
  --bench              runs again and again, prints the time of one execution

Exit status: 0 done, 1 reverted or halted, 2 wrong command line or input, 70 internal error.

Example:
  rvm evm 600f60190160011c60005260206000f3
)";

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

std::string rules_named(const std::string& name) {
    const std::string wanted = lower(name);
    std::string known;
    for (std::size_t i = 0; i < kRuleSets; ++i) {
        const std::string full = kRuleNames[i], fork = full.substr(full.find('/') + 1);
        if (wanted == full || wanted == fork) return full;
        known += (i == 0 ? "" : ", ") + fork;
    }
    if (wanted == "tangerinewhistle") return kRuleNames[static_cast<std::size_t>(Rules::eip150)];
    if (wanted == "spuriousdragon") return kRuleNames[static_cast<std::size_t>(Rules::eip158)];
    if (wanted == "constantinoplefix") return kRuleNames[static_cast<std::size_t>(Rules::petersburg)];
    if (wanted == "merge") return kRuleNames[static_cast<std::size_t>(Rules::paris)];
    throw VerbError(verb::Fault::command_line, "--fork: expected one of " + known + ", found \"" + name + "\"");
}

std::pair<std::string, rvm_u256> block_word(const std::string& text) {
    static constexpr std::pair<const char*, const char*> names[] = {
        {"number", "block.number"},         {"timestamp", "block.timestamp"},
        {"coinbase", "block.coinbase"},     {"gas_limit", "block.gas_limit"},
        {"base_fee", "block.base_fee"},     {"blob_base_fee", "block.blob_base_fee"},
        {"prevrandao", "block.prevrandao"}, {"difficulty", "block.difficulty"},
        {"chain_id", "chain.id"},           {"origin", "tx.origin"},
        {"gas_price", "tx.gas_price"}};
    const std::size_t equals = text.find('=');
    const std::string key = text.substr(0, equals);
    const auto value =
        equals == std::string::npos ? std::nullopt : number_of(std::string_view(text).substr(equals + 1));
    for (const auto& [name, word] : names)
        if (key == name && value) return {word, *value};
    throw VerbError(verb::Fault::command_line, "--block: expected KEY=NUMBER with a key of `rvm evm help`, found \"" + text + "\"");
}

/// The arguments one after the other; options take a value after `=` or from the next argument.
class Arguments {
  public:
    Arguments(std::int32_t argc, const char* const* argv) : count_(argc), words_(argv) {}

    bool next() {
        if (++at_ >= count_) return false;
        word_ = words_[at_];
        value_.reset();
        if (word_.starts_with("--")) {
            if (const std::size_t equals = word_.find('='); equals != std::string::npos) {
                value_ = word_.substr(equals + 1);
                word_.resize(equals);
            }
        }
        return true;
    }
    [[nodiscard]] const std::string& word() const { return word_; }
    [[nodiscard]] const std::optional<std::string>& optional_value() const { return value_; }
    std::string value() {
        if (value_) return *value_;
        if (at_ + 1 >= count_) throw VerbError(verb::Fault::command_line, word_ + ": expected a value behind it");
        return words_[++at_];
    }

  private:
    std::int32_t count_, at_ = 0;
    const char* const* words_;
    std::string word_;
    std::optional<std::string> value_;
};

template <class Value>
Value checked(const std::optional<Value>& value, const std::string& option, const char* expected,
              const std::string& found) {
    if (!value) throw VerbError(verb::Fault::command_line, option + ": expected " + expected + ", found \"" + found + "\"");
    return *value;
}

std::string tracer_named(const std::optional<std::string>& name) {
    if (!name || *name == "eip3155") return "eip3155";
    if (*name == "calls") return "calltree";
    throw VerbError(verb::Fault::command_line, "--trace: expected eip3155 or calls, found \"" + *name + "\"");
}

} // namespace

const char* evm_help() noexcept { return kHelp; }

EvmOptions parse_evm_options(std::int32_t argc, const char* const* argv) {
    EvmOptions options;
    options.rules = kRuleNames[kRuleSets - 1];
    options.sender = *address_of("0xca11e40000000000000000000000000000000000");
    options.receiver = *address_of("0xc0de000000000000000000000000000000000000");
    Arguments arguments(argc, argv);
    bool has_code = false;
    while (arguments.next()) {
        const std::string option = arguments.word();
        if (option == "--input") {
            const std::string text = arguments.value();
            options.input = checked(bytes_of_hex(text), option, "an even number of hex digits", text);
        } else if (option == "--gas") {
            const std::string text = arguments.value();
            const rvm_u256 gas = checked(number_of(text), option, "a number", text);
            if ((gas.limbs[1] | gas.limbs[2] | gas.limbs[3]) != 0 || gas.limbs[0] > INT64_MAX)
                throw VerbError(verb::Fault::command_line, "--gas: expected at most 2^63 - 1, found \"" + text + "\"");
            options.gas = static_cast<std::int64_t>(gas.limbs[0]);
        } else if (option == "--fork") {
            options.rules = rules_named(arguments.value());
        } else if (option == "--sender" || option == "--receiver") {
            const std::string text = arguments.value();
            (option == "--sender" ? options.sender : options.receiver) =
                checked(address_of(text), option, "40 hex digits", text);
        } else if (option == "--value") {
            const std::string text = arguments.value();
            options.value = checked(number_of(text), option, "a number of at most 256 bits", text);
        } else if (option == "--prestate") {
            options.prestate = arguments.value();
        } else if (option == "--block") {
            options.block.push_back(block_word(arguments.value()));
        } else if (option == "--trace") {
            options.tracer = tracer_named(arguments.optional_value());
        } else if (option == "--create") {
            options.create = true;
        } else if (option == "--dump") {
            options.dump = true;
        } else if (option == "--json") {
            options.json = true;
        } else if (option == "--bench") {
            options.bench = true;
        } else if (option == "help" && !has_code && argc == 2) {
            options.help = true;
        } else if (option.size() > 1 && option.starts_with('-')) {
            throw VerbError(verb::Fault::command_line, "unknown option " + option + "; `rvm evm help` lists them");
        } else if (option == "disasm" && !has_code && !options.disassemble) {
            options.disassemble = true;
        } else if (!has_code) {
            options.code = option;
            has_code = true;
        } else {
            throw VerbError(verb::Fault::command_line, "expected one CODE, found \"" + option + "\" behind it");
        }
    }
    if (!has_code && !options.help) throw VerbError(verb::Fault::command_line, "expected CODE, a FILE or -; `rvm evm help` explains");
    return options;
}

} // namespace rvm::evm
