#include "type_section.hpp"

#include <unordered_map>

#include "instruction.hpp"
#include "limits.hpp"

namespace rvm::wasm {
namespace {

constexpr std::uint8_t function_code = 0x60;
constexpr std::uint8_t group_code = 0x4e;
constexpr std::uint8_t final_code = 0x4f;

void put(std::string& key, std::uint32_t number) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
        key += static_cast<char>(number >> shift);
    }
}

void put_plain(std::string& key, ValueType type) {
    key += static_cast<char>(type.kind());
    if (!type.is_reference()) return;
    key += 'a';
    put(key, static_cast<std::uint32_t>(type.heap()));
}

class TypeReader {
  public:
    TypeReader(Reader& body, Module& module) : body_(body), module_(module) {}

    void run() {
        const std::uint64_t at = body_.offset();
        const std::uint32_t count = body_.u32("types");
        if (count > limits::types) over_limit(at, std::to_string(count) + " types", limits::types);
        for (std::uint32_t i = 0; i < count; ++i) {
            group();
        }
    }

  private:
    bool typed_references() const { return module_.features.has(Feature::function_references); }

    void group() {
        std::uint32_t members = 1;
        if (typed_references() && body_.peek("a type") == group_code) {
            body_.byte("a type");
            members = body_.u32("a recursion group");
        }
        const auto first = static_cast<std::uint32_t>(module_.types.size());
        if (members > limits::types || first + members > limits::types) {
            over_limit(body_.offset(), "too many types", limits::types);
        }
        // Inside the group every index is known as itself until the group is complete.
        for (std::uint32_t i = 0; typed_references() && i < members; ++i) {
            module_.type_first.push_back(first + i);
        }
        for (std::uint32_t i = 0; i < members; ++i) {
            function();
        }
        if (!typed_references() && members == 1) module_.type_first.push_back(first);
        intern(first, members);
    }

    void function() {
        const std::uint64_t at = body_.offset();
        std::uint8_t form = body_.byte("a type");
        if (typed_references() && form == final_code) {
            if (body_.u32("supertypes") != 0) malformed(at, "subtypes need garbage collection, which is not supported");
            form = body_.byte("a type");
        }
        if (form != function_code) malformed(at, "malformed type form " + std::to_string(form) + ", expected 0x60");
        FunctionType type;
        type.first = static_cast<std::uint32_t>(module_.type_pool.size());
        type.parameters = values(limits::parameters, "parameters");
        type.results = values(limits::results, "results");
        if (type.results > 1 && !module_.features.has(Feature::multi_value)) {
            invalid(at, "invalid result arity " + std::to_string(type.results) + ", at most 1 without multi-value");
        }
        module_.types.push_back(type);
    }

    std::uint16_t values(std::uint32_t limit, const char* what) {
        const std::uint64_t at = body_.offset();
        const std::uint32_t count = body_.u32(what);
        if (count > limit) over_limit(at, std::to_string(count) + " " + what, limit);
        for (std::uint32_t i = 0; i < count; ++i) {
            module_.type_pool.push_back(read_value_type(body_, module_.features, module_.type_first));
        }
        return static_cast<std::uint16_t>(count);
    }

    void put_type(std::string& key, ValueType type, std::uint32_t first) const {
        if (!type.has_index()) {
            put_plain(key, type);
            return;
        }
        key += static_cast<char>(type.kind());
        if (type.index() >= first) {
            key += 'g';
            put(key, type.index() - first);
        } else {
            key += 't';
            put(key, module_.type_ids[type.index()]);
        }
    }

    void intern(std::uint32_t first, std::uint32_t members) {
        std::string key;
        put(key, members);
        for (std::uint32_t i = 0; i < members; ++i) {
            put(key, module_.types[first + i].parameters);
            put(key, module_.types[first + i].results);
            for (const ValueType type : module_.parameters(first + i)) {
                put_type(key, type, first);
            }
            for (const ValueType type : module_.results(first + i)) {
                put_type(key, type, first);
            }
        }
        if (members == 0) return;
        const TypeId id = module_.type_space->intern(key, members);
        const auto [known, is_new] = first_of_.try_emplace(id, first);
        for (std::uint32_t i = 0; i < members; ++i) {
            module_.type_ids.push_back(id + i);
            module_.type_first[first + i] = known->second + i;
        }
        if (!is_new) repeat(first, members, known->second);
    }

    /// The group equals an earlier one: its types share the earlier pool entries.
    void repeat(std::uint32_t first, std::uint32_t members, std::uint32_t earlier) {
        module_.type_pool.resize(module_.types[first].first);
        for (std::uint32_t i = 0; i < members; ++i) {
            module_.types[first + i] = module_.types[earlier + i];
        }
    }

    Reader& body_;
    Module& module_;
    std::unordered_map<TypeId, std::uint32_t> first_of_;
};

} // namespace

void read_type_section(Reader& body, Module& module) { TypeReader(body, module).run(); }

TypeId function_type_id(TypeSpace& space, std::span<const ValueType> parameters, std::span<const ValueType> results) {
    std::string key;
    put(key, 1);
    put(key, static_cast<std::uint32_t>(parameters.size()));
    put(key, static_cast<std::uint32_t>(results.size()));
    for (const ValueType type : parameters) {
        put_plain(key, type);
    }
    for (const ValueType type : results) {
        put_plain(key, type);
    }
    return space.intern(key, 1);
}

} // namespace rvm::wasm
