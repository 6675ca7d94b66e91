#include "replay/event_text.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "cli/values.hpp"
#include <rvm/runtime.hpp>

namespace rvm::replay {

namespace {

constexpr std::size_t shown_bytes = 40; // a selector and one argument
constexpr std::uint64_t shown_words = 4;

} // namespace

std::string bytes_head(ByteView bytes) {
    if (bytes.size() <= shown_bytes) return host::bytes_text(bytes);
    return fmt::format("{}... ({} bytes)", host::bytes_text(bytes.first(shown_bytes)), bytes.size());
}

std::string word_at(rvm_view stack, std::uint32_t size, std::uint64_t index) {
    rvm_u256 word{};
    if (size <= sizeof word && (index + 1) * size <= stack.size) std::memcpy(word.limbs, stack.data + index * size, size);
    return host::hex_text(word);
}

std::string status_text(rvm_status status) { return std::string(status_name(status)); }

std::string op_text(const rvm_op_event& event) {
    std::string text = fmt::format("pc {:<6} {:<14} gas {} cost {}", event.pc, text_of(event.name), event.gas, event.cost);
    if (event.word_bytes == 0) return text;
    const std::uint64_t words = event.stack.size / event.word_bytes;
    text += words == 0 ? "  stack empty" : "  stack";
    if (words > shown_words) text += fmt::format(" ({} more)", words - shown_words);
    for (std::uint64_t i = words - std::min(words, shown_words); i < words; ++i)
        text += " " + word_at(event.stack, event.word_bytes, i);
    return text;
}

std::string enter_text(const rvm_message& message, const char* format) {
    static constexpr const char* kinds[] = {"call", "callcode", "delegatecall", "staticcall", "create"};
    std::string text = fmt::format("{} {}", message.kind < std::size(kinds) ? kinds[message.kind] : "call",
                                   host::address_text(message.recipient));
    if (std::memcmp(&message.code_address, &message.recipient, sizeof message.recipient) != 0)
        text += " code " + host::address_text(message.code_address);
    text += fmt::format(" [{}] from {} gas {}", format == nullptr ? "no code" : format, host::address_text(message.sender),
                        record::wrapping_sum(message.gas, message.stipend));
    if (!host::is_zero(message.value)) text += " value " + host::decimal_text(message.value);
    if (message.input.size != 0) text += " input " + bytes_head(host::bytes_of(message.input));
    return text;
}

std::string leave_text(const rvm_result& result) {
    std::string text = fmt::format("ends: {}, gas left {}", status_text(result.status), result.gas_left);
    if (result.output.size != 0) text += ", output " + bytes_head(host::bytes_of(result.output));
    return text;
}

std::string state_text(const rvm_state_event& event) {
    static constexpr const char* kinds[] = {"state", "balance", "nonce", "code", "slot", "transient slot", "destroyed"};
    std::string text = fmt::format("{} of {}", event.kind < std::size(kinds) ? kinds[event.kind] : "state",
                                   host::address_text(event.address));
    if (event.kind == RVM_STATE_SLOT || event.kind == RVM_STATE_TRANSIENT) text += " " + host::hex_text(event.key);
    return text + fmt::format(": {} -> {}", host::hex_text(event.before), host::hex_text(event.after));
}

std::string log_text(const rvm_address& address, const rvm_bytes32* topics, std::size_t topic_count, rvm_view data) {
    std::string text = "log of " + host::address_text(address);
    for (std::size_t i = 0; i < topic_count; ++i)
        text += " topic " + host::bytes_text(ByteView{topics[i].bytes});
    return text + " data " + bytes_head(host::bytes_of(data));
}

std::string external_text(const std::string& id, ByteView input) {
    return fmt::format("asks {} of {}", id, input.empty() ? "nothing" : bytes_head(input));
}

std::string deed_text(const record::Deed& deed) {
    using Kind = record::Deed::Kind;
    switch (deed.kind) {
    case Kind::account:
        return "the item warms " + host::address_text(deed.address);
    case Kind::sload:
        return "the item reads slot " + host::hex_text(deed.key);
    case Kind::sstore:
        return fmt::format("the item writes {} to slot {}", host::hex_text(deed.value), host::hex_text(deed.key));
    case Kind::tstore:
        return fmt::format("the item writes {} to transient slot {}", host::hex_text(deed.value), host::hex_text(deed.key));
    case Kind::log:
        return "the item logs";
    case Kind::touch:
        return "the item touches " + host::address_text(deed.address);
    case Kind::destroy:
        return "the item destroys its account for " + host::address_text(deed.address);
    case Kind::call:
        return "the item calls " + host::address_text(deed.message.recipient);
    case Kind::reserve:
        return fmt::format("the item reserves {} bytes", deed.bytes);
    }
    return {};
}

std::string event_text(const record::Event& event) {
    using Kind = record::Event::Kind;
    switch (event.kind) {
    case Kind::op:
        return op_text(event.op);
    case Kind::fault:
        return fmt::format("{}  fails: {}", op_text(event.op), status_text(event.status));
    case Kind::enter:
        return enter_text(event.message.view(), event.format);
    case Kind::leave:
        return leave_text(event.answer.view());
    case Kind::state:
        return state_text(event.state);
    case Kind::log:
        return log_text(event.log.address, event.log.topics.data(), event.log.topics.size(),
                        {event.log.data.data(), event.log.data.size()});
    case Kind::external:
        return external_text(event.external.id, event.external.input);
    case Kind::block_hash:
        return fmt::format("asks the hash of block {}", event.block_hash.number);
    case Kind::steps_end:
        return "no more instructions are recorded";
    case Kind::deed:
        return deed_text(event.deed);
    }
    return {};
}

} // namespace rvm::replay
