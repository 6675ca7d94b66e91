#include "testing/stage.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/values.hpp"
#include "program/receipt.hpp"

namespace rvm::host::testing {

namespace {

void append_bytes(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

/// A word as native programs load it.
void append_word(Bytes& out, std::uint64_t word) {
    for (int i = 0; i < 8; ++i)
        out.push_back(static_cast<std::uint8_t>(word >> (8 * i)));
}

void append_number(Bytes& out, const rvm_u256& number) {
    for (int i = 31; i >= 0; --i)
        out.push_back(static_cast<std::uint8_t>(number.limbs[i / 8] >> (8 * (i % 8))));
}

bool same(const rvm_u256& a, const rvm_u256& b) noexcept { return std::ranges::equal(a.limbs, b.limbs); }

rvm_u256 expected_number(const Piece& piece, const Drawing& outer) {
    if (piece.kind != Piece::Kind::argument) return piece.value;
    const Piece& meant = outer.call->pieces.at(piece.index);
    return meant.drawn() ? outer.values.at(piece.index).number : meant.value;
}

std::string differs(std::string_view what, std::string_view expected, std::string_view found) {
    return fmt::format("{}: expected {}, found {}", what, expected, found);
}

std::string log_text(const std::string& account, const std::vector<rvm_u256>& topics, ByteView data) {
    std::string text = account + " [";
    for (const rvm_u256& topic : topics)
        text += (text.back() == '[' ? "" : ", ") + hex_text(topic);
    return text + "] " + bytes_text(data);
}

} // namespace

const Code& Programs::get(const std::string& program, const std::string& format) {
    const auto [found, fresh] = codes_.try_emplace({program, format});
    if (!fresh && !found->second.bytes.empty()) return found->second;
    found->second = load_code(session_, (folder_ / program).string(), format);
    Report report;
    if (!check_imports(session_.runtime(), found->second.bytes, found->second.file, report))
        throw Failure(std::move(report));
    return found->second;
}

std::vector<std::string> Stage::names(const Suite& suite) {
    std::vector<std::string> names;
    for (const Account& account : suite.accounts)
        names.push_back(account.name);
    for (const Deployment& deployment : suite.deployments)
        names.push_back(deployment.name);
    return names;
}

Stage::Stage(Session& session, const Suite& suite, Programs& programs, std::string tracer)
    : suite_(suite), tracer_(std::move(tracer)), machine_(session, {}, false, RVM_WORLD_CANCELLABLE),
      names_(names(suite)) {
    for (const Account& account : suite.accounts)
        put(account, programs);
    for (const Deployment& deployment : suite.deployments)
        deploy(deployment, programs);
}

void Stage::put(const Account& account, Programs& programs) {
    addresses_[account.name] = account.address;
    if (!account.program.empty()) {
        const Code& code = programs.get(account.program, account.format);
        machine_.place(account.address, code.bytes, code.format);
    }
    World& world = machine_.world();
    world.begin({});
    rvm_account* target = world.account(account.address);
    world.add_balance(target, account.balance);
    if (account.nonce != 0) world.set_nonce(target, account.nonce);
    for (const auto& [key, value] : account.storage)
        world.set_slot(target, key, value);
    static_cast<void>(world.end());
}

void Stage::deploy(const Deployment& deployment, Programs& programs) {
    const Code& code = programs.get(deployment.program, deployment.format);
    MessageOptions options = message(deployment.message, {}, {});
    options.trace.clear(); // what sets up is not what is tested
    const Receipt receipt = machine_.create(code.bytes, code.format, options);
    if (receipt.outcome.status != RVM_OK)
        throw failure(ErrorCode::program_failed, suite_.file.string(), deployment.message.pointer,
                      fmt::format("the deployment of {} {}", deployment.name, failure_text(receipt.outcome)));
    addresses_[deployment.name] = receipt.outcome.created;
}

rvm_address Stage::address(const std::string& name) const {
    const auto found = addresses_.find(name);
    return found != addresses_.end() ? found->second : parse_address(name).value_or(rvm_address{});
}

std::string Stage::name(const rvm_address& address) const {
    for (const auto& [name, known] : addresses_)
        if (std::ranges::equal(known.bytes, address.bytes)) return name;
    return address_text(address);
}

void Stage::append(Bytes& out, const Piece& piece, const Drawn& drawn) const {
    switch (piece.kind) {
    case Piece::Kind::word:
        append_word(out, piece.value.limbs[0]);
        break;
    case Piece::Kind::number:
        append_number(out, piece.value);
        break;
    case Piece::Kind::bytes:
        append_bytes(out, piece.bytes);
        break;
    case Piece::Kind::account:
        append_bytes(out, ByteView{address(piece.account).bytes});
        break;
    case Piece::Kind::any_word:
        append_word(out, drawn.number.limbs[0]);
        break;
    case Piece::Kind::any_number:
        append_number(out, drawn.number);
        break;
    case Piece::Kind::any_bytes:
        append_bytes(out, drawn.bytes);
        break;
    case Piece::Kind::any_account:
        if (drawn.account < names_.size()) append_bytes(out, ByteView{address(names_[drawn.account]).bytes});
        break;
    case Piece::Kind::argument:
        break; // stands for one of the others
    }
}

MessageOptions Stage::message(const Call& call, const Arguments& own, const Drawing& outer) {
    MessageOptions options;
    options.gas = call.gas.value_or(suite_.gas);
    options.value = call.value;
    options.env = call.env;
    options.trace = tracer_;
    if (!call.from.empty()) options.sender = address(call.from);
    options.input = call.input;
    for (std::size_t i = 0; i < call.pieces.size(); ++i) {
        const Piece& piece = call.pieces[i];
        if (piece.kind == Piece::Kind::argument)
            append(options.input, outer.call->pieces.at(piece.index), outer.values.at(piece.index));
        else
            append(options.input, piece, i < own.size() ? own[i] : Drawn{});
    }
    if (call.from.empty()) machine_.fund(options.sender, call.value); // nobody in particular pays
    return options;
}

Receipt Stage::send(const Call& call, const Arguments& own, const Drawing& outer) {
    return machine_.call(address(call.to), message(call, own, outer));
}

std::vector<std::string> Stage::differences(const Expectation& expected, const Receipt& receipt,
                                            const Drawing& outer) {
    std::vector<std::string> found;
    const Outcome& outcome = receipt.outcome;
    const auto status = status_name(outcome.status);
    if (status != expected.status) {
        found.push_back(differs("status", expected.status, status));
        if (outcome.status != RVM_OK) found.back() += fmt::format(" ({})", failure_text(outcome));
    }
    if (expected.fault && outcome.status == RVM_OK)
        found.push_back(differs("fault", "\"" + *expected.fault + "\"", "success"));
    else if (expected.fault && failure_text(outcome).find(*expected.fault) == std::string::npos)
        found.push_back(differs("fault", "\"" + *expected.fault + "\"", "\"" + failure_text(outcome) + "\""));
    if (expected.result) {
        const rvm_u256 wanted = expected_number(*expected.result, outer);
        const auto number = result_number(outcome);
        if (!number)
            found.push_back(differs("result", number_text(wanted),
                                    fmt::format("an output of {} bytes", outcome.output.size())));
        else if (!same(*number, wanted))
            found.push_back(differs("result", number_text(wanted), number_text(*number)));
    }
    if (expected.output && outcome.output != *expected.output)
        found.push_back(differs("output", bytes_text(*expected.output), bytes_text(outcome.output)));
    const auto gas = static_cast<std::uint64_t>(outcome.gas_used);
    if (expected.gas && gas != *expected.gas)
        found.push_back(differs("gas", fmt::format("{}", *expected.gas), fmt::format("{}", gas)));
    if (expected.gas_at_most && gas > *expected.gas_at_most)
        found.push_back(differs("gas", fmt::format("at most {}", *expected.gas_at_most), fmt::format("{}", gas)));
    if (expected.logs) {
        std::vector<std::string> wanted, actual;
        for (const ExpectedLog& log : *expected.logs)
            wanted.push_back(log_text(name(address(log.account)), log.topics, log.data));
        for (const LogEntry& log : receipt.logs) {
            std::vector<rvm_u256> topics;
            for (const rvm_bytes32& topic : log.topics)
                topics.push_back(u256_of(ByteView{topic.bytes}));
            actual.push_back(log_text(name(log.address), topics, log.data));
        }
        for (std::size_t i = 0; i < std::max(wanted.size(), actual.size()); ++i) {
            const std::string want = i < wanted.size() ? wanted[i] : "none",
                              saw = i < actual.size() ? actual[i] : "none";
            if (want != saw) found.push_back(differs(fmt::format("log {}", i), want, saw));
        }
    }
    World& world = machine_.world();
    for (const Expectation::Slot& slot : expected.storage) {
        const rvm_u256 value = world.slot(world.account(address(slot.account)), slot.key);
        if (!same(value, slot.value))
            found.push_back(differs(fmt::format("{} slot {}", slot.account, hex_text(slot.key)),
                                    number_text(slot.value), number_text(value)));
    }
    for (const auto& [account, balance] : expected.balances) {
        const rvm_u256 value = world.account(address(account))->balance;
        if (!same(value, balance))
            found.push_back(differs("balance of " + account, decimal_text(balance), decimal_text(value)));
    }
    return found;
}

} // namespace rvm::host::testing
