#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "cli/files.hpp"
#include "cli/values.hpp"
#include "manifest/json_reader.hpp"
#include "manifest/names.hpp"
#include "program/machine.hpp"
#include "testing/suite.hpp"

namespace rvm::host::testing {

namespace fs = std::filesystem;

namespace {

using manifest::JsonValue;
using manifest::Need;
using manifest::ObjectReader;

constexpr std::size_t most_items = 4096;        // tests, calls, pieces: a larger file is generated, and can be split
constexpr std::uint64_t most_runs = 10'000'000; // a night
constexpr std::uint64_t most_length = 4096;
constexpr std::size_t most_drawn_bytes = 65536;
constexpr std::size_t address_bytes = 20;

constexpr std::array<std::string_view, 4> generator_words{"word", "number", "bytes", "account"};

bool is_number(std::string_view text) noexcept { return parse_u256(text).has_value(); }
bool is_hex(std::string_view text) noexcept { return text.starts_with("0x") && from_hex(text.substr(2)).has_value(); }

/// The words of status_name() that an execution can end with.
std::vector<std::string_view> status_words() {
    std::vector<std::string_view> words;
    for (rvm_status status = RVM_OK; status <= RVM_TRAP_LIMIT; ++status)
        words.push_back(status_name(status));
    return words;
}

rvm_address made_address(std::string_view name) {
    rvm_address address{};
    const auto digest = sha256(as_bytes(name));
    std::copy_n(digest.begin(), address_bytes, address.bytes);
    return address;
}

class Reader {
  public:
    Reader(const std::string& file, Report& report) : context_(file, report) {}

    void read(const JsonValue& document, Suite& suite) {
        ObjectReader root(context_, document, "");
        if (document.object() == nullptr || !root.format_version("format_version", suite_format_version)) return;
        (void)root.text("$schema", Need::optional);
        suite.name = root.text("name", Need::optional, {.most = 128}).value_or(suite.file.filename().string());
        suite.gas = root.integer("gas", Need::optional, 1, INT64_MAX).value_or(default_gas);
        if (const JsonValue* accounts = root.object("accounts", Need::optional))
            for (const manifest::JsonMember& member : *accounts->object())
                suite.accounts.push_back(account(member, manifest::json_pointer("/accounts", member.key)));
        each(root, "deploy", Need::optional, [&](const JsonValue& value, const std::string& pointer) {
            suite.deployments.push_back(deployment(value, pointer));
        });
        each(root, "tests", Need::optional, [&](const JsonValue& value, const std::string& pointer) {
            suite.tests.push_back(example(value, pointer));
        });
        each(root, "properties", Need::optional, [&](const JsonValue& value, const std::string& pointer) {
            suite.properties.push_back(property(value, pointer));
        });
        each(root, "invariants", Need::optional, [&](const JsonValue& value, const std::string& pointer) {
            suite.invariants.push_back(invariant(value, pointer));
        });
        root.finish();
    }

    [[nodiscard]] bool failed() const noexcept { return context_.failed(); }

  private:
    template <typename Read>
    void each(ObjectReader& reader, std::string_view key, Need need, Read read) {
        const JsonValue* list = reader.array(key, need, most_items);
        if (list == nullptr) return;
        for (std::size_t i = 0; i < list->array()->size(); ++i)
            read((*list->array())[i], manifest::json_pointer(reader.pointer(key), i));
    }

    void wrong(const std::string& pointer, std::string message, std::string expected, const JsonValue& found) {
        context_.error(ErrorCode::json_bad_value, pointer, std::move(message), std::move(expected),
                       manifest::shown(found));
    }

    rvm_u256 number(const JsonValue& value, const std::string& pointer) {
        if (const auto* integer = value.integer(); integer != nullptr && !integer->negative)
            return u256_of(integer->magnitude);
        const auto parsed = value.string() == nullptr ? std::nullopt : parse_u256(*value.string());
        if (!parsed) wrong(pointer, "not a number", "hex or decimal digits, at most 256 bits", value);
        return parsed.value_or(rvm_u256{});
    }
    std::optional<rvm_u256> number(ObjectReader& reader, std::string_view key) {
        const JsonValue* value = reader.any(key, Need::optional);
        if (value == nullptr) return std::nullopt;
        return number(*value, reader.pointer(key));
    }
    /// A 64-bit word: negative ones in two's complement.
    std::optional<rvm_u256> word(const JsonValue& value) {
        constexpr std::uint64_t lowest = std::uint64_t{1} << 63;
        const auto* integer = value.integer();
        if (integer == nullptr || (integer->negative && integer->magnitude > lowest)) return std::nullopt;
        return u256_of(integer->negative ? 0 - integer->magnitude : integer->magnitude);
    }
    Bytes bytes(ObjectReader& reader, std::string_view key) {
        const auto text = reader.text(key, Need::optional,
                                      {.least = 2, .most = max_input_bytes, .valid = is_hex,
                                       .expected = "0x and an even number of hex digits"});
        return text ? from_hex(text->substr(2)).value_or(Bytes{}) : Bytes{};
    }

