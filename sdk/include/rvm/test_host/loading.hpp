// Test host: begin and end, and loading a plugin. Included by <rvm/test_host.hpp>; not for direct use.
#ifndef RVM_TEST_HOST_LOADING_HPP
#define RVM_TEST_HOST_LOADING_HPP

#include <algorithm>
#include <limits>

#include <rvm/test_host/detail.hpp>

namespace rvm::sdk::test {

inline TestHost::TestHost() : env_(RVM_ENV_LIMIT) { fill_tables(); }

inline TestHost::~TestHost() {
    for (auto plugin = plugins_.rbegin(); plugin != plugins_.rend(); ++plugin) {
        if (plugin->table->stop != nullptr) plugin->table->stop(plugin->table->self, 1000, nullptr);
    }
    // Scratch areas belong to formats, which may keep things inside.
    for (auto& [key, scratch] : scratch_) {
        if (key.first->scratch_release != nullptr) key.first->scratch_release(key.first->self, scratch->data);
    }
    for (auto plugin = plugins_.rbegin(); plugin != plugins_.rend(); ++plugin) {
        plugin->table->destroy(plugin->table->self);
    }
}

inline TestHost& TestHost::of(rvm_frame* frame) {
    TestHost& host = *static_cast<Frame*>(frame)->host;
    if ((frame->flags & RVM_FRAME_GUARD) != 0) {
        frame->flags |= RVM_FRAME_VIOLATED;
        host.violation("a PURE item called the host");
    }
    return host;
}

inline void TestHost::check_status(std::string_view what, rvm_status status) {
    if (!detail::known_status(status)) {
        violation(std::string(what) + " returned the unknown status " + std::to_string(status));
    }
}

inline std::uint32_t TestHost::env_key(const char* name) {
    const auto found = std::find(env_names_.begin(), env_names_.end(), name);
    if (found != env_names_.end()) return static_cast<std::uint32_t>(found - env_names_.begin());
    if (env_names_.size() == env_.size()) return UINT32_MAX;
    env_names_.emplace_back(name);
    return static_cast<std::uint32_t>(env_names_.size() - 1);
}

inline std::uint64_t TestHost::price(const rvm_gas_schedule& schedule, const void* self, rvm_view input) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t units = 0;
    if (schedule.unit_bytes != 0) units = input.size / schedule.unit_bytes + (input.size % schedule.unit_bytes != 0);
    if (schedule.per_unit != 0 && units > (most - schedule.base) / schedule.per_unit) return most;
    const std::uint64_t cost = schedule.base + units * schedule.per_unit;
    if (!RVM_HAS(&schedule, rvm_gas_schedule, custom)) return cost;
    const std::uint64_t extra = schedule.custom(self, input);
    return extra > most - cost ? most : cost + extra;
}

inline void TestHost::load(const rvm_entry& entry, const char* config_json) {
    const auto refuse = [](const std::string& why) { throw std::runtime_error("the plugin is refused: " + why); };
    if (entry.magic != RVM_ENTRY_MAGIC) refuse("the entry's magic");
    if (entry.struct_size < sizeof(rvm_entry)) refuse("the entry's struct_size");
    if (entry.abi_major != RVM_ABI_MAJOR || entry.abi_minor_needed > RVM_ABI_MINOR) refuse("the ABI version");
    if (entry.word_size != sizeof(rvm_word) || entry.pointer_size != sizeof(void*)) refuse("word or pointer size");
    if (entry.descriptor == nullptr || entry.create == nullptr) refuse("no descriptor or no create()");

    rvm_error error{};
    error.struct_size = sizeof error;
    const auto check = [&](const char* step, rvm_status status) {
        if (status != RVM_OK) {
            throw std::runtime_error(std::string(step) + " failed with " + std::to_string(status) + ": " +
                                     error.message);
        }
    };
    rvm_plugin* table = nullptr;
    check("create", entry.create(&host_, &table, &error));
    if (table == nullptr || table->contributions == nullptr || table->destroy == nullptr) {
        refuse("create() gave no table with contributions and destroy");
    }
    plugins_.push_back({table, entry.descriptor}); // from here on the destructor destroys it
    if (table->configure != nullptr) check("configure", table->configure(table->self, config_json, &error));

    const rvm_contribution* list = table->contributions(table->self);
    for (std::size_t i = 0; list != nullptr && list[i].kind != nullptr; ++i) {
        if (i == detail::max_items) refuse("contributions() has no end");
        items_.push_back(list[i]);
    }
    if (table->contributions(table->self) != list) violation("contributions() gave another list the second time");
    if (table->link != nullptr) check("link", table->link(table->self, &error));
    if (table->start != nullptr) check("start", table->start(table->self, &error));
}

inline bool TestHost::required(const char* kind, const char* id) const {
    const std::string wanted = *id == '\0' ? std::string(kind) : std::string(kind) + ":" + id;
    for (const Plugin& plugin : plugins_) {
        const char* const* entries = plugin.descriptor->requires_;
        for (; entries != nullptr && *entries != nullptr; ++entries) {
            if (wanted == (**entries == '?' ? *entries + 1 : *entries)) return true;
        }
    }
    return false;
}

inline const rvm_crypto* TestHost::find_crypto(const char* id) const {
    for (const rvm_contribution& item : items_) {
        if (std::string_view(item.kind) != RVM_KIND_CRYPTO) continue;
        const auto* found = static_cast<const rvm_crypto*>(item.item);
        if (std::string_view(found->id) == id) return found;
    }
    return nullptr;
}

} // namespace rvm::sdk::test

#endif // RVM_TEST_HOST_LOADING_HPP
