// The types of an EIP-712 document.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace rvm::wallet {

struct Field {
    std::string name;
    std::string type; ///< "uint256", "Person", "bytes32[2][]"
};
using Fields = std::vector<Field>;

/// One array suffix of a type.
struct ArrayType {
    std::string element;
    std::optional<std::uint64_t> count; ///< nullopt: any
};
/// nullopt: the type is no array. Throws Refusal for a malformed suffix.
[[nodiscard]] std::optional<ArrayType> as_array(const std::string& type);

class Types {
  public:
    /// Every name is an identifier; every field's type is atomic, dynamic, one of the structs, or an array of those.
    /// Throws Refusal that names the place.
    Types(const Json& types, const Json& domain);

    [[nodiscard]] bool is_struct(const std::string& type) const { return structs_.contains(type); }
    [[nodiscard]] const Fields& fields(const std::string& type) const;
    /// encodeType: the struct, then those it refers to in the order of their names.
    [[nodiscard]] std::string encoded(const std::string& type) const;

  private:
    std::map<std::string, Fields> structs_;
};

/// bool, address, string, bytes, bytes1 to bytes32, uint8 to uint256 and int8 to int256.
[[nodiscard]] bool is_elementary(const std::string& type);
/// Number behind a prefix, "256" of "uint256"; nullopt: no canonical number, or nothing.
[[nodiscard]] std::optional<unsigned> suffix_number(const std::string& type, std::string_view prefix);

} // namespace rvm::wallet
