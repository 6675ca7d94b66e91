#!/usr/bin/env python3
"""Writes sha256.rasm and keccak.rasm beside itself: unrolled code that nobody wants to type. Core opcodes only.

Constants: FIPS 180-4 section 4.2.2 (fractional parts of the cube roots of the first 64 primes) and section 5.3.3 (square roots
of the first eight); FIPS 202 sections 3.2.2 (rotation offsets) and 3.2.5 (round constants), computed here from their
definitions.
"""
from decimal import Decimal, getcontext
from pathlib import Path

getcontext().prec = 60
MASK = "0xffffffff"


def primes(count):
    found = []
    candidate = 2
    while len(found) < count:
        if all(candidate % p for p in found):
            found.append(candidate)
        candidate += 1
    return found


def fraction_bits(root):
    return int((root - int(root)) * 2**32)


def cube_root(n):
    x = Decimal(n) ** (Decimal(1) / Decimal(3))
    return x - (x**3 - n) / (3 * x * x)


def sha256():
    k = [fraction_bits(cube_root(p)) for p in primes(64)]
    h = [fraction_bits(Decimal(p).sqrt()) for p in primes(8)]
    words = lambda values: ", ".join(f"word {v:#x}" for v in values)
    out = ["; SHA-256 compression (FIPS 180-4 section 6.2.2), n blocks of made-up words; made by make_programs.py.",
           "; r0 to r7 the working variables, renamed from round to round; r8 offset of the round, r9 a word twice, r10 T1.",
           "space input 8", f"data k = {words(k)}", f"data state = {words(h)}", "space w 512", "space left 8",
           "func main",
           "    push input push 0 push 8 incopy",
           "block:",
           "    push 0 set r8",
           "fill:",
           "    push w get r8 add  get r8 push 0x1234567 mul push input load64 add push 0xffffffff and  store64",
           "    get r8 push 8 add set r8",
           "    get r8 push 128 lt jumpnz fill",
           "schedule:"]

    def sigma(register, shifts, last):
        text = f"get {register} get {register} push 32 shl or set r9 "
        text += f"get r9 push {shifts[0]} shr get r9 push {shifts[1]} shr xor "
        text += f"get {register} push {last} shr xor" if last_is_shift else f"get r9 push {last} shr xor"
        return text + f" push {MASK} and"

    last_is_shift = True
    out += ["    get r8 push w add push 120 sub load64 set r0",
            "    get r8 push w add push 16 sub load64 set r1",
            "    get r8 push w add",
            "    " + sigma("r0", (7, 18), 3),
            "    " + sigma("r1", (17, 19), 10),
            "    add get r8 push w add push 128 sub load64 add get r8 push w add push 56 sub load64 add",
            f"    push {MASK} and store64",
            "    get r8 push 8 add set r8",
            "    get r8 push 512 lt jumpnz schedule"]
    out += [f"    push state push {8 * i} add load64 set r{i}" for i in range(8)]
    out += ["    push 0 set r8", "rounds:"]
    last_is_shift = False
    for i in range(8):
        a, b, c, d, e, f, g, hh = (f"r{(n - i) % 8}" for n in range(8))
        out += [f"    get {hh} " + sigma(e, (6, 11), 25) + " add",
                f"    get {f} get {g} xor get {e} and get {g} xor add",
                f"    get r8 push k + {8 * i} add load64 add get r8 push w + {8 * i} add load64 add set r10",
                f"    get {d} get r10 add push {MASK} and set {d}",
                "    " + sigma(a, (2, 13), 22) + " get r10 add",
                f"    get {a} get {b} and get {a} get {b} xor get {c} and or add push {MASK} and set {hh}"]
    out += ["    get r8 push 64 add set r8", "    get r8 push 512 lt jumpnz rounds"]
    out += [f"    push state + {8 * i} dup load64 get r{i} add push {MASK} and store64" for i in range(8)]
    out += ["    push input dup load64 push 1 sub store64", "    push input load64 jumpnz block",
            "    push state load64 push 32 shl push state + 56 load64 or"]
    return "\n".join(out) + "\n"


def keccak():
    def rc_bits():
        register = 1
        while True:
            yield register & 1
            register <<= 1
            if register & 0x100:
                register ^= 0x171

    bits = rc_bits()
    constants = []
    for _ in range(24):
        value = 0
        for j in range(7):
            if next(bits):
                value |= 1 << (2**j - 1)
        constants.append(value)
    offsets = {(0, 0): 0}
    x, y = 1, 0
    for t in range(24):
        offsets[x, y] = (t + 1) * (t + 2) // 2 % 64
        x, y = y, (2 * x + 3 * y) % 5
    lane = lambda name, x, y: f"{name} + {8 * (x + 5 * y)}"
    out = ["; Keccak-f[1600] (FIPS 202 section 3.3), n permutations of a made-up state; made by make_programs.py.",
           "; r0 to r4 the column parities or a row, r5 to r9 what theta adds, r10 round.",
           "space input 8", "data rc = " + ", ".join(f"word {v:#x}" for v in constants),
           "space a 200", "space b 200",
           "func main",
           "    push input push 0 push 8 incopy",
           "fill:",
           "    push a get r0 push 3 shl add  get r0 push 0x9e3779b97f4a7c15 mul  store64",
           "    get r0 push 1 add set r0",
           "    get r0 push 25 lt jumpnz fill",
           "permutation:", "    push 0 set r10", "round:"]
    for x in range(5):
        parity = f"push {lane('a', x, 0)} load64"
        for y in range(1, 5):
            parity += f" push {lane('a', x, y)} load64 xor"
        out.append(f"    {parity} set r{x}")
    for x in range(5):
        out.append(f"    get r{(x + 4) % 5} get r{(x + 1) % 5} push 1 rotl xor set r{5 + x}")
    for y in range(5):
        for x in range(5):
            value = f"push {lane('a', x, y)} load64 get r{5 + x} xor"
            if offsets[x, y]:
                value += f" push {offsets[x, y]} rotl"
            out.append(f"    push {lane('b', y, (2 * x + 3 * y) % 5)} {value} store64")
    for y in range(5):
        out += [f"    push {lane('b', x, y)} load64 set r{x}" for x in range(5)]
        out += [f"    push {lane('a', x, y)} get r{(x + 1) % 5} not get r{(x + 2) % 5} and get r{x} xor store64"
                for x in range(5)]
    out += ["    push a push a load64 push rc get r10 add load64 xor store64",
            "    get r10 push 8 add set r10", "    get r10 push 192 lt jumpnz round",
            "    push input dup load64 push 1 sub store64", "    push input load64 jumpnz permutation",
            f"    push a load64 push {lane('a', 4, 4)} load64 xor"]
    return "\n".join(out) + "\n"


here = Path(__file__).parent
(here / "sha256.rasm").write_text(sha256())
(here / "keccak.rasm").write_text(keccak())
