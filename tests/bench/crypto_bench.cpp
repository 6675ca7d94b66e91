// What the primitives of org.rvm.crypto cost one by one (CPU time), and signatures verified in batches, per signature.
#include <benchmark/benchmark.h>

#include <rvm/test_host.hpp>

namespace {

using rvm::sdk::test::Bytes;
using rvm::sdk::test::TestHost;

TestHost& host() {
    static TestHost* const loaded = [] {
        auto* made = new TestHost; // lives as long as the process
        made->load(rvm_plugin_entry_v0);
        return made;
    }();
    return *loaded;
}

Bytes join(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const Bytes& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}
Bytes number(std::uint32_t value) {
    return {static_cast<std::uint8_t>(value >> 24u), static_cast<std::uint8_t>(value >> 16u),
            static_cast<std::uint8_t>(value >> 8u), static_cast<std::uint8_t>(value)};
}
Bytes run(const char* id, const Bytes& input) { return host().run_crypto(id, input).output; }

void measure(benchmark::State& state, const char* id, const Bytes& input) {
    const auto& item = host().find<rvm_crypto>(RVM_KIND_CRYPTO, id);
    Bytes output(70'000);
    std::uint64_t size = 0;
    for (auto _ : state) {
        if (item.shape == RVM_CRYPTO_HASH) {
            item.hash(item.self, {input.data(), input.size()}, output.data());
        } else if (item.run(item.self, {input.data(), input.size()}, {output.data(), output.size()}, &size) != RVM_OK) {
            state.SkipWithError("refused");
            break;
        }
        benchmark::DoNotOptimize(output.data());
    }
}

void add(const char* id, const Bytes& input) {
    benchmark::RegisterBenchmark(id, [=](benchmark::State& state) {
        measure(state, id, input);
    })->Unit(benchmark::kMicrosecond);
}

/// Signatures of as many keys, in one batch; the time is that of one signature.
void batch(benchmark::State& state) {
    Bytes input;
    for (std::int64_t i = 0; i < state.range(0); ++i) {
        Bytes secret(32, 1);
        secret[31] = static_cast<std::uint8_t>(i);
        const Bytes message(32, static_cast<std::uint8_t>(i));
        input = join({input, run("bls.sign", join({secret, message})), run("bls.key", secret), number(32), message});
    }
    measure(state, "bls.verify_batch", input);
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}

void add_all() {
    const Bytes secret(32, 0x11);
    const Bytes digest(32, 0x22);
    const Bytes kilobyte(1024, 0x33);
    for (const char* hash : {"keccak256", "sha256", "sha512", "sha3_256", "sha3_512", "blake2s256", "ripemd160"}) {
        add(hash, kilobyte);
    }
    add("hmac.sha256", join({number(32), secret, digest}));
    add("hmac.sha512", join({number(32), secret, digest}));
    add("hkdf.sha256", join({number(32), number(0), number(32), secret}));
    add("hkdf.sha512", join({number(32), number(0), number(32), secret}));
    add("pbkdf2.sha256", join({number(1000), number(32), number(32), digest, secret}));
    add("pbkdf2.sha512", join({number(1000), number(64), number(32), digest, secret}));
    add("scrypt", join({number(0), number(1024), number(8), number(1), number(32), number(32), digest, secret}));
    add("argon2id", join({number(1), number(1024), number(32), Bytes(16), secret}));
    add("xchacha20poly1305.seal", join({secret, Bytes(24), number(0), kilobyte}));
    add("aes.ctr", join({number(16), Bytes(16), Bytes(16), kilobyte}));
    add("aes.cbc.encrypt", join({number(16), Bytes(16), Bytes(16), kilobyte}));
    add("aes.cbc.decrypt",
        join({number(16), Bytes(16), Bytes(16), run("aes.cbc.encrypt", join({number(16), Bytes(32), kilobyte}))}));

    const Bytes ed_key = run("ed25519.key", secret);
    add("ed25519.key", secret);
    add("ed25519.sign", join({secret, digest}));
    add("ed25519.verify", join({run("ed25519.sign", join({secret, digest})), ed_key, digest}));
    add("x25519.key", secret);
    add("x25519", join({secret, run("x25519.key", digest)}));
    for (const std::string curve : {"secp256k1", "secp256r1"}) {
        static std::vector<std::string> names; // registered ids live on
        names.reserve(16);
        const auto id = [&](const char* name) { return names.emplace_back(curve + "." + name).c_str(); };
        const Bytes key = run(id("key"), secret);
        const Bytes sec1 = join({{4}, key});
        add(id("key"), secret);
        add(id("secret_add"), join({secret, digest}));
        add(id("key_add"), join({digest, sec1}));
        Bytes signature = run(id("sign"), join({secret, digest}));
        signature.resize(64);
        add(id("sign"), join({secret, digest}));
        add(id("verify"), join({digest, signature, curve == "secp256k1" ? sec1 : key}));
        if (curve != "secp256k1") continue;
        add("secp256k1.ecdh", join({secret, sec1}));
        add("bip340.key", secret);
        add("bip340.sign", join({secret, Bytes(32), digest}));
        add("bip340.verify",
            join({run("bip340.sign", join({secret, Bytes(32), digest})), run("bip340.key", secret), digest}));
    }

    const Bytes key = run("bls.key", secret);
    const Bytes signature = run("bls.sign", join({secret, digest}));
    const Bytes signed_part = join({key, number(32), digest});
    add("bls.keygen", secret);
    add("bls.key", secret);
    add("bls.sign", join({secret, digest}));
    add("bls.verify", join({signature, key, digest}));
    add("bls.prove", secret);
    add("bls.aggregate", join({signature, signature, signature, signature}));
    add("bls.add_keys", join({key, key, key, key}));
    add("bls.fast_aggregate_verify", join({signature, number(4), key, key, key, key, digest}));
    add("bls.aggregate_verify", join({signature, signed_part, signed_part, signed_part, signed_part}));
    benchmark::RegisterBenchmark("bls.verify_batch", batch)->Arg(1)->Arg(8)->Arg(64)->Unit(benchmark::kMicrosecond);
}

} // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    add_all();
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