    /// The name is known, or will be: setup comes first in every file that is right.
    std::string named(const std::string& name, const std::string& pointer) {
        if (!names_.contains(name) && !parse_address(name)) {
            std::vector<std::string_view> known(names_.begin(), names_.end());
            context_.error(ErrorCode::json_bad_value, pointer, "no account has this name",
                           "a name in \"accounts\" or \"deploy\", or 0x and 40 hex digits", manifest::shown(name),
                           manifest::suggestion(name, known));
        }
        return name;
    }
    void name_account(const std::string& name, const std::string& pointer) {
        if (!names_.insert(name).second)
            context_.error(ErrorCode::json_bad_value, pointer, "two accounts have this name", "each name once",
                           manifest::shown(name));
    }

    Account account(const manifest::JsonMember& member, const std::string& pointer) {
        Account out;
        out.name = member.key;
        name_account(out.name, pointer);
        ObjectReader reader(context_, member.value, pointer);
        const auto address = reader.text("address", Need::optional);
        const auto parsed = address ? parse_address(*address) : std::nullopt;
        if (address && !parsed)
            wrong(reader.pointer("address"), "not an address", "0x and 40 hex digits", JsonValue{*address});
        out.address = parsed ? *parsed : made_address(out.name);
        out.balance = number(reader, "balance").value_or(rvm_u256{});
        out.nonce = reader.integer("nonce", Need::optional).value_or(0);
        out.program = reader.text("program", Need::optional, {.least = 1, .most = 4096}).value_or("");
        out.format = reader.text("format", Need::optional, {.valid = manifest::is_id}).value_or("");
        if (const JsonValue* storage = reader.object("storage", Need::optional))
            for (const manifest::JsonMember& slot : *storage->object())
                out.storage.emplace_back(
                    key(slot.key, manifest::json_pointer(reader.pointer("storage"), slot.key)),
                    number(slot.value, manifest::json_pointer(reader.pointer("storage"), slot.key)));
        reader.finish();
        return out;
    }

    rvm_u256 key(const std::string& text, const std::string& pointer) {
        if (!is_number(text)) wrong(pointer, "not a storage key", "hex or decimal digits", JsonValue{text});
        return parse_u256(text).value_or(rvm_u256{});
    }

    Deployment deployment(const JsonValue& value, const std::string& pointer) {
        Deployment out;
        ObjectReader reader(context_, value, pointer);
        out.name = reader.text("name", Need::required, {.least = 1, .most = 64}).value_or("");
        out.program = reader.text("program", Need::required, {.least = 1, .most = 4096}).value_or("");
        out.format = reader.text("format", Need::optional, {.valid = manifest::is_id}).value_or("");
        out.message.pointer = pointer;
        message(reader, out.message, false);
        reader.finish();
        name_account(out.name, pointer);
        return out;
    }

    /// The keys that calls and deployments share.
    void message(ObjectReader& reader, Call& call, bool drawn) {
        if (const auto from = reader.text("from", Need::optional)) call.from = named(*from, reader.pointer("from"));
        call.value = number(reader, "value").value_or(rvm_u256{});
        call.input = bytes(reader, "input");
        each(reader, "args", Need::optional, [&](const JsonValue& value, const std::string& pointer) {
            call.pieces.push_back(piece(value, pointer, drawn));
        });
        call.gas = reader.integer("gas", Need::optional, 0, INT64_MAX);
        if (const JsonValue* env = reader.object("env", Need::optional))
            for (const manifest::JsonMember& word : *env->object())
                call.env.emplace_back(word.key,
                                      number(word.value, manifest::json_pointer(reader.pointer("env"), word.key)));
    }

