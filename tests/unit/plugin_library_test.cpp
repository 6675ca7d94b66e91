// Staging, loading for good, and what a library may not do while it is loaded.
#include <thread>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/elf.hpp"
#include "plugin/fp_environment.hpp"
#include "plugin/library.hpp"
#include "plugin/staging.hpp"
#include "plugin_test_support.hpp"

namespace rvm::plugin {
namespace {

using namespace test;

const rvm_entry* load(std::string_view name, Report& report, FpChange fp_change = FpChange::warn) {
    const Bytes bytes = test_plugin(name);
    return load_library(bytes, std::string{name}, to_hex(sha256(bytes)), RVM_ENTRY_SYMBOL, fp_change,
                        fmt::format("/somewhere/{}.so", name), report);
}

TEST(plugin_staging, memory_file_is_sealed_and_holds_the_bytes) {
    const Bytes bytes = test_plugin("good");
    std::string why_not;
    const auto staged = StagedFile::stage_by(StagingMethod::memory_file, bytes, "test.so", why_not);
    ASSERT_TRUE(staged) << why_not;
    EXPECT_EQ(read_file(staged->path()), bytes);
    const int fd = ::open(staged->path().c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_GE(fd, 0);
    EXPECT_LT(::write(fd, "x", 1), 0);
    EXPECT_NE(::ftruncate(fd, 10), 0);
    EXPECT_NE(::ftruncate(fd, 1 << 20), 0);
    EXPECT_EQ(::fcntl(fd, F_GET_SEALS), F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    ::close(fd);
}

TEST(plugin_staging, memory_file_numbers_are_never_reused) {
    // glibc recognises libraries by name: a reused /proc/self/fd/N would name the first library again.
    std::string why_not;
    std::filesystem::path first;
    {
        const auto staged = StagedFile::stage_by(StagingMethod::memory_file, test_plugin("good"), "a.so", why_not);
        ASSERT_TRUE(staged) << why_not;
        first = staged->path();
    }
    const auto second = StagedFile::stage_by(StagingMethod::memory_file, test_plugin("large_entry"), "b.so", why_not);
    ASSERT_TRUE(second) << why_not;
    EXPECT_NE(second->path(), first);
    EXPECT_EQ(read_file(first), test_plugin("good"));
}

TEST(plugin_staging, private_folder_is_ours_alone_and_disappears) {
    const Bytes bytes = test_plugin("good");
    std::string why_not;
    std::filesystem::path path;
    {
        const auto staged = StagedFile::stage_by(StagingMethod::private_folder, bytes, "id-hash.so", why_not);
        ASSERT_TRUE(staged) << why_not;
        path = staged->path();
        EXPECT_EQ(path.filename(), "id-hash.so");
        EXPECT_EQ(read_file(path), bytes);
        struct stat status {};
        ASSERT_EQ(::stat(path.parent_path().c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777, 0700U);
    }
    EXPECT_FALSE(std::filesystem::exists(path.parent_path()));
}

TEST(plugin_library, loads_an_entry_that_works) {
    Report report;
    const rvm_entry* entry = load("good", report);
    ASSERT_NE(entry, nullptr) << report.text();
    EXPECT_EQ(entry->magic, RVM_ENTRY_MAGIC);
    EXPECT_STREQ(entry->descriptor->id, "test.good");
}

TEST(plugin_library, maps_the_same_bytes_once) {
    Report report;
    const rvm_entry* first = load("good", report);
    EXPECT_EQ(load("good", report), first);
    EXPECT_NE(load("large_entry", report), first);
    EXPECT_TRUE(report.ok()) << report.text();
}

TEST(plugin_library, names_undefined_symbols_and_missing_libraries) {
    Report report;
    EXPECT_EQ(load("undefined_symbol", report), nullptr);
    const Finding* finding = find(report, ErrorCode::plugin_load_failed);
    ASSERT_NE(finding, nullptr);
    EXPECT_NE(finding->message.find("undefined symbol: rvm_test_nobody_defines_this"), std::string::npos)
        << finding->message;
    EXPECT_EQ(finding->file, "/somewhere/undefined_symbol.so");
    EXPECT_EQ(finding->message.find("/proc/self"), std::string::npos) << "the staged name means nothing to a reader";

    Report missing;
    EXPECT_EQ(load("missing_library", missing), nullptr);
    ASSERT_TRUE(has(missing, ErrorCode::plugin_load_failed));
    EXPECT_NE(missing.findings().front().message.find("librvm_test_absent.so"), std::string::npos) << missing.text();
}

TEST(plugin_library, outlives_threads_that_used_it) {
    Report report;
    const rvm_entry* entry = load("thread_local_destructor", report);
    ASSERT_NE(entry, nullptr) << report.text();
    rvm_plugin* plugin = nullptr;
    const rvm_host host{};
    ASSERT_EQ(entry->create(&host, &plugin, nullptr), RVM_OK);
    const auto& item = *static_cast<const rvm_opcode*>(plugin->contributions(plugin->self)->item);
    std::thread{[&] {
        rvm_word args[2] = {1, 2};
        EXPECT_EQ(item.run(item.self, nullptr, args, 0), RVM_OK);
        EXPECT_EQ(args[0], 3U);
    }}.join();
}

#if defined(__x86_64__)
TEST(plugin_library, restores_the_floating_point_environment) {
    const FpEnvironment before = FpEnvironment::current();
    Report report;
    EXPECT_NE(load("changes_rounding", report), nullptr);
    EXPECT_TRUE(FpEnvironment::current() == before);
    const Finding* finding = find(report, ErrorCode::plugin_changes_fp);
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->severity, Severity::warning);
    EXPECT_NE(finding->found.find("0x9fc0"), std::string::npos) << finding->found;

    Report strict; // the second load maps nothing, but must say the same
    EXPECT_EQ(load("changes_rounding", strict, FpChange::refuse), nullptr);
    EXPECT_FALSE(strict.ok());
}
#endif

} // namespace
} // namespace rvm::plugin
