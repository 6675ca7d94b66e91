// JSON text as verbs write it, indented by one blank a level as geth's t8n does.
#pragma once

#include <string>
#include <string_view>

#include "base/types.hpp"

namespace rvm::ledger {

/// Writes one document. Calls stand in the order of the text; a key before every member of an object.
class JsonWriter {
  public:
    void begin_object() { begin('{'); }
    void end_object() { end('}'); }
    void begin_array() { begin('['); }
    void end_array() { end(']'); }
    void key(std::string_view name);

    void string(std::string_view text);
    void null() { value("null"); }
    void number(std::uint64_t number) { value(std::to_string(number)); }
    void boolean(bool truth) { value(truth ? "true" : "false"); }
    /// JSON that is already text, as it is.
    void json(std::string_view text) { value(text); }
    /// "0x..." with two digits a byte.
    void bytes(Bytes data);
    /// "0x..." without leading zeros.
    void quantity(const U256& number);

    // A member at once.
    void member(std::string_view name, Bytes data) { key(name), bytes(data); }
    void member(std::string_view name, const U256& number) { key(name), quantity(number); }
    void member(std::string_view name, std::string_view text) { key(name), string(text); }
    void count(std::string_view name, std::uint64_t decimal) { key(name), number(decimal); }

    /// The document; the writer is empty again.
    [[nodiscard]] std::string take();

  private:
    void begin(char bracket);
    void end(char bracket);
    void value(std::string_view text);
    void separate();
    void new_line();

    std::string out_;
    std::size_t depth_ = 0;
    bool first_ = true; ///< nothing stands in the innermost bracket yet
    bool after_key_ = false;
};

} // namespace rvm::ledger
