"""host/JSON.md says what --json prints: every field that is printed is on the page, and every field on the page is printed."""

import json
import pathlib
import re
import unittest

from state_cases import write_cases
from statetest_test import good
from support import ARITHMETIC, PLUGINS, SHARE, CliTest

PAGE = pathlib.Path(__file__).resolve().parents[2] / "host" / "JSON.md"
WASM = pathlib.Path(__file__).resolve().parents[1] / "data" / "wasm"
# `children[]` of a profile have children of their own.
REPEATED = re.compile(r"(?:children\[\]\.)+")


def fields(value, path=""):
    """(path, type) of every leaf; an empty list or object is no leaf, null says that there is none."""
    if isinstance(value, dict):
        for key, member in value.items():
            name = "{key}" if re.fullmatch(r"0x[0-9a-f]+", key) else key
            yield from fields(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for member in value:
            yield from fields(member, path + "[]")
    elif value is not None:
        kind = {str: "string", bool: "boolean", int: "number", float: "number"}[type(value)]
        yield REPEATED.sub("children[].", path), kind


class Page:
    """Sections by title: field -> (type, whether it is always there)."""

    def __init__(self, text):
        self.sections = {}
        included = {}
        for section in text.split("\n## ")[1:]:
            title, body = section.split("\n", 1)
            rows = re.findall(r"^\| `([^`]+)`( \?)? \| (\w+) \|", body, re.MULTILINE)
            self.sections[title] = {path: (kind, not optional) for path, optional, kind in rows}
            for prefix, other in re.findall(r"(?:Each of `([^`]+)` has|The) (?:the )?fields of a \[(\w+)\]", body):
                included[title] = (prefix + "." if prefix else "", other)
        for title, (prefix, other) in included.items():
            for path, (kind, always) in list(self.sections[other].items()):
                self.sections[title].setdefault(prefix + path, (kind, always and not prefix))


class JsonPage(CliTest):
    page = Page(PAGE.read_text())

    def check(self, title, *commands, status=0, borrowed=()):
        """Runs the commands; together they must show the whole section, except what is `borrowed` and shown elsewhere."""
        section = self.page.sections[title]
        opaque = tuple(path for path, (kind, _) in section.items() if kind == "object")
        seen = set()
        for words in commands:
            document = self.assert_status(status, self.rvm(*words, "--json")).json()
            here = set(fields(document))
            for path, kind in here:
                if any(path == one or path.startswith((one + ".", one + "[")) for one in opaque):
                    seen.update(one for one in opaque if path.startswith(one))
                    continue
                self.assertIn(path, section, f"{title}: {words} prints a field that the page does not have")
                self.assertEqual(section[path][0], kind, f"{title}: {path}")
                seen.add(path)
            lists = [path for path, (_, always) in section.items() if always and "[" not in path and path not in opaque]
            for path in lists:
                self.assertIn(path, {one for one, _ in here}, f"{title}: {words} does not print {path}")
        missing = {path for path in section if path not in seen and path not in opaque and not path.startswith(tuple(borrowed))}
        self.assertEqual(set(), missing, f"{title}: on the page, but printed by none of {commands}")

    def program(self, name="p.rasm", text=ARITHMETIC):
        return self.write(name, text).name

    RECEIPT = ("trap", "logs", "trace", "gas_refund", "storage", "result")  # shown by the commands of `rvm run`

    def test_failure(self):
        self.write("bad.rasm", "push 1 adn\n")
        self.write("m.json", '{"format_version": 1, "profle": "development"}')
        self.write("d.json", json.dumps({"format_version": 1, "profile": "development", "trust": {"require": "none"}, "search_paths": [str(PLUGINS)], "plugins": [{"path": "none.so"}]}))
        self.check("failure", ["run", "bad.rasm"], status=1, borrowed=("findings[].plugin",))
        self.check("failure", ["run", "bad.rasm", "--config", "m.json"], status=78, borrowed=("findings[].",))

    def test_run(self):
        self.write("log.rasm", 'data m = "hi"\nspace t 32\npush m push 2 push t log 1\ndata k = zero 32\ndata v = u256 1\npush k push v sstore\n')
        self.write("trap.rasm", "push 1 push 0 div\n")
        self.write("refund.hex", "60015f555f5f5500")
        self.check("rvm run", ["run", self.program()], ["run", "log.rasm", "--trace"], ["run", "refund.hex", "--format", "evm"], borrowed=("trap",))
        self.check("rvm run", ["run", "trap.rasm"], status=1, borrowed=self.RECEIPT[1:])

    def test_deploy_and_call(self):
        counter = SHARE / "demo" / "counter.rasm"
        self.check("rvm deploy", ["deploy", counter, "--state", "w.json"], borrowed=self.RECEIPT)
        address = self.rvm("deploy", counter, "--state", "v.json", "--json").json()["address"]
        self.check("rvm call", ["call", address, "--state", "v.json"], borrowed=self.RECEIPT)

    def test_demo(self):
        self.check("rvm demo", ["demo"], borrowed=tuple("steps[]." + one for one in self.RECEIPT))

    def node(self):
        self.write("node.json", json.dumps({
            "format_version": 1, "profile": "development", "search_paths": [str(PLUGINS)], "discovery": "directory",
            "trust": {"require": "none"}, "syscalls": ["*"], "storage": {"engine": "lmdb", "config": {"path": "world"}}}))
        with_store = ["--config", "node.json"]
        address = self.assert_status(0, self.rvm("deploy", SHARE / "demo" / "counter.rasm", "--json", *with_store)).json()["address"]
        self.assert_status(0, self.rvm("call", address, *with_store))
        return address, with_store

    def test_state(self):
        address, node = self.node()
        self.check("rvm state show", ["state", "show", *node])
        self.check("rvm state get", ["state", "get", address, *node], ["state", "get", address, "0", *node])
        self.check("rvm state diff", ["state", "diff", "1", *node])
        self.check("rvm state verify", ["state", "verify", *node])
        self.check("rvm state compact", ["state", "compact", *node])
        self.check("rvm state export", ["state", "export", "-o", "a.json", *node], ["state", "export", "--stream", "-o", "a.bin", *node])
        for file in ("a.json", "a.bin"):
            self.write(file + ".node", (self.folder / "node.json").read_text().replace('"world"', f'"of-{file}"'))
        self.check("rvm state import", ["state", "import", "a.json", "--config", "a.json.node"], ["state", "import", "a.bin", "--config", "a.bin.node"])
        self.check("rvm lmdb info", ["lmdb", "info", *node])

    def test_programs(self):
        self.program()
        self.check("rvm asm", ["asm", "p.rasm"], ["asm", "p.rasm", "-o", "-"])
        self.check("rvm disasm", ["disasm", "p.rasm"])
        self.check("rvm check", ["check", SHARE / "demo" / "power.rasm"])
        self.check("rvm profile", ["profile", "p.rasm"], borrowed=self.RECEIPT)
        self.check("rvm bench", ["bench", "p.rasm", "--against", "p.rasm", "--samples", "3", "--warm-up", "1", "--sample-time", "0"])

    def test_recordings(self):
        self.assert_status(0, self.rvm("record", "-o", "p.rvmrec", "run", self.program()))
        self.check("rvm replay", ["replay", "p.rvmrec"])
        self.check("rvm trace", ["trace", "p.rvmrec"], ["trace", "--format", "jsonl", "run", "p.rasm"],
                   ["trace", "--html", "p.rvmrec"])

    def test_tests(self):
        self.write("gone.rasm", "push 1 jumpnz end push 2 drop\nend: push 3\n")
        self.write("gone.rtest.json", json.dumps({"format_version": 1, "programs": {"p": "gone.rasm"}, "accounts": {"a": {"program": "p"}},
                                                  "tests": [{"name": "one", "calls": [{"to": "a", "expect": {"result": "4"}}]}]}))
        self.write("old.json", json.dumps({"gone: one": 1}))
        page = self.page.sections["rvm test"]
        self.assertGreater(len(page), 10)
        self.check("rvm test", ["test", SHARE / "demo", "--coverage"], borrowed=("coverage[].missed", "gas_differences", "tests[].messages"))

    def test_plugins(self):
        library = PLUGINS / "u256.so"
        self.check("rvm plugin list", ["plugin", "list"])
        self.check("rvm plugin inspect", ["plugin", "inspect", library])
        self.check("rvm plugin pin", ["plugin", "pin", library])
        self.check("rvm plugin new", ["plugin", "new", "adder", "--kind", "opcode", "--lang", "c"])
        self.check("rvm plugin keygen", ["plugin", "keygen", "k.key"])
        self.write("u256.so", library.read_bytes())
        self.check("rvm plugin sign", ["plugin", "sign", "u256.so", "--key", "k.key"])
        self.check("rvm plugin check", ["plugin", "check", library])

    def test_configs(self):
        dev, consensus = SHARE / "configs" / "dev.json", SHARE / "configs" / "consensus.json"
        self.check("rvm config check", ["config", "check"])
        self.check("rvm config explain", ["config", "explain"])
        self.check("rvm config lock", ["config", "lock", "-o", "locked.json"])
        self.check("rvm config init", ["config", "init", "new.json"])
        self.check("rvm config diff", ["config", "diff", dev, consensus], status=1)
        self.check("rvm fingerprint", ["fingerprint"])

    def test_words(self):
        self.check("rvm explain", ["explain", "RVM-F02"])
        self.check("rvm version", ["version"])
        self.check("rvm help", ["help"])
        self.check("rvm help VERB", ["help", "asm"], ["run", "--help"])
        self.assertIn(".TH RVM 1", self.rvm("help", "--man", "--json").json()["text"])

    def test_verbs_of_plugins(self):
        self.check("rvm evm", ["evm", "602a5f5260205ff3"], ["evm", "--create", "60015f5560015fa05f5ff3"], borrowed=("logs", "halt", "revert_reason"))
        self.check("rvm evm", ["evm", "5f5ffd"], ["evm", "fe"], status=1, borrowed=("logs", "created", "revert_reason", "halt"))
        self.assertEqual([{"pc": 0, "text": "PUSH1 0x2a"}], self.rvm("evm", "disasm", "602a", "--json").json())

    def test_verbs_of_wasm(self):
        fib = [WASM / "features.wasm", "--invoke", "fib", "5"]
        self.check("rvm wasm run", ["wasm", "run", *fib], ["wasm", "run", WASM / "wasi.wasm"], borrowed=("trap", "where"))
        self.check("rvm wasm run", ["wasm", "run", *fib, "--gas", "1"], status=1, borrowed=("results", "exit_code", "stdout", "stderr"))
        self.check("rvm wasm check", ["wasm", "check", WASM / "counter.wasm"])
        module = (WASM / "features.wasm").read_bytes()
        hints = b"\x19metadata.code.branch_hint\x09"  # as many functions as there are none of
        self.write("hints.wasm", module[:8] + bytes([0, len(hints)]) + hints + module[8:])
        self.check("rvm wasm inspect", ["wasm", "inspect", WASM / "counter.wasm"], ["wasm", "inspect", "hints.wasm"], ["wasm", "inspect", WASM / "wasi.wasm"])
        self.check("rvm wasm bench", ["wasm", "bench", *fib, "--runs", "1"])
        self.write("none.json", json.dumps({"source_filename": "none.wast", "commands": []}))
        self.check("rvm wasm spectest", ["wasm", "spectest", "none.json"])

    def test_fixtures(self):
        write_cases(self.folder / "cases.json", {"bad": good(nonce=3), "fine": good(), "slow": good()})
        self.write("skips.txt", "slow # too slow here\n")
        self.check("rvm statetest", ["statetest", "--skip-list", "skips.txt", "cases.json"], status=1, borrowed=("failures[].details", "skips[].details"))

    def test_wallet(self):
        self.write("pw", "open sesame\n")
        self.write("key", "11" * 32)
        self.write("message", "hello")
        self.write("typed", json.dumps({"types": {"T": [{"name": "x", "type": "uint8"}]}, "primaryType": "T", "domain": {"name": "d"}, "message": {"x": 1}}))
        self.write("tx", json.dumps({"chainId": 1, "nonce": 9, "gasPrice": 1, "gas": 21000, "to": "0x" + "35" * 20}))
        self.write("wish", json.dumps({"chainId": 1, "address": "0x" + "35" * 20, "nonce": 1}))
        kept = ["--wallet", "w", "--password-file", "pw"]
        self.assert_status(0, self.rvm("wallet", "new", "a", "--weak", "--passes", "1", "--memory", "8", *kept))
        self.check("rvm wallet list", ["wallet", "list", *kept])
        self.check("rvm wallet address", ["wallet", "address", "a", *kept])
        self.check("rvm wallet export", ["wallet", "export", "a", "--key", "-o", "secret", *kept])
        self.check("rvm wallet help", ["wallet", "help"])
        self.check("rvm wallet derive", ["wallet", "derive", "a", "--path", "m", *kept])
        self.check("rvm wallet sign-tx", ["wallet", "sign-tx", "a", "tx", *kept])
        self.check("rvm wallet sign-authorization", ["wallet", "sign-authorization", "a", "wish", *kept])
        self.check("rvm wallet sign-message", ["wallet", "sign-message", "a", "message", *kept], ["wallet", "sign-typed", "a", "typed", *kept])
        self.check("rvm wallet remove", ["wallet", "remove", "a", *kept])
        signing = ["sign", "--scheme", "eip191", "--key-file", "key"]
        self.check("rvm sign", [*signing, "message"], [*signing, "--public"])
        made = self.rvm(*signing, "message", "--json").json()
        self.write("sig", made["signature"])
        self.check("rvm verify", ["verify", "--scheme", "eip191", "--address", made["address"], "--signature", "sig", "message"])
        self.write("batch", json.dumps({"scheme": "eip191", "key": made["key"], "signature": made["signature"], "message": "0x00"}) + "\n")
        self.check("rvm verify --batch", ["verify", "--batch", "batch"], status=1)

    def test_every_verb_has_a_section(self):
        without = {"repl", "record"}  # for people; what the recorded verb prints
        for entry in self.rvm("help", "--json").json():
            if "plugin" not in entry and entry["verb"] not in without:
                self.assertTrue(any(title.split()[1:2] == [entry["verb"]] for title in self.page.sections if title.startswith("rvm ")), entry["verb"])


if __name__ == "__main__":
    unittest.main()
