// Compares a plugin's descriptor with the sidecar it is built with.
#pragma once

#include <gtest/gtest.h>
#include <rvm/plugin.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace rvm::test {

/// Every "rvm.KIND/REV:ID" the sidecar template names is provided by the descriptor, and the reverse.
inline void expect_sidecar_matches(const rvm_entry& entry, const std::string& sidecar_path) {
    std::ifstream file(sidecar_path);
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::set<std::string> listed;
    for (std::size_t at = text.find("\"rvm."); at != std::string::npos; at = text.find("\"rvm.", at + 1)) {
        const std::string entry_text = text.substr(at + 1, text.find('"', at + 1) - at - 1);
        if (entry_text.find(':') != std::string::npos) listed.insert(entry_text);
    }
    std::set<std::string> provided;
    for (const char* const* item = entry.descriptor->provides; *item != nullptr; ++item) {
        provided.insert(*item);
    }
    EXPECT_FALSE(listed.empty()) << sidecar_path;
    EXPECT_EQ(listed, provided);
}

} // namespace rvm::test
