#include "configuration.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include <rvm/plugin.hpp>

namespace rvm::evmc {
namespace {

/// Takes the members as they are read. No tree is built: the destructor of nlohmann's allocates, and a destructor that
/// finds no memory ends the process.
class Reader final : public nlohmann::json_sax<nlohmann::json> {
  public:
    explicit Reader(Configuration& out) : out_(out) {}

    bool key(string_t& name) override {
        key_ = std::move(name);
        return true;
    }
    bool string(string_t& text) override {
        if (depth_ == 2 && key_ == "options") {
            out_.options.push_back(std::move(text));
            return true;
        }
        const std::pair<std::string_view, std::string*> members[] = {
            {"library", &out_.library}, {"sha256", &out_.sha256}, {"symbol", &out_.symbol}};
        for (const auto& [name, member] : members)
            if (depth_ == 1 && key_ == name) {
                *member = std::move(text);
                return true;
            }
        return false;
    }
    bool number_unsigned(number_unsigned_t number) override {
        if (depth_ != 1 || key_ != "native_stack") return false;
        out_.native_stack = number;
        return true;
    }
    bool start_object(std::size_t) override { return ++depth_ == 1; }
    bool end_object() override { return --depth_ == 0; }
    bool start_array(std::size_t) override { return ++depth_ == 2 && key_ == "options"; }
    bool end_array() override { return --depth_ == 1; }

    // What the schema has no place for.
    bool null() override { return false; }
    bool boolean(bool) override { return false; }
    bool number_integer(number_integer_t) override { return false; }
    bool number_float(number_float_t, const string_t&) override { return false; }
    bool binary(binary_t&) override { return false; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

  private:
    Configuration& out_;
    std::string key_;
    int depth_ = 0;
};

} // namespace

std::pair<std::string, std::string> split_option(const std::string& option) {
    const std::size_t at = option.find('=');
    return at == std::string::npos ? std::pair{option, std::string{}}
                                   : std::pair{option.substr(0, at), option.substr(at + 1)};
}

std::string create_function_of(std::string_view file) {
    std::string_view name =
        file.substr(file.find_last_of('/') == std::string_view::npos ? 0 : file.find_last_of('/') + 1);
    if (name.starts_with("lib")) name.remove_prefix(3);
    name = name.substr(0, name.find('.'));
    std::string symbol = "evmc_create_" + std::string(name);
    std::ranges::replace(symbol, '-', '_');
    return symbol;
}

Configuration Configuration::parse(std::string_view json) {
    Configuration out;
    Reader reader(out);
    if (!nlohmann::json::sax_parse(json, &reader))
        throw sdk::Failure(RVM_E_CONFIG, "config: expected an object of the schema, found " + std::string(json));
    if (out.symbol.empty()) out.symbol = create_function_of(out.library);
    for (const std::string& option : out.options)
        if (split_option(option).first.empty())
            throw sdk::Failure(RVM_E_CONFIG, "/options: expected NAME=VALUE or NAME, found \"" + option + "\"");
    return out;
}

} // namespace rvm::evmc
