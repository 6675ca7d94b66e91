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
    const auto index = static_cast<std::size_t>(which);
    const Resolved& primitive = resolved_[index];
    const Secret input = Secret::join(parts);
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
    const std::optional<Secret> answer = ask(which, parts);
    return answer && answer->size() == 1 && answer->data()[0] == 1;
}

} // namespace rvm::wallet
