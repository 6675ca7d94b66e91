// The file of a recording.
#include <algorithm>

#include "base/sha256.hpp"
#include "record/parts.hpp"
#include "record/step_reader.hpp"

namespace rvm::record {

namespace {

constexpr std::uint64_t max_text = std::uint64_t{16} << 20; ///< of the semantics
constexpr std::uint64_t max_id = 64;

void put_state(Encoder& out, const rvm_account_state& state) {
    out.word(state.balance);
    out.number(state.nonce);
    out.hash(state.code_hash);
}

rvm_account_state get_state(Decoder& in) {
    rvm_account_state state{};
    state.balance = in.word("a balance");
    state.nonce = in.number("a nonce");
    state.code_hash = in.hash("the hash of a code");
    return state;
}

void put(Encoder& out, const AccountChange& change) {
    out.address(change.address);
    out.number(change.flags);
    put_state(out, change.before);
    put_state(out, change.after);
    out.number(change.slots.size());
    for (const SlotChange& slot : change.slots) {
        out.word(slot.key);
        out.word(slot.before);
        out.word(slot.after);
    }
}

AccountChange get_change(Decoder& in) {
    AccountChange change;
    change.address = in.address("a changed account");
    change.flags = static_cast<std::uint32_t>(in.number("flags of a change", UINT32_MAX));
    change.before = get_state(in);
    change.after = get_state(in);
    const std::size_t slots = get_count(in, "the number of changed slots", 3);
    for (std::size_t i = 0; i < slots; ++i) {
        SlotChange slot;
        slot.key = in.word("the key of a slot");
        slot.before = in.word("the value of a slot");
        slot.after = in.word("the value of a slot");
        change.slots.push_back(slot);
    }
    return change;
}

void put(Encoder& out, const Call& call) {
    using Kind = Call::Kind;
    out.byte(static_cast<std::uint8_t>(call.kind));
    out.signed_number(call.status);
    switch (call.kind) {
    case Kind::begin:
        out.number(call.words.size());
        for (const auto& [name, value] : call.words) {
            out.text(name);
            out.word(value);
        }
        out.number(call.rules.size());
        for (const std::string& name : call.rules)
            out.text(name);
        break;
    case Kind::warm:
        out.address(call.address);
        out.number(call.keys.size());
        for (const rvm_u256& key : call.keys)
            out.word(key);
        break;
    case Kind::account:
    case Kind::set_nonce:
        out.address(call.address);
        out.number(call.number);
        break;
    case Kind::add_balance:
    case Kind::credit:
    case Kind::sub_balance:
        out.address(call.address);
        out.word(call.value);
        break;
    case Kind::set_code:
        out.address(call.address);
        out.text(call.text);
        out.byte(call.hash ? 1 : 0);
        if (call.hash) out.hash(*call.hash);
        out.bytes(call.bytes);
        break;
    case Kind::set_slot:
        out.address(call.address);
        out.word(call.key);
        out.word(call.value);
        break;
    case Kind::touch:
        out.address(call.address);
        break;
    case Kind::mark:
    case Kind::rollback:
        out.number(call.number);
        break;
    case Kind::execute:
        put(out, call.message);
        put(out, call.answer);
        out.bytes(call.events);
        break;
    case Kind::end:
        out.number(call.number);
        out.hash(call.digest);
        out.number(call.logs.size());
        for (const Log& log : call.logs)
            put(out, log);
        out.number(call.changes.size());
        for (const AccountChange& change : call.changes)
            put(out, change);
        break;
    case Kind::abort:
    case Kind::commit:
    case Kind::discard:
        break;
    }
}

/// `kept`: adds up the instructions of event streams, which are judged then; nullptr: they are not.
Call get_call(Decoder& in, std::uint64_t* kept) {
    using Kind = Call::Kind;
    Call call;
    const std::uint64_t begin = in.offset();
    const std::uint8_t kind = in.byte("a call");
    if (kind > static_cast<std::uint8_t>(Call::last_kind)) Decoder::refuse(begin, "a kind of call", std::to_string(kind));
    call.kind = static_cast<Kind>(kind);
    call.status = get_status(in);
    switch (call.kind) {
    case Kind::begin: {
        const std::size_t words = get_count(in, "the number of environment words", 2);
        for (std::size_t i = 0; i < words; ++i) {
            std::string name = in.text("the name of a word");
            call.words.emplace_back(std::move(name), in.word("an environment word"));
        }
        const std::size_t rules = get_count(in, "the number of rule sets");
        for (std::size_t i = 0; i < rules; ++i)
            call.rules.push_back(in.text("a rule set"));
        break;
    }
    case Kind::warm: {
        call.address = in.address("an account");
        const std::size_t keys = get_count(in, "the number of keys");
        for (std::size_t i = 0; i < keys; ++i)
            call.keys.push_back(in.word("a key"));
        break;
    }
    case Kind::account:
    case Kind::set_nonce:
        call.address = in.address("an account");
        call.number = in.number(call.kind == Kind::account ? "what is wanted" : "a nonce",
                                call.kind == Kind::account ? UINT32_MAX : UINT64_MAX);
        break;
    case Kind::add_balance:
    case Kind::credit:
    case Kind::sub_balance:
        call.address = in.address("an account");
        call.value = in.word("an amount");
        break;
    case Kind::set_code: {
        call.address = in.address("an account");
        call.text = in.text("a format", max_id);
        const std::uint64_t at = in.offset();
        const std::uint8_t with_hash = in.byte("whether a hash follows");
        if (with_hash > 1) Decoder::refuse(at, "0 or 1", std::to_string(with_hash));
        if (with_hash == 1) call.hash = in.hash("the hash of a code");
        const ByteView code = in.bytes("a code", max_blob);
        call.bytes.assign(code.begin(), code.end());
        break;
    }
    case Kind::set_slot:
        call.address = in.address("an account");
        call.key = in.word("a key");
        call.value = in.word("a value");
        break;
    case Kind::touch:
        call.address = in.address("an account");
        break;
    case Kind::mark:
    case Kind::rollback:
        call.number = in.number("the number of a mark");
        break;
    case Kind::execute: {
        call.message = get_message(in);
        const std::uint64_t at = in.offset();
        call.answer = get_answer(in);
        if (call.answer.status != call.status) Decoder::refuse(at, "the status that the call has", std::to_string(call.answer.status));
        const ByteView events = in.bytes("events", max_file_bytes);
        if (kept != nullptr) *kept += check_events(events, in.offset() - events.size());
        call.events.assign(events.begin(), events.end());
        break;
    }
    case Kind::end: {
        call.number = in.number("flags of an end", UINT32_MAX);
        call.digest = in.hash("the digest of changes");
        const std::size_t logs = get_count(in, "the number of logs", 22);
        for (std::size_t i = 0; i < logs; ++i)
            call.logs.push_back(get_log(in));
        const std::size_t changes = get_count(in, "the number of changed accounts", 90);
        for (std::size_t i = 0; i < changes; ++i)
            call.changes.push_back(get_change(in));
        break;
    }
    case Kind::abort:
    case Kind::commit:
    case Kind::discard:
        break;
    }
    return call;
}

void put(Encoder& out, const BaseAccount& account) {
    out.address(account.address);
    out.word(account.balance);
    out.number(account.nonce);
    out.byte(account.code ? 1 : 0);
    if (account.code) {
        out.text(account.code->format);
        out.bytes(account.code->bytes);
    }
    out.number(account.slots.size());
    for (const auto& [key, value] : account.slots) {
        out.word(key);
        out.word(value);
    }
}

BaseAccount get_base(Decoder& in) {
    BaseAccount account;
    account.address = in.address("an account");
    account.balance = in.word("a balance");
    account.nonce = in.number("a nonce");
    const std::uint64_t begin = in.offset();
    const std::uint8_t with_code = in.byte("whether a code follows");
    if (with_code > 1) Decoder::refuse(begin, "0 or 1", std::to_string(with_code));
    if (with_code == 1) {
        std::string format = in.text("a format", max_id);
        const ByteView code = in.bytes("a code", max_blob);
        account.code = {std::move(format), {code.begin(), code.end()}};
    }
    const std::size_t slots = get_count(in, "the number of slots", 2);
    for (std::size_t i = 0; i < slots; ++i) {
        const rvm_u256 key = in.word("the key of a slot");
        account.slots.emplace_back(key, in.word("the value of a slot"));
    }
    return account;
}

/// What a call may follow.
struct Order {
    bool open = false, executed = false; ///< a transaction; in it
    std::uint64_t marks = 0;             ///< of it

