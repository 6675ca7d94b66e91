"""Syscalls at addresses (`programs` of the manifest): called from every format, priced, recorded, judged, told."""

import hashlib
import importlib.util
import json
import pathlib
import unittest

from modules import leb, leb_u, name, section
from recordings import RecordingTest
from support import PLUGINS

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SHA, KECCAK, VERIFY, SUMS = (f"0x{number:040x}" for number in (0x800, 0x801, 0x802, 0x803))
TEXT = b"abc"
DIGEST = hashlib.sha256(TEXT).digest()


def evm(address, gas="5a"):
    """Calls the address with the input; returns whether that succeeded, and what came back."""
    return f"36 6000 6000 37  6000 6000 36 6000 6000 61{address[-4:]} {gas} f1  3d 6000 6020 3e  6000 52  3d 6020 01 6000 f3"


def native(address, gas=1000000):
    return (f'data target = hex "{address[2:]}"\ndata nothing = zero 32\ndata text = "abc"\nspace out 64\n'
            f"push {gas} push target push nothing push text push 3 push out + 32 push 32 invoke\n"
            "set r0\npush out + 24 get r0 bswap store64\npush out push 64 return\n")


def wasm(address, gas=1000000):
    const = lambda value: b"\x41" + leb(value)
    body = (const(223) + const(0) + const(32) + const(64) + const(3) + b"\x42" + leb(gas) + b"\x10\x00" + b"\x45\x3a\x00\x00" +
            const(224) + const(0) + b"\x10\x03" + b"\x10\x01" + const(192) + const(64) + b"\x10\x02\x0b")
    code = b"\x00" + body
    types = b"\x05" + b"\x60\x05\x7f\x7f\x7f\x7f\x7e\x01\x7f" + b"\x60\x03\x7f\x7f\x7f\x00" + b"\x60\x02\x7f\x7f\x00" + \
        b"\x60\x00\x01\x7f" + b"\x60\x00\x00"
    imports = [("call", 0), ("returned_read", 1), ("output", 2), ("returned_size", 3)]
    data = bytes.fromhex(address[2:]).ljust(64, b"\0") + TEXT
    return (b"\0asm\x01\0\0\0" + section(1, types) +
            section(2, leb_u(len(imports)) + b"".join(name("rvm") + name(n) + b"\x00" + bytes([t]) for n, t in imports)) +
            section(3, b"\x01\x04") + section(5, b"\x01\x00\x01") +
            section(7, b"\x02" + name("memory") + b"\x02\x00" + name("execute") + b"\x00\x04") +
            section(10, b"\x01" + leb_u(len(code)) + code) +
            section(11, b"\x01\x00\x41\x00\x0b" + leb_u(len(data)) + data))


