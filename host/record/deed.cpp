#include "record/deed.hpp"

#include "record/parts.hpp"

namespace rvm::record {

namespace {

using Kind = Deed::Kind;

std::uint32_t get_flags(Decoder& in) { return static_cast<std::uint32_t>(in.number("flags", UINT32_MAX)); }

} // namespace

void put(Encoder& out, const Deed& deed) {
    out.byte(static_cast<std::uint8_t>(deed.kind));
    out.signed_number(deed.gas);
    switch (deed.kind) {
    case Kind::account:
    case Kind::touch:
    case Kind::destroy:
        out.address(deed.address);
        out.number(deed.flags);
        return;
    case Kind::sload:
        out.word(deed.key);
        out.number(deed.flags);
        return;
    case Kind::sstore:
        out.word(deed.key);
        out.word(deed.value);
        out.number(deed.flags);
        return;
    case Kind::tstore:
        out.word(deed.key);
        out.word(deed.value);
        return;
    case Kind::log:
        put(out, deed.log);
        return;
    case Kind::call:
        put(out, deed.message);
        return;
    case Kind::reserve:
        out.signed_number(deed.bytes);
        return;
    }
}

Deed get_deed(Decoder& in) {
    Deed deed;
    const std::uint64_t begin = in.offset();
    const std::uint8_t kind = in.byte("what an item did");
    if (kind > static_cast<std::uint8_t>(Deed::last_kind)) Decoder::refuse(begin, "what an item did", std::to_string(kind));
    deed.kind = static_cast<Kind>(kind);
    deed.gas = in.signed_number("gas");
    switch (deed.kind) {
    case Kind::account:
    case Kind::touch:
    case Kind::destroy:
        deed.address = in.address("the address of an account");
        deed.flags = get_flags(in);
        break;
    case Kind::sload:
        deed.key = in.word("a key");
        deed.flags = get_flags(in);
        break;
    case Kind::sstore:
        deed.key = in.word("a key");
        deed.value = in.word("a value");
        deed.flags = get_flags(in);
        break;
    case Kind::tstore:
        deed.key = in.word("a key");
        deed.value = in.word("a value");
        break;
    case Kind::log:
        deed.log = get_log(in);
        break;
    case Kind::call:
        deed.message = get_message(in);
        break;
    case Kind::reserve:
        deed.bytes = in.signed_number("bytes of memory");
        break;
    }
    return deed;
}

} // namespace rvm::record
