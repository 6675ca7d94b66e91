#include "record/parts.hpp"

namespace rvm::record {

namespace {

// Which optional members of a message follow.
constexpr std::uint8_t has_value = 1, has_input = 2, has_init_code = 4, has_format = 8, has_salt = 16, has_stipend = 32,
                       has_code_address = 64;
constexpr std::uint8_t message_parts = 127;
constexpr std::uint64_t max_topics = 4;

template <class T>
bool zero(const T& value) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
    for (std::size_t i = 0; i < sizeof value; ++i)
        if (bytes[i] != 0) return false;
    return true;
}

Bytes copied(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

/// A part that is announced must not be empty: equal messages have equal bytes.
template <class T>
T announced(Decoder& in, const char* what, T value, bool empty) {
    if (empty) Decoder::refuse(in.offset(), std::string(what) + " where one is announced", "nothing");
    return value;
}

} // namespace

std::size_t get_count(Decoder& in, const char* what, std::size_t least) {
    return static_cast<std::size_t>(in.number(what, in.left() / least));
}

rvm_status get_status(Decoder& in) {
    const std::uint64_t begin = in.offset();
    const std::int64_t status = in.signed_number("a status");
    if (status > RVM_TRAP_LIMIT || status < RVM_E_CANCELLED)
        Decoder::refuse(begin, "a status of plugin.h", std::to_string(status));
    return static_cast<rvm_status>(status);
}

void put(Encoder& out, const Message& message) {
    const bool elsewhere = !same(message.code_address, message.recipient);
    const auto parts = static_cast<std::uint8_t>(
        (zero(message.value) ? 0 : has_value) | (message.input.empty() ? 0 : has_input) |
        (message.init_code.empty() ? 0 : has_init_code) | (message.format ? has_format : 0) |
        (message.salt ? has_salt : 0) | (message.stipend == 0 ? 0 : has_stipend) | (elsewhere ? has_code_address : 0));
    out.byte(parts);
    out.byte(static_cast<std::uint8_t>(message.kind));
    out.number(message.flags);
    out.signed_number(message.gas);
    if ((parts & has_stipend) != 0) out.signed_number(message.stipend);
    out.address(message.sender);
    out.address(message.recipient);
    if (elsewhere) out.address(message.code_address);
    if ((parts & has_value) != 0) out.word(message.value);
    if ((parts & has_input) != 0) out.bytes(message.input);
    if ((parts & has_init_code) != 0) out.bytes(message.init_code);
    if (message.format) out.text(*message.format);
    if (message.salt) out.hash(*message.salt);
}

Message get_message(Decoder& in) {
    Message message;
    const std::uint64_t begin = in.offset();
    const std::uint8_t parts = in.byte("a message");
    if (parts > message_parts) Decoder::refuse(begin, "parts of a message", std::to_string(parts));
    const auto has = [&](std::uint8_t part) { return (parts & part) != 0; };
    message.kind = in.byte("a kind of call");
    if (message.kind > RVM_CALL_CREATE) Decoder::refuse(begin + 1, "a kind of call", std::to_string(message.kind));
    message.flags = static_cast<std::uint32_t>(in.number("flags of a message", UINT32_MAX));
    message.gas = in.signed_number("gas");
    if (has(has_stipend)) {
        message.stipend = in.signed_number("a stipend");
        message.stipend = announced(in, "a stipend", message.stipend, message.stipend == 0);
    }
    message.sender = in.address("a sender");
    message.recipient = in.address("a recipient");
    message.code_address = message.recipient;
    if (has(has_code_address)) {
        message.code_address = in.address("an owner of code");
        if (same(message.code_address, message.recipient))
            Decoder::refuse(in.offset(), "an owner of code that is not the recipient", "the recipient");
    }
    if (has(has_value)) {
        message.value = in.word("a value");
        message.value = announced(in, "a value", message.value, zero(message.value));
    }
    if (has(has_input)) {
        message.input = copied(in.bytes("an input", max_blob));
        if (message.input.empty()) Decoder::refuse(in.offset(), "an input where one is announced", "nothing");
    }
    if (has(has_init_code)) {
        message.init_code = copied(in.bytes("init code", max_blob));
        if (message.init_code.empty()) Decoder::refuse(in.offset(), "init code where it is announced", "nothing");
    }
    if (has(has_format)) message.format = in.text("a format", 64);
    if (has(has_salt)) message.salt = in.hash("a salt");
    return message;
}

void put(Encoder& out, const Answer& answer) {
    out.signed_number(answer.status);
    out.signed_number(answer.gas_left);
    out.signed_number(answer.refund);
    out.bytes(answer.output);
    out.byte(zero(answer.created) ? 0 : 1);
    if (!zero(answer.created)) out.address(answer.created);
    out.number(answer.detail);
    out.number(answer.fault_position);
}

Answer get_answer(Decoder& in) {
    Answer answer;
    answer.status = get_status(in);
    answer.gas_left = in.signed_number("gas left");
    answer.refund = in.signed_number("a refund");
    answer.output = copied(in.bytes("an output", max_blob));
    const std::uint64_t begin = in.offset();
    const std::uint8_t created = in.byte("whether an account was created");
    if (created > 1) Decoder::refuse(begin, "0 or 1", std::to_string(created));
    if (created == 1) {
        answer.created = in.address("a created account");
        if (zero(answer.created)) Decoder::refuse(begin, "0 for no account", "1");
    }
    answer.detail = static_cast<std::uint32_t>(in.number("a fault", UINT32_MAX));
    answer.fault_position = in.number("a position");
    return answer;
}

void put(Encoder& out, const Log& log) {
    out.address(log.address);
    out.byte(static_cast<std::uint8_t>(log.topics.size()));
    for (const rvm_bytes32& topic : log.topics)
        out.hash(topic);
    out.bytes(log.data);
}

Log get_log(Decoder& in) {
    Log log;
    log.address = in.address("the address of a log");
    const std::uint64_t begin = in.offset();
    const std::uint8_t topics = in.byte("the number of topics");
    if (topics > max_topics) Decoder::refuse(begin, "at most 4 topics", std::to_string(topics));
    for (std::uint8_t i = 0; i < topics; ++i)
        log.topics.push_back(in.hash("a topic"));
    log.data = copied(in.bytes("the data of a log", max_blob));
    return log;
}

} // namespace rvm::record
