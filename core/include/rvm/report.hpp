// Findings: how every cold path (manifest, loader, assembler, verifier, commands) says what is wrong.
//
// A finding names what was wrong, where, what was expected and what was found. Cold paths collect findings in a
// Report instead of stopping at the first one; hot paths return status codes and never come here.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace rvm {

/// Every error the product can report. The registry is error_codes.def.
enum class ErrorCode : std::uint16_t {
#define RVM_ERROR(name, code, exit_status, title, explanation, remedy) name,
#include <rvm/error_codes.def>
#undef RVM_ERROR
};

/// One line of the registry. All texts are static.
struct ErrorInfo {
    ErrorCode code;
    std::string_view text;        ///< "RVM-F01"
    int exit_status;              ///< 1, 2, 70 or 78
    std::string_view title;       ///< a few words
    std::string_view explanation; ///< why this is refused
    std::string_view remedy;      ///< what to do about it
};

/// The registry's line for `code`. Never fails.
[[nodiscard]] const ErrorInfo& error_info(ErrorCode code) noexcept;
/// The registry's line for a text code such as "RVM-F01" or "f01"; nullptr when there is none.
[[nodiscard]] const ErrorInfo* find_error(std::string_view text) noexcept;
/// All lines in registry order.
[[nodiscard]] const std::vector<ErrorInfo>& all_errors() noexcept;

enum class Severity : std::uint8_t { note, warning, error };

/// One thing that is wrong. Empty texts mean "does not apply".
struct Finding {
    ErrorCode code{};
    Severity severity = Severity::error;
    std::string file;     ///< path of the file concerned
    std::string where;    ///< inside it: a JSON pointer ("/plugins/0/sha256"), "line:column", an ELF header field
    std::string message;  ///< one sentence in plain words
    std::string expected; ///< what would have been right
    std::string found;    ///< what was there
    std::string hint;     ///< what to do; e.g. "did you mean \"profile\"?"
    std::string plugin;   ///< id of the plugin concerned
    std::string snippet{}; ///< lines of a source text with a caret under the place, for showing as they are

    /// "error RVM-F02: FILE: WHERE: message (expected X, found Y)\n  hint: ...", the snippet below; no trailing newline.
    [[nodiscard]] std::string text() const;
};

/// An ordered collection of findings. Not thread-safe.
class Report {
  public:
    /// Appends and returns the finding, so that callers can fill further fields.
    Finding& add(Finding finding);
    Finding& error(ErrorCode code, std::string file, std::string where, std::string message);
    Finding& warning(ErrorCode code, std::string file, std::string where, std::string message);

    [[nodiscard]] bool ok() const noexcept { return errors_ == 0; } ///< no finding of severity error
    [[nodiscard]] const std::vector<Finding>& findings() const noexcept { return findings_; }
    /// Appends all findings of `other`.
    void merge(Report other);
    /// The exit status of the first error in the report; 0 when ok().
    [[nodiscard]] int exit_status() const noexcept;
    /// All findings, one text() a line.
    [[nodiscard]] std::string text() const;

  private:
    std::vector<Finding> findings_;
    std::size_t errors_ = 0;
};

/// Thrown by the embedding API where an object cannot be made; carries the whole report.
class Failure : public std::exception {
  public:
    explicit Failure(Report report) : report_(std::move(report)), text_(report_.text()) {}
    [[nodiscard]] const Report& report() const noexcept { return report_; }
    [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

  private:
    Report report_;
    std::string text_;
};

} // namespace rvm
