"""rvm record and rvm replay: a run again, and where it stops being the same."""

import json
import os
import pathlib
import random
import re
import unittest

from blockchain import SENDER as SENDER_TEXT, transfer
from modules import leb, leb_u, name, section
from recordings import RecordingTest, changed, mended
from state_cases import SENDER, StateCase, write_cases
from support import SHARE, PLUGINS
from t8n_test import ENV

FOLDER = pathlib.Path(os.environ["RVM_UPGRADE_PLUGINS"])
SOURCE = pathlib.Path(__file__).resolve().parents[2]
COUNTER = SHARE / "demo" / "counter.rasm"
ROLL = "push 1000000 outside.roll set r0\nget r0 push 3 mul\n"
ACTS = """space who 20  space out 8
push who push 0 push 20 incopy
push who push 20 push out push 8 syscall "outside.act" drop
push 5 outside.mark drop
push out load64 push 7 and
"""
CALLED = "data key = zero 32\nspace value 32\npush value push 1000000 outside.roll store64\npush key push value sstore\npush 9 outside.mark\n"
TICK = 'space out 8\npush 0 push 0 push out push 8 syscall "outside.tick" drop\npush out load64 push 1 add\n'


def random_evm(rng):
    """Code that does arithmetic, memory and storage, with a loop, and ends."""
    code = bytearray.fromhex("6005")  # a counter at the bottom of the stack
    start = len(code)
    code += b"\x5b"
    depth = 1
    for _ in range(rng.randrange(5, 40)):
        pick = rng.randrange(8)
        if pick < 3 or depth < 3:
            size = rng.randrange(1, 5)
            code += bytes([0x5f + size]) + rng.randbytes(size)
            depth += 1
        elif pick == 3:
            code += bytes([rng.choice([0x01, 0x02, 0x03, 0x04, 0x06, 0x0a, 0x10, 0x16, 0x18, 0x1b])])
            depth -= 1
        elif pick == 4:
            code += bytes.fromhex("60") + bytes([rng.randrange(0, 96)]) + b"\x52"
            depth -= 1
        elif pick == 5:
            code += bytes.fromhex("60") + bytes([rng.randrange(4)]) + b"\x55"
            depth -= 1
        elif pick == 6:
            code += bytes.fromhex("60") + bytes([rng.randrange(4)]) + rng.choice([b"\x54", b"\x51"])
            depth += 1
        else:
            code += bytes.fromhex("60406000") + b"\x20"
            depth += 1
    code += b"\x50" * (depth - 1)
    code += bytes.fromhex("600190038060") + bytes([start]) + bytes.fromhex("5760206000f3")
    return bytes(code)


def random_wasm(rng):
    """A module whose `execute` loops over arithmetic in locals and memory, stores a slot and ends."""
    body = bytearray()
    body += b"\x41" + leb(rng.randrange(2, 9)) + b"\x21\x00" + b"\x03\x40"  # i = n; loop
    for _ in range(rng.randrange(3, 20)):
        pick = rng.randrange(3)
        if pick == 0:
            body += b"\x20\x01\x42" + leb(rng.getrandbits(40)) + bytes([rng.choice([0x7c, 0x7d, 0x7e, 0x83, 0x84, 0x85])]) + b"\x21\x01"
        elif pick == 1:
            body += b"\x41" + leb(rng.randrange(0, 600)) + b"\x20\x01\x37\x03\x00"
        else:
            body += b"\x20\x01\x42" + leb(rng.randrange(1, 60)) + b"\x8a\x21\x01"
    body += b"\x20\x00\x41\x01\x6b\x22\x00\x0d\x00\x0b"  # loop while --i
    body += b"\x41\x80\x10\x20\x01\x37\x03\x00"  # the result into the value of slot 0
    body += b"\x41\x00\x41\x80\x10\x10\x00" + b"\x41\x80\x10\x41\x20\x10\x01" + b"\x0b"
    code = b"\x02\x01\x7f\x01\x7e" + bytes(body)
    return (b"\0asm\x01\0\0\0" + section(1, b"\x02\x60\x02\x7f\x7f\x00\x60\x00\x00") +
            section(2, b"\x02" + name("rvm") + name("storage_store") + b"\x00\x00" + name("rvm") + name("output") + b"\x00\x00") +
            section(3, b"\x01\x01") + section(5, b"\x01\x00\x01") +
            section(7, b"\x02" + name("memory") + b"\x02\x00" + name("execute") + b"\x00\x02") +
            section(10, b"\x01" + leb_u(len(code)) + code))


