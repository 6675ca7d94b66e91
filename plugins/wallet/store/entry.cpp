#include "store/entry.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/primitives.hpp"

namespace rvm::wallet {
namespace {

/// Takes parts that their size precedes (4 bytes, big-endian).
class PlainReader {
  public:
    explicit PlainReader(Bytes plain) : rest_(plain) {}
    [[nodiscard]] std::size_t number() {
        std::size_t value = 0;
        for (const std::uint8_t byte : take(4)) {
            value = value << 8u | byte;
        }
        return value;
    }
    [[nodiscard]] Bytes sized() { return take(number()); }
    [[nodiscard]] std::string text() {
        const Bytes bytes = sized();
        return {bytes.begin(), bytes.end()};
    }
    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

  private:
    [[nodiscard]] Bytes take(std::size_t size) {
        if (size > rest_.size()) throw Refusal("the wallet's content is damaged: it ends too early");
        const Bytes part = rest_.first(size);
        rest_ = rest_.subspan(size);
        return part;
    }
    Bytes rest_;
};

} // namespace

const char* name_of(EntryKind kind) noexcept {
    switch (kind) {
    case EntryKind::mnemonic:
        return "mnemonic";
    case EntryKind::secp256k1:
        return "secp256k1";
    case EntryKind::ed25519:
        return "ed25519";
    case EntryKind::bls:
        return "bls";
    }
    return "unknown";
}

Secret encode_entries(const std::vector<Entry>& entries) {
    if (entries.size() > most_entries) {
        throw Refusal("the wallet is full: expected at most " + std::to_string(most_entries) + " entries");
    }
    Secret plain = Secret::copy_of(Number(entries.size()));
    for (const Entry& entry : entries) {
        plain = Secret::join({plain, Number(static_cast<std::uint64_t>(entry.kind)), Number(entry.name.size()),
                              bytes_of(entry.name), Number(entry.language.size()), bytes_of(entry.language),
                              Number(entry.secret.size()), entry.secret, Number(entry.passphrase.size()),
                              entry.passphrase});
    }
    return plain;
}

std::vector<Entry> decode_entries(Bytes plain) {
    PlainReader reader(plain);
    const std::size_t count = reader.number();
    if (count > most_entries) throw Refusal("the wallet's content is damaged: too many entries");
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < count; ++i) {
        Entry& entry = entries.emplace_back();
        const std::size_t kind = reader.number();
        if (kind < 1 || kind > 4) throw Refusal("the wallet's content is damaged: an unknown kind of entry");
        entry.kind = static_cast<EntryKind>(kind);
        entry.name = reader.text();
        entry.language = reader.text();
        entry.secret = Secret::copy_of(reader.sized());
        entry.passphrase = Secret::copy_of(reader.sized());
    }
    if (!reader.at_end()) throw Refusal("the wallet's content is damaged: bytes behind its end");
    return entries;
}

void check_name(const std::string& name) {
    constexpr std::size_t most = 64;
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
    };
    if (name.empty() || name.size() > most || !std::ranges::all_of(name, allowed) || name.front() == '-') {
        throw Refusal("the name \"" + name.substr(0, 80) +
                      "\" is none: expected 1 to 64 letters, digits, \".\", \"_\" and \"-\"");
    }
}

} // namespace rvm::wallet
