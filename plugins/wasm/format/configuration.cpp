#include "format/configuration.hpp"

#include <stdexcept>

#include <nlohmann/json.hpp>

namespace rvm::wasm::format {
namespace {

using Json = nlohmann::json;

/// Reads the text as it comes: a document of nlohmann allocates while it is destroyed, and a plugin must stand failing
/// allocations.
class Reader final : public Json::json_sax_t {
  public:
    explicit Reader(Configuration& out) : out_(out) {}
    [[nodiscard]] std::shared_ptr<wasi::Tree> take_folder() noexcept { return std::move(folder_); }

    bool start_object(std::size_t) override { return keys_.emplace_back(), true; }
    bool key(string_t& name) override { return keys_.back() = name, true; }
    bool end_object() override {
        keys_.pop_back();
        if (at({"wasi", "files"})) add_file();
        return true;
    }
    bool start_array(std::size_t) override {
        if (at({"wasi", "arguments"})) out_.arguments.clear(); // the default's
        return true;
    }
    bool end_array() override { return true; }
    bool string(string_t& text) override {
        if (at({"without"})) add_feature(text);
        if (at({"wasi", "arguments"})) out_.arguments.push_back(text);
        if (at({"wasi", "environment"})) add_variable(text);
        if (at({"wasi", "files", "path"})) path_ = text;
        if (at({"wasi", "files", "text"})) text_ = text;
        return true;
    }
    bool boolean(bool value) override {
        if (at({"wasi", "granted"})) out_.wasi = value;
        return true;
    }
    bool null() override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool parse_error(std::size_t, const std::string&, const Json::exception& error) override {
        throw std::invalid_argument(error.what());
    }

  private:
    [[nodiscard]] bool at(std::initializer_list<std::string_view> path) const {
        return std::equal(keys_.begin(), keys_.end(), path.begin(), path.end());
    }
    void add_feature(const std::string& name) {
        const std::optional<Feature> feature = feature_named(name);
        if (!feature) throw std::invalid_argument("without: no feature is called '" + name + "'");
        out_.without.push_back(*feature);
    }
    void add_variable(const std::string& text) {
        if (text.find('=') == std::string::npos || text[0] == '=') {
            throw std::invalid_argument("wasi/environment: expected NAME=VALUE, found '" + text + "'");
        }
        out_.environment.push_back(text);
    }
    void add_file() {
        const auto path = wasi::resolve("", path_);
        if (!path || path->empty()) throw std::invalid_argument("wasi/files: '" + path_ + "' is no path to a file");
        if (folder_ == nullptr) folder_ = std::make_shared<wasi::Tree>();
        folder_->add(*path, {text_.begin(), text_.end()});
    }

    Configuration& out_;
    std::vector<std::string> keys_; ///< of the objects around the value being read
    std::string path_, text_;
    std::shared_ptr<wasi::Tree> folder_;
};

} // namespace

Features Configuration::features(std::uint32_t rule_set) const noexcept {
    static constexpr Features (*sets[])() = {
        Features::core1, Features::core2_without_vectors, Features::core2, Features::all,
        Features::core1, Features::core2,                 Features::all};
    static_assert(std::size(sets) + 1 == std::size(rules));
    Features out = sets[std::min<std::size_t>(rule_set, std::size(sets) - 1)]();
    if (is_alone(rule_set)) return out;
    for (const Feature feature : without)
        out = out.without(feature);
    return out;
}

Configuration read_configuration(std::string_view text) {
    Configuration out;
    Reader reader(out);
    Json::sax_parse(text, &reader);
    out.folder = reader.take_folder();
    return out;
}

} // namespace rvm::wasm::format