class Assigned(RecordingTest):
    def setUp(self):
        super().setUp()
        self.manifest()

    def manifest(self, file="node.json", **more):
        document = {"format_version": 1, "profile": "development",
                    "plugins": [{"path": str(PLUGINS / f"{name}.so")} for name in ("crypto", "evm", "wasm", "trace")],
                    "programs": {SHA: "crypto.sha256", KECCAK: "crypto.keccak256", VERIFY: "crypto.ed25519.verify"}}
        document.update(more)
        self.write(file, json.dumps({key: value for key, value in document.items() if value is not None}, indent=1))
        return document

    def ran(self, program, *words, config="node.json", status=0):
        path = self.write({bytes: "p.wasm", str: "p.rasm" if isinstance(program, str) and "push" in program else "p.hex"}
                          [type(program)], program)
        found = self.rvm("run", path, "--input", "0x" + TEXT.hex(), "--config", config, "--json", *words)
        return self.assert_status(status, found).json()

    def answer(self, ran):
        output = bytes.fromhex(ran["output"][2:])
        return int.from_bytes(output[:32], "big"), output[32:]

    def test_every_format_gets_the_answer_and_pays_the_price(self):
        self.manifest("dearer.json", gas={"crypto.sha256": {"base": 1080}})
        for caller in (evm, native, wasm):
            with self.subTest(caller.__name__):
                ran = self.ran(caller(SHA))
                self.assertEqual((1, DIGEST), self.answer(ran))
                self.assertEqual(1000, self.ran(caller(SHA), config="dearer.json")["gas_used"] - ran["gas_used"])
                # 125 + 30 for Keccak-256 of up to 32 bytes, 80 + 40 for SHA-256
                self.assertEqual(35, self.ran(caller(KECCAK))["gas_used"] - ran["gas_used"])
        # By the Yellow Paper and EIP-2929: 70 for the instructions, 100 for a warm call, 120 for the digest.
        self.assertEqual(290, self.ran(evm(SHA))["gas_used"])

    def test_a_call_that_fails_burns_the_gas_it_was_given(self):
        for caller, gas in ((evm, lambda n: f"61{n:04x}"), (native, int), (wasm, int)):
            with self.subTest(caller.__name__):
                # Three bytes are no signature.
                spent = {given: self.ran(caller(VERIFY, gas(given))) for given in (30000, 31000)}
                self.assertEqual([0, 0], [self.answer(ran)[0] for ran in spent.values()])
                self.assertEqual(1000, spent[31000]["gas_used"] - spent[30000]["gas_used"])
                # The price is 120.
                poor, enough = (self.ran(caller(SHA, gas(given))) for given in (119, 120))
                self.assertEqual(0, self.answer(poor)[0])
                self.assertEqual((1, DIGEST), self.answer(enough))

    def test_prices_follow_the_height(self):
        self.manifest("node.json", chain={"activations": [{"height": 5, "gas": {"crypto.sha256": {"base": 90}}}]})
        used = {height: self.ran(evm(SHA), "--env", f"block.number={height}")["gas_used"] for height in (4, 5)}
        self.assertEqual({4: 290, 5: 300}, used)

    def test_nothing_need_be_granted_and_nothing_is(self):
        call = 'space d 32\npush 0 push 0 push d push 32 syscall "crypto.sha256" drop\n'
        self.assert_refused(1, "RVM-N05", self.rvm("check", self.write("import.rasm", call), "--config", "node.json"))
        self.assertEqual(DIGEST, self.answer(self.ran(native(SHA)))[1])

    def test_a_recording_replays_here_and_diverges_where_the_address_is_another(self):
        for caller, file in ((evm, "p.hex"), (native, "p.rasm"), (wasm, "p.wasm")):
            with self.subTest(caller.__name__):
                self.write(file, caller(SHA))
                self.record("run", file, "--input", "0x" + TEXT.hex(), "--config", "node.json")
                replayed = self.replay("--config", "node.json")
                self.assertTrue(replayed["equal"], replayed)
                self.assertEqual(replayed["semantics"]["recorded"], replayed["semantics"]["here"])
        self.manifest("other.json", programs={SHA: "crypto.blake2b256"})
        self.manifest("dearer.json", gas={"crypto.sha256": {"base": 81}})
        for config, what in (("other.json", "crypto.blake2b256"), ("dearer.json", "gas")):
            with self.subTest(config):
                replayed = self.replay("--config", config, status=1)
                self.assertIn(what, json.dumps(replayed["divergence"]))
                self.assertNotEqual(replayed["semantics"]["recorded"], replayed["semantics"]["here"])

    def test_a_provider_that_is_refused_is_told_once(self):
        self.manifest("bad.json", plugins=[{"path": str(PLUGINS / "crypto.so"), "version": ">=99", "optional": True}])
        findings = self.assert_status(78, self.rvm("config", "check", "bad.json", "--json")).json()["findings"]
        errors = [finding["code"] for finding in findings if finding["severity"] == "error"]
        self.assertEqual(["RVM-D05"] + 3 * ["RVM-R10"], errors, findings)

    def test_a_trace_names_the_syscall(self):
        self.write("p.hex", evm(SHA))
        traced = self.assert_status(0, self.rvm("run", "p.hex", "--input", "0x616263", "--config", "node.json", "--trace"))
        self.assertIn(f"call {SHA} [crypto.sha256]", traced.err)

    def test_what_cannot_be_is_refused_with_its_line(self):
        cases = [({"0x" + "0" * 39 + "2": "crypto.sha256"}, "RVM-R12", "evm/sha256"),
                 ({"0x" + "0" * 36 + "0100": "crypto.sha256"}, "RVM-R12", "evm/p256verify"),  # of the last fork alone
                 ({SHA: "crypto.sha257"}, "RVM-R10", "crypto.sha256"),
                 ({SHA: "wallet.sign"}, "RVM-R11", "EXTERNAL"),
                 ({SHA[:10] + "1" + SHA[11:]: "crypto.sha256"}, "RVM-M09", "32 zeros"),
                 ({"0x0800": "crypto.sha256"}, "RVM-M09", "32 zeros")]
        wallet = [{"path": str(PLUGINS / f"{plugin}.so")} for plugin in ("crypto", "evm", "wallet")]
        for programs, code, text in cases:
            with self.subTest(code=code, text=text):
                self.manifest("bad.json", programs=programs, plugins=wallet)
                for verb in (["config", "check", "bad.json"], ["run", "-", "--config", "bad.json"]):
                    refused = self.assert_refused(78, code, self.rvm(*verb, stdin="push 1"))
                    self.assertIn(f"/programs/{next(iter(programs))}", refused.err)
                    self.assertIn(text, refused.err)

    def test_fingerprints_and_verbs_tell_assignments_apart(self):
        self.manifest("less.json", programs={SHA: "crypto.sha256"})
        self.manifest("none.json", programs=None)
        self.manifest("empty.json", programs={})
        semantics = lambda config: self.assert_status(0, self.rvm("fingerprint", "--config", config, "--json")).json()["semantics"]
        self.assertEqual(3, len({semantics(config) for config in ("node.json", "less.json", "none.json")}))
        self.assertEqual(semantics("none.json"), semantics("empty.json"))
        explained = self.assert_status(0, self.rvm("config", "explain", "node.json", "--json")).json()["decisions"]
        told = {decision["subject"]: decision for decision in explained}
        self.assertEqual("syscall crypto.sha256 of org.rvm.crypto, base 80, per 32 bytes 40", told[f"program {SHA}"]["decision"])
        lines = (self.folder / "node.json").read_text().splitlines()
        self.assertIn(VERIFY, lines[told[f"program {VERIFY}"]["line"] - 1])
        self.manifest("moved.json", programs={SHA: "crypto.keccak256", VERIFY: "crypto.ed25519.verify"})
        changes = {change["id"]: change for change in self.assert_status(
            1, self.rvm("config", "diff", "node.json", "moved.json", "--json")).json()["changes"]}
        self.assertEqual({SHA, KECCAK}, set(changes))
        self.assertEqual(("address", "lost", True), tuple(changes[KECCAK][key] for key in ("what", "change", "consensus")))
        self.assertEqual({"before": "crypto.sha256", "after": "crypto.keccak256"}, changes[SHA]["members"]["id"])
        self.assert_status(0, self.rvm("config", "lock", "node.json", "-o", "locked.json"))
        self.assertEqual(semantics("node.json"), semantics("locked.json"))

    def test_the_example_of_the_readme(self):
        spec = importlib.util.spec_from_file_location("guide", SOURCE / "tests" / "guides" / "guide.py")
        guide = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(guide)
        text = (SOURCE / "plugins" / "crypto" / "README.md").read_text()
        example = self.write("example.md", text[text.index("## At an address"):text.index("## Prices")])
        blocks = guide.blocks(example)
        compared = 0
        for (file, kind, body, _), (_, next_kind, expected, _) in zip(blocks, blocks[1:] + [("", "", "", 0)]):
            if file:
                self.write(file, body.replace("@plugins@", str(PLUGINS)))
            elif kind == "sh":
                for line in body.splitlines():
                    found = self.assert_status(0, self.rvm(*line.split()[1:]))
                if next_kind == "text":
                    self.assertRegex(found.out, guide.pattern(expected))
                    compared += 1
        self.assertEqual(2, compared)


if __name__ == "__main__":
    unittest.main()
