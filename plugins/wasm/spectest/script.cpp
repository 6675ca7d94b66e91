#include "script.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "module/branch_hints.hpp"
#include "module/error.hpp"
#include "values.hpp"

namespace rvm::wasm::spectest {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

std::vector<std::uint8_t> read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

/// A failed expectation; the text is the report.
struct Failure {
    std::string text;
};

class Script {
  public:
    Script(const fs::path& path, Backend& backend, const SkipList& skips, Totals& totals)
        : path_(path), backend_(backend), skips_(skips), totals_(totals) {}

    void run(const json& root, const std::function<void(const std::string&)>& report) {
        for (const json& command : root.at("commands")) {
            const auto type = command.at("type").get<std::string>();
            const std::uint64_t line = command.value("line", std::uint64_t{0});
            const bool is_assertion = type.rfind("assert_", 0) == 0;
            const bool is_text = command.value("module_type", std::string()) == "text";
            if (is_text && type == "module") last_ = no_instance, last_is_text_ = true;
            if (is_text || on_skipped_module(command) || skips_.line(path_, line)) {
                if (is_assertion || is_text) ++totals_.skipped;
                continue;
            }
            try {
                perform(type, command);
                if (is_assertion) ++totals_.passed;
            } catch (const Failure& failure) {
                ++totals_.failed;
                report(path_.string() + ":" + std::to_string(line) + ": " + type + ": " + failure.text);
            }
        }
    }

  private:
    /// An action on the last module, which was text.
    bool on_skipped_module(const json& command) const {
        return last_is_text_ && command.contains("action") && !command.at("action").contains("module");
    }

    void perform(const std::string& type, const json& command) {
        if (type == "module") {
            define(command, command.value("name", std::string()));
        } else if (type == "module_definition") {
            definitions_[command.value("name", std::string())] = compiled(command);
        } else if (type == "module_instance") {
            start(definition(command.value("module", std::string())), command.value("instance", std::string()));
        } else if (type == "register") {
            backend_.register_as(instance(command.value("name", std::string())), command.at("as").get<std::string>());
        } else if (type == "action") {
            std::vector<Value> results;
            must_be_ok(act(command.at("action"), results));
        } else if (type == "assert_return") {
            assert_return(command);
        } else if (type == "assert_trap" && command.contains("action")) {
            std::vector<Value> results;
            expect(act(command.at("action"), results), {Outcome::Kind::trap}, results);
        } else if (type == "assert_exhaustion") {
            std::vector<Value> results;
            expect(act(command.at("action"), results), {Outcome::Kind::exhaustion}, results);
        } else if (type == "assert_exception") {
            std::vector<Value> results;
            expect(act(command.at("action"), results), {Outcome::Kind::exception}, results);
        } else {
            assert_module(type, command);
        }
    }

    void assert_module(const std::string& type, const json& command) {
        std::uint32_t module = 0;
        const Outcome compiled = backend_.compile(file(command), &module);
        using Kind = Outcome::Kind;
        if (type == "assert_invalid_custom" || type == "assert_malformed_custom") {
            must_be_ok(compiled); // a custom section never makes a module invalid
            expect(customs(file(command)), {Kind::invalid, Kind::malformed}, {});
            return;
        }
        if (type == "assert_invalid" || type == "assert_malformed") {
            // One pass may meet either first in bytes that are both; the scripts' texts are not compared.
            expect(compiled, {Kind::invalid, Kind::malformed}, {});
            return;
        }
        must_be_ok(compiled);
        std::uint32_t number = 0;
        const Outcome started = backend_.instantiate(module, &number);
        if (type == "assert_unlinkable") {
            expect(started, {Kind::unlinkable}, {});
        } else if (type == "assert_uninstantiable" || type == "assert_trap") {
            expect(started, {Kind::trap, Kind::exhaustion, Kind::exception}, {});
        } else {
            throw Failure{"unknown command"};
        }
    }

    void assert_return(const json& command) {
        std::vector<Value> results;
        must_be_ok(act(command.at("action"), results));
        const json& expected = command.at("expected");
        bool same = results.size() == expected.size();
        for (std::size_t i = 0; same && i < results.size(); ++i) {
            same = matches_expected(expected[i], results[i]);
        }
        if (!same) throw Failure{"expected " + expected.dump() + ", found " + list(results)};
    }

