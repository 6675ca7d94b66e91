#include "testing/runner.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "cli/interrupt.hpp"

namespace rvm::host::testing {

namespace {

/// Attempts to simplify a failure: enough for every value of a long sequence, and over in seconds.
constexpr std::size_t most_attempts = 4096;

class Stopwatch {
  public:
    explicit Stopwatch(double& seconds) : seconds_(seconds) {}
    ~Stopwatch() {
        seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
    }
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;

  private:
    double& seconds_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

/// Different for every test of every suite, the same for every run with one seed.
std::uint64_t seed_of(std::uint64_t seed, const std::string& name) {
    const auto digest = sha256(as_bytes(name));
    for (std::size_t i = 0; i < sizeof seed; ++i)
        seed ^= std::uint64_t{digest[i]} << (8 * i);
    return seed;
}

/// Does some work that calls programs. False: the user interrupted, which ends such a call with a failure.
template <typename Work>
bool completed(Work&& work) {
    if (InterruptWatch::interrupted()) return false;
    try {
        work();
    } catch (const Failure&) {
        if (!InterruptWatch::interrupted()) throw;
        return false;
    }
    return true;
}

void interrupt(TestResult& result) {
    result.passed = false;
    result.skipped = "interrupted";
}

} // namespace

Runner::Runner(Session& session, const Suite& suite, RunOptions options)
    : session_(session), suite_(suite), options_(std::move(options)), programs_(session, suite),
      accounts_(Stage::names(suite)) {}

void Runner::read_programs() {
    for (const Account& account : suite_.accounts)
        if (!account.program.empty()) static_cast<void>(programs_.get(account.program, account.format));
    for (const Deployment& deployment : suite_.deployments)
        static_cast<void>(programs_.get(deployment.program, deployment.format));
}

TestResult Runner::run(const Example& test) {
    TestResult result{suite_.name, test.name, true, {}, 0, 0, 0, {}};
    const Stopwatch watch(result.seconds);
    const bool done = completed([&] {
        Stage world = stage();
        for (const Call& call : test.calls) {
            const Receipt receipt = world.send(call, {}, {});
            result.gas += static_cast<std::uint64_t>(receipt.outcome.gas_used);
            for (std::string& message : world.differences(call.expect, receipt, {}))
                result.messages.push_back(fmt::format("{}: {}", call.pointer, message));
            if (!result.messages.empty()) break; // what follows would fail for the same reason
        }
    });
    result.passed = result.messages.empty();
    if (!done && result.passed) interrupt(result);
    return result;
}

// ---- properties ----

std::vector<std::string> Runner::try_property(const Property& test, const Arguments& values) {
    const Drawing drawing{&test.call, values};
    Stage world = stage();
    const Receipt receipt = world.send(test.call, values, drawing);
    std::vector<std::string> messages = world.differences(test.call.expect, receipt, drawing);
    if (!test.equals || !messages.empty()) return messages;
    Stage other = stage();
    const Receipt wanted = other.send(*test.equals, {}, drawing);
    messages = other.differences(test.equals->expect, wanted, drawing);
    if (messages.empty()) {
        Expectation same;
        same.status = status_name(wanted.outcome.status);
        same.output = wanted.outcome.output;
        messages = world.differences(same, receipt, drawing);
    }
    return messages;
}

void Runner::shrink(const Property& test, Arguments& values, std::vector<std::string>& messages) {
    std::size_t attempts = 0;
    for (bool smaller = true; smaller && attempts < most_attempts;) {
        smaller = false;
        for (std::size_t i = 0; i < values.size() && !smaller; ++i)
            for (const Drawn& candidate : simpler(test.call.pieces[i], values[i])) {
                Arguments tried = values;
                tried[i] = candidate;
                std::vector<std::string> failed;
                if (!completed([&] { failed = try_property(test, tried); }) || ++attempts == most_attempts) return;
                if (failed.empty()) continue;
                values = std::move(tried);
                messages = std::move(failed);
                smaller = true;
                break;
            }
    }
}

TestResult Runner::run(const Property& test) {
    TestResult result{suite_.name, test.name, true, {}, 0, 0, 0, {}};
    const Stopwatch watch(result.seconds);
    Generator generator(seed_of(options_.seed, test.name), accounts_.size());
    const std::uint64_t runs = options_.runs.value_or(test.runs);
    while (result.runs < runs && result.passed) {
        session_.progress(test.name, result.runs + 1, runs);
        Arguments values = generator.draw(test.call);
        std::vector<std::string> messages;
        if (!completed([&] { messages = try_property(test, values); })) {
            interrupt(result);
            break;
        }
        ++result.runs;
        if (messages.empty()) continue;
        result.passed = false;
        shrink(test, values, messages);
        for (const std::string& message : messages)
            result.messages.push_back(fmt::format("{}: {}", test.pointer, message));
        result.messages.push_back(fmt::format(
            "with {} (run {}, --seed {})", testing::shown(test.call, values, accounts_), result.runs, options_.seed));
    }
    return result;
}

// ---- invariants ----

std::vector<std::string> Runner::try_sequence(const Invariant& test, const std::vector<Step>& steps) {
    Stage world = stage();
    for (const Step& step : steps) {
        const Call& call = test.calls[step.call];
        const Drawing drawing{&call, step.values};
        static_cast<void>(world.send(call, step.values, drawing)); // it may revert: what holds afterwards counts
    }
    std::vector<std::string> messages;
    for (const Call& check : test.checks)
        for (std::string& message : world.differences(check.expect, world.send(check, {}, {}), {}))
            messages.push_back(fmt::format("{}: {}", check.pointer, message));
    return messages;
}

std::string Runner::shown(const Invariant& test, const std::vector<Step>& steps) const {
    std::string text;
    for (const Step& step : steps) {
        const Call& call = test.calls[step.call];
        text +=
            fmt::format("{}{} {}({})", text.empty() ? "" : ", then ", call.to,
                        call.pointer.substr(call.pointer.rfind('/') + 1), testing::shown(call, step.values, accounts_));
    }
    return text.empty() ? "no call at all" : text;
}

void Runner::shrink(const Invariant& test, std::vector<Step>& steps, std::vector<std::string>& messages) {
    std::size_t attempts = 0;
    const auto still_fails = [&](const std::vector<Step>& tried) {
        if (++attempts > most_attempts) return false;
        std::vector<std::string> failed;
        if (!completed([&] { failed = try_sequence(test, tried); })) attempts = most_attempts; // no more of them
        if (failed.empty()) return false;
        messages = std::move(failed);
        return true;
    };
    // First fewer calls, by halves of what is left, then simpler ones.
    for (std::size_t size = steps.size(); size > 0; size /= 2)
        for (std::size_t at = 0; at < steps.size();) {
            std::vector<Step> tried = steps;
            const auto first = tried.begin() + static_cast<std::ptrdiff_t>(at);
            tried.erase(first, first + static_cast<std::ptrdiff_t>(std::min(size, steps.size() - at)));
            if (still_fails(tried))
                steps = std::move(tried);
            else
                at += size;
        }
    for (bool smaller = true; smaller && attempts < most_attempts;) {
        smaller = false;
        for (Step& step : steps)
            for (std::size_t i = 0; i < step.values.size(); ++i)
                for (const Drawn& candidate : simpler(test.calls[step.call].pieces[i], step.values[i])) {
                    const Drawn before = std::exchange(step.values[i], candidate);
                    if (still_fails(steps)) {
                        smaller = true;
                        break;
                    }
                    step.values[i] = before;
                }
    }
}

TestResult Runner::run(const Invariant& test) {
    TestResult result{suite_.name, test.name, true, {}, 0, 0, 0, {}};
    const Stopwatch watch(result.seconds);
    Generator generator(seed_of(options_.seed, test.name), accounts_.size());
    const std::uint64_t runs = options_.runs.value_or(test.runs);
    while (result.runs < runs && result.passed) {
        session_.progress(test.name, result.runs + 1, runs);
        std::vector<Step> steps(generator.below(test.length + 1));
        for (Step& step : steps) {
            step.call = generator.below(test.calls.size());
            step.values = generator.draw(test.calls[step.call]);
        }
        std::vector<std::string> messages;
        if (!completed([&] { messages = try_sequence(test, steps); })) {
            interrupt(result);
            break;
        }
        ++result.runs;
        if (messages.empty()) continue;
        result.passed = false;
        shrink(test, steps, messages);
        result.messages = std::move(messages);
        result.messages.push_back(
            fmt::format("after {} (run {}, --seed {})", shown(test, steps), result.runs, options_.seed));
    }
    return result;
}

} // namespace rvm::host::testing
