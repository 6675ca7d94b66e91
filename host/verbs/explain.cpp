// rvm explain: what an error code means and what to do about it.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/bytes.hpp"
#include "cli/files.hpp"
#include "cli/session.hpp"
#include "cli/verb.hpp"

namespace rvm::host {

namespace {

constexpr std::size_t text_width = 80; // of explanations; codes and titles are shorter

/// `text` broken at spaces so that no line is longer than text_width.
std::string wrapped(std::string_view text, std::string_view indent) {
    std::string result;
    std::string line;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        if (!line.empty() && indent.size() + line.size() + 1 + word.size() > text_width) {
            result += fmt::format("{}{}\n", indent, line);
            line.clear();
        }
        line += (line.empty() ? "" : " ") + std::string{word};
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return line.empty() ? result : result + fmt::format("{}{}\n", indent, line);
}

nlohmann::ordered_json info_json(const ErrorInfo& info) {
    return {{"code", info.text},
            {"exit", info.exit_status},
            {"title", info.title},
            {"explanation", info.explanation},
            {"remedy", info.remedy}};
}

const ErrorInfo& find(const std::string& code) {
    if (const ErrorInfo* info = find_error(code)) return *info;
    std::vector<std::string_view> known;
    for (const ErrorInfo& info : all_errors())
        known.push_back(info.text);
    const std::string near = nearest(code, known);
    throw UsageError(fmt::format("unknown code \"{}\"", code),
                     near.empty() ? "`rvm explain` lists all codes" : fmt::format("did you mean {}?", near));
}

} // namespace

int run_explain(Session& session, Options& options) {
    std::vector<std::string> codes;
    options.arguments("CODE", codes, "error codes such as RVM-F02 or f02; none: list all; -: read from stdin");
    options.parse();

    if (codes.size() == 1 && codes.front() == "-") {
        codes.clear();
        std::string word;
        for (const char c : read_input(session.io, "-") + "\n") {
            if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
                word += c;
            } else if (!word.empty()) {
                codes.push_back(std::move(word));
                word.clear();
            }
        }
        if (codes.empty()) throw UsageError("standard input holds no code");
    }
    std::vector<const ErrorInfo*> chosen;
    for (const std::string& code : codes)
        chosen.push_back(&find(code));

    if (session.globals.json) {
        nlohmann::ordered_json list = nlohmann::ordered_json::array();
        if (chosen.empty())
            for (const ErrorInfo& info : all_errors())
                list.push_back(info_json(info));
        for (const ErrorInfo* info : chosen)
            list.push_back(info_json(*info));
        session.print_json(list);
        return RVM_EXIT_OK;
    }
    if (chosen.empty()) {
        for (const ErrorInfo& info : all_errors())
            session.io.out(fmt::format("{}  {:>2}  {}\n", session.io.paint(Style::heading, info.text), info.exit_status,
                                       info.title));
        return RVM_EXIT_OK;
    }
    for (const ErrorInfo* info : chosen) {
        if (info != chosen.front()) session.io.out("\n");
        session.io.out(session.io.paint(Style::heading, fmt::format("{}: {}", info->text, info->title)) + "\n\n");
        session.io.out(wrapped(info->explanation, "  ") + "\n" + wrapped(info->remedy, "  "));
        session.io.out(fmt::format("\n  exit status {}\n", info->exit_status));
    }
    return RVM_EXIT_OK;
}

} // namespace rvm::host