    Piece piece(const JsonValue& value, const std::string& pointer, bool drawn) {
        Piece out;
        if (const auto parsed = word(value)) {
            out.value = *parsed;
            return out;
        }
        if (value.object() == nullptr) {
            wrong(pointer, "not an argument",
                  "a 64-bit integer, or an object with \"number\", \"bytes\", \"account\", \"any\" or \"argument\"",
                  value);
            return out;
        }
        ObjectReader reader(context_, value, pointer);
        if (const auto wide = number(reader, "number")) {
            out.kind = Piece::Kind::number;
            out.value = *wide;
        } else if (value.find("bytes") != nullptr) {
            out.kind = Piece::Kind::bytes;
            out.bytes = bytes(reader, "bytes");
        } else if (const auto account = reader.text("account", Need::optional)) {
            out.kind = Piece::Kind::account;
            out.account = named(*account, reader.pointer("account"));
        } else if (const auto index = reader.integer("argument", Need::optional, 0, most_items)) {
            out.kind = Piece::Kind::argument;
            out.index = static_cast<std::size_t>(*index);
        } else {
            generator(reader, out);
            if (!drawn)
                wrong(pointer, "nothing is drawn here", "\"any\" in the calls of properties and invariants only",
                      value);
        }
        reader.finish();
        return out;
    }

    void generator(ObjectReader& reader, Piece& out) {
        const auto what = reader.word("any", Need::required, generator_words);
        if (!what) return;
        out.kind = static_cast<Piece::Kind>(static_cast<std::size_t>(Piece::Kind::any_word) + *what);
        if (out.kind == Piece::Kind::any_bytes) {
            out.max_bytes =
                static_cast<std::size_t>(reader.integer("max", Need::optional, 0, most_drawn_bytes).value_or(256));
            return;
        }
        if (out.kind == Piece::Kind::any_account) return;
        const std::uint64_t high = out.kind == Piece::Kind::any_word ? 0 : UINT64_MAX;
        out.least = number(reader, "min").value_or(rvm_u256{});
        out.most = number(reader, "max").value_or(rvm_u256{{UINT64_MAX, high, high, high}});
        if (out.kind == Piece::Kind::any_word && (out.most.limbs[1] | out.most.limbs[2] | out.most.limbs[3]) != 0)
            context_.error(ErrorCode::json_out_of_range, reader.pointer("max"), "a word has 64 bits",
                           "at most 2^64 - 1", hex_text(out.most));
        if (std::lexicographical_compare(std::rbegin(out.most.limbs), std::rend(out.most.limbs),
                                         std::rbegin(out.least.limbs), std::rend(out.least.limbs)))
            context_.error(ErrorCode::json_out_of_range, reader.pointer("max"), "the range is empty",
                           "at least \"min\", " + hex_text(out.least), hex_text(out.most));
    }

    Call call(const JsonValue& value, const std::string& pointer, bool drawn) {
        Call out;
        out.pointer = pointer;
        ObjectReader reader(context_, value, pointer);
        if (const auto to = reader.text("to", Need::required)) out.to = named(*to, reader.pointer("to"));
        message(reader, out, drawn);
        if (const JsonValue* expected = reader.object("expect", Need::optional))
            out.expect = expectation(*expected, reader.pointer("expect"));
        reader.finish();
        return out;
    }

    Expectation expectation(const JsonValue& value, const std::string& pointer) {
        Expectation out;
        ObjectReader reader(context_, value, pointer);
        static const std::vector<std::string_view> words = status_words();
        if (const auto status = reader.word("status", Need::optional, words)) out.status = words[*status];
        if (const JsonValue* result = reader.any("result", Need::optional)) {
            if (result->string() != nullptr || word(*result)) {
                out.result.emplace().kind = Piece::Kind::number;
                out.result->value = word(*result) ? *word(*result) : number(*result, reader.pointer("result"));
            } else {
                out.result = piece(*result, reader.pointer("result"), false);
            }
        }
        if (value.find("output") != nullptr) out.output = bytes(reader, "output");
        out.gas = reader.integer("gas", Need::optional);
        out.gas_at_most = reader.integer("gas_at_most", Need::optional);
        out.fault = reader.text("fault", Need::optional);
        if (value.find("logs") != nullptr) out.logs.emplace();
        each(reader, "logs", Need::optional, [&](const JsonValue& log, const std::string& at) {
            ObjectReader fields(context_, log, at);
            ExpectedLog expected;
            if (const auto from = fields.text("from", Need::required))
                expected.account = named(*from, fields.pointer("from"));
            each(fields, "topics", Need::optional, [&](const JsonValue& topic, const std::string& where) {
                expected.topics.push_back(number(topic, where));
            });
            expected.data = bytes(fields, "data");
            fields.finish();
            out.logs->push_back(std::move(expected));
        });
        if (const JsonValue* storage = reader.object("storage", Need::optional))
            for (const manifest::JsonMember& member : *storage->object()) {
                const std::string at = manifest::json_pointer(reader.pointer("storage"), member.key);
                const std::string owner = named(member.key, at);
                if (member.value.object() == nullptr) {
                    wrong(at, "not a list of slots", "an object: slot -> value", member.value);
                    continue;
                }
                for (const manifest::JsonMember& slot : *member.value.object())
                    out.storage.push_back({owner, key(slot.key, manifest::json_pointer(at, slot.key)),
                                           number(slot.value, manifest::json_pointer(at, slot.key))});
            }
        if (const JsonValue* balances = reader.object("balance", Need::optional))
            for (const manifest::JsonMember& member : *balances->object()) {
                const std::string at = manifest::json_pointer(reader.pointer("balance"), member.key);
                out.balances.emplace_back(named(member.key, at), number(member.value, at));
            }
        reader.finish();
        return out;
    }

