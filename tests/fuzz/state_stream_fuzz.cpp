// The reader of compact state streams, and the import behind it: any bytes are refused or make a sound store whose
// export is the same bytes.
#include "state/code_table.hpp"
#include "state/memory_store.hpp"
#include "state/store_transfer.hpp"
#include "state/store_verify.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

using namespace rvm::state;

void need(bool good) {
    if (!good) std::abort();
}

struct Store {
    Store() { need(rvm_memory_storage.open(nullptr, "{}", &handle, nullptr) == RVM_OK); }
    ~Store() { rvm_memory_storage.close(handle); }
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    rvm_store* handle = nullptr;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The last bytes of a valid stream are a hash, which no fuzzer guesses: also what comes before it with the right
    // one.
    std::vector<std::uint8_t> mended(data, data + size);
    if (size > rvm::Sha256::digest_size) {
        rvm::Sha256 hash;
        hash.update(data, size - rvm::Sha256::digest_size);
        hash.finish(mended.data() + size - rvm::Sha256::digest_size);
    }
    for (const std::vector<std::uint8_t>& bytes : {std::vector<std::uint8_t>(data, data + size), mended}) {
        const Store store;
        std::size_t at = 0;
        StreamReader reader([&](std::uint8_t* out, std::size_t most) {
            const std::size_t count = std::min({most, bytes.size() - at, std::size_t{7 + at % 50}});
            if (count != 0) std::memcpy(out, bytes.data() + at, count);
            at += count;
            return count;
        });
        const CodeHash unknown = [](std::string_view, rvm_view, rvm_bytes32*) { return false; };
        const ImportResult result = import_store(
            rvm_memory_storage, *store.handle, reader, unknown, [](std::uint64_t) {}, nullptr);
        StoreReader view;
        need(view.open(rvm_memory_storage, *store.handle, nullptr) == RVM_OK);
        if (result.fault != ImportFault::none) {
            need(result.fault == ImportFault::malformed && !reader.fault().expected.empty() &&
                 reader.fault().offset <= bytes.size());
            need(view.fresh());
            continue;
        }
        StoreVerdict verdict;
        need(verify_store(view, unknown, &verdict) == RVM_OK && verdict.damage_count == 0);
        if (verdict.unused_codes != 0) continue; // an export leaves them out
        std::vector<std::uint8_t> again;
        StreamWriter writer([&](rvm_view part) { again.insert(again.end(), part.data, part.data + part.size); });
        need(export_store(view, writer) == RVM_OK);
        need(again == bytes);
    }
    return 0;
}
