// The C++ face of rvm.host.world/1.
#include <rvm/runtime.hpp>

#include "runtime/runtime_impl.hpp"
#include "runtime/world_info.hpp"

namespace rvm {
namespace {

rvm_error new_error() { return {sizeof(rvm_error), 0, ""}; }

/// "division by zero at 12 (demo.rasm:3)": the format's own words for a fault.
std::string describe_fault(const rvm_format& format, rvm_view code, const rvm_result& result) {
    std::string text;
    const char* name = format.fault_name == nullptr ? nullptr : format.fault_name(format.self, result.detail);
    if (name != nullptr) text = name;
    if (result.status == RVM_TRAP_REVERT && text.empty()) return text;
    char source[256] = "";
    if (format.source_of != nullptr &&
        format.source_of(format.self, code, result.fault_position, source, sizeof source) != 0)
        text.append(text.empty() ? "at " : " at ").append(source);
    return text;
}

} // namespace

std::vector<const rvm_account_change*> Changes::accounts() const {
    std::vector<const rvm_account_change*> out;
    if (changes_ == nullptr) return out;
    std::uint64_t count = 0;
    const rvm_account_change* first = table_->changes(changes_, &count);
    for (std::uint64_t i = 0; i < count; ++i)
        out.push_back(first + i);
    return out;
}

rvm_bytes32 Changes::digest() const {
    rvm_bytes32 out{};
    if (changes_ != nullptr) table_->digest(changes_, &out);
    return out;
}

World::World(Runtime& runtime, Kind kind, std::uint32_t flags) : table_(runtime.worlds()), runtime_(runtime) {
    rvm_error error = new_error();
    if (kind == ephemeral) flags |= RVM_WORLD_EPHEMERAL;
    check(table_.open(runtime.context(), flags, &world_, &error), "open", &error);
}

World::~World() {
    if (world_ != nullptr) table_.close(world_);
}

void World::check(rvm_status status, const char* what, const rvm_error* error) const {
    if (status == RVM_OK) return;
    Report report;
    std::string message = std::string("world ") + what + ": ";
    message +=
        error != nullptr && error->message[0] != '\0' ? std::string(error->message) : std::string(status_name(status));
    report.error(ErrorCode::world_misuse, "", "", std::move(message));
    throw Failure(std::move(report));
}

void World::begin(const TxOptions& options) {
    words_.clear();
    for (const auto& [name, value] : options.env) {
        const std::uint32_t key = Runtime::env_key(name.c_str());
        if (key == UINT32_MAX) check(RVM_E_INVALID_ARGUMENT, "begin: too many environment names");
        if (words_.size() <= key) words_.resize(key + 1);
        words_[key] = value;
    }
    std::vector<const char*> rules;
    for (const std::string& name : options.rules)
        rules.push_back(name.c_str());
    rules.push_back(nullptr);
    rvm_tx_env env{};
    env.struct_size = sizeof env;
    env.words = words_.data();
    env.word_count = words_.size();
    env.rules = rules.data();
    env.tracer = options.tracer.empty() ? nullptr : options.tracer.c_str();
    env.tracer_config = options.tracer_config.empty() ? nullptr : options.tracer_config.c_str();
    rvm_error error = new_error();
    check(table_.tx_begin(world_, &env, &error), "begin", &error);
}

Changes World::end(std::uint32_t flags) {
    rvm_changes* changes = nullptr;
    rvm_error error = new_error();
    check(table_.tx_end(world_, flags, &changes, &error), "end", &error);
    return {table_, changes};
}

std::uint64_t World::height() const noexcept { return runtime::world_height(world_); }

void World::abort() noexcept { table_.tx_abort(world_); }

Outcome World::execute(const rvm_message& message) {
    rvm_result result{};
    result.struct_size = sizeof result;
    rvm_error error = new_error();
    const rvm_status status = table_.execute(world_, &message, &result, &error);
    Outcome out;
    out.status = status;
    out.gas_used = message.gas + message.stipend - result.gas_left;
    out.refund = result.refund;
    out.created = result.created;
    out.detail = result.detail;
    out.fault_position = result.fault_position;
    if (result.output.size > 0) out.output.assign(result.output.data, result.output.data + result.output.size);
    if (status < 0) {
        out.error = error.message[0] != '\0' ? error.message : std::string(status_name(status));
        return out;
    }
    const runtime::LastRun last = runtime::last_run(world_);
    if (last.format != nullptr) {
        out.format = last.format->id;
        if (status > 0) out.fault = describe_fault(*last.format, last.program, result);
    }
    if (status == RVM_TRAP_INVALID_CODE && out.fault.empty()) out.fault = error.message;
    return out;
}

rvm_account* World::account(const rvm_address& address, std::uint32_t want) {
    rvm_account* out = nullptr;
    check(table_.account(world_, &address, want, &out), "account");
    return out;
}

void World::set_nonce(rvm_account* account, std::uint64_t nonce) {
    check(table_.set_nonce(world_, account, nonce), "set_nonce");
}

void World::add_balance(rvm_account* account, const rvm_u256& amount) {
    check(table_.add_balance(world_, account, &amount), "add_balance");
}

void World::set_code(rvm_account* account, rvm_view code, const char* format) {
    rvm_error error = new_error();
    check(table_.set_code(world_, account, code, nullptr, format, &error), "set_code", &error);
}

void World::set_slot(rvm_account* account, const rvm_u256& key, const rvm_u256& value) {
    check(table_.set_slot(world_, account, &key, &value), "set_slot");
}

rvm_u256 World::slot(rvm_account* account, const rvm_u256& key) {
    rvm_u256 out{};
    check(table_.slot(world_, account, &key, &out), "slot");
    return out;
}

std::vector<rvm_log> World::logs() {
    std::uint64_t count = 0;
    const rvm_log* first = table_.logs(world_, &count);
    return {first, first + count};
}

std::string World::trace_text() {
    rvm_view text{};
    check(table_.trace_text(world_, &text), "trace_text");
    return {reinterpret_cast<const char*>(text.data), static_cast<std::size_t>(text.size)};
}

void World::commit() {
    rvm_error error = new_error();
    const rvm_status status = table_.commit(world_, nullptr, 0, &error);
    if (status == RVM_OK) return;
    Report report;
    report.error(status == RVM_E_RETRY ? ErrorCode::store_changed : ErrorCode::store_commit_failed,
                 runtime_.manifest().file, "/storage",
                 error.message[0] != '\0' ? error.message : std::string(status_name(status)));
    throw Failure(std::move(report));
}

void World::discard() noexcept { table_.discard(world_); }

} // namespace rvm
