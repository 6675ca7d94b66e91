"""Ethereum's encodings in plain Python, from the yellow paper and the EIPs: a second opinion for the tests of the ledger.

Slow and simple on purpose; shares nothing with the program under test.
"""

import json

# ---- Keccak-256 (FIPS 202 with the original padding) ------------------------------------------------------------------

_ROUNDS = 24
_MASK = (1 << 64) - 1


def _round_constants():
    """The bits of the LFSR x^8 + x^6 + x^5 + x^4 + 1 (FIPS 202, algorithm 5)."""
    state, constants = 1, []
    for _ in range(_ROUNDS):
        constant = 0
        for j in range(7):
            if state & 1:
                constant |= 1 << ((1 << j) - 1)
            state = (state << 1) ^ (0x171 if state & 0x80 else 0)
        constants.append(constant)
    return constants


_RC = _round_constants()


def _rotate(value, count):
    count %= 64
    return ((value << count) | (value >> (64 - count))) & _MASK


def _permute(a):
    for constant in _RC:
        c = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
        d = [c[(x + 4) % 5] ^ _rotate(c[(x + 1) % 5], 1) for x in range(5)]
        a = [a[i] ^ d[i % 5] for i in range(25)]
        x, y, current = 1, 0, a[1]
        for t in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            a[x + 5 * y], current = _rotate(current, (t + 1) * (t + 2) // 2), a[x + 5 * y]
        a = [a[i] ^ (~a[i // 5 * 5 + (i + 1) % 5] & a[i // 5 * 5 + (i + 2) % 5]) for i in range(25)]
        a[0] ^= constant
    return a


def keccak256(data):
    rate = 136
    data = bytearray(data) + b"\x01"
    data += bytes(-len(data) % rate)
    data[-1] |= 0x80
    state = [0] * 25
    for at in range(0, len(data), rate):
        for i in range(rate // 8):
            state[i] ^= int.from_bytes(data[at + 8 * i:at + 8 * i + 8], "little")
        state = _permute(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])


# ---- RLP (yellow paper, appendix B) -----------------------------------------------------------------------------------


def integer(value):
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def rlp(item):
    if isinstance(item, int):
        item = integer(item)
    if isinstance(item, (bytes, bytearray)):
        if len(item) == 1 and item[0] < 0x80:
            return bytes(item)
        return _header(len(item), 0x80) + bytes(item)
    payload = b"".join(map(rlp, item))
    return _header(len(payload), 0xc0) + payload


def _header(size, base):
    if size <= 55:
        return bytes([base + size])
    digits = integer(size)
    return bytes([base + 55 + len(digits)]) + digits


# ---- Merkle Patricia trie (appendix D), built anew for every root -----------------------------------------------------


def _hex_prefix(nibbles, leaf):
    flag = 2 if leaf else 0
    nibbles = [flag + 1, *nibbles] if len(nibbles) % 2 else [flag, 0, *nibbles]
    return bytes(16 * a + b for a, b in zip(nibbles[::2], nibbles[1::2]))


def _node(entries, depth):
    """The structure of the node over entries (nibbles, value), which all agree before `depth`."""
    if not entries:
        return b""
    if len(entries) == 1:
        nibbles, value = entries[0]
        return [_hex_prefix(nibbles[depth:], True), value]
    common = depth
    while len({nibbles[common] for nibbles, _ in entries}) == 1:
        common += 1
    if common > depth:
        return [_hex_prefix(entries[0][0][depth:common], False), _reference(_node(entries, common))]
    return [_reference(_node([e for e in entries if e[0][depth] == n], depth + 1)) for n in range(16)] + [b""]


def _reference(node):
    if node == b"":
        return b""
    encoded = rlp(node)
    return node if len(encoded) < 32 else keccak256(encoded)


def secure_root(entries):
    """Root over {key: value} with hashed keys."""
    nibbles = [([n for byte in keccak256(key) for n in (byte >> 4, byte & 15)], value) for key, value in entries.items()]
    return keccak256(rlp(_node(nibbles, 0)))


def state_root(alloc):
    """Root of {address: {balance, nonce, code, storage}} with numbers and bytes; nothing is left out."""
    def account(fields):
        slots = {key.to_bytes(32, "big"): rlp(value) for key, value in fields.get("storage", {}).items() if value}
        return rlp([fields.get("nonce", 0), fields.get("balance", 0), secure_root(slots),
                    keccak256(fields.get("code", b""))])
    return secure_root({address: account(fields) for address, fields in alloc.items()})


def logs_hash(logs=()):
    """Of (address, topics, data)."""
    return keccak256(rlp([[address, list(topics), data] for address, topics, data in logs]))


# ---- secp256k1 (SEC 2), signing only ----------------------------------------------------------------------------------

_P = 2**256 - 2**32 - 977
ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141
_G = (0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798,
      0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8)


def _add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % _P == 0:
        return None
    slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, _P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, _P)
    x = (slope * slope - a[0] - b[0]) % _P
    return x, (slope * (a[0] - x) - a[1]) % _P


def _multiply(scalar, point=_G):
    out = None
    while scalar:
        if scalar & 1:
            out = _add(out, point)
        point, scalar = _add(point, point), scalar >> 1
    return out


def address_of(secret):
    x, y = _multiply(secret)
    return keccak256(x.to_bytes(32, "big") + y.to_bytes(32, "big"))[12:]


def sign(secret, digest):
    """(y_parity, r, s) with a low s (EIP-2)."""
    k = int.from_bytes(keccak256(secret.to_bytes(32, "big") + digest), "big") % ORDER
    x, y = _multiply(k)
    r = x % ORDER
    s = pow(k, -1, ORDER) * (int.from_bytes(digest, "big") + r * secret) % ORDER
    parity = y & 1
    return (parity ^ 1, r, ORDER - s) if s > ORDER // 2 else (parity, r, s)


# ---- Fixtures ---------------------------------------------------------------------------------------------------------


def hexed(value):
    return "0x" + value.hex() if isinstance(value, bytes) else hex(value)


def alloc_json(alloc):
    return {hexed(address): {"balance": hexed(fields.get("balance", 0)), "nonce": hexed(fields.get("nonce", 0)),
                             "code": hexed(fields.get("code", b"")),
                             "storage": {hexed(k): hexed(v) for k, v in fields.get("storage", {}).items()}}
            for address, fields in alloc.items()}


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1))
    return path
