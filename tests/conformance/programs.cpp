#include "programs.hpp"

#include <cstdint>
#include <cstring>

namespace rvm::conformance {
namespace {

rvm_status pay(std::int64_t* gas, std::int64_t price) {
    if (*gas < price) return RVM_TRAP_OUT_OF_GAS;
    *gas -= price;
    return RVM_OK;
}

rvm_status identity(const void*, rvm_view input, std::int64_t* gas, rvm_span* out) {
    if (const rvm_status status = pay(gas, static_cast<std::int64_t>(input.size)); status != RVM_OK) return status;
    if (out->size < input.size) {
        out->size = input.size;
        return RVM_E_BUFFER_TOO_SMALL;
    }
    if (input.size != 0) std::memcpy(out->data, input.data, input.size);
    out->size = input.size;
    return RVM_OK;
}

template <std::uint8_t Value>
rvm_status constant(const void*, rvm_view, std::int64_t* gas, rvm_span* out) {
    if (const rvm_status status = pay(gas, 5); status != RVM_OK) return status;
    out->data[0] = Value;
    out->size = 1;
    return RVM_OK;
}

rvm_status malformed(const void*, rvm_view, std::int64_t* gas, rvm_span* out) {
    if (const rvm_status status = pay(gas, 7); status != RVM_OK) return status;
    out->size = 0;
    return RVM_TRAP_CRYPTO;
}

rvm_status big(const void*, rvm_view, std::int64_t* gas, rvm_span* out) {
    constexpr std::uint64_t size = 5000;
    if (out->size < size) {
        out->size = size;
        return RVM_E_BUFFER_TOO_SMALL; // before anything is charged
    }
    if (const rvm_status status = pay(gas, 9); status != RVM_OK) return status;
    std::memset(out->data, 1, size);
    out->size = size;
    return RVM_OK;
}

constexpr rvm_address at(std::uint8_t last) {
    rvm_address out{};
    out.bytes[18] = 1;
    out.bytes[19] = last;
    return out;
}

constexpr rvm_program program(const char* id, std::uint8_t last, const char* const* rules, rvm_program_fn run) {
    return {sizeof(rvm_program), RVM_F_PURE, id, id, at(last), 0, rules, run, nullptr};
}

constexpr const char* cancun[] = {"evm/cancun", nullptr};
constexpr const char* never[] = {"evm/never", nullptr};
constexpr rvm_program items[] = {
    program("test/identity", 1, nullptr, identity), program("test/five", 2, cancun, constant<5>),
    program("test/six", 2, never, constant<6>),     program("test/malformed", 3, nullptr, malformed),
    program("test/big", 4, nullptr, big),
};

const rvm_contribution* contributions(void*) {
    static const rvm_contribution list[] = {{RVM_KIND_PROGRAM, &items[0]}, {RVM_KIND_PROGRAM, &items[1]},
                                            {RVM_KIND_PROGRAM, &items[2]}, {RVM_KIND_PROGRAM, &items[3]},
                                            {RVM_KIND_PROGRAM, &items[4]}, {nullptr, nullptr}};
    return list;
}

rvm_status create(const rvm_host*, rvm_plugin** out, rvm_error*) {
    static rvm_plugin plugin{
        sizeof(rvm_plugin), 0, nullptr, nullptr, contributions, nullptr, nullptr, nullptr, [](void*) {}};
    *out = &plugin;
    return RVM_OK;
}

constexpr const char* provides[] = {RVM_KIND_PROGRAM ":test/identity", RVM_KIND_PROGRAM ":test/five",
                                    RVM_KIND_PROGRAM ":test/six",      RVM_KIND_PROGRAM ":test/malformed",
                                    RVM_KIND_PROGRAM ":test/big",      nullptr};
constexpr rvm_descriptor descriptor{sizeof(rvm_descriptor), 0,       "org.rvm.test.programs", "0.1.0",  "Programs", "rvm",
                                    "Apache-2.0",           "Tests", nullptr,                 provides, nullptr};

} // namespace

constinit const rvm_entry programs_entry = RVM_ENTRY_INIT(&descriptor, create);

} // namespace rvm::conformance