    std::string test_name(ObjectReader& reader) {
        std::string name = reader.text("name", Need::required, {.least = 1, .most = 200}).value_or("");
        if (!name.empty() && !tests_.insert(name).second)
            context_.error(ErrorCode::json_bad_value, reader.pointer("name"), "two tests have this name",
                           "each name once", manifest::shown(name));
        return name;
    }

    Example example(const JsonValue& value, const std::string& pointer) {
        ObjectReader reader(context_, value, pointer);
        Example out{test_name(reader), pointer, {}};
        each(reader, "calls", Need::required,
             [&](const JsonValue& entry, const std::string& at) { out.calls.push_back(call(entry, at, false)); });
        reader.finish();
        return out;
    }

    /// An argument names a piece of the property's call that is drawn.
    void check_argument(const Piece& piece, const Call& drawn, const std::string& pointer) {
        if (piece.kind == Piece::Kind::argument && piece.index >= drawn.pieces.size())
            context_.error(ErrorCode::json_out_of_range, pointer, "the call has no such argument",
                           fmt::format("below {}", drawn.pieces.size()), fmt::format("{}", piece.index));
    }

    Property property(const JsonValue& value, const std::string& pointer) {
        ObjectReader reader(context_, value, pointer);
        Property out;
        out.name = test_name(reader);
        out.pointer = pointer;
        if (const JsonValue* entry = reader.object("call", Need::required))
            out.call = call(*entry, reader.pointer("call"), true);
        if (const JsonValue* entry = reader.object("equals", Need::optional)) {
            out.equals = call(*entry, reader.pointer("equals"), false);
            for (const Piece& piece : out.equals->pieces)
                check_argument(piece, out.call, out.equals->pointer);
        }
        if (out.call.expect.result) check_argument(*out.call.expect.result, out.call, out.call.pointer);
        out.runs = reader.integer("runs", Need::optional, 1, most_runs).value_or(out.runs);
        reader.finish();
        return out;
    }

    Invariant invariant(const JsonValue& value, const std::string& pointer) {
        ObjectReader reader(context_, value, pointer);
        Invariant out;
        out.name = test_name(reader);
        out.pointer = pointer;
        each(reader, "calls", Need::required,
             [&](const JsonValue& entry, const std::string& at) { out.calls.push_back(call(entry, at, true)); });
        each(reader, "checks", Need::required,
             [&](const JsonValue& entry, const std::string& at) { out.checks.push_back(call(entry, at, false)); });
        out.length = reader.integer("length", Need::optional, 1, most_length).value_or(out.length);
        out.runs = reader.integer("runs", Need::optional, 1, most_runs).value_or(out.runs);
        if (out.calls.empty()) wrong(pointer, "no call to make a sequence of", "one call at least", value);
        reader.finish();
        return out;
    }

    manifest::JsonContext context_;
    std::set<std::string, std::less<>> names_, tests_;
};

} // namespace

Suite load_suite(Session& session, const fs::path& file) {
    Report report;
    const std::string name = file.string();
    const std::string text = read_input(session.io, name, manifest::max_json_bytes);
    const auto document = manifest::parse_json(text, name, report);
    if (!document) throw Failure(std::move(report));
    Suite suite;
    suite.file = file;
    Reader reader(name, report);
    reader.read(*document, suite);
    if (reader.failed()) throw Failure(std::move(report));
    return suite;
}

std::vector<fs::path> find_suites(const fs::path& path) {
    std::error_code problem;
    const auto status = fs::status(path, problem);
    if (!fs::exists(status))
        throw failure(ErrorCode::input_unreadable, path.string(), {}, "there is no such file or folder");
    if (!fs::is_directory(status)) return {path};
    std::vector<fs::path> found;
    for (fs::recursive_directory_iterator at(path, problem), end; !problem && at != end; at.increment(problem))
        if (at->path().string().ends_with(suite_suffix) && at->is_regular_file(problem))
            found.push_back(at->path().lexically_normal());
    if (problem) throw failure(ErrorCode::input_unreadable, path.string(), {}, problem.message());
    std::ranges::sort(found);
    return found;
}

} // namespace rvm::host::testing
