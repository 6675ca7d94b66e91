#include "base/primitives.hpp"

#include "base/error.hpp"

namespace rvm::wallet {
namespace {

struct Row {
    const char* id;
    std::size_t output;
};
constexpr Row rows[] = {
#define WALLET_PRIMITIVE(name, id, output) {id, output},
#include "base/primitives.def"
#undef WALLET_PRIMITIVE
};

} // namespace

bool is_hash(std::string_view id) noexcept { return id == "sha256" || id == "ripemd160" || id == "keccak256"; }

Primitives::Primitives(const std::function<Resolved(const char* id)>& resolve) {
    for (std::size_t i = 0; i < count; ++i) {
        resolved_[i] = resolve(rows[i].id);
    }
}

std::optional<Secret> Primitives::ask(Primitive which, std::initializer_list<Bytes> parts, std::size_t output) const {
    // One part goes as it is: a message to hash may be large.
    const Secret joined = parts.size() == 1 ? Secret() : Secret::join(parts);
    return ask_of(which, parts.size() == 1 ? *parts.begin() : Bytes(joined), output);
}

std::optional<Secret> Primitives::ask_of(Primitive which, Bytes input, std::size_t output) const {
    const auto index = static_cast<std::size_t>(which);
    const Resolved& primitive = resolved_[index];
    Secret answer(rows[index].output != 0 ? rows[index].output : output);
    if (primitive.hash.fn != nullptr) {
        primitive.hash.fn(primitive.hash.self, {input.data(), input.size()}, answer.data());
        return answer;
    }
    std::uint64_t size = 0;
    const rvm_status status =
        primitive.crypto.fn(primitive.crypto.self, {input.data(), input.size()}, {answer.data(), answer.size()}, &size);
    if (status == RVM_TRAP_CRYPTO) return std::nullopt;
    if (status == RVM_E_NO_MEMORY) throw std::bad_alloc();
    if (status != RVM_OK || size > answer.size()) {
        throw Refusal(std::string(rows[index].id) + ": " +
                      (status == RVM_TRAP_LIMIT ? "more work or memory than its limit" : "it failed"));
    }
    answer.truncate(static_cast<std::size_t>(size));
    return answer;
}

Secret Primitives::run(Primitive which, std::initializer_list<Bytes> parts, std::size_t output) const {
    std::optional<Secret> answer = ask(which, parts, output);
    if (!answer) throw Refusal(std::string(rows[static_cast<std::size_t>(which)].id) + " refused its input");
    return std::move(*answer);
}

bool Primitives::holds(Primitive which, std::initializer_list<Bytes> parts) const {
    std::vector<std::uint8_t> input; // nothing of it is secret, and messages may be large
    for (const Bytes part : parts) {
        input.insert(input.end(), part.begin(), part.end());
    }
    const std::optional<Secret> answer = ask_of(which, input, 0);
    return answer && answer->size() == 1 && answer->data()[0] == 1;
}

} // namespace rvm::wallet
