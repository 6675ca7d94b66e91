"""WebAssembly modules, written by hand."""


def leb(value):
    out = bytearray()
    while True:
        byte = value & 0x7f
        value >>= 7
        if (value == 0 and not byte & 0x40) or (value == -1 and byte & 0x40):
            return bytes(out + bytes([byte]))
        out.append(byte | 0x80)


def section(number, body):
    return bytes([number]) + leb_u(len(body)) + body


def leb_u(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def name(text):
    return leb_u(len(text)) + text.encode()
