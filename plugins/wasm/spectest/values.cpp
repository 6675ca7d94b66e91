#include "values.hpp"

#include <stdexcept>

#include <nlohmann/json.hpp>

namespace rvm::wasm::spectest {
namespace {

using nlohmann::json;

struct Lanes {
    unsigned bits;
    bool floating;
};

Lanes lanes_of(const std::string& type) {
    if (type == "i8") return {8, false};
    if (type == "i16") return {16, false};
    if (type == "i32" || type == "f32") return {32, type[0] == 'f'};
    if (type == "i64" || type == "f64") return {64, type[0] == 'f'};
    throw std::runtime_error("unknown lane type " + type);
}

ValueType number_type(const std::string& type) {
    if (type == "i32") return i32;
    if (type == "i64") return i64;
    if (type == "f32") return f32;
    if (type == "f64") return f64;
    return {};
}

std::uint64_t lane(const Value& value, unsigned bits, unsigned index) {
    const unsigned at = bits * index;
    const std::uint64_t half = at < 64 ? value.low : value.high;
    const std::uint64_t shifted = half >> at % 64;
    return bits == 64 ? shifted : shifted & ((std::uint64_t{1} << bits) - 1);
}

/// A float's bits against a pattern: decimal bits, nan:canonical (any sign) or nan:arithmetic (quiet bit set).
bool float_matches(const std::string& pattern, std::uint64_t bits, unsigned width) {
    const std::uint64_t canonical = width == 32 ? 0x7fc00000u : 0x7ff8000000000000u;
    const std::uint64_t sign = std::uint64_t{1} << (width - 1);
    if (pattern == "nan:canonical") return (bits & ~sign) == canonical;
    if (pattern == "nan:arithmetic") return (bits & canonical) == canonical;
    return bits == std::stoull(pattern);
}

bool vector_matches(const json& expected, const Value& found) {
    const Lanes lanes = lanes_of(expected.at("lane_type").get<std::string>());
    const json& values = expected.at("value");
    for (unsigned i = 0; i < values.size(); ++i) {
        const auto pattern = values[i].get<std::string>();
        const std::uint64_t bits = lane(found, lanes.bits, i);
        if (lanes.floating ? !float_matches(pattern, bits, lanes.bits) : bits != std::stoull(pattern)) return false;
    }
    return true;
}

bool reference_matches(const json& expected, const std::string& type, const Value& found) {
    if (!found.type.is_reference()) return false;
    if (type.rfind("null", 0) == 0 || type == "refnull") return found.low == 0;
    if (!expected.contains("value")) return type == "externref" ? found.low != 0 : found.low != 0;
    const auto value = expected.at("value").get<std::string>();
    if (value == "null") return found.low == 0;
    return type == "externref" && found.low == std::stoull(value) + 1;
}

} // namespace

Value argument(const json& source) {
    const auto type = source.at("type").get<std::string>();
    Value value;
    if (type == "v128") {
        value.type = v128;
        const Lanes lanes = lanes_of(source.at("lane_type").get<std::string>());
        const json& values = source.at("value");
        for (unsigned i = 0; i < values.size(); ++i) {
            const std::uint64_t bits = std::stoull(values[i].get<std::string>());
            const unsigned at = i * lanes.bits;
            (at < 64 ? value.low : value.high) |= bits << at % 64;
        }
        return value;
    }
    value.type = number_type(type);
    if (!value.type.is_bottom()) {
        value.low = std::stoull(source.at("value").get<std::string>());
        return value;
    }
    value.type = type == "externref" ? externref : type == "exnref" ? exnref : funcref;
    const auto reference = source.value("value", std::string("null"));
    if (reference != "null") value.low = std::stoull(reference) + 1;
    return value;
}

bool matches_expected(const json& expected, const Value& found) {
    const auto type = expected.at("type").get<std::string>();
    if (type == "either") {
        for (const json& one : expected.at("values")) {
            if (matches_expected(one, found)) return true;
        }
        return false;
    }
    if (type == "v128") return found.type == v128 && vector_matches(expected, found);
    const ValueType number = number_type(type);
    if (number.is_bottom()) return reference_matches(expected, type, found);
    if (number != found.type) return false;
    const auto value = expected.at("value").get<std::string>();
    if (number == f32 || number == f64) return float_matches(value, found.low, number == f32 ? 32 : 64);
    return found.low == std::stoull(value);
}

std::string text(const Value& value) {
    if (value.type == v128) return "v128:" + std::to_string(value.high) + ":" + std::to_string(value.low);
    if (value.type.is_reference()) {
        return value.type.text() + ":" + (value.low == 0 ? "null" : std::to_string(value.low - 1));
    }
    return value.type.text() + ":" + std::to_string(value.low);
}

} // namespace rvm::wasm::spectest
