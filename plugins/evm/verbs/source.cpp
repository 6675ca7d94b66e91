#include "verbs/source.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>

#include <nlohmann/json.hpp>

namespace rvm::evm {
namespace {

using Json = nlohmann::json;

constexpr int kFilesThenContracts = 2; // levels above a contract in solc's JSON
constexpr std::size_t kMostContent = std::size_t{64} << 20u;

/// Bytecode in one contract's object of solc's output: standard JSON, combined JSON, or a hardhat/foundry artifact.
const Json* bytecode_in(const Json& contract, bool deployed) {
    if (!contract.is_object()) return nullptr;
    const char* const plain = deployed ? "deployedBytecode" : "bytecode";
    const char* const combined = deployed ? "bin-runtime" : "bin";
    if (contract.contains("evm")) return bytecode_in(contract["evm"], deployed);
    for (const char* key : {plain, combined}) {
        if (!contract.contains(key)) continue;
        const Json& found = contract[key];
        if (found.is_string()) return &found;
        if (found.is_object() && found.contains("object") && found["object"].is_string()) return &found["object"];
    }
    return nullptr;
}

/// All contracts' bytecode below `node`; an artifact is one itself.
void collect(const Json& node, bool deployed, int depth, std::vector<std::string>& out) {
    if (const Json* found = bytecode_in(node, deployed); found != nullptr) {
        const std::string text = found->get<std::string>();
        if (!text.empty() && text != "0x") out.push_back(text); // interfaces have none
        return;
    }
    if (depth == 0 || !node.is_object()) return;
    for (const auto& [name, child] : node.items())
        collect(child, deployed, depth - 1, out);
}

Bytes code_of_json(const std::string& content, const std::string& origin, bool deployed) {
    const Json document = Json::parse(content, nullptr, false);
    if (document.is_discarded()) throw VerbError(verb::Fault::malformed, origin + ": expected JSON, found a syntax error");
    std::vector<std::string> found;
    collect(document.contains("contracts") ? document["contracts"] : document, deployed, kFilesThenContracts, found);
    if (found.size() != 1)
        throw VerbError(verb::Fault::malformed,
                       origin + ": expected the bytecode of one contract, found " + std::to_string(found.size()));
    const auto bytes = bytes_of_hex(found.front());
    if (!bytes)
        throw VerbError(verb::Fault::malformed,
                       origin + ": expected hex digits as bytecode, found something else (are libraries linked?)");
    return *bytes;
}

} // namespace

std::string read_file(const rvm_command_io& io, const std::string& name) {
    std::string content;
    if (name == "-") {
        char bytes[4096];
        for (;;) {
            rvm_span chunk{reinterpret_cast<std::uint8_t*>(bytes), sizeof bytes};
            if (io.read(io.ctx, &chunk) != RVM_OK) throw VerbError(verb::Fault::unreadable, "standard input cannot be read");
            if (chunk.size == 0) break;
            content.append(bytes, chunk.size);
            if (content.size() > kMostContent) throw VerbError(verb::Fault::malformed, "standard input: expected at most 64 MiB");
        }
        return content;
    }
    std::ifstream stream(name, std::ios::binary);
    if (!stream) throw VerbError(verb::Fault::unreadable, name + ": expected hex digits or a readable file, found neither");
    char bytes[65536];
    while (stream.read(bytes, sizeof bytes), stream.gcount() > 0) { // in pieces: a device has no end
        content.append(bytes, static_cast<std::size_t>(stream.gcount()));
        if (content.size() > kMostContent) throw VerbError(verb::Fault::malformed, name + ": expected at most 64 MiB");
    }
    if (stream.bad()) throw VerbError(verb::Fault::unreadable, name + ": cannot be read (is it a folder?)");
    return content;
}

Bytes code_of_content(const std::string& content, const std::string& origin, bool deployed) {
    const auto first = std::find_if(content.begin(), content.end(),
                                    [](char c) { return std::isspace(static_cast<unsigned char>(c)) == 0; });
    if (first != content.end() && *first == '{') return code_of_json(content, origin, deployed);
    if (auto bytes = bytes_of_hex(content)) return *bytes;
    const bool is_text = std::all_of(content.begin(), content.end(), [](char c) {
        return std::isprint(static_cast<unsigned char>(c)) != 0 || std::isspace(static_cast<unsigned char>(c)) != 0;
    });
    if (is_text && !content.empty())
        throw VerbError(verb::Fault::malformed,
                       origin +
                           ": expected an even number of hex digits, bytes or a compiler's JSON, found other text");
    return {content.begin(), content.end()};
}

Bytes load_code(const rvm_command_io& io, const std::string& source, bool deployed) {
    if (source != "-")
        if (const auto bytes = bytes_of_hex(source); bytes && !source.empty()) return *bytes;
    return code_of_content(read_file(io, source), source == "-" ? "standard input" : source, deployed);
}

} // namespace rvm::evm
