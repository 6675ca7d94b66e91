// rvm_wasm_generate FOLDER FIRST COUNT [--portable] [--without=FEATURE]...: writes the modules of the seeds FIRST,
// FIRST + 1, ... to FOLDER/SEED.wasm.
#include <fstream>
#include <iostream>

#include "generator/generator.hpp"

int main(int argc, char** argv) {
    using namespace rvm::wasm;
    generator::Options options;
    std::vector<std::string> words;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--portable") {
            options.portable = true;
        } else if (word.rfind("--without=", 0) == 0) {
            const auto feature = feature_named(word.substr(10));
            if (!feature) {
                std::cerr << "rvm_wasm_generate: no feature is called '" << word.substr(10) << "'\n";
                return 2;
            }
            options.features = options.features.without(*feature);
        } else {
            words.push_back(word);
        }
    }
    if (words.size() != 3) {
        std::cerr << "usage: rvm_wasm_generate FOLDER FIRST COUNT [--portable] [--without=FEATURE]...\n";
        return 2;
    }
    const std::uint64_t first = std::strtoull(words[1].c_str(), nullptr, 10);
    const std::uint64_t count = std::strtoull(words[2].c_str(), nullptr, 10);
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        const generator::Generated made = generator::generate(seed, options);
        const std::string path = words[0] + "/" + std::to_string(seed) + ".wasm";
        std::ofstream file(path, std::ios::binary);
        file.write(reinterpret_cast<const char*>(made.bytes.data()), static_cast<std::streamsize>(made.bytes.size()));
        if (!file.flush()) {
            std::cerr << "rvm_wasm_generate: cannot write " << path << '\n';
            return 1;
        }
    }
    return 0;
}