    /// The shape of the calls on one world: an execution needs an open transaction, a rollback a mark of it, results an
    /// execution.
    void check(const Call& call, std::uint64_t offset) {
        using Kind = Call::Kind;
        const auto refuse = [&](const char* expected, const char* found) { Decoder::refuse(offset, expected, found); };
        switch (call.kind) {
        case Kind::begin:
            if (open) refuse("the end of the open transaction", "another begin");
            open = call.status == RVM_OK;
            executed = false;
            marks = 0;
            break;
        case Kind::end:
            if (!open) refuse("an open transaction", "its end");
            // A replay compares results of executions alone: others would go unseen.
            if ((!executed || call.status != RVM_OK) &&
                (!same(call.digest, {}) || !call.logs.empty() || !call.changes.empty()))
                refuse("no results of a transaction in which nothing was executed", "some");
            if (call.status == RVM_OK) open = false;
            break;
        case Kind::abort:
            if (!open) refuse("an open transaction", "its end");
            if (call.status == RVM_OK) open = false;
            break;
        case Kind::discard:
            open = false;
            break;
        case Kind::mark:
            if (call.number != marks++) refuse("the next number of a mark", "another");
            break;
        case Kind::rollback:
            if (call.number >= marks) refuse("the number of an earlier mark", "a later one");
            break;
        case Kind::execute:
            if (!open) refuse("an open transaction", "an execution");
            executed = true;
            break;
        default:
            break;
        }
    }
};

World get_world(Decoder& in, std::uint64_t* kept) {
    World world;
    const std::uint64_t begin = in.offset();
    const std::uint8_t ephemeral = in.byte("a world");
    if (ephemeral > 1) Decoder::refuse(begin, "0 or 1", std::to_string(ephemeral));
    world.ephemeral = ephemeral == 1;
    const std::size_t accounts = get_count(in, "the number of accounts", 24);
    for (std::size_t i = 0; i < accounts; ++i)
        world.base.push_back(get_base(in));
    const std::size_t calls = get_count(in, "the number of calls", 2);
    Order order;
    for (std::size_t i = 0; i < calls; ++i) {
        const std::uint64_t at = in.offset();
        world.calls.push_back(get_call(in, kept));
        order.check(world.calls.back(), at);
    }
    return world;
}

} // namespace

Bytes encode(const Recording& recording) {
    Encoder out;
    out.raw(as_bytes(file_magic));
    out.number(file_version);
    out.text(recording.product);
    out.text(recording.semantics);
    out.number(recording.command.size());
    for (const std::string& word : recording.command)
        out.text(word);
    out.number(recording.exit_status);
    out.number(recording.steps);
    out.number(recording.kept_steps);
    out.number(recording.worlds.size());
    for (const World& world : recording.worlds) {
        out.byte(world.ephemeral ? 1 : 0);
        out.number(world.base.size());
        for (const BaseAccount& account : world.base)
            put(out, account);
        out.number(world.calls.size());
        for (const Call& call : world.calls)
            put(out, call);
    }
    Bytes file = out.take();
    file.resize(file.size() + Sha256::digest_size);
    mend_checksum(file);
    return file;
}

Recording decode(ByteView file, bool deep) {
    Decoder head(file);
    const ByteView magic = head.raw("the magic \"rvmrec\"", file_magic.size());
    if (as_text(magic) != file_magic)
        Decoder::refuse(0, "a recording: 7276 6d72 6563 0d0a", to_hex(magic));
    if (const std::uint64_t version = head.number("a version"); version != file_version) {
        if (version > file_version) throw Newer{version};
        Decoder::refuse(file_magic.size(), "version " + std::to_string(file_version), std::to_string(version));
    }
    if (head.left() < Sha256::digest_size) Decoder::refuse(file.size(), "the checksum of 32 bytes", "the end");
    const std::size_t body = file.size() - Sha256::digest_size;
    if (const Bytes digest = sha256(file.first(body)); !std::ranges::equal(digest, file.subspan(body)))
        Decoder::refuse(body, "the checksum " + to_hex(digest), to_hex(file.subspan(body)));

    Decoder in(file.subspan(head.offset(), body - head.offset()), head.offset());
    Recording recording;
    recording.product = in.text("a version of rvm");
    recording.semantics = in.text("the semantics", max_text);
    const std::size_t words = get_count(in, "the number of words");
    for (std::size_t i = 0; i < words; ++i)
        recording.command.push_back(in.text("a word of the command line", max_text));
    recording.exit_status = in.number("an exit status", 255);
    recording.steps = in.number("the number of steps");
    const std::uint64_t at = in.offset();
    recording.kept_steps = in.number("the number of steps that are kept", recording.steps);
    if (recording.kept_steps == 0 && recording.steps != 0) // none were listened to then
        Decoder::refuse(at, "some of " + std::to_string(recording.steps) + " steps", "0");
    const std::size_t worlds = get_count(in, "the number of worlds", 3);
    std::uint64_t kept = 0;
    for (std::size_t i = 0; i < worlds; ++i)
        recording.worlds.push_back(get_world(in, deep ? &kept : nullptr));
    if (deep && kept != recording.kept_steps)
        Decoder::refuse(at, "the " + std::to_string(kept) + " steps that are kept",
                        std::to_string(recording.kept_steps));
    if (!in.done()) Decoder::refuse(in.offset(), "the checksum", std::to_string(in.left()) + " bytes more");
    return recording;
}

void mend_checksum(Bytes& file) {
    if (file.size() < Sha256::digest_size) return;
    const ByteView body = ByteView(file).first(file.size() - Sha256::digest_size);
    std::ranges::copy(sha256(body), file.end() - static_cast<std::ptrdiff_t>(Sha256::digest_size));
}

} // namespace rvm::record
