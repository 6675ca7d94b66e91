#include "verbs/suite.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <sstream>
#include <thread>

#include <rvm/plugin.hpp>

#include "verb/run.hpp"

namespace rvm::ledger {
namespace {

namespace fs = std::filesystem;

/// Failures after which a run ends unless it is told to keep going.
constexpr std::size_t most_failures = 100;

struct File {
    std::string path;
    std::uint64_t size = 0;
};

void collect(const fs::path& path, std::vector<File>& out) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
        const std::uint64_t size = fs::file_size(path, error);
        if (error) throw Unreadable(path.string() + ": " + error.message());
        out.push_back({path.string(), size});
        return;
    }
    for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
        if (at->is_regular_file() && at->path().extension() == ".json")
            out.push_back({at->path().string(), at->file_size()});
    }
    if (error) throw Unreadable(path.string() + ": " + error.message());
}

/// Fixtures that run for minutes although they are small (INDEX of the conformance data): they begin first.
bool is_slow(std::string_view path) {
    constexpr std::string_view slow[] = {"CALLBlake2f_MaxRounds", "loopMul", "loopExp", "static_Call50000_sha256"};
    return std::ranges::any_of(slow, [&](std::string_view name) { return path.find(name) != std::string_view::npos; });
}

std::vector<File> files_of(const SuiteOptions& options, const Console& console) {
    std::vector<File> out;
    for (const std::string& path : options.paths) {
        if (path != "-") {
            collect(path, out);
            continue;
        }
        std::istringstream lines(console.read_all());
        for (std::string line; std::getline(lines, line);)
            if (!line.empty()) collect(line, out);
    }
    if (out.empty()) throw UsageError("expected fixtures, found no .json file in the paths given");
    std::ranges::sort(out, [](const File& a, const File& b) {
        const bool slow_a = is_slow(a.path);
        const bool slow_b = is_slow(b.path);
        if (slow_a != slow_b) return slow_a;
        if (a.size != b.size) return a.size > b.size;
        return a.path < b.path;
    });
    return out;
}

/// The files, handed out to threads; their results, collected on the main one.
class Run {
  public:
    Run(const SuiteOptions& options, const Console& console, std::vector<File> files, const char* what)
        : options_(options), console_(console), files_(std::move(files)), what_(what) {}

    /// Works until no file is left.
    void work(SuiteWorker& worker, bool is_main) {
        simdjson::dom::parser parser;
        while (!stop_.load(std::memory_order_relaxed)) {
            const std::size_t index = next_.fetch_add(1, std::memory_order_relaxed);
            if (index >= files_.size()) return;
            Tally tally;
            run_file(worker, parser, files_[index].path, tally);
            deliver(std::move(tally));
            if (is_main) report();
        }
    }

    /// Shows what arrived; ends when `threads` have ended.
    void watch(unsigned threads) {
        std::unique_lock lock(mutex_);
        while (ended_ < threads) {
            changed_.wait_for(lock, std::chrono::milliseconds(100));
            lock.unlock();
            report();
            if (console_.io().cancelled(console_.io().ctx) != 0) stop_ = true;
            lock.lock();
        }
    }
    /// A thread has nothing left to do; `error` is empty or says why it ended early.
    void ended(std::string error) {
        const std::lock_guard lock(mutex_);
        ++ended_;
        if (!error.empty()) {
            errors_.push_back(std::move(error));
            stop_ = true;
        }
        changed_.notify_one();
    }

    /// Prints what has arrived since the last call. [main]
    void report() {
        std::vector<Tally> arrived;
        {
            const std::lock_guard lock(mutex_);
            arrived.swap(arrived_);
        }
        for (Tally& tally : arrived) {
            ++done_;
            if (!tally.trace.empty()) console_.error(tally.trace);
            for (const Finding& failure : tally.failures)
                if (options_.keep_going || ++shown_ <= most_failures) console_.failure(failure);
            total_.add(std::move(tally));
        }
        if (!options_.keep_going && total_.failures.size() >= most_failures) stop_ = true;
        if (console_.io().cancelled(console_.io().ctx) != 0) stop_ = true;
        if (!arrived.empty()) console_.io().progress(console_.io().ctx, what_, done_, files_.size());
    }

