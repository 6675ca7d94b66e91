#include "t8n/options.hpp"

#include <optional>
#include <string_view>

#include "u256/text.hpp"
#include "verbs/options.hpp"

namespace rvm::ledger {
namespace {

struct TextOption {
    std::string_view name;
    std::string T8nOptions::*to;
};
constexpr TextOption text_options[] = {
    {"--input.alloc", &T8nOptions::input_alloc},       {"--input.env", &T8nOptions::input_env},
    {"--input.txs", &T8nOptions::input_txs},           {"--output.basedir", &T8nOptions::basedir},
    {"--output.alloc", &T8nOptions::output_alloc},     {"--output.result", &T8nOptions::output_result},
    {"--output.body", &T8nOptions::output_body},       {"--input.witness", &T8nOptions::input_witness},
    {"--output.witness", &T8nOptions::output_witness},
};

/// What a trace has more or less of is the tracer's affair here; geth's switches are understood and change nothing.
constexpr std::string_view trace_switches[] = {"--trace.memory", "--trace.nomemory", "--trace.nostack",
                                               "--trace.returndata", "--trace.noreturndata"};

std::optional<U256> number(std::string_view text) {
    if (text.starts_with("0x")) return u256::from_hex(text.substr(2));
    return u256::from_decimal(text);
}

/// A word of the command line, apart from its value when that is written behind an equals sign.
struct Word {
    std::string_view name;
    std::optional<std::string_view> value;

    explicit Word(std::string_view text) : name(text) {
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) return;
        name = text.substr(0, equals);
        value = text.substr(equals + 1);
    }
};

void set_number(std::string_view name, std::string_view text, T8nOptions& out) {
    if (name == "--state.reward" && text == "-1") {
        out.reward.reset();
        return;
    }
    const std::optional<U256> value = number(text);
    if (!value) throw UsageError(std::string(name) + ": expected a number, found \"" + std::string(text) + "\"");
    if (name == "--state.reward") {
        out.reward = value;
    } else {
        out.chain_id = *value;
    }
}

/// An option that has a value; false when there is none of that name.
bool set_value(std::string_view name, std::string_view value, T8nOptions& out) {
    for (const TextOption& option : text_options) {
        if (option.name != name) continue;
        out.*option.to = value;
        return true;
    }
    if (name == "--state.fork") {
        out.fork = find_fork(value);
        if (out.fork == nullptr) throw UsageError("--state.fork: there is no fork \"" + std::string(value) + "\"");
    } else if (name == "--state.chainid" || name == "--state.reward") {
        set_number(name, value, out);
    } else if (name == "--trace.tracer") {
        out.tracer = value;
    } else {
        return name == "--verbosity";
    }
    return true;
}

bool is_trace_switch(std::string_view name) {
    for (const std::string_view known : trace_switches)
        if (name == known) return true;
    return false;
}

} // namespace

T8nOptions parse_t8n_options(std::int32_t argc, const char* const* argv) {
    T8nOptions out;
    out.fork = find_fork("GrayGlacier");
    for (std::int32_t i = 1; i < argc; ++i) {
        const Word word(argv[i]);
        if (word.name == "--trace") {
            if (out.tracer.empty()) out.tracer = "eip3155";
        } else if (!is_trace_switch(word.name)) {
            std::string_view value;
            if (word.value) {
                value = *word.value;
            } else if (i + 1 < argc) {
                value = argv[i + 1];
            }
            if (!set_value(word.name, value, out)) throw UsageError("there is no option " + std::string(word.name));
            if (!word.value && ++i >= argc) throw UsageError("the option " + std::string(word.name) + " needs a value");
        }
    }
    if (!out.input_witness.empty() && !out.output_witness.empty())
        throw UsageError("--output.witness: a witness is made of a whole state, --input.witness is a part of one");
    return out;
}

} // namespace rvm::ledger
