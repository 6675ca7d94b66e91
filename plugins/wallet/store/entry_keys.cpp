#include "store/entry_keys.hpp"

#include "base/error.hpp"
#include "mnemonic/mnemonic.hpp"

namespace rvm::wallet {

Path default_path(Curve curve, std::uint32_t index) {
    constexpr std::uint32_t ether = 60; // SLIP-44
    constexpr std::uint32_t solana = 501;
    if (!only_hardened(curve)) return bip44_path(ether, 0, 0, index);
    return {44 | hardened, solana | hardened, index | hardened, 0 | hardened};
}

Node node_at(const Entry& entry, Curve curve, const std::optional<Path>& path, const Primitives& primitives) {
    if (entry.kind != EntryKind::mnemonic) {
        throw Refusal("\"" + entry.name + "\" is one key (" + name_of(entry.kind) + "): nothing is derived from it");
    }
    const WordList* list = WordList::named(entry.language);
    if (list == nullptr) throw Refusal("\"" + entry.name + "\" has the unknown language " + entry.language);
    const Secret seed = seed_of(phrase_of(entry.secret, *list, primitives), entry.passphrase, primitives);
    return Node::root(curve, seed, primitives).at(path ? *path : default_path(curve), primitives);
}

Secret secret_at(const Entry& entry, Scheme scheme, const std::optional<Path>& path, const Primitives& primitives) {
    const bool of_secp256k1 = scheme <= Scheme::eip712 || scheme == Scheme::bip340;
    if (entry.kind == EntryKind::mnemonic && scheme != Scheme::bls) {
        const Curve curve = of_secp256k1                ? Curve::secp256k1
                            : scheme == Scheme::ed25519 ? Curve::ed25519
                                                        : Curve::secp256r1;
        return Secret::copy_of(node_at(entry, curve, path, primitives).secret());
    }
    const bool fits = (entry.kind == EntryKind::secp256k1 && of_secp256k1) ||
                      (entry.kind == EntryKind::ed25519 && scheme == Scheme::ed25519) ||
                      (entry.kind == EntryKind::bls && scheme == Scheme::bls);
    if (!fits) {
        throw Refusal("\"" + entry.name + "\" (" + name_of(entry.kind) + ") has no key for " +
                      std::string(name_of(scheme)));
    }
    if (path) throw Refusal("\"" + entry.name + "\" is one key: paths are for mnemonics");
    return Secret::copy_of(entry.secret);
}

} // namespace rvm::wallet