    std::vector<std::uint8_t> file(const json& command) const {
        return read_file(path_.parent_path() / command.at("filename").get<std::string>());
    }
    /// What those who look at custom sections say of them.
    static Outcome customs(const std::vector<std::uint8_t>& bytes) {
        try {
            check_branch_hints(decode(bytes, Features::all(), std::make_shared<TypeSpace>()));
            return {};
        } catch (const ModuleError& error) {
            return {Outcome::Kind::invalid, error.what()};
        }
    }
    std::uint32_t compiled(const json& command) {
        std::uint32_t module = 0;
        must_be_ok(backend_.compile(file(command), &module));
        return module;
    }
    void define(const json& command, const std::string& name) {
        last_is_text_ = false;
        last_ = no_instance; // actions on a module that failed must not reach the one before
        start(compiled(command), name);
    }
    void start(std::uint32_t module, const std::string& name) {
        std::uint32_t number = 0;
        must_be_ok(backend_.instantiate(module, &number));
        last_ = number;
        last_is_text_ = false;
        if (!name.empty()) instances_[name] = number;
    }
    std::uint32_t definition(const std::string& name) const {
        const auto found = definitions_.find(name);
        if (found == definitions_.end()) throw Failure{"no module definition " + name};
        return found->second;
    }
    std::uint32_t instance(const std::string& name) const {
        if (name.empty() && last_ != no_instance) return last_;
        const auto found = instances_.find(name);
        if (found == instances_.end()) throw Failure{"no instance " + name};
        return found->second;
    }

    Outcome act(const json& action, std::vector<Value>& results) {
        const std::uint32_t target = instance(action.value("module", std::string()));
        const auto field = action.at("field").get<std::string>();
        if (action.at("type") == "get") {
            results.resize(1);
            return backend_.get(target, field, results[0]);
        }
        std::vector<Value> arguments;
        for (const json& each : action.at("args")) {
            arguments.push_back(argument(each));
        }
        return backend_.invoke(target, field, arguments, results);
    }

    static void must_be_ok(const Outcome& outcome) {
        if (!outcome.ok()) throw Failure{outcome.text};
    }
    static void expect(const Outcome& outcome, std::initializer_list<Outcome::Kind> kinds,
                       const std::vector<Value>& results) {
        if (std::find(kinds.begin(), kinds.end(), outcome.kind) != kinds.end()) return;
        throw Failure{outcome.ok() ? "it succeeded with " + list(results)
                                   : "it failed in another way: " + outcome.text};
    }
    static std::string list(const std::vector<Value>& values) {
        std::string out = "(";
        for (const Value& value : values) {
            if (out.size() > 1) out += ", ";
            out += text(value);
        }
        return out + ")";
    }

    static constexpr std::uint32_t no_instance = UINT32_MAX;
    const fs::path& path_;
    Backend& backend_;
    const SkipList& skips_;
    Totals& totals_;
    std::map<std::string, std::uint32_t> instances_;
    std::map<std::string, std::uint32_t> definitions_;
    std::uint32_t last_ = no_instance;
    bool last_is_text_ = false;
};

std::uint64_t count_assertions(const json& root) {
    std::uint64_t count = 0;
    for (const json& command : root.at("commands")) {
        count += command.at("type").get<std::string>().rfind("assert_", 0) == 0 ? 1 : 0;
    }
    return count;
}

} // namespace

SkipList::SkipList(const fs::path& file) {
    std::ifstream in(file);
    if (!in) throw std::runtime_error("cannot read the skip list " + file.string());
    for (std::string line; std::getline(in, line);) {
        line.resize(std::min(line.find('#'), line.size()));
        while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) {
            line.pop_back();
        }
        if (!line.empty()) entries_.push_back(line);
    }
    if (in.bad()) throw std::runtime_error("cannot read the skip list " + file.string());
}

bool SkipList::has(const fs::path& script, const std::string& suffix) const {
    const std::string name = "/" + script.generic_string() + suffix;
    return std::any_of(entries_.begin(), entries_.end(), [&](const std::string& entry) {
        const std::string part = "/" + entry;
        if (entry.back() == '/') return name.find(part) != std::string::npos; // a folder
        return name.size() >= part.size() && name.compare(name.size() - part.size(), part.size(), part) == 0;
    });
}
bool SkipList::whole_file(const fs::path& script) const { return has(script, ""); }
bool SkipList::line(const fs::path& script, std::uint64_t number) const {
    return has(script, ":" + std::to_string(number));
}

std::vector<fs::path> find_scripts(const fs::path& path) {
    if (!fs::exists(path)) throw std::runtime_error("there is no " + path.string());
    std::vector<fs::path> scripts;
    if (fs::is_directory(path)) {
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path)) {
            if (entry.is_regular_file() && entry.path().extension() == ".json") scripts.push_back(entry.path());
        }
    } else {
        scripts.push_back(path);
    }
    std::sort(scripts.begin(), scripts.end());
    if (scripts.empty()) throw std::runtime_error("there is no script (*.json) under " + path.string());
    return scripts;
}

void run_script(const fs::path& script, Backend& backend, const SkipList& skips, Totals& totals,
                const std::function<void(const std::string&)>& report) {
    const std::vector<std::uint8_t> bytes = read_file(script);
    try {
        const json root = json::parse(bytes);
        if (skips.whole_file(script)) {
            totals.skipped += count_assertions(root);
        } else {
            Script(script, backend, skips, totals).run(root, report);
        }
    } catch (const json::exception& error) {
        throw std::runtime_error(script.string() + ": not a script of specification tests: " + error.what());
    }
}

} // namespace rvm::wasm::spectest
