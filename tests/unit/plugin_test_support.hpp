// What the loader's tests share: private folders, sidecars, plugins built from tables instead of files.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "manifest/manifest.hpp"
#include "plugin/registry.hpp"
#include <rvm/plugin.h>
#include <rvm/report.hpp>

namespace rvm::plugin::test {

/// A private folder (mode 0755, as installed plugin folders have) that disappears with the test.
class Folder {
  public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "rvm-test-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
        path_ = name;
        allow(path_, 0755);
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

    void write(std::string_view name, std::string_view text) const {
        std::ofstream out{path_ / name, std::ios::binary | std::ios::trunc};
        out << text;
        out.close();
        allow(path_ / name, 0644);
    }
    void write(std::string_view name, ByteView bytes) const { write(name, as_text(bytes)); }
    static void allow(const std::filesystem::path& path, unsigned mode) {
        std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
    }

  private:
    std::filesystem::path path_;
};

inline Bytes read_file(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return Bytes{std::istreambuf_iterator<char>{in}, {}};
}

/// The bytes of a compiled test plugin (tests/abi/plugins).
inline Bytes test_plugin(std::string_view name) {
    Bytes bytes = read_file(std::filesystem::path{RVM_TEST_PLUGIN_DIR} / (std::string{name} + ".so"));
    EXPECT_FALSE(bytes.empty()) << name;
    return bytes;
}

/// The first finding with `code`, or nullptr.
inline const Finding* find(const Report& report, ErrorCode code) {
    const auto found = std::ranges::find_if(report.findings(), [&](const Finding& f) { return f.code == code; });
    return found == report.findings().end() ? nullptr : &*found;
}
inline bool has(const Report& report, ErrorCode code) { return find(report, code) != nullptr; }

/// Parts of a sidecar that tests vary.
struct SidecarParts {
    std::string id = "test.good";
    std::string library = "good.so";
    std::string provides = R"("rvm.opcode/1:test.add")";
    std::string requirements = {};
    std::string version = "1.0.0";
    unsigned abi_minor = RVM_ABI_MINOR;
    std::string more = {}; ///< further members, each beginning with a comma
};

inline std::string sidecar_json(const SidecarParts& parts) {
#if defined(__x86_64__)
    constexpr std::string_view arch = "x86_64";
#else
    constexpr std::string_view arch = "aarch64";
#endif
    return fmt::format(R"({{"format_version":1,"id":"{}","version":"{}","library":"{}",)"
                       R"("target":{{"os":"linux","arch":"{}","libc":"glibc"}},)"
                       R"("abi":{{"major":0,"built":{},"needs":{}}},"provides":[{}],"requires":[{}]{}}})",
                       parts.id, parts.version, parts.library, arch, parts.abi_minor, parts.abi_minor, parts.provides,
                       parts.requirements, parts.more);
}

/// A development manifest that trusts what lies in `folder` and discovers all of it.
inline manifest::Manifest development(const std::filesystem::path& folder) {
    manifest::Manifest deployment;
    deployment.file = "test.json";
    deployment.directory = folder;
    deployment.profile = manifest::Profile::development;
    deployment.discovery = manifest::Discovery::directory;
    deployment.trust.require = manifest::TrustRequirement::none;
    deployment.search_paths = {folder};
    return deployment;
}

/// A plugin made of tables, for everything that needs no file. Without a registry its id must be "test.alone".
class BuiltPlugin {
  public:
    explicit BuiltPlugin(std::string id) : id_(std::move(id)) {
        descriptor.struct_size = sizeof descriptor;
        descriptor.id = id_.c_str();
        descriptor.version = "1.0.0";
        descriptor.name = "Test";
        table.struct_size = sizeof table;
        table.self = this;
        table.contributions = [](void* self) -> const rvm_contribution* {
            auto& plugin = *static_cast<BuiltPlugin*>(self);
            ++plugin.asked;
            return plugin.second_items.empty() || plugin.asked % 2 == 1 ? plugin.items.data()
                                                                        : plugin.second_items.data();
        };
        table.destroy = [](void* self) { static_cast<BuiltPlugin*>(self)->note("destroy"); };
        entry = RVM_ENTRY_INIT(&descriptor, nullptr);
        entry.create = [](const rvm_host* given, rvm_plugin** out, rvm_error*) -> rvm_status {
            // create() has no self: the slot behind the host's context says which plugin is meant.
            BuiltPlugin& plugin = *by_id().at(given->ctx != nullptr ? PluginSlot::from(given->ctx).id() : "test.alone");
            plugin.host = given;
            plugin.note("create");
            *out = &plugin.table;
            return RVM_OK;
        };
        by_id()[id_] = this;
    }
    ~BuiltPlugin() { by_id().erase(id_); }
    BuiltPlugin(const BuiltPlugin&) = delete;
    BuiltPlugin& operator=(const BuiltPlugin&) = delete;

    /// Adds a contribution and what `provides` says about it.
    template <typename Table>
    void add(const char* kind, const Table& item) {
        provided_.push_back(fmt::format("{}:{}", kind, item.id));
        items.insert(items.end() - 1, rvm_contribution{kind, &item});
        provides_.clear();
        for (const std::string& text : provided_)
            provides_.push_back(text.c_str());
        provides_.push_back(nullptr);
        descriptor.provides = provides_.data();
    }
    void need(std::string capability) {
        required_.push_back(std::make_unique<std::string>(std::move(capability)));
        requires_.clear();
        for (const auto& text : required_)
            requires_.push_back(text->c_str());
        requires_.push_back(nullptr);
        descriptor.requires_ = requires_.data();
    }
    void note(std::string step) {
        steps.push_back(step);
        if (log != nullptr) log->push_back(id_ + "." + step);
    }
    rvm_descriptor descriptor{};
    rvm_plugin table{};
    rvm_entry entry{};
    const rvm_host* host = nullptr; ///< as create() got it
    std::vector<rvm_contribution> items{{nullptr, nullptr}};
    std::vector<rvm_contribution> second_items; ///< the answer to every second question, when not empty
    std::vector<std::string> steps;
    std::vector<std::string>* log = nullptr; ///< shared by several plugins: "id.step"
    unsigned asked = 0;

  private:
    static std::map<std::string, BuiltPlugin*, std::less<>>& by_id() {
        static std::map<std::string, BuiltPlugin*, std::less<>> plugins;
        return plugins;
    }

    std::string id_;
    std::vector<std::string> provided_;
    std::vector<const char*> provides_;
    std::vector<std::unique_ptr<std::string>> required_;
    std::vector<const char*> requires_;
};

inline rvm_status add_words(const void*, rvm_frame*, rvm_word* args, std::uint64_t) {
    args[0] += args[1];
    return RVM_OK;
}

inline rvm_opcode opcode(const char* id) {
    return {.struct_size = sizeof(rvm_opcode),
            .flags = RVM_F_PURE,
            .id = id,
            .mnemonic = id,
            .summary = "adds",
            .gas = 3,
            .pops = 2,
            .pushes = 1,
            .immediate_size = 0,
            .reserved0 = 0,
            .reserved1 = 0,
            .run = add_words,
            .self = nullptr};
}

/// A runtime's part for registries without a runtime: a host called "test" that offers rvm.host.vm/1.
inline HostServices services() {
    HostServices result;
    result.fill_host = [](void*, PluginSlot& slot, rvm_host& host) {
        host.name = "test";
        slot.runtime_data = &host;
    };
    result.host_interface = [](void*, std::string_view id) -> const void* {
        static const int table = 0;
        return id == RVM_HOST_VM ? &table : nullptr;
    };
    return result;
}

} // namespace rvm::plugin::test
