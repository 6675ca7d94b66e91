#include "record/recording.hpp"

namespace rvm::record {

namespace {

Bytes owned(rvm_view view) { return view.size == 0 ? Bytes{} : Bytes(view.data, view.data + view.size); }

} // namespace

Message::Message(const rvm_message& message)
    : kind(message.kind), flags(message.flags), gas(message.gas), stipend(message.stipend), sender(message.sender),
      recipient(message.recipient), code_address(message.code_address), value(message.value), input(owned(message.input)),
      init_code(owned(message.init_code)) {
    if (message.format != nullptr) format = message.format;
    if (message.salt != nullptr) salt = *message.salt;
}

rvm_message Message::view(std::uint32_t depth) const noexcept {
    rvm_message out{};
    out.struct_size = sizeof out;
    out.kind = kind;
    out.flags = flags;
    out.depth = depth;
    out.gas = gas;
    out.stipend = stipend;
    out.sender = sender;
    out.recipient = recipient;
    out.code_address = code_address;
    out.value = value;
    out.input = {input.data(), input.size()};
    out.init_code = {init_code.data(), init_code.size()};
    out.format = format ? format->c_str() : nullptr;
    out.salt = salt ? &*salt : nullptr;
    return out;
}

bool Message::operator==(const Message& other) const noexcept {
    return kind == other.kind && flags == other.flags && gas == other.gas && stipend == other.stipend &&
           same(sender, other.sender) && same(recipient, other.recipient) && same(code_address, other.code_address) &&
           same(value, other.value) && input == other.input && init_code == other.init_code && format == other.format &&
           salt.has_value() == other.salt.has_value() && (!salt || same(*salt, *other.salt));
}

Answer::Answer(const rvm_result& result)
    : status(result.status), gas_left(result.gas_left), refund(result.refund), output(owned(result.output)),
      created(result.created), detail(result.detail), fault_position(result.fault_position) {}

rvm_result Answer::view() const noexcept {
    rvm_result out{};
    out.struct_size = sizeof out;
    out.status = status;
    out.gas_left = gas_left;
    out.refund = refund;
    out.output = {output.data(), output.size()};
    out.created = created;
    out.detail = detail;
    out.fault_position = fault_position;
    return out;
}

} // namespace rvm::record
