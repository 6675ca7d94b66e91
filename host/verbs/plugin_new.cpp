// rvm plugin new: a plugin project of the author's own, made from the templates installed beside the program.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/bytes.hpp"
#include "cli/files.hpp"
#include "cli/session.hpp"
#include "verbs/plugin_verbs.hpp"

namespace rvm::host {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t longest_name = 24; // ids of items are at most 64 bytes, mnemonics 32

/// A language, as `--lang` has it, and what its files are called.
struct Language {
    std::string_view name, extension, title;
};
constexpr Language languages[] = {{"c", "c", "C"}, {"cpp", "cpp", "C++"}, {"rust", "rs", "Rust"}};

/// What a placeholder stands for; `<<name>>` in the templates.
using Placeholders = std::vector<std::pair<std::string, std::string>>;

class Templates {
  public:
    Templates(Session& session, fs::path root) : session_(session), root_(std::move(root)) {}

    [[nodiscard]] std::vector<std::string> kinds() const {
        std::set<std::string> found;
        std::error_code error;
        for (const fs::directory_entry& entry : fs::directory_iterator(root_, error))
            if (fs::exists(entry.path() / "kind.json")) found.insert(entry.path().filename().string());
        if (found.empty())
            throw failure(ErrorCode::input_unreadable, root_.string(), {}, "there are no templates for plugins",
                          "install rvm with its component `sdk`");
        return {found.begin(), found.end()};
    }
    [[nodiscard]] bool has(std::string_view kind, const Language& language) const {
        return fs::exists(root_ / kind / fmt::format("plugin.{}", language.extension));
    }
    [[nodiscard]] bool exists(const fs::path& file) const { return fs::exists(root_ / file); }
    [[nodiscard]] std::string text(const fs::path& file) const {
        return read_input(session_.io, (root_ / file).string());
    }

  private:
    Session& session_;
    fs::path root_;
};

std::string replaced(std::string text, const Placeholders& placeholders) {
    for (const auto& [name, value] : placeholders) {
        const std::string mark = fmt::format("<<{}>>", name);
        for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size()))
            text.replace(at, mark.size(), value);
    }
    return text;
}

std::string one_of(std::string_view option, const std::string& given, const std::vector<std::string>& allowed) {
    if (std::ranges::find(allowed, given) != allowed.end()) return given;
    const std::string list = fmt::format("{}", fmt::join(allowed, ", "));
    if (given.empty()) throw UsageError(fmt::format("{} is missing", option), list);
    const std::vector<std::string_view> names(allowed.begin(), allowed.end());
    const std::string near = nearest(given, names);
    throw UsageError(fmt::format("{}: unknown value \"{}\"", option, given),
                     near.empty() ? list : fmt::format("did you mean {}?", near));
}

/// The name is part of ids, mnemonics, verbs, file names and the names of targets.
void judge_name(const std::string& name) {
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    const bool good = !name.empty() && name.size() <= longest_name && name.front() >= 'a' && name.front() <= 'z' &&
                      std::ranges::all_of(name, allowed);
    if (!good)
        throw UsageError(fmt::format("NAME: \"{}\" cannot name a plugin", name),
                         fmt::format("a letter, then letters and digits, all lower case; at most {}", longest_name));
}

void judge_id(const std::string& id) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    };
    constexpr std::size_t longest = 64; // R7 of plugin.h
    if (id.empty() || id.size() > longest || !std::isalnum(static_cast<unsigned char>(id.front())) ||
        !std::ranges::all_of(id, allowed))
        throw UsageError(fmt::format("--id: \"{}\" cannot be the id of a plugin", id),
                         "lower-case letters, digits, '.', '_' and '-', such as org.example.arith");
}

void write_new(const fs::path& path, const std::string& text) {
    write_atomically(path, text, ErrorCode::output_unwritable);
}

} // namespace

int new_plugin(Session& session, const std::string& name, const PluginNewOptions& options) {
    if (name.empty()) throw UsageError("NAME is missing", "rvm plugin new NAME --kind opcode --lang c");
    judge_name(name);
    const Templates templates(session, session.share_dir() / "sdk" / "templates");
    const std::string kind = one_of("--kind", options.kind, templates.kinds());
    std::vector<std::string> offered;
    for (const Language& language : languages)
        if (templates.has(kind, language)) offered.emplace_back(language.name);
    const std::string chosen = one_of("--lang", options.language, offered);
    const Language& language = *std::ranges::find(languages, chosen, &Language::name);
    const std::string id = options.id.empty() ? fmt::format("org.example.{}", name) : options.id;
    judge_id(id);

    const fs::path folder = options.directory.empty() ? fs::path(name) : fs::path(options.directory);
    std::error_code error;
    if (fs::exists(folder, error) && !(fs::is_directory(folder, error) && fs::is_empty(folder, error)))
        throw failure(ErrorCode::output_unwritable, folder.string(), {}, "something is there already",
                      "give another NAME, or another folder with --dir");
    if (!fs::create_directories(folder, error) && error)
        throw failure(ErrorCode::output_unwritable, folder.string(), {},
                      fmt::format("cannot make the folder: {}", error.message()));

    // The kind says what is particular to it; the rest is common to all.
    const auto facts = nlohmann::json::parse(templates.text(fs::path(kind) / "kind.json"));
    const auto common = [&](std::string_view file) { return templates.text(fs::path("common") / file); };
    const std::string extension(language.extension);
    Placeholders placeholders{{"tail", common("tail." + extension)}};
    placeholders.emplace_back("test_head", common("test_head.cpp"));
    for (const char* fact : {"kind_macro", "provides", "summary", "use", "rust_item", "sidecar_extra", "requires_json"})
        placeholders.emplace_back(fact, facts.value(fact, std::string{}));
    placeholders.insert(placeholders.end(), {{"name", name},
                                             {"id", id},
                                             {"extension", extension},
                                             {"language", std::string(language.title)},
                                             {"prefix", session.share_dir().parent_path().parent_path().string()}});
    std::vector<std::pair<fs::path, std::string>> files{
        {name + "." + extension, templates.text(fs::path(kind) / ("plugin." + extension))},
        {name + "_test.cpp", templates.text(fs::path(kind) / "test.cpp")},
        {name + ".rvm.json.in", common("sidecar.rvm.json.in")},
        {"CMakeLists.txt", common("CMakeLists.txt")},
        {"README.md", common("README.md")}};
    if (templates.exists(fs::path(kind) / "program.rasm"))
        files.emplace_back(name + ".rasm", templates.text(fs::path(kind) / "program.rasm"));
    nlohmann::ordered_json written = nlohmann::ordered_json::array();
    for (const auto& [file, text] : files) {
        write_new(folder / file, replaced(text, placeholders));
        written.push_back((folder / file).string());
    }

    const std::vector<std::string> next{fmt::format("cmake -S {0} -B {0}/build", folder.string()),
                                        fmt::format("cmake --build {}/build", folder.string()),
                                        fmt::format("ctest --test-dir {}/build", folder.string())};
    if (session.globals.json) {
        session.print_json({{"folder", folder.string()},
                            {"plugin", id},
                            {"kind", kind},
                            {"language", language.name},
                            {"files", std::move(written)},
                            {"next", next}});
        return RVM_EXIT_OK;
    }
    session.line("plugin", fmt::format("{} ({}, {})", id, kind, language.title));
    session.line("written", fmt::format("{}", fmt::join(written.get<std::vector<std::string>>(), "\n            ")));
    session.line("next", fmt::format("{}", fmt::join(next, "\n            ")));
    return RVM_EXIT_OK;
}

} // namespace rvm::host
