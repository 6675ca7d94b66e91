// Options and arguments of one verb: declared, parsed by CLI11, shown as help.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/verb.hpp"
#include <rvm/report.hpp>

namespace rvm::host {

/// A wrong command line: exit status 2.
class UsageError : public std::exception {
  public:
    explicit UsageError(std::string message, std::string hint = {})
        : message_(std::move(message)), hint_(std::move(hint)) {}
    [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

  private:
    std::string message_, hint_;
};

/// Options that every verb understands.
struct GlobalOptions {
    std::string config; ///< manifest file; empty: the default one
    std::vector<std::string> plugins;
    bool json = false;
    bool no_color = false;
    bool quiet = false;
    bool verbose = false;
};

/// The command line of one verb. Declare everything, then parse() once; the variables declared are set by it.
class Options {
  public:
    /// `verb` and `globals` must outlive the object. `arguments` are those after the verb.
    Options(const Verb& verb, std::vector<std::string> arguments, GlobalOptions& globals);
    ~Options();
    Options(const Options&) = delete;
    Options& operator=(const Options&) = delete;

    /// `names` as "-o,--output"; `value` as "FILE".
    void flag(const std::string& names, bool& variable, const std::string& help);
    void text(const std::string& names, const std::string& value, std::string& variable, const std::string& help);
    /// As text(), but the value may be left out: "--trace" means "--trace=`absent`".
    void optional_text(const std::string& names, const std::string& value, const std::string& absent,
                       std::string& variable, const std::string& help);
    void texts(const std::string& names, const std::string& value, std::vector<std::string>& variable,
               const std::string& help);
    /// A decimal or 0x number from `lowest` to `highest`.
    void number(const std::string& names, const std::string& value, std::uint64_t& variable, const std::string& help,
                std::uint64_t lowest, std::uint64_t highest);
    void argument(const std::string& name, std::string& variable, const std::string& help, bool required = true);
    void arguments(const std::string& name, std::vector<std::string>& variable, const std::string& help);
    /// The first word that is no option, and everything after it as it is: another verb with its words. Declare it
    /// last.
    void rest(const std::string& name, std::vector<std::string>& variable, const std::string& help);

    /// The first argument of a verb that does several things: one of `actions`, which must be static. parse() refuses
    /// other words.
    void action(std::string& variable, std::span<const std::string_view> actions);
    /// The options declared from here on belong to these actions of the verb: parse() refuses them with any other, and
    /// help says whose they are. Another call replaces the list.
    void only_for(std::vector<std::string_view> actions);

    /// Throws UsageError, or HelpWanted (caught by dispatch).
    void parse();
    /// The text of `rvm VERB --help`.
    [[nodiscard]] std::string help() const;

    /// One option or argument as help shows it.
    struct Line {
        std::string left; ///< "-o, --output FILE"
        std::string right; ///< what it is
        bool global = false; ///< every verb has it
    };
    struct HelpWanted {
        const Verb* verb;
        std::string text;
        std::vector<Line> options, arguments;
    };

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// A decimal or 0x number; nullopt for anything else or more than 64 bits.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text) noexcept;
/// The parts of a text between separators, empty ones too; `separator` must not be empty.
[[nodiscard]] std::vector<std::string> split(std::string_view text, std::string_view separator);

} // namespace rvm::host