    [[nodiscard]] std::int32_t finish() {
        report();
        if (done_ < files_.size() && errors_.empty())
            console_.error(std::to_string(files_.size() - done_) + " of " + std::to_string(files_.size()) +
                           " files were not run" +
                           (total_.failures.empty() ? "\n" : ": too many failures; --keep-going runs them\n"));
        for (const std::string& error : errors_)
            verb::say(console_.io(), verb::Fault::internal, error);
        for (const std::string& path : total_.empty)
            verb::say(console_.io(), verb::Fault::malformed, path + ": expected named tests, found none");
        const bool ran_all = done_ == files_.size();
        if (ran_all && total_.cases() == 0 && total_.empty.empty())
            verb::say(console_.io(), verb::Fault::malformed,
                      "none of " + std::to_string(files_.size()) + " files has a test that --fork and --run accept");
        console_.summary(total_, options_.verbose);
        if (!errors_.empty()) return RVM_EXIT_INTERNAL;
        if (total_.failures.empty() && ran_all && (total_.cases() == 0 || !total_.empty.empty())) return RVM_EXIT_USAGE;
        return total_.failures.empty() && ran_all ? RVM_EXIT_OK : RVM_EXIT_TRAPPED;
    }

  private:
    void deliver(Tally&& tally) {
        const std::lock_guard lock(mutex_);
        arrived_.push_back(std::move(tally));
        changed_.notify_one();
    }

    void run_file(SuiteWorker& worker, simdjson::dom::parser& parser, const std::string& path, Tally& tally) {
        if (const std::string* reason = options_.skip.file(path); reason != nullptr) {
            ++tally.skipped;
            tally.skips.push_back({path, {}, {}, *reason, {}});
            return;
        }
        Json document;
        if (const auto error = parser.load(path).get(document); error != simdjson::SUCCESS) {
            tally.failures.push_back({path, {}, {}, std::string("not JSON: ") + simdjson::error_message(error), {}});
            return;
        }
        JsonObject tests;
        if (document.get_object().get(tests) != simdjson::SUCCESS) {
            tally.failures.push_back({path, {}, {}, "expected an object of named tests", {}});
            return;
        }
        if (tests.size() == 0) {
            tally.empty.push_back(path);
            return;
        }
        if (worker.is_one_test(tests)) {
            const std::string name = fs::path(path).stem().string();
            if (options_.wants_test(name)) run_test(worker, path, name, document, tally);
            return;
        }
        for (const auto [name, test] : tests)
            if (options_.wants_test(name)) run_test(worker, path, name, test, tally);
    }

    void run_test(SuiteWorker& worker, const std::string& path, std::string_view name, Json test, Tally& tally) {
        if (const std::string* reason = options_.skip.test(name); reason != nullptr) {
            ++tally.skipped;
            tally.skips.push_back({path, std::string(name), {}, *reason, {}});
            return;
        }
        try {
            worker.run_test(path, name, test, tally);
        } catch (const FixtureError& error) {
            tally.failures.push_back({path, std::string(name), {}, error.what(), {}});
        }
    }

    const SuiteOptions& options_;
    const Console& console_;
    const std::vector<File> files_;
    const char* what_;
    std::atomic<std::size_t> next_{0};
    std::atomic<bool> stop_{false};
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Tally> arrived_;      // guarded by mutex_
    std::vector<std::string> errors_; // guarded by mutex_
    unsigned ended_ = 0;              // guarded by mutex_
    std::size_t done_ = 0;
    std::size_t shown_ = 0;
    Tally total_;
};

/// Runs `body`; the text of what it threw, or nothing.
template <class Body>
std::string error_of(const Body& body) {
    try {
        body();
        return {};
    } catch (const std::exception& error) {
        return error.what();
    }
}

} // namespace

std::int32_t run_suite(const rvm_command_io& io, std::int32_t argc, const char* const* argv, const char* what,
                       const std::function<void(const SuiteOptions&)>& prepare,
                       const std::function<std::unique_ptr<SuiteWorker>(const SuiteOptions&)>& make) {
    const Console console(io);
    const SuiteOptions options = parse_suite_options(argc, argv);
    Run run(options, console, files_of(options, console), what);
    prepare(options);
    if (options.jobs == 1) {
        run.ended(error_of([&] { run.work(*make(options), true); }));
        return run.finish();
    }
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < options.jobs; ++i)
        threads.emplace_back([&] { run.ended(error_of([&] { run.work(*make(options), false); })); });
    run.watch(options.jobs);
    threads.clear();
    return run.finish();
}

} // namespace rvm::ledger