class Record(RecordingTest):
    def plugin(self, version=1):
        return FOLDER / f"outside_{version}.so"

    def test_a_native_run_replays_equal(self):
        self.write("sum.rasm", "push 9 set r1\nagain: get r0 get r1 add set r0 get r1 push 1 sub dup set r1 jumpnz again\nget r0\n")
        plain = self.rvm("run", "sum.rasm")
        recorded = self.rvm("record", "-o", "r.rvmrec", "run", "sum.rasm")
        self.assertEqual(plain.out, recorded.out)
        result = self.replay()
        self.assertTrue(result["equal"])
        self.assertEqual(1, result["executions"])
        self.assertEqual(2 + 9 * 10 + 1, result["steps"])
        self.assertEqual(result["semantics"]["recorded"], result["semantics"]["here"])

    def test_the_exit_status_is_the_verbs(self):
        self.write("bad.rasm", "push 1 push 0 div\n")
        self.record("run", "bad.rasm", status=1)
        self.assertTrue(self.replay()["equal"])
        self.assert_refused(2, "RVM-U02", self.rvm("record", "-o", "x.rvmrec", "run", "none.rasm"))
        self.assertFalse((self.folder / "x.rvmrec").exists())

    def test_a_run_that_fails_before_its_first_instruction(self):
        self.record("run", SOURCE / "tests" / "data" / "wasm" / "counter.wasm", "--gas", "3", status=1)
        self.assertTrue(self.replay()["equal"])

    def test_generated_evm_code_replays_equal(self):
        rng = random.Random(20)
        for i in range(12):
            self.record("evm", random_evm(rng).hex())
            result = self.replay()
            self.assertTrue(result["equal"], i)
            self.assertGreater(result["steps"], 50)

    def test_generated_modules_replay_equal(self):
        rng = random.Random(21)
        for i in range(6):
            self.write("m.wasm", random_wasm(rng))
            self.record("run", "m.wasm")
            result = self.replay()
            self.assertTrue(result["equal"], i)
            self.assertGreater(result["steps"], 2)

    def test_a_changed_input_is_found_at_the_step_that_reads_it(self):
        self.write("in.rasm", "space b 8\npush 1 push 2 add drop\npush b push 0 push 8 incopy\npush b load64 push 5 mul\n")
        data = self.record("run", "in.rasm", "--input", "1122334455667788")
        found = self.replay_of(changed(data, bytes.fromhex("1122334455667788"), bytes.fromhex("1122334455667789"), 2))
        self.assertEqual("incopy", found["place"]["name"])
        self.assertEqual(7, found["place"]["step"])
        self.assertRegex(found["what"], "memory")
        self.assertIn("1122334455667788", found["recorded"] + found["replayed"])
        self.assertTrue(any("incopy" in line["text"] for line in found["window"]["recorded"]))

    def test_answers_of_the_outside_are_replayed(self):
        for text in (ROLL, TICK):
            self.write("o.rasm", text)
            first = self.rvm("run", "--plugin", self.plugin(), "o.rasm").out
            self.record("--plugin", self.plugin(), "run", "o.rasm")
            self.assertNotEqual(first, self.rvm("run", "--plugin", self.plugin(), "o.rasm").out)
            for _ in range(2):
                self.assertTrue(self.replay("--plugin", self.plugin())["equal"])

    def test_a_changed_answer_of_the_outside_is_found_at_its_step(self):
        self.write("o.rasm", TICK)
        data = self.record("--plugin", self.plugin(), "run", "o.rasm")
        at = data.index(b"outside.tick", data.index(b"\x85\x0coutside.tick")) + len("outside.tick") + 4
        other = bytearray(data)
        other[at] ^= 1
        found = self.replay_of(mended(bytes(other)), "--plugin", self.plugin())
        self.assertEqual("outside.tick", found["place"]["name"])
        self.assertEqual("org.rvm.test.outside", found["place"]["plugin"])
        self.assertRegex(found["what"], "memory")

    def deeds(self):
        """A suite whose program has the outside act in its name; what is called asks the outside itself, and writes."""
        self.write("acts.rasm", ACTS)
        self.write("called.rasm", CALLED)
        self.write("s.rtest.json", json.dumps({
            "format_version": 1, "name": "s", "accounts": {"a": {"program": "acts.rasm"}, "b": {"program": "called.rasm"}},
            "tests": [{"name": "t", "calls": [{"to": "a", "args": [{"account": "b"}]}, {"to": "a", "args": [{"account": "b"}]}]}]}))
        return ["--plugin", self.plugin(), "test", "s.rtest.json"]

    def test_what_an_account_was_and_became_is_compared(self):
        # Every part of the one change that a call of the counter makes; what it became is the step's that made it.
        address = self.assert_status(0, self.rvm("deploy", COUNTER, "--state", "w.json", "--json")).json()["address"]
        data = self.record("call", address, "--state", "w.json")
        at = data.rindex(bytes.fromhex(address[2:])) + 20  # flags, twice a balance, a nonce and the hash of the code, then the slot
        before, after, slot = at + 1, at + 1 + 34, at + 1 + 68
        self.assertEqual(bytes([1, 0, 0, 1, 1]), data[slot:-32], data[at:].hex())
        for place, bit, what in ((at, 1, "flags of the change"), (before + 1, 1, "nonce before"), (before + 2, 1, "code before"),
                                 (before + 33, 1, "code before"), (after + 1, 1, "nonce"), (after + 2, 1, "code"), (slot + 4, 2, "slot 0x0")):
            found = self.replay_of(mended(data[:place] + bytes([data[place] ^ bit]) + data[place + 1:]))
            self.assertEqual((f"{what} of {address}", "end"), (found["what"], found["stage"]))
            self.assertEqual(what == "slot 0x0", "place" in found, found)
            if "place" in found: self.assertEqual("sstore", found["place"]["name"])

    def test_no_field_of_an_execution_is_left_out(self):
        # A bit of every field of an execution and of what it ended with, the checksum mended: another result, or no recording.
        self.write("add.rasm", "push 2 push 3 add\n")
        self.write("bare.json", json.dumps({"format_version": 1, "profile": "development"}))
        data = self.record("run", "add.rasm", "--config", "bare.json")
        self.assertTrue(self.replay("--config", "bare.json")["equal"])
        head = data.index(b"\x09bare.json\x00") + len(b"\x09bare.json\x00")  # behind the exit status: steps, steps kept
        self.assertEqual(b"\x03\x03\x01\x01", data[head:head + 4])
        begin = data.index(b"\x0c\x00\x00\x00\x00", data.index(b"tx.origin"))
        account, sender = bytes.fromhex("c0de" + "00" * 18), bytes.fromhex("ca11e4" + "00" * 17)
        inner = set()  # one byte of an address or a name stands for all of it
        for text in (account, sender, b"native"):
            at = data.find(text, begin)
            while at >= 0:
                inner.update(range(at + 1, at + len(text)))
                at = data.find(text, at + len(text))
        inner.add(data.rindex(b"\x00\x0d\x00\x00", begin) + 3)  # how the transaction is to end was given, as its environment
        places = [(head, 1), (head, 4), (head + 1, 1)] + [(at, 1) for at in range(begin + 1, len(data) - 32) if at not in inner]
        self.assertGreater(len(places), 60)
        accepted = []
        for at, bit in places:
            self.write("c.rvmrec", mended(data[:at] + bytes([data[at] ^ bit]) + data[at + 1:]))
            if self.rvm("replay", "c.rvmrec", "--config", "bare.json").status not in (1, 78): accepted.append((at - begin, bit))
        self.assertEqual([], accepted, data[begin:].hex(" "))

    def test_results_of_what_was_not_executed_are_refused(self):
        # A suite lays its accounts out in a transaction that executes nothing: replay has nothing to compare its results with.
        self.deeds()
        data = self.record("--plugin", self.plugin(), "test", "s.rtest.json")
        end = re.search(rb"\x0d\x00\x00" + bytes(32) + rb"\x00\x00", data)  # flags, digest, no logs, no changes
        self.assertIsNotNone(end)
        other = bytearray(data)
        other[end.start() + 3] ^= 1
        self.write("c.rvmrec", mended(bytes(other)))
        refused = self.assert_refused(78, "RVM-G01", self.rvm("replay", "c.rvmrec", "--plugin", self.plugin()))
        self.assertIn("nothing was executed", refused.err)

    def test_steps_that_are_told_and_not_kept_are_refused(self):
        self.write("add.rasm", "push 2 push 3 add\n")
        data = self.record("run", "add.rasm", options=("--no-steps",))
        self.assertTrue(self.replay()["equal"])
        head = data.index(b"\x08add.rasm\x00") + len(b"\x08add.rasm\x00")
        self.assertEqual(b"\x00\x00\x01", data[head:head + 3])
        self.write("c.rvmrec", mended(data[:head] + b"\x03" + data[head + 1:]))
        self.assert_refused(78, "RVM-G01", self.rvm("replay", "c.rvmrec"))

    def test_what_the_outside_did_is_done_again(self):
        words = self.deeds()
        for options in ([], ["--no-steps"]):
            data = self.record(*words, options=options)
            self.assertNotEqual(data, self.record(*words, options=options))
            said = self.replay("--plugin", self.plugin())
            self.assertTrue(said["equal"], said)
            self.assertEqual(2, said["executions"])
        # Recorded, replayed and recorded again by a replay: both sides of --against do what was recorded.
        node = {"format_version": 1, "profile": "development", "trust": {"require": "none"}, "syscalls": ["*"],
                "plugins": [{"path": str(self.plugin())}]}
        self.write("node.json", json.dumps(node))
        self.assertTrue(self.replay("--config", "node.json", "--against", "node.json")["equal"])
        trace = self.assert_status(0, self.rvm("trace", "--plugin", self.plugin(), "--only", "calls,state,logs", "r.rvmrec")).out
        self.assertEqual((4, 2), (trace.count("call 0x"), trace.count("  log 0x")), trace)

    def test_a_changed_deed_is_found(self):
        words = self.deeds()
        data = self.record(*words)
        sstore = re.search(rb"\x88\x02[\x80-\xff]?[\x00-\x7f]\x00([\x01-\x08])", data)  # kind, gas, key 0, bytes of the value
        other = bytearray(data)
        other[sstore.end() - 1 + data[sstore.end() - 1]] ^= 1  # the last of them
        found = self.replay_of(mended(bytes(other)), "--plugin", self.plugin())
        self.assertEqual(("change of the state", "outside.act"), (found["what"], found["place"]["name"]), found)
        text = " ".join(line["text"] for line in found["window"]["replayed"])
        self.assertIn("the item writes", text)
        other = bytearray(data)
        other[sstore.start() + 1] = 9  # the first kind that is none
        self.write("c.rvmrec", mended(bytes(other)))
        refused = self.assert_refused(78, "RVM-G01", self.rvm("replay", "c.rvmrec", "--plugin", self.plugin()))
        self.assertIn("what an item did", refused.err)

    def test_a_plugin_that_differs_for_one_operand_is_named(self):
        self.write("t.rasm", "push 6 twist.square drop\npush 7 twist.square drop\npush 8 twist.square\n")
        self.record("--plugin", self.plugin(1), "run", "t.rasm")
        self.assertTrue(self.replay("--plugin", self.plugin(1))["equal"])
        found = self.replay("--plugin", self.plugin(2), status=1)["divergence"]
        self.assertEqual(("twist.square", 4, "org.rvm.test.outside"), (found["place"]["name"], found["place"]["step"], found["place"]["plugin"]))
        self.assertEqual(("top of the stack", "0x31", "0x30"), (found["what"], found["recorded"], found["replayed"]))
        text = self.assert_status(1, self.rvm("replay", "r.rvmrec", "--plugin", self.plugin(2))).out
        for part in ("not equal", "twist.square", "org.rvm.test.outside", "0x31", "0x30", "this deployment is another"):
            self.assertIn(part, text)

    def test_two_deployments_are_compared(self):
        manifest = '{"format_version": 1, "profile": "development", "search_paths": ["%s"], "discovery": "directory", "trust": {"require": "none"}, "syscalls": ["*"]%s}'
        for version in (1, 2):
            (self.folder / f"p{version}").mkdir()
            for file in PLUGINS.glob("*"):
                (self.folder / f"p{version}" / file.name).write_bytes(file.read_bytes())
            (self.folder / f"p{version}" / "outside.so").write_bytes(self.plugin(version).read_bytes())
            self.write(f"m{version}.json", manifest % (self.folder / f"p{version}", ""))
        self.write("t.rasm", "push 10 outside.roll drop\npush 7 twist.square\n")
        self.record("--config", "m1.json", "run", "t.rasm", options=("--no-steps",))
        self.assertTrue(self.replay("--config", "m1.json", "--against", "m1.json")["equal"])
        found = self.replay("--config", "m1.json", "--against", "m2.json", status=1)["divergence"]
        self.assertEqual(("twist.square", 4), (found["place"]["name"], found["place"]["step"]))

    def test_a_state_that_was_found_is_an_input(self):
        self.assert_status(0, self.rvm("deploy", COUNTER, "--state", "w.json"))
        address = self.rvm("deploy", COUNTER, "--state", "w2.json", "--json").json()["address"]
        self.assert_status(0, self.rvm("call", address, "--state", "w2.json"))
        data = self.record("call", address, "--state", "w2.json")
        self.assertTrue(self.replay()["equal"])
        # set_slot of slot 0 to 1: the value, one more
        at = data.index(b"\x08\x00" + bytes.fromhex(address[2:]) + b"\x00\x01\x01") + 24
        found = self.replay_of(mended(data[:at] + b"\x02" + data[at + 1:]))
        self.assertEqual("sload", found["place"]["name"])

    def test_every_kind_of_verb(self):
        self.record("demo")
        self.assertTrue(self.replay()["equal"])
        self.record("test", SHARE / "demo", options=("--no-steps",))
        result = self.replay()
        self.assertTrue(result["equal"])
        self.assertGreater(result["executions"], 5)
        self.record("deploy", COUNTER, "--state", "w.json")
        self.assertTrue(self.replay()["equal"])
        self.record("profile", COUNTER)
        self.assertTrue(self.replay()["equal"])
        self.assert_status(0, self.rvm("record", "-o", "r.rvmrec", "repl", stdin="push 1 push 2 add\npush 3 mul\n"))
        self.assertEqual(2, self.replay()["executions"])
        self.record("blocktest", SOURCE / "tests/data/ethereum/chains.json", options=("--no-steps",))
        self.assertGreater(self.replay()["executions"], 5)
        given = json.dumps({"alloc": {SENDER_TEXT: {"balance": hex(10**18)}}, "env": ENV, "txs": [transfer(0)]})
        self.assert_status(0, self.rvm("record", "-o", "r.rvmrec", "t8n", "--input.alloc=stdin", "--input.env=stdin", "--input.txs=stdin",
                                       "--state.fork=Berlin", "--output.result=stdout", "--output.alloc=stdout", stdin=given))
        self.assertTrue(self.replay()["equal"])

    def test_a_state_test(self):
        write_cases(self.folder / "a.json", {"transfer": StateCase("Cancun", value=5).accept(21_000, tip=3)})
        data = self.record("statetest", "a.json")
        self.assertEqual(1, self.replay()["executions"])
        # The sender's balance, as the world was laid out: one more.
        self.assertTrue(self.replay()["equal"])
        sender = data.index(b"\x04\x00" + SENDER) + 23
        found = self.replay_of(mended(data[:sender] + bytes([data[sender] ^ 1]) + data[sender + 1:]))
        self.assertRegex(found["what"], "balance|change")

    def test_bad_files(self):
        data = self.record("run", SHARE / "demo" / "power.rasm")
        for size in (0, 5, 8, 9, 40, len(data) // 2, len(data) - 1):
            self.write("c.rvmrec", data[:size])
            self.assert_refused(78, "RVM-G01", self.rvm("replay", "c.rvmrec"))
        self.write("c.rvmrec", data[:8] + b"\x02" + data[9:])
        self.assert_refused(78, "RVM-G02", self.rvm("replay", "c.rvmrec"))
        other = bytearray(data)
        other[200] ^= 1
        self.write("c.rvmrec", bytes(other))
        result = self.assert_refused(78, "RVM-G01", self.rvm("replay", "c.rvmrec"))
        self.assertRegex(result.err, r"offset \d+.*checksum")
        self.assert_refused(2, "RVM-U02", self.rvm("replay", "none.rvmrec"))

    def test_bad_requests(self):
        self.assert_refused(2, "RVM-G03", self.rvm("record", "-o", "r.rvmrec", "version"))
        self.assert_refused(2, "RVM-G03", self.rvm("record", "-o", "r.rvmrec", "wasm", "check", SOURCE / "tests/data/wasm/counter.wasm"))
        for listening in (["record", "-o", "x.rvmrec", "demo"], ["trace", "demo"], ["replay", "x.rvmrec"]):
            for verb in (["record", "-o", "r.rvmrec"], ["trace"]):
                refused = self.assert_refused(2, "RVM-U01", self.rvm(*verb, *listening))
                self.assertIn("listens to programs itself", refused.err)
        self.assert_refused(2, "RVM-U01", self.rvm("record", "run", "x"))
        self.assert_refused(2, "RVM-U01", self.rvm("record", "-o", "r.rvmrec"))
        self.assert_refused(2, "RVM-U01", self.rvm("record", "-o", "r.rvmrec", "runn", "x"))
        self.assert_refused(2, "RVM-U04", self.rvm("record", "-o", "no/r.rvmrec", "run", SHARE / "demo" / "power.rasm"))
        refused = self.assert_refused(2, "RVM-U01", self.rvm("record", "-o", "-", "run", SHARE / "demo" / "power.rasm"))
        self.assertIn("a recording goes to a file", refused.err)
        refused = self.assert_refused(2, "RVM-U01", self.rvm("record", "-o", "r.rvmrec", "--no-steps", "--steps", "5", "run", "x"))
        self.assertIn("do not go together", refused.err)

    def test_nothing_runs_when_the_recording_cannot_be_kept(self):
        self.write("node.json", json.dumps({
            "format_version": 1, "profile": "development", "search_paths": [str(PLUGINS)], "discovery": "directory",
            "trust": {"require": "none"}, "storage": {"engine": "lmdb", "config": {"path": "world"}}}))
        address = self.assert_status(0, self.rvm("deploy", COUNTER, "--config", "node.json", "--json")).json()["address"]
        call = ["call", address, "--config", "node.json"]
        (self.folder / "d").mkdir()
        (self.folder / "gone").symlink_to("no/file")
        there = sorted(os.listdir(self.folder))
        for output in ("no/r.rvmrec", "d", "gone", "node.json/r.rvmrec"):
            for verb in (["record"], ["trace"], ["trace", "--html"]):
                self.assert_refused(2, "RVM-U04", self.rvm(*verb, "-o", output, *call))
        self.assertEqual(there, sorted(os.listdir(self.folder)))
        self.assertIn("result      1 (0x1)", self.assert_status(0, self.rvm(*call)).out)

    def test_an_existing_recording_stays_until_the_new_one_is_whole(self):
        data = self.record("run", SHARE / "demo" / "power.rasm")
        self.assert_refused(2, "RVM-U02", self.rvm("record", "-o", "r.rvmrec", "run", "none.rasm"))
        self.assert_refused(2, "RVM-G03", self.rvm("record", "-o", "r.rvmrec", "version"))
        self.assertEqual((data, ["r.rvmrec"]), ((self.folder / "r.rvmrec").read_bytes(), os.listdir(self.folder)))

    def test_the_example_of_the_readme(self):
        text = (SOURCE / "host/record/README.md").read_text()
        example = text[text.index("## A world that lasts"):text.index("## Measured")]
        blocks = re.findall(r"```(\w+)\n(.*?)```", example, re.S)
        last = None
        for kind, body in blocks:
            if kind == "json":
                self.write("node.json", body.replace("@plugins@", str(PLUGINS)))
            elif kind == "rasm":
                self.write("counter.rasm", body)
            elif kind == "sh":
                for line in body.strip().split("\n"):
                    last = self.assert_status(0, self.rvm(*line.split()[1:]))
            elif kind == "text":
                shown = [line for line in last.out.splitlines() if not line.startswith(("semantics", "            "))]
                self.assertEqual(body.strip().splitlines(), shown)
        self.assertTrue((self.folder / "second.rvmrec.html").exists())


if __name__ == "__main__":
    unittest.main()
