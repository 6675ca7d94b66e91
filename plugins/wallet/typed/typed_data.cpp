#include "typed/typed_data.hpp"

#include <cstring>

#include "base/address.hpp"
#include "base/error.hpp"
#include "keccak/keccak.hpp"
#include "typed/types.hpp"

namespace rvm::wallet {
namespace {

using Word = Digest;

Word word_of(const U256& value) {
    Word word;
    u256::store_be(value, word.data());
    return word;
}

/// encodeData and hashStruct. `place` names where a value stands, for messages.
class Encoder {
  public:
    explicit Encoder(const Types& types) : types_(types) {}

    /// hashStruct: keccak256(typeHash || encodeData).
    [[nodiscard]] Digest hash_struct(const std::string& type, const Json& value, const std::string& place) {
        if (!value.is_object()) throw Refusal(place + ": expected an object, found " + shown(value));
        keccak::Hasher hasher;
        hasher.update(type_hash(type));
        for (const Field& field : types_.fields(type)) {
            const std::string where = place + "." + field.name;
            const auto found = value.find(field.name);
            if (found == value.end() || found->is_null()) {
                // A struct may refer to itself: the chain ends where the member is missing.
                if (types_.is_struct(field.type)) {
                    hasher.update(Word{});
                    continue;
                }
                throw Refusal(where + ": it is missing");
            }
            hasher.update(encode(field.type, *found, where));
        }
        return hasher.finish();
    }

  private:
    /// Once a type: a document may have many values of a type whose encoding is long.
    [[nodiscard]] const Digest& type_hash(const std::string& type) {
        const auto [found, is_new] = type_hashes_.try_emplace(type);
        if (is_new) found->second = keccak::keccak256(bytes_of(types_.encoded(type)));
        return found->second;
    }

    [[nodiscard]] Word encode(const std::string& type, const Json& value, const std::string& place) {
        if (const auto array = as_array(type)) return encode_array(*array, value, place);
        if (types_.is_struct(type)) return hash_struct(type, value, place);
        if (type == "string") return keccak::keccak256(bytes_of(text_of(value, place)));
        if (type == "bytes") return keccak::keccak256(bytes_from(value, place));
        if (type == "bool") return encode_bool(value, place);
        if (type == "address") return encode_address(value, place);
        if (const auto size = suffix_number(type, "bytes")) return encode_fixed(*size, value, place);
        if (const auto bits = suffix_number(type, "uint")) return encode_unsigned(*bits, value, place);
        return encode_signed(*suffix_number(type, "int"), value, place);
    }

    [[nodiscard]] Word encode_array(const ArrayType& array, const Json& value, const std::string& place) {
        if (!value.is_array()) throw Refusal(place + ": expected an array, found " + shown(value));
        if (array.count && *array.count != value.size()) {
            throw Refusal(place + ": expected " + std::to_string(*array.count) + " elements, found " +
                          std::to_string(value.size()));
        }
        keccak::Hasher hasher;
        std::size_t index = 0;
        for (const Json& element : value) {
            hasher.update(encode(array.element, element, place + "[" + std::to_string(index++) + "]"));
        }
        return hasher.finish();
    }

    [[nodiscard]] static Word encode_bool(const Json& value, const std::string& place) {
        if (!value.is_boolean()) throw Refusal(place + ": expected true or false, found " + shown(value));
        return word_of(value.get<bool>() ? 1 : 0);
    }

    [[nodiscard]] static Word encode_address(const Json& value, const std::string& place) {
        const rvm_address address = read_address(text_of(value, place), place);
        Word word{};
        std::memcpy(word.data() + (word.size() - sizeof address.bytes), address.bytes, sizeof address.bytes);
        return word;
    }

    [[nodiscard]] static Word encode_fixed(unsigned size, const Json& value, const std::string& place) {
        const Buffer bytes = bytes_from(value, place);
        if (bytes.size() != size) {
            throw Refusal(place + ": expected " + std::to_string(size) + " bytes, found " +
                          std::to_string(bytes.size()));
        }
        Word word{};
        std::memcpy(word.data(), bytes.data(), bytes.size());
        return word;
    }

    [[nodiscard]] static Word encode_unsigned(unsigned bits, const Json& value, const std::string& place) {
        const U256 number = number_of(value, place);
        if (bits < 256 && (number >> bits) != U256{}) {
            throw Refusal(place + ": the number does not fit " + std::to_string(bits) + " bits");
        }
        return word_of(number);
    }

    /// Two's complement; a minus may stand in front of decimal or hex digits.
    [[nodiscard]] static Word encode_signed(unsigned bits, const Json& value, const std::string& place) {
        bool negative = false;
        U256 magnitude;
        if (value.is_number_integer() && !value.is_number_unsigned()) {
            negative = true;
            magnitude = 0 - static_cast<std::uint64_t>(value.get<std::int64_t>());
        } else if (value.is_string() && value.get_ref<const std::string&>().starts_with("-")) {
            negative = true;
            magnitude = number_of(value.get_ref<const std::string&>().substr(1), place);
        } else {
            magnitude = number_of(value, place);
        }
        const U256 limit = U256{1} << (bits - 1); // of the magnitude: reached by negative numbers only
        if (magnitude > limit || (magnitude == limit && !negative)) {
            throw Refusal(place + ": the number does not fit " + std::to_string(bits) + " bits with a sign");
        }
        return word_of(negative ? U256{} - magnitude : magnitude);
    }

    const Types& types_;
    std::map<std::string, Digest> type_hashes_;
};

} // namespace

TypedDataParts typed_data_parts(std::string_view json) {
    const Json document = parse_json(json, "the typed data");
    const Json& domain = member(document, "domain");
    const Types types(member(document, "types"), domain);
    const std::string& primary = text_of(member(document, "primaryType"), "primaryType");
    Encoder encoder(types);
    TypedDataParts parts{types.encoded(primary), encoder.hash_struct("EIP712Domain", domain, "domain"), {}};
    if (primary != "EIP712Domain") parts.message = encoder.hash_struct(primary, member(document, "message"), "message");
    return parts;
}

Digest typed_data_digest(std::string_view json) {
    const TypedDataParts parts = typed_data_parts(json);
    constexpr std::uint8_t prefix[] = {0x19, 0x01};
    keccak::Hasher hasher;
    hasher.update(prefix);
    hasher.update(parts.domain);
    if (parts.message) hasher.update(*parts.message);
    return hasher.finish();
}

Digest personal_message_digest(Bytes message) {
    keccak::Hasher hasher;
    hasher.update(bytes_of("\x19"
                           "Ethereum Signed Message:\n" +
                           std::to_string(message.size())));
    hasher.update(message);
    return hasher.finish();
}

Digest validator_data_digest(Bytes address, Bytes data) {
    constexpr std::uint8_t prefix[] = {0x19, 0x00};
    keccak::Hasher hasher;
    hasher.update(prefix);
    hasher.update(address);
    hasher.update(data);
    return hasher.finish();
}

} // namespace rvm::wallet
