#include "plugin/instance.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <exception>

#include <fmt/format.h>

#include "plugin/contribution.hpp"
#include "plugin/texts.hpp"

namespace rvm::plugin {
namespace {

// What a plugin that has to be destroyed without an orderly shutdown may take to stop.
constexpr std::uint64_t undo_deadline_ms = 1000;

rvm_error empty_error() {
    rvm_error error{};
    error.struct_size = sizeof error;
    return error;
}

/// The plugin's own words, which need not be terminated or printable.
std::string message_of(const rvm_error& error) {
    const std::size_t size = ::strnlen(error.message, sizeof error.message);
    return printable({error.message, size}, sizeof error.message);
}

Finding finding_of(ErrorCode code, const std::string& id, const std::string& file, std::string where,
                   std::string message) {
    Finding finding;
    finding.code = code;
    finding.file = file;
    finding.where = std::move(where);
    finding.message = std::move(message);
    finding.plugin = id;
    return finding;
}

/// Runs `call` and turns an exception into an L02 finding; false then.
template <typename Call>
bool guarded(const std::string& id, const std::string& file, const char* where, Report& report, Call call) {
    std::string what;
    try {
        call();
        return true;
    } catch (const std::exception& exception) {
        what = in_quotes(exception.what());
    } catch (...) {
        what = "an exception of unknown type";
    }
    Finding finding =
        finding_of(ErrorCode::plugin_threw, id, file, where, fmt::format("an exception left {}()", where));
    finding.expected = "a status";
    finding.found = std::move(what);
    report.add(std::move(finding));
    return false;
}

} // namespace

std::unique_ptr<Instance> Instance::create(const rvm_entry& entry, const rvm_host& host, std::string id,
                                           std::string file, Report& report) {
    std::unique_ptr<Instance> instance{new Instance{std::move(id), std::move(file)}};
    const auto refuse = [&](std::string where, std::string message, std::string expected, std::string found) {
        Finding finding = finding_of(ErrorCode::plugin_create_failed, instance->id_, instance->file_, std::move(where),
                                     std::move(message));
        finding.expected = std::move(expected);
        finding.found = std::move(found);
        report.add(std::move(finding));
        return nullptr;
    };
    rvm_plugin* made = nullptr;
    rvm_status status = RVM_OK;
    rvm_error error = empty_error();
    if (!guarded(instance->id_, instance->file_, "create", report,
                 [&] { status = entry.create(&host, &made, &error); }))
        return nullptr;
    if (status != RVM_OK) {
        // What create() left behind after an error is its own affair: the contract gives the host nothing to destroy.
        const std::string text = message_of(error);
        return refuse("create", text.empty() ? "create() failed" : "create() failed: " + text, "status 0",
                      fmt::format("status {}", status));
    }
    if (made == nullptr) return refuse("create", "create() succeeded without a table", "an rvm_plugin", "NULL");
    const std::uint32_t size = made->struct_size;
    if (size < sizeof(rvm_plugin))
        return refuse("plugin.struct_size", "the table is too small", fmt::format("at least {}", sizeof(rvm_plugin)),
                      std::to_string(size));
    instance->table_ = *made;
    if (instance->table_.destroy == nullptr)
        return refuse("plugin.destroy", "a mandatory function is missing", "a function", "NULL");
    if (instance->table_.contributions == nullptr)
        return refuse("plugin.contributions", "a mandatory function is missing", "a function", "NULL");
    return instance;
}

Instance::~Instance() {
    Report lost; // nobody is left to hear it
    stop(undo_deadline_ms, lost);
    if (table_.destroy != nullptr) guarded(id_, file_, "destroy", lost, [&] { table_.destroy(table_.self); });
}

template <typename Call>
bool Instance::run(const char* name, Report& report, Call call) {
    rvm_status status = RVM_OK;
    rvm_error error = empty_error();
    if (!guarded(id_, file_, name, report, [&] { status = call(&error); })) return false;
    if (status == RVM_OK) return true;
    const std::string text = message_of(error);
    Finding finding = finding_of(ErrorCode::plugin_step_failed, id_, file_, name,
                                 fmt::format("{}() failed{}{}", name, text.empty() ? "" : ": ", text));
    finding.expected = "status 0";
    finding.found = fmt::format("status {}", status);
    report.add(std::move(finding));
    return false;
}

bool Instance::configure(const std::string& config_json, Report& report) {
    if (table_.configure == nullptr) return true;
    return run("configure", report,
               [&](rvm_error* error) { return table_.configure(table_.self, config_json.c_str(), error); });
}

std::optional<std::vector<rvm_contribution>> Instance::contributions(Report& report) {
    const auto refuse = [&](std::string message, std::string expected, std::string found) {
        Finding finding = finding_of(ErrorCode::contribution_list, id_, file_, "contributions", std::move(message));
        finding.expected = std::move(expected);
        finding.found = std::move(found);
        report.add(std::move(finding));
        return std::nullopt;
    };
    const auto ask = [&]() -> std::optional<std::vector<rvm_contribution>> {
        const rvm_contribution* list = nullptr;
        const auto call = [&] { list = table_.contributions(table_.self); };
        if (!guarded(id_, file_, "contributions", report, call)) return std::nullopt;
        if (list == nullptr) return refuse("there is no list", "a list ended by a NULL kind", "NULL");
        std::vector<rvm_contribution> items;
        for (; list->kind != nullptr; ++list) {
            items.push_back(*list);
            if (items.size() > max_contributions)
                return refuse("the list is too long", fmt::format("at most {} items", max_contributions), "more");
        }
        return items;
    };
    auto first = ask();
    if (!first) return std::nullopt;
    const auto second = ask();
    if (!second) return std::nullopt;
    // Kinds are compared as texts when both are readable; pointers alone would refuse a list rebuilt with equal
    // content.
    const auto same = [](const rvm_contribution& a, const rvm_contribution& b) {
        return a.item == b.item && std::strncmp(a.kind, b.kind, max_text_bytes) == 0;
    };
    if (first->size() != second->size())
        return refuse("the second answer differs from the first", fmt::format("{} items", first->size()),
                      fmt::format("{} items", second->size()));
    const auto [at, other] = std::ranges::mismatch(*first, *second, same);
    if (at != first->end())
        return refuse("the second answer differs from the first", "the same items",
                      fmt::format("another item {}", at - first->begin()));
    return first;
}

bool Instance::link(Report& report) {
    if (table_.link == nullptr) return true;
    return run("link", report, [&](rvm_error* error) { return table_.link(table_.self, error); });
}

bool Instance::start(Report& report) {
    const auto call = [&](rvm_error* error) { return table_.start(table_.self, error); };
    if (table_.start != nullptr && !run("start", report, call)) return false;
    started_ = true;
    return true;
}

bool Instance::stop(std::uint64_t deadline_ms, Report& report) {
    if (!started_) return true;
    started_ = false;
    if (table_.stop == nullptr) return true;
    const auto begin = std::chrono::steady_clock::now();
    const auto call = [&](rvm_error* error) { return table_.stop(table_.self, deadline_ms, error); };
    if (!run("stop", report, call)) return false;
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    if (static_cast<std::uint64_t>(took.count()) > deadline_ms) {
        Finding finding = finding_of(ErrorCode::plugin_stop_deadline, id_, file_, "stop", "stop() took too long");
        finding.expected = fmt::format("at most {} ms", deadline_ms);
        finding.found = fmt::format("{} ms", took.count());
        report.add(std::move(finding));
        return false;
    }
    return true;
}

} // namespace rvm::plugin
