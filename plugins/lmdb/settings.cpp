#include "settings.hpp"

#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include <rvm/plugin.hpp>

namespace rvm::lmdb {

namespace {

struct Policy {
    Sync sync;
    std::string_view name, promise;
};
constexpr std::array policies{
    Policy{Sync::commit, "commit", "each batch is on the disk when its commit returns"},
    Policy{Sync::previous, "previous", "losing power may lose the last batch"},
    Policy{Sync::system, "system", "losing power may damage the store"},
};

[[noreturn]] void refuse(const std::string& member, std::string_view expected, const std::string& found) {
    throw sdk::Failure(RVM_E_CONFIG, "/config/" + member + ": expected " + std::string(expected) + ", found " + found);
}

/// Takes the members as they are read. No tree is built: the destructor of nlohmann's allocates, and a destructor that
/// finds no memory ends the process.
class Reader final : public nlohmann::json_sax<nlohmann::json> {
  public:
    explicit Reader(Settings& out) : out_(out) {}

    bool start_object(std::size_t) override { return ++depth_ == 1 || unexpected("an object"); }
    bool end_object() override {
        --depth_;
        return true;
    }
    bool key(string_t& name) override {
        key_ = std::move(name);
        return true;
    }
    bool string(string_t& text) override {
        if (key_ == "path") {
            if (text.empty()) refuse(key_, "a folder", "\"\"");
            if (text.find('\0') != text.npos) refuse(key_, "a folder", "a text with a NUL");
            out_.path = std::move(text);
        } else if (key_ == "sync") {
            take_policy(text);
        } else {
            return unexpected('"' + text + '"');
        }
        return true;
    }
    bool number_unsigned(number_unsigned_t number) override {
        if (key_ != "map_bytes") return unexpected(std::to_string(number));
        if (number < Settings::least_map_bytes || number > Settings::most_map_bytes)
            refuse(key_, std::to_string(Settings::least_map_bytes) + " to " + std::to_string(Settings::most_map_bytes),
                   std::to_string(number));
        out_.map_bytes = number;
        return true;
    }
    bool boolean(bool value) override {
        if (key_ != "read_only" && key_ != "must_exist") return unexpected(value ? "true" : "false");
        (key_ == "read_only" ? out_.read_only : out_.must_exist) = value;
        return true;
    }

    // Nothing has a member of these kinds.
    bool null() override { return unexpected("null"); }
    bool number_integer(number_integer_t number) override { return unexpected(std::to_string(number)); }
    bool number_float(number_float_t, const string_t& text) override { return unexpected(text); }
    bool binary(binary_t&) override { return false; }
    bool start_array(std::size_t) override { return unexpected("a list"); }
    bool end_array() override { return false; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

  private:
    void take_policy(const std::string& text) {
        for (const Policy& policy : policies)
            if (policy.name == text) {
                out_.sync = policy.sync;
                return;
            }
        refuse(key_, "\"commit\", \"previous\" or \"system\"", '"' + text + '"');
    }
    [[nodiscard]] bool unexpected(const std::string& found) const {
        static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> members{
            {{"path", "a text"},
             {"sync", "a text"},
             {"map_bytes", "a number"},
             {"read_only", "true or false"},
             {"must_exist", "true or false"}}};
        for (const auto& [name, expected] : members)
            if (name == key_) refuse(key_, expected, found);
        refuse(key_, "\"path\", \"sync\", \"map_bytes\", \"read_only\" or \"must_exist\"", "the member \"" + key_ + '"');
    }

    Settings& out_;
    std::string key_;
    int depth_ = 0;
};

} // namespace

std::string_view sync_name(Sync sync) noexcept { return policies[static_cast<std::size_t>(sync)].name; }
std::string_view sync_promise(Sync sync) noexcept { return policies[static_cast<std::size_t>(sync)].promise; }

Settings Settings::parse(std::string_view json) {
    Settings out;
    Reader reader(out);
    if (!nlohmann::json::sax_parse(json, &reader))
        throw sdk::Failure(RVM_E_CONFIG, "/config: expected an object, found " + std::string(json.substr(0, 100)));
    if (out.path.empty()) refuse("path", "the folder of the store", "nothing");
    return out;
}

} // namespace rvm::lmdb
