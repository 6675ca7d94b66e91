// Functions, blocks, calls.
#include "generator/code.hpp"

#include <algorithm>

namespace rvm::wasm::generator {

Code::Code(Random& random, Plan& plan, Signature own, std::uint32_t function)
    : random_(random), plan_(plan), own_(std::move(own)), function_(function), locals_(own_.parameters),
      budget_(static_cast<int>(20 + random.below(100))) {
    const std::string letters = plan.letters();
    for (std::uint64_t i = random.below(8); i > 0; --i)
        locals_ += letters[random.below(letters.size())];
    free_ = locals_.size();
    labels_.push_back({own_.results, false});
}

void Code::random_body() {
    constexpr unsigned depth = 5;
    spend();
    for (std::uint64_t i = 1 + random_.below(5); i > 0; --i)
        statement(depth);
    values(own_.results, depth);
}

Bytes Code::finish() {
    Bytes body;
    leb(body, locals_.size() - own_.parameters.size());
    for (std::size_t i = own_.parameters.size(); i < locals_.size(); ++i) {
        leb(body, 1);
        type(body, locals_[i]);
    }
    put(body, out_);
    opcode(body, Op::end);
    Bytes out;
    sized(out, body);
    return out;
}

std::uint32_t Code::fresh(char type) {
    locals_ += type;
    return static_cast<std::uint32_t>(locals_.size() - 1);
}

std::uint32_t Code::scratch(char type) {
    const auto known = scratch_.find(type);
    return known != scratch_.end() ? known->second : scratch_[type] = fresh(type);
}

std::uint32_t Code::local(char type) {
    if (free_ == 0) return UINT32_MAX;
    const auto start = static_cast<std::size_t>(random_.below(free_));
    for (std::size_t i = 0; i < free_; ++i) {
        const std::size_t at = (start + i) % free_;
        if (locals_[at] == type) return static_cast<std::uint32_t>(at);
    }
    return UINT32_MAX;
}

std::string Code::some(std::uint64_t most) {
    const std::string letters = plan_.letters();
    if (random_.one_in(16) && most > 1) most = 8;
    std::string out;
    for (std::uint64_t i = random_.below(most + 1); i > 0; --i)
        out += letters[random_.below(letters.size())];
    return out;
}

/// Portable: what loops and calls take from.
void Code::spend() {
    if (!plan_.options.portable) return;
    opcode(out_, Op::global_get, plan_.counter);
    opcode(out_, Op::i32_eqz);
    opcode(out_, Op::if_);
    put(out_, {0x40});
    opcode(out_, Op::unreachable);
    opcode(out_, Op::end);
    opcode(out_, Op::global_get, plan_.counter);
    number(out_, 1);
    opcode(out_, Op::i32_sub);
    opcode(out_, Op::global_set, plan_.counter);
}

void Code::block_type(const std::string& parameters, const std::string& results) {
    if (parameters.empty() && results.empty()) return put(out_, {0x40});
    if (parameters.empty() && results.size() == 1) return type(out_, results[0]);
    signed_leb(out_, plan_.type_index({parameters, results}));
}

void Code::block(Block kind, const std::string& parameters, const std::string& results, unsigned depth) {
    std::uint32_t counter = 0;
    if (kind == Block::loop) {
        counter = fresh('i');
        number(out_, static_cast<std::int32_t>(1 + random_.below(random_.one_in(4) ? 6 : 2)));
        opcode(out_, Op::local_set, counter);
    }
    values(parameters, depth);
    if (kind == Block::if_) value('i', depth);
    opcode(out_, kind == Block::block ? Op::block : kind == Block::loop ? Op::loop : Op::if_);
    block_type(parameters, results);
    labels_.push_back({kind == Block::loop ? parameters : results, kind == Block::loop});
    const bool has_else = kind == Block::if_ && (parameters != results || random_.one_in(2));
    for (int arm = 0; arm < (has_else ? 2 : 1); ++arm) {
        if (arm == 1) opcode(out_, Op::else_);
        sink(parameters);
        if (kind == Block::loop) spend();
        if (kind == Block::loop && random_.one_in(2)) { // what was set last above and is set last below
            opcode(out_, Op::local_get, counter);
            leaf('i');
            opcode(out_, random_.pick({Op::i32_add, Op::i32_sub, Op::i32_lt_u, Op::i32_shl, Op::i32_mul}));
            keep('i');
        }
        statements(depth);
        if (kind == Block::loop) { // once more while the counter lasts
            values(parameters, depth);
            opcode(out_, Op::local_get, counter);
            number(out_, 1);
            opcode(out_, Op::i32_sub);
            opcode(out_, Op::local_tee, counter);
            number(out_, 0);
            opcode(out_, Op::i32_gt_s);
            opcode(out_, Op::br_if, 0);
            sink(parameters);
        }
        values(results, depth);
    }
    labels_.pop_back();
    opcode(out_, Op::end);
}

void Code::catch_clause(Bytes& clauses, std::uint8_t kind, std::uint32_t tag, std::uint32_t label) {
    put(clauses, {kind});
    if (kind < 2) leb(clauses, tag);
    leb(clauses, label);
}

/// A try_table in a block that takes the payload of its first clause; the others go wherever their payload is taken.
void Code::try_block(const std::string& results, unsigned depth) {
    const auto payload_of = [&](std::uint8_t kind, std::uint32_t tag) {
        return (kind < 2 ? plan_.tags[tag] : std::string()) + (kind % 2 == 1 ? "e" : "");
    };
    const auto some_kind = [&] {
        return static_cast<std::uint8_t>(plan_.tags.empty() ? 2 + random_.below(2) : random_.below(4));
    };
    const auto some_tag = [&] {
        return static_cast<std::uint32_t>(plan_.tags.empty() ? 0 : random_.below(plan_.tags.size()));
    };
    const std::uint8_t kind = some_kind();
    const std::uint32_t tag = some_tag();
    const std::string payload = payload_of(kind, tag);
    std::vector<std::uint32_t> kept;
    for (const char each : results)
        kept.push_back(fresh(each));

    opcode(out_, Op::block);
    block_type("", payload);
    labels_.push_back({payload, false});
    Bytes clauses;
    catch_clause(clauses, kind, tag, 0);
    std::uint64_t count = 1;
    for (std::uint64_t i = random_.below(3); i > 0; --i) {
        const std::uint8_t other = some_kind();
        const std::uint32_t other_tag = some_tag();
        const std::uint32_t to = label();
        if (at(to).types != payload_of(other, other_tag)) continue;
        Bytes clause;
        catch_clause(clause, other, other_tag, to);
        clauses.insert(random_.one_in(2) ? clauses.begin() : clauses.end(), clause.begin(), clause.end());
        ++count;
    }
    opcode(out_, Op::try_table);
    block_type("", results);
    leb(out_, count);
    put(out_, clauses);
    labels_.push_back({results, false});
    statements(depth);
    if (!plan_.tags.empty() && depth > 0 && random_.one_in(3)) { // in a body of its own, whose clauses may be others
        const bool inner = random_.one_in(2);
        inner ? try_block("", depth - 1) : raise(depth - 1);
    }
    values(results, depth);
    labels_.pop_back();
    opcode(out_, Op::end);
    for (std::size_t i = kept.size(); i-- > 0;)
        opcode(out_, Op::local_set, kept[i]);
    values(payload, depth);
    labels_.pop_back();
    opcode(out_, Op::end);
    if (!payload.empty() && payload.back() == 'e' && random_.one_in(10)) {
        opcode(out_, Op::throw_ref); // null when the body ended
    } else if (!payload.empty() && payload.back() == 'e' && random_.one_in(2)) {
        opcode(out_, Op::ref_is_null);
        keep('i');
        sink(payload.substr(0, payload.size() - 1));
    } else {
        sink(payload);
    }
    for (const std::uint32_t from : kept)
        opcode(out_, Op::local_get, from);
}

/// Mostly a later one, so that calls end.
std::uint32_t Code::callee() {
    const auto count = static_cast<std::uint32_t>(plan_.functions.size());
    if (function_ + 1 < count && !random_.one_in(50)) {
        return function_ + 1 + static_cast<std::uint32_t>(random_.below(count - function_ - 1));
    }
    return random_.one_in(40) ? static_cast<std::uint32_t>(random_.below(count)) : count - 1;
}

/// Calls it one way or another. False: nothing is written.
bool Code::invoke(std::uint32_t function, bool tail, unsigned depth) {
    const Signature signature = plan_.functions[function];
    const std::uint32_t type = plan_.type_index(signature);
    if (plan_.has(Feature::function_references) && random_.one_in(4)) {
        values(signature.parameters, depth);
        type == 0 ? value('t', depth) : opcode(out_, Op::ref_func, function);
        opcode(out_, tail ? Op::return_call_ref : Op::call_ref, type);
        return true;
    }
    for (std::uint32_t i = 0; i < plan_.tables.size() && random_.one_in(2); ++i) {
        const std::vector<std::uint32_t>& filled = plan_.tables[i].filled;
        const auto found = std::find(filled.begin(), filled.end(), function);
        if (found == filled.end() && !careless()) continue;
        if (plan_.tables[i].element != 'r') continue;
        values(signature.parameters, depth);
        const auto place = static_cast<std::uint32_t>(found - filled.begin());
        if (careless()) {
            small(plan_.tables[i].is64, plan_.tables[i].size, depth);
        } else {
            plan_.tables[i].is64 ? number64(out_, place) : number(out_, static_cast<std::int32_t>(place));
        }
        opcode(out_, tail ? Op::return_call_indirect : Op::call_indirect, type);
        leb(out_, i);
        return true;
    }
    values(signature.parameters, depth);
    opcode(out_, tail ? Op::return_call : Op::call, function);
    return true;
}

Bytes function_body(Random& random, Plan& plan, std::uint32_t function) {
    Code code(random, plan, plan.functions[function], function);
    code.random_body();
    return code.finish();
}

} // namespace rvm::wasm::generator
