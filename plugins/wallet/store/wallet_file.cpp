#include "store/wallet_file.hpp"

#include <algorithm>
#include <string>

#include "base/error.hpp"

namespace rvm::wallet {
namespace {

constexpr std::uint8_t magic[] = {'R', 'V', 'M', 'W', 'A', 'L', 'T'};
constexpr std::uint8_t version = 1;
constexpr std::size_t number_bytes = 4;
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t nonce_bytes = 24;
constexpr std::size_t tag_bytes = 16;
constexpr std::size_t key_bytes = 32;

constexpr std::size_t salt_at = sizeof magic + 1 + 2 * number_bytes;
constexpr std::size_t nonce_at = salt_at + salt_bytes;
constexpr std::size_t sealed_at = nonce_at + nonce_bytes;

std::uint64_t number_at(Bytes file, std::size_t at) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : file.subspan(at, number_bytes)) {
        value = value << 8u | byte;
    }
    return value;
}

Secret derive(Bytes password, Bytes salt, const WalletCost& cost, const Primitives& primitives) {
    const std::string place =
        "the wallet's cost of " + std::to_string(cost.passes) + " passes and " + std::to_string(cost.kib) + " KiB";
    return at_place(place, [&] {
        auto key = primitives.ask(
            Primitive::argon2id, {Number(cost.passes), Number(cost.kib), Number(key_bytes), salt, password}, key_bytes);
        if (!key) throw Refusal("expected a pass or more, 8 KiB or more");
        return std::move(*key);
    });
}

} // namespace

bool begins_wallet(Bytes file) noexcept {
    return file.size() >= sizeof magic && std::ranges::equal(file.first(sizeof magic), magic);
}

Secret seal_wallet(const std::vector<Entry>& entries, Bytes password, const WalletCost& cost,
                   const Primitives& primitives) {
    const Secret salt = random_secret(salt_bytes);
    const Secret nonce = random_secret(nonce_bytes);
    const Secret head = Secret::join({magic, {&version, 1}, Number(cost.passes), Number(cost.kib), salt, nonce});
    const Secret plain = encode_entries(entries);
    const Secret key = derive(password, salt, cost, primitives);
    const Secret sealed = primitives.run(Primitive::xchacha20poly1305_seal,
                                         {key, nonce, Number(head.size()), head, plain}, plain.size() + tag_bytes);
    if (head.size() + sealed.size() > most_wallet_bytes) throw Refusal("the wallet is full: a file has at most 1 MiB");
    return Secret::join({head, sealed});
}

OpenWallet open_wallet(Bytes file, Bytes password, const Primitives& primitives) {
    if (!begins_wallet(file)) throw Refusal("the file is no wallet: expected RVMWALT at its beginning");
    if (file.size() < sealed_at + tag_bytes) {
        throw Refusal("the wallet is cut short: expected at least " + std::to_string(sealed_at + tag_bytes) +
                      " bytes, found " + std::to_string(file.size()));
    }
    if (file[sizeof magic] != version) {
        throw Refusal("the wallet has version " + std::to_string(file[sizeof magic]) +
                      ": this program reads version 1");
    }
    const WalletCost cost{number_at(file, sizeof magic + 1), number_at(file, sizeof magic + 1 + number_bytes)};
    const Bytes nonce = file.subspan(nonce_at, nonce_bytes);
    const Bytes sealed = file.subspan(sealed_at);
    const Secret key = derive(password, file.subspan(salt_at, salt_bytes), cost, primitives);
    const auto plain = primitives.ask(Primitive::xchacha20poly1305_open,
                                      {key, nonce, Number(sealed_at), file.first(sealed_at), sealed}, sealed.size());
    if (!plain) throw Refusal("the password is wrong, or the wallet was changed");
    return {decode_entries(*plain), cost};
}

} // namespace rvm::wallet
