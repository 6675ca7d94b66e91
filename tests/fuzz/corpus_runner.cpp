// Runs a fuzz target over files without libFuzzer, so that every build and every sanitizer sees the corpus.
//
//     fuzz_NAME PATH...       each file, and each file in each directory, once, in the order of their names
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
    namespace fs = std::filesystem;
    std::vector<fs::path> files;
    for (int i = 1; i < argc; ++i) {
        if (!fs::is_directory(argv[i])) {
            files.emplace_back(argv[i]);
            continue;
        }
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator{argv[i]})
            if (entry.is_regular_file()) files.push_back(entry.path());
    }
    if (files.empty()) {
        std::fputs("no input files\n", stderr);
        return 2;
    }
    std::ranges::sort(files);
    for (const fs::path& file : files) {
        std::ifstream in{file, std::ios::binary};
        if (!in) {
            std::fprintf(stderr, "cannot read %s\n", file.c_str());
            return 2;
        }
        const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
        // A copy of exactly the input's size lets AddressSanitizer see a read past its end.
        const std::vector<std::uint8_t> exact{bytes.begin(), bytes.end()};
        std::printf("%s (%zu bytes)\n", file.c_str(), exact.size());
        std::fflush(stdout);
        LLVMFuzzerTestOneInput(exact.data(), exact.size());
    }
    std::printf("%zu inputs\n", files.size());
    return 0;
}
