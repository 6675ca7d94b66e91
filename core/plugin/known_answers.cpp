#include <algorithm>
#include <array>
#include <exception>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "plugin/contribution.hpp"
#include "plugin/texts.hpp"

namespace rvm::plugin {
namespace {

constexpr std::size_t guard_bytes = 32;      // written over by a primitive that does not know its own output size
constexpr std::uint8_t guard_pattern = 0xa5; // neither zero nor ASCII
constexpr std::size_t first_output = 4096;   // room at the first attempt
constexpr std::size_t max_output = 16777216; // no primitive of a program produces more (limits.hpp, output_bytes)
constexpr std::size_t shown_bytes = 32;      // of a value in a message

std::string shown(ByteView bytes) {
    const std::string hex = to_hex(bytes.first(std::min(bytes.size(), shown_bytes)));
    return bytes.size() > shown_bytes ? fmt::format("{}... ({} bytes)", hex, bytes.size()) : hex;
}

ByteView view_of(rvm_view view) { return {view.data, static_cast<std::size_t>(view.size)}; }

class KnownAnswers {
  public:
    KnownAnswers(const rvm_crypto& crypto, const std::string& file, const std::string& plugin_id, Report& report)
        : crypto_(crypto), file_(file), plugin_id_(plugin_id), report_(report) {}

    bool run() {
        for (std::uint64_t i = 0; i < crypto_.kat_count; ++i) {
            where_ = fmt::format("{} known answer {}", crypto_.id, i);
            try {
                if (!one(crypto_.kats[i])) return false;
            } catch (const std::exception& exception) {
                return refuse("the primitive threw an exception", "a result", in_quotes(exception.what()));
            } catch (...) {
                return refuse("the primitive threw an exception", "a result", "an exception of unknown type");
            }
        }
        return true;
    }

    bool refuse(std::string message, std::string expected, std::string found) {
        Finding& finding = report_.error(ErrorCode::known_answer_failed, file_, where_, std::move(message));
        finding.expected = std::move(expected);
        finding.found = std::move(found);
        finding.plugin = plugin_id_;
        return false;
    }

    void at(std::string where) { where_ = std::move(where); }

  private:
    bool one(const rvm_kat& kat) {
        if (kat.expected.size > max_output || (kat.expected.size != 0 && kat.expected.data == nullptr) ||
            (kat.input.size != 0 && kat.input.data == nullptr))
            return refuse("the test itself is not valid", "bytes", "NULL or too many");
        return crypto_.shape == RVM_CRYPTO_HASH ? hash(kat) : generic(kat);
    }

    bool compare(const rvm_kat& kat, ByteView got) {
        if (std::ranges::equal(got, view_of(kat.expected))) return true;
        return refuse("the result is not the known one", shown(view_of(kat.expected)), shown(got));
    }

    bool hash(const rvm_kat& kat) {
        Bytes digest(crypto_.digest_size + guard_bytes, guard_pattern);
        crypto_.hash(crypto_.self, kat.input, digest.data());
        if (!guard_intact(digest, crypto_.digest_size)) return false;
        return compare(kat, ByteView{digest}.first(crypto_.digest_size));
    }

    bool generic(const rvm_kat& kat) {
        std::uint64_t room = std::max<std::uint64_t>(first_output, kat.expected.size);
        for (unsigned attempt = 0; attempt < 2; ++attempt) {
            Bytes output(room + guard_bytes, guard_pattern);
            std::uint64_t size = 0;
            const rvm_status status = crypto_.run(crypto_.self, kat.input, {output.data(), room}, &size);
            if (!guard_intact(output, room)) return false;
            if (status == RVM_E_BUFFER_TOO_SMALL && kat.status != status && size > room && size <= max_output) {
                room = size;
                continue;
            }
            if (status != kat.status)
                return refuse("the status is not the known one", std::to_string(kat.status), std::to_string(status));
            if (status != RVM_OK) return true;
            if (size > room)
                return refuse("more output than there was room for", fmt::format("at most {} bytes", room),
                              fmt::format("{} bytes", size));
            return compare(kat, ByteView{output}.first(size));
        }
        return refuse("the primitive asks for more room than it asked for before", "a result",
                      "RVM_E_BUFFER_TOO_SMALL");
    }

    bool guard_intact(const Bytes& buffer, std::size_t used) {
        if (std::all_of(buffer.begin() + static_cast<std::ptrdiff_t>(used), buffer.end(),
                        [](std::uint8_t byte) { return byte == guard_pattern; }))
            return true;
        return refuse("the primitive wrote beyond its output", fmt::format("{} bytes", used), "more");
    }

    const rvm_crypto& crypto_;
    const std::string& file_;
    const std::string& plugin_id_;
    Report& report_;
    std::string where_;
};

} // namespace

bool run_known_answers(const rvm_crypto& crypto, manifest::Profile profile, const std::string& file,
                       const std::string& plugin_id, Report& report) {
    KnownAnswers test{crypto, file, plugin_id, report};
    if (crypto.kat_count == 0 && profile == manifest::Profile::consensus) {
        test.at(std::string{crypto.id});
        return test.refuse("a primitive of a consensus deployment needs known answers", "at least 1", "0");
    }
    return test.run();
}

} // namespace rvm::plugin
