#include "plugin/library.hpp"

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>

#include <boost/dll/shared_library.hpp>

#include "plugin/fp_environment.hpp"
#include "plugin/staging.hpp"
#include "plugin/texts.hpp"

namespace rvm::plugin {
namespace {

struct Loaded {
    boost::dll::shared_library library;
    std::optional<Finding> fp_finding; // repeated for every runtime that uses the library
};

/// Everything loaded so far, by SHA-256. Leaked on purpose: its destructor would unload code that static destructors
/// and detached threads may still run.
struct Loader {
    std::mutex lock; // dlopen() runs constructors; one at a time keeps their effects attributable
    std::map<std::string, Loaded> libraries;

    static Loader& get() {
        static Loader* loader = new Loader;
        return *loader;
    }
};

/// Boost puts the dlerror() text behind its own words; its error code is noise.
std::string loader_text(const std::exception& error, const std::filesystem::path& staged, const std::string& file) {
    std::string text = error.what();
    for (std::size_t at = 0; (at = text.find(staged.string(), at)) != std::string::npos; at += file.size())
        text.replace(at, staged.string().size(), file);
    constexpr std::size_t shown = 600; // a mangled name and two paths
    return printable(text, shown);
}

std::optional<Finding> compare_fp(const FpEnvironment& before, FpChange fp_change, const std::string& file) {
    const FpEnvironment after = FpEnvironment::current();
    if (after == before) return std::nullopt;
    before.restore();
    Finding finding;
    finding.code = ErrorCode::plugin_changes_fp;
    finding.severity = fp_change == FpChange::refuse ? Severity::error : Severity::warning;
    finding.file = file;
    finding.where = "constructors";
    finding.message = "loading the library changed the floating-point environment; it was restored";
    finding.expected = before.text();
    finding.found = after.text();
    return finding;
}

/// The library of these bytes, mapped now or before; nullptr with findings. The loader's lock is held.
Loaded* find_or_load(Loader& loader, ByteView bytes, const std::string& id, const std::string& sha256,
                     FpChange fp_change, const std::string& file, Report& report) {
    auto known = loader.libraries.find(sha256);
    if (known == loader.libraries.end()) {
        const auto staged = StagedFile::stage(bytes, id + "-" + sha256 + ".so", file, report);
        if (!staged) return nullptr;
        const FpEnvironment before = FpEnvironment::current();
        Loaded loaded;
        try {
            loaded.library.load(staged->path(), boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
        } catch (const std::exception& error) {
            Finding& finding =
                report.error(ErrorCode::plugin_load_failed, file, "dlopen", loader_text(error, staged->path(), file));
            finding.plugin = id;
            if (auto fp = compare_fp(before, fp_change, file)) report.add(std::move(*fp));
            return nullptr;
        }
        loaded.fp_finding = compare_fp(before, fp_change, file);
        known = loader.libraries.emplace(sha256, std::move(loaded)).first;
    }
    if (known->second.fp_finding) {
        Finding finding = *known->second.fp_finding;
        finding.file = file;
        finding.plugin = id;
        finding.severity = fp_change == FpChange::refuse ? Severity::error : Severity::warning;
        report.add(std::move(finding));
        if (fp_change == FpChange::refuse) return nullptr;
    }
    return &known->second;
}

/// `get` takes a symbol from the library; nullptr with an E01 finding when it is not there.
template <typename Get>
auto take(const std::string& symbol, const std::string& id, const std::string& file, Report& report, Get get)
    -> decltype(get()) {
    try {
        return get();
    } catch (const std::exception& error) {
        report.error(ErrorCode::entry_invalid, file, "symbol " + symbol, error.what()).plugin = id;
        return nullptr;
    }
}

} // namespace

const rvm_entry* load_library(ByteView bytes, const std::string& id, const std::string& sha256,
                              const std::string& entry_symbol, FpChange fp_change, const std::string& file,
                              Report& report) {
    Loader& loader = Loader::get();
    const std::lock_guard guard{loader.lock};
    const Loaded* loaded = find_or_load(loader, bytes, id, sha256, fp_change, file, report);
    if (loaded == nullptr) return nullptr;
    return take(entry_symbol, id, file, report, [&] { return &loaded->library.get<const rvm_entry>(entry_symbol); });
}

void* load_function(ByteView bytes, const std::string& id, const std::string& sha256, const std::string& symbol,
                    FpChange fp_change, const std::string& file, Report& report) {
    Loader& loader = Loader::get();
    const std::lock_guard guard{loader.lock};
    const Loaded* loaded = find_or_load(loader, bytes, id, sha256, fp_change, file, report);
    if (loaded == nullptr) return nullptr;
    return take(symbol, id, file, report,
                [&] { return reinterpret_cast<void*>(&loaded->library.get<void()>(symbol)); });
}

} // namespace rvm::plugin
