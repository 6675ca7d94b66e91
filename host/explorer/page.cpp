#include "explorer/page.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/bytes.hpp"
#include "cli/values.hpp"
#include "explorer/files.hpp"
#include "record/step_reader.hpp"

namespace rvm::host {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_lines = 200'000;    ///< of disassembly, all codes together
constexpr std::size_t longest_line = 512;

std::string base64(ByteView bytes) {
    static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t left = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = group << 8 | (i < left ? bytes[at + i] : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            out += i <= left ? digits[group >> (18 - 6 * i) & 63] : '=';
    }
    return out;
}

/// The code that frames ran, by where it was.
class Codes {
  public:
    explicit Codes(Session& session) : session_(session) {}

    void have(const rvm_address& address, const Bytes& bytes) { at_[std::to_array(address.bytes)] = bytes; }
    /// The index of the listing of what runs at an address; -1 when it is not known.
    [[nodiscard]] int listing_of(const rvm_address& address, const char* format) {
        const auto found = at_.find(std::to_array(address.bytes));
        if (found == at_.end() || format == nullptr) return -1;
        return listing(format, found->second);
    }
    [[nodiscard]] int listing(const std::string& format, const Bytes& bytes) {
        const auto [at, added] = known_.try_emplace({format, bytes}, static_cast<int>(listings_.size()));
        if (added) listings_.push_back({format, bytes, {}});
        return at->second;
    }
    void ran(int listing, std::uint64_t pc) {
        if (listing >= 0) listings_[static_cast<std::size_t>(listing)].places.insert(pc);
    }

    [[nodiscard]] Json json() {
        Json list = Json::array();
        for (const Listing& listing : listings_)
            list.push_back(listing_json(listing));
        return list;
    }

  private:
    struct Listing {
        std::string format;
        Bytes bytes;
        std::set<std::uint64_t> places; ///< that ran
    };

    Json listing_json(const Listing& listing) {
        Json json{{"format", listing.format}, {"size", listing.bytes.size()}};
        Json& lines = json["lines"] = Json::array();
        Report ignored;
        const rvm_format* format = session_.runtime().format(listing.format, ignored);
        if (format == nullptr) return json;
        const rvm_view code{listing.bytes.data(), listing.bytes.size()};
        // The whole code where it can be gone through from its first byte; else what ran.
        std::set<std::uint64_t> places = listing.places;
        if (listing.format == "evm")
            for (std::uint64_t at = 0; at < code.size;) {
                char text[longest_line] = {};
                const std::uint64_t used =
                    format->disassemble == nullptr ? 0 : format->disassemble(format->self, code, at, text, sizeof text);
                if (used == 0) break;
                places.insert(at);
                at += used;
            }
        for (const std::uint64_t place : places) {
            if (written_++ >= most_lines) break;
            std::array<char, longest_line> text{}, source{};
            if (format->disassemble != nullptr)
                static_cast<void>(format->disassemble(format->self, code, place, text.data(), text.size() - 1));
            if (format->source_of != nullptr)
                static_cast<void>(format->source_of(format->self, code, place, source.data(), source.size() - 1));
            Json line = Json::array({place, text.data()});
            if (source[0] != '\0') line.push_back(source.data());
            lines.push_back(std::move(line));
        }
        return json;
    }

    Session& session_;
    std::map<std::array<std::uint8_t, 20>, Bytes> at_;
    std::map<std::pair<std::string, Bytes>, int> known_;
    std::vector<Listing> listings_;
    std::size_t written_ = 0;
};

/// Which listing each frame of an execution ran, in the order of their beginnings; and what they ran of it.
Json frames_json(Codes& codes, const record::Call& call) {
    Json list = Json::array();
    std::vector<int> open;
    record::StepReader reader(call.events, 0, false);
    record::Event event;
    using Kind = record::Event::Kind;
    while (reader.next(event)) {
        if (event.kind == Kind::enter) {
            const bool creates = event.message.kind == RVM_CALL_CREATE && event.format != nullptr;
            const int listing = creates ? codes.listing(event.format, event.message.init_code)
                                        : codes.listing_of(event.message.code_address, event.format);
            list.push_back(listing);
            open.push_back(listing);
        } else if (event.kind == Kind::leave) {
            while (open.size() > event.depth + 1)
                open.pop_back();
            if (!open.empty()) open.pop_back();
            if (event.answer.status == RVM_OK &&
                std::ranges::any_of(event.answer.created.bytes, [](std::uint8_t b) { return b != 0; }))
                codes.have(event.answer.created, event.answer.output);
        } else if (event.kind == Kind::op && !open.empty()) {
            codes.ran(open.back(), event.op.pc);
        }
    }
    return list;
}

/// JSON inside an element of the page. A recording may hold any text: without a '<' none ends the element, begins a
/// comment, or is taken for a place of the page that is still to be filled.
std::string embedded(const Json& json) {
    const std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (c == '<')
            out += "\\u003c"; // only strings have one
        else
            out += c;
    }
    return out;
}

} // namespace

std::string explorer_page(Session& session, const record::Recording& recording) {
    Codes codes(session);
    Json executions = Json::array();
    std::string streams;
    std::size_t number = 0, world_number = 0;
    for (const record::World& world : recording.worlds) {
        for (const record::BaseAccount& account : world.base)
            if (account.code) codes.have(account.address, account.code->bytes);
        for (const record::Call& call : world.calls) {
            if (call.kind == record::Call::Kind::set_code) codes.have(call.address, call.bytes);
            if (call.kind != record::Call::Kind::execute) continue;
            executions.push_back(
                {{"world", world_number},
                 {"status", std::string(status_name(call.answer.status))},
                 {"ok", call.answer.status == RVM_OK},
                 {"gas", fmt::format("{}", record::wrapping_sum(call.message.gas,
                                                                call.message.stipend))}, // more than a double holds
                 {"gas_left", fmt::format("{}", call.answer.gas_left)},
                 {"output", bytes_text(call.answer.output)},
                 {"listings", frames_json(codes, call)}});
            streams += fmt::format("<script type=\"application/octet-stream\" id=\"events-{}\">{}</script>\n", number++,
                                   base64(call.events));
        }
        ++world_number;
    }
    Json about{{"rvm", recording.product},
               {"command", recording.command},
               {"steps", recording.steps},
               {"kept", recording.kept_steps}};
    about["executions"] = std::move(executions);
    about["codes"] = codes.json();

    std::string page(explorer::page_html);
    const auto put = [&](std::string_view mark, std::string_view text) {
        const std::size_t at = page.find(mark);
        page.replace(at, mark.size(), text);
    };
    put("/*@css@*/", explorer::page_css);
    std::string script;
    for (const std::string_view part : explorer::scripts)
        script += part;
    put("/*@script@*/", script);
    put("<!--@about@-->", fmt::format("<script type=\"application/json\" id=\"about\">{}</script>\n", embedded(about)));
    put("<!--@events@-->", streams);
    return page;
}

} // namespace rvm::host
