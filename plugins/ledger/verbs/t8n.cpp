// `rvm t8n`: geth's transition tool: alloc, env and txs in, alloc, result and body out.
#include <deque>
#include <filesystem>
#include <fstream>

#include "base/hex.hpp"
#include "fixtures/witness_json.hpp"
#include "t8n/transition_tool.hpp"
#include "verbs/options.hpp"
#include "verbs/report.hpp"

namespace rvm::ledger {
namespace {

constexpr std::string_view standard_input = "stdin";

/// The three inputs. Those on standard input are members of one object there.
class Inputs {
  public:
    explicit Inputs(const Console& console) : console_(console) {}

    /// `name` is the part's, as in the option --input.NAME.
    Json load(const std::string& from, std::string_view name) {
        if (from == standard_input) return member(combined(), name);
        std::error_code unreadable;
        static_cast<void>(std::filesystem::file_size(from, unreadable));
        if (unreadable)
            throw Unreadable("--input." + std::string(name) + ": expected a JSON file, found " + from + ": " +
                             unreadable.message());
        simdjson::dom::parser& parser = parsers_.emplace_back();
        Json document;
        if (const auto error = parser.load(from).get(document); error != simdjson::SUCCESS) {
            throw FixtureError(from + ": " + simdjson::error_message(error));
        }
        return document;
    }

  private:
    JsonObject combined() {
        if (text_.empty()) {
            text_ = console_.read_all();
            if (const auto error = combined_.parse(text_).get(object_); error != simdjson::SUCCESS) {
                throw FixtureError(std::string("standard input: ") + simdjson::error_message(error));
            }
        }
        return object_of(object_, "standard input");
    }

    const Console& console_;
    std::string text_;
    simdjson::dom::parser combined_;
    Json object_;
    std::deque<simdjson::dom::parser> parsers_; ///< each keeps its document
};

/// Where the outputs go: files, or one object on a standard stream.
class Outputs {
  public:
    Outputs(const Console& console, const std::string& folder) : console_(console), folder_(folder) {
        std::error_code error;
        if (!folder_.empty()) std::filesystem::create_directories(folder_, error);
        if (error) throw UsageError("--output.basedir: expected a folder, found " + folder + ": " + error.message());
    }

    void write_file(const std::string& name, std::string_view text) const {
        const std::filesystem::path path = folder_ / name;
        std::ofstream file(path, std::ios::binary);
        file << text;
        file.close();
        if (!file) throw verb::Error(verb::Fault::unwritable, path.string() + ": cannot be written");
    }

    /// `write(JsonWriter&)` writes the value.
    template <class Write>
    void put(const std::string& to, std::string_view name, const Write& write) {
        if (to.empty()) return;
        if (to == "stdout" || to == "stderr") {
            JsonWriter& stream = to == "stdout" ? out_ : error_;
            bool& begun = to == "stdout" ? out_begun_ : error_begun_;
            if (!begun) stream.begin_object();
            begun = true;
            stream.key(name);
            write(stream);
            return;
        }
        JsonWriter file;
        write(file);
        write_file(to, file.take() + "\n");
    }

    void flush() {
        if (out_begun_) {
            out_.end_object();
            console_.out(out_.take() + "\n");
        }
        if (error_begun_) {
            error_.end_object();
            console_.error(error_.take() + "\n");
        }
    }

  private:
    const Console& console_;
    std::filesystem::path folder_;
    JsonWriter out_, error_;
    bool out_begun_ = false;
    bool error_begun_ = false;
};

void run(const Services& services, const Console& console, const T8nOptions& options) {
    Inputs inputs(console);
    Alloc alloc;
    Witness witness;
    T8nState pre;
    if (options.input_witness.empty()) {
        alloc = read_alloc(inputs.load(options.input_alloc, "alloc"), "alloc");
        pre.alloc = &alloc;
    } else {
        witness = read_witness(object_of(inputs.load(options.input_witness, "witness"), "witness"));
        pre.witness = &witness;
    }
    const T8nEnvironment env = read_environment(object_of(inputs.load(options.input_env, "env"), "env"), *options.fork);
    Buffer storage;
    std::vector<T8nTransaction> txs =
        read_transactions(inputs.load(options.input_txs, "txs"), options.chain_id, storage);

    Outputs outputs(console, options.basedir);
    const auto trace = [&](std::size_t index, const Hash& hash, std::string_view text) {
        outputs.write_file("trace-" + std::to_string(index) + "-" + to_hex(bytes(hash)) + ".jsonl", text);
    };
    const T8nOutcome outcome = run_t8n(services, options, pre, env, txs, trace);
    outputs.put(options.output_alloc, "alloc", [&](JsonWriter& out) { write_alloc(out, outcome.alloc); });
    outputs.put(options.output_result, "result", [&](JsonWriter& out) { write_result(out, outcome.result, env); });
    outputs.put(options.output_witness, "witness", [&](JsonWriter& out) { write_witness(out, outcome.witness); });
    outputs.put(options.output_body, "body", [&](JsonWriter& out) { out.bytes(outcome.body); });
    outputs.flush();
}

} // namespace

std::int32_t run_t8n_verb(const Services& services, const rvm_command_io& io, std::int32_t argc,
                          const char* const* argv) {
    const Console console(io);
    const T8nOptions options = parse_t8n_options(argc, argv);
    need_rules(services, options.fork->evm_rules());
    try {
        run(services, console, options);
    } catch (const FixtureError& error) {
        throw verb::Error(verb::Fault::refused, error.what());
    }
    return RVM_EXIT_OK;
}

} // namespace rvm::ledger
