// A store in a folder of its own, and an ordered map that says what must be in it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include <gtest/gtest.h>
#include <rvm/plugin.hpp>

#include "engine.hpp"

namespace rvm::lmdb::test {

/// A folder that is gone with the object.
class Folder {
  public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "rvm-lmdb-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder");
        path_ = name;
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

  private:
    std::string path_;
};

using Key = std::pair<std::uint32_t, std::string>; ///< keyspace, key
using Model = std::map<Key, std::string>;

inline rvm_view view(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Writes of one batch, with their bytes.
class Batch {
  public:
    void put(std::uint32_t keyspace, std::string key, std::string value) {
        entries_.push_back({keyspace, std::move(key), std::move(value), false});
    }
    void erase(std::uint32_t keyspace, std::string key) { entries_.push_back({keyspace, std::move(key), "", true}); }
    [[nodiscard]] std::vector<rvm_store_write> writes() const {
        std::vector<rvm_store_write> out;
        for (const Entry& entry : entries_)
            out.push_back(
                {view(entry.key), entry.erases ? rvm_view{nullptr, 0} : view(entry.value), entry.keyspace, 0});
        return out;
    }
    void apply(Model& model) const {
        for (const Entry& entry : entries_) {
            if (entry.erases)
                model.erase({entry.keyspace, entry.key});
            else
                model[{entry.keyspace, entry.key}] = entry.value;
        }
    }
    void commit(Store& store) const {
        const auto all = writes();
        store.commit(all.data(), all.size());
    }

  private:
    struct Entry {
        std::uint32_t keyspace;
        std::string key, value;
        bool erases;
    };
    std::vector<Entry> entries_;
};

/// Few keys, so that batches overwrite and erase; values from nothing to several pages; one key that counts batches.
inline Batch random_batch(std::mt19937_64& dice, std::uint64_t number) {
    Batch batch;
    for (std::uint64_t i = dice() % 30; i-- > 0;) {
        const auto keyspace = static_cast<std::uint32_t>(dice() % 3 == 0 ? 16 + dice() % 16 : dice() % 4);
        std::string key(1 + dice() % (dice() % 10 == 0 ? 511 : 4), static_cast<char>(dice() % 7 * 40));
        if (dice() % 4 == 0)
            batch.erase(keyspace, std::move(key));
        else
            batch.put(keyspace, std::move(key),
                      std::string(dice() % (dice() % 8 == 0 ? 9000 : 60), static_cast<char>(dice())));
    }
    batch.put(RVM_KEYSPACE_META, "batch", std::to_string(number));
    return batch;
}

inline Model listing(Store& store) {
    View at(store);
    Model out;
    for (std::uint32_t keyspace = 0; keyspace < RVM_KEYSPACE_LIMIT; ++keyspace) {
        Cursor cursor(at, keyspace, {nullptr, 0});
        rvm_view key{};
        rvm_view value{};
        rvm_status status = RVM_OK;
        std::string last;
        while ((status = cursor.next(&key, &value)) == RVM_OK) {
            std::string name(sdk::text(key));
            EXPECT_TRUE(last.empty() || last < name) << "keys ascend";
            last = name;
            out[{keyspace, std::move(name)}] = std::string(sdk::text(value));
        }
        EXPECT_EQ(status, RVM_E_NOT_FOUND);
    }
    return out;
}

inline Settings settings(const std::string& path, Sync sync = Sync::commit) {
    Settings out;
    out.path = path;
    out.sync = sync;
    out.map_bytes = std::uint64_t{1} << 28;
    return out;
}

/// The status and text of a Failure that `body` throws; RVM_OK when it throws nothing.
template <class Body>
std::pair<rvm_status, std::string> failure_of(Body&& body) {
    try {
        body();
        return {RVM_OK, ""};
    } catch (const sdk::Failure& failure) {
        return {failure.status(), failure.what()};
    }
}

} // namespace rvm::lmdb::test
