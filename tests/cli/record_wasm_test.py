"""rvm record around `rvm wasm run`: modules on their own, recorded with everything they saw."""

import json
import pathlib
import random
import shutil
import unittest

from modules import leb, leb_u, name, section
from recordings import RecordingTest, changed, mended
from support import PLUGINS

DATA = pathlib.Path(__file__).resolve().parents[1] / "data" / "wasm"
FEATURES, WASI = str(DATA / "features.wasm"), str(DATA / "wasi.wasm")


def echo():
    """Reads up to 16 bytes, loops as long as the first is an x, raises it by one, writes them and exits with the second digit."""
    const = lambda value: b"\x41" + leb(value)
    load, load8, store, store8 = b"\x28\x02\x00", b"\x2d\x00\x00", b"\x36\x02\x00", b"\x3a\x00\x00"
    body = (const(0) + const(64) + store + const(4) + const(16) + store +
            const(0) + const(0) + const(1) + const(8) + b"\x10\x00\x1a" +
            b"\x03\x40" + const(64) + load8 + const(ord("x")) + b"\x46\x0d\x00\x0b" +
            const(64) + const(64) + load8 + const(1) + b"\x6a" + store8 +
            const(4) + const(8) + load + store +
            const(1) + const(0) + const(1) + const(8) + b"\x10\x01\x1a" +
            const(65) + load8 + const(48) + b"\x6b\x10\x02\x0b")
    code = b"\x00" + body
    wasi = lambda function, kind: name("wasi_snapshot_preview1") + name(function) + b"\x00" + bytes([kind])
    return (b"\0asm\x01\0\0\0" + section(1, b"\x03\x60\x04\x7f\x7f\x7f\x7f\x01\x7f\x60\x01\x7f\x00\x60\x00\x00") +
            section(2, b"\x03" + wasi("fd_read", 0) + wasi("fd_write", 0) + wasi("proc_exit", 1)) +
            section(3, b"\x01\x02") + section(5, b"\x01\x00\x01") +
            section(7, b"\x02" + name("memory") + b"\x02\x00" + name("_start") + b"\x00\x03") +
            section(10, b"\x01" + leb_u(len(code)) + code))


def random_function(rng):
    """A module whose `f: (i64, i64) -> (i64, i64)` loops over its arguments and a page; it may divide by zero."""
    operations = [0x7c, 0x7d, 0x7e, 0x83, 0x84, 0x85, 0x8a, 0x80]  # the last: div_u
    body = b"\x41" + leb(rng.randrange(2, 30)) + b"\x21\x02\x03\x40"
    for _ in range(rng.randrange(3, 12)):
        a, b = rng.sample([0, 1], 2)
        body += bytes([0x20, a, 0x20, b, rng.choice(operations), 0x21, rng.choice([a, b])])
        body += b"\x41" + leb(8 * rng.randrange(64)) + bytes([0x20, a]) + b"\x37\x03\x00"
    body += b"\x20\x02\x41\x01\x6b\x22\x02\x0d\x00\x0b\x20\x00\x20\x01\x0b"
    code = b"\x01\x01\x7f" + body
    return (b"\0asm\x01\0\0\0" + section(1, b"\x01\x60\x02\x7e\x7e\x02\x7e\x7e") + section(3, b"\x01\x00") +
            section(5, b"\x01\x00\x01") + section(7, b"\x01" + name("f") + b"\x00\x00") +
            section(10, b"\x01" + leb_u(len(code)) + code))


class RecordWasm(RecordingTest):
    def equal(self, *words, status=0, options=()):
        """Recording changes nothing of what is seen, and replays equal, also where no file of the run is left."""
        plain = self.assert_status(status, self.rvm("wasm", "run", *words))
        seen = self.assert_status(status, self.rvm("record", "-o", "r.rvmrec", *options, "wasm", "run", *words))
        self.assertEqual((plain.raw, plain.err), (seen.raw, seen.err))
        said = self.replay()
        self.assertTrue(said["equal"], said)
        self.assertEqual(1, said["executions"])
        return said

    def echo(self, text):
        self.write("echo.wasm", echo())
        self.write("in", text)
        return ["echo.wasm", "--stdin", "in"]

    def test_a_function(self):
        self.assertGreater(self.equal(FEATURES, "--invoke", "fib", "12")["steps"], 200)
        self.equal(FEATURES, "--invoke", "mean", "1.5", "-3", "--json")
        self.equal(FEATURES, "--invoke", "fib", "12", "--gas", "100000", "--features", "core2-without-vectors")
        self.assertEqual(0, self.equal(FEATURES, "--invoke", "sum", "5000", options=["--no-steps"])["steps"])

    def test_a_program_with_everything_it_saw(self):
        tree = self.folder / "tree"
        (tree / "sub").mkdir(parents=True)
        (tree / "a.txt").write_text("hello world\n")
        (tree / "sub" / "b.txt").write_text("b")
        self.write("input", "the input")
        shutil.copy(WASI, self.folder / "w.wasm")
        words = ["w.wasm", "--dir", "tree::x", "--env", "A=1", "--env", "B=2", "--stdin", "input", "--clock", "1700000000", "--seed", "7"]
        for more in ([], ["--json"], ["--", "random"]):
            self.equal(*words, *more)
        (self.folder / "alone").mkdir()
        (self.folder / "r.rvmrec").rename(self.folder / "alone" / "r.rvmrec")
        for left in (tree, self.folder / "w.wasm"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        again = self.rvm("replay", "r.rvmrec", "--json", cwd=self.folder / "alone")
        self.assertTrue(self.assert_status(0, again).json()["equal"])

    def test_every_way_to_end(self):
        self.equal(*self.echo("a3"), status=1)
        self.equal(*self.echo("a0"))
        self.equal(FEATURES, "--invoke", "fib", "30", "--gas", "500", status=1)
        self.equal(FEATURES, "--invoke", "fib", "30", "--gas", "0", status=1)
        self.write("trap.wasm", b"\0asm\x01\0\0\0" + section(1, b"\x01\x60\0\0") + section(3, b"\x01\0") +
                   section(7, b"\x01" + name("f") + b"\0\0") + section(10, b"\x01\x03\0\0\x0b"))
        for options in ([], ["--no-steps"]):
            self.equal("trap.wasm", "--invoke", "f", status=1, options=options)
        self.equal("trap.wasm", "--invoke", "f", "--json", status=1)
        self.write("large.wasm", (self.folder / "trap.wasm").read_bytes()[:18] + b"\x05\x04\x01\x00\x81\x08" + (self.folder / "trap.wasm").read_bytes()[18:])
        large = self.rvm("wasm", "run", "large.wasm", "--invoke", "f")
        self.assert_status(1, large)
        self.assertIn("1025", large.err)

    def test_generated_functions(self):
        rng = random.Random(6)
        ends = set()
        for _ in range(8):
            self.write("f.wasm", random_function(rng))
            words = ["f.wasm", "--invoke", "f", str(rng.getrandbits(40)), str(rng.choice([0, 1, rng.getrandbits(60)]))]
            ends.add(status := self.rvm("wasm", "run", *words).status)
            self.equal(*words, status=status)
        self.assertEqual({0, 1}, ends)

    def test_a_changed_input_is_found_where_it_is_read(self):
        data = self.record("wasm", "run", *self.echo("marked-0"), status=1)
        found = self.replay_of(changed(data, b"marked-0", b"marked+0", 2))
        self.assertEqual(("fd_read", "org.rvm.wasm"), (found["place"]["name"], found["place"]["plugin"]), found)
        self.assertRegex(found["place"]["source"], r"in _start, byte \d+")
        self.assertEqual("memory at 64", found["what"])
        self.assertIn(b"marked-0".hex(), found["recorded"])
        self.assertIn(b"marked+0".hex(), found["replayed"])
        self.assertGreater(found["place"]["gas"], 0)
        text = self.assert_status(1, self.rvm("replay", "c.rvmrec")).out
        for part in ("not equal", "fd_read", "_start, byte", "memory at 64"):
            self.assertIn(part, text)

    def test_a_changed_file_or_argument_is_found(self):
        (self.folder / "tree").mkdir()
        (self.folder / "tree" / "a.txt").write_text("hello world\n")
        data = self.record("wasm", "run", WASI, "--dir", "tree")
        found = self.replay_of(changed(data, b"hello world", b"jello world", 2))
        self.assertEqual("memory", found["what"].split()[0])
        self.assertIn(b"hello".hex(), found["recorded"])
        self.assertIn(b"jello".hex(), found["replayed"])
        data = self.record("wasm", "run", FEATURES, "--invoke", "choose", "1000001")
        found = self.replay_of(changed(data, (1000001).to_bytes(8, "little"), (3).to_bytes(8, "little"), 2))
        self.assertIn("in choose, byte", found["place"]["source"])

    def test_a_changed_output_is_found(self):
        for options in ([], ["--no-steps"]):
            data = self.record("wasm", "run", *self.echo("marked-0"), status=1, options=options)
            for at in (data.index(b"narked-0"), data.rindex(b"narked-0")):  # of the execution, of its frame
                found = self.replay_of(mended(data[:at] + b"narked+0" + data[at + 8:]))
                self.assertEqual("output", found["what"].split()[0], found)
                self.assertIn(b"narked+0".hex(), found["recorded"])
                self.assertIn(b"narked-0".hex(), found["replayed"])
        data = self.record("wasm", "run", FEATURES, "--invoke", "choose", "4")
        at = data.rindex((42).to_bytes(8, "little"))
        found = self.replay_of(mended(data[:at] + b"\x2b" + data[at + 1:]))
        self.assertEqual("output at 32", found["what"])

    def test_a_replay_that_would_never_end_is_ended(self):
        data = self.record("wasm", "run", *self.echo("marked-0"), status=1)
        found = self.replay_of(changed(data, b"marked-0", b"xarked-0", 2))
        self.assertEqual("fd_read", found["place"]["name"])

    def test_what_is_no_invocation_is_refused_in_the_world(self):
        # A recording whose invocation names another function, other arguments, or is cut short.
        data = self.record("wasm", "run", FEATURES, "--invoke", "fib", "12")
        three = (3).to_bytes(8, "little")
        for new in (three + b"fix", (2).to_bytes(8, "little") + b"fib", (1 << 40).to_bytes(8, "little") + b"fib"):
            found = self.replay_of(changed(data, three + b"fib", new, 2))
            self.assertIn("illegal", found["replayed"] + str(found["window"]), found)

    def test_deployments_are_compared(self):
        node = {"format_version": 1, "profile": "development", "trust": {"require": "none"}}
        whole = node | {"search_paths": [str(PLUGINS)], "discovery": "directory"}
        self.write("a.json", json.dumps(whole))
        self.write("b.json", json.dumps(whole | {"limits": {"native": {"gas": 1000}}}))
        self.write("none.json", json.dumps(node))
        self.record("wasm", "run", FEATURES, "--invoke", "fib", "12", "--gas", "100000")
        self.assertTrue(self.replay("--config", "a.json", "--against", "a.json")["equal"])
        found = self.replay("--config", "a.json", "--against", "b.json", status=1)["divergence"]
        self.assertIn("/limits/native/gas", found["replayed"])
        found = self.replay("--config", "none.json", "--against", "none.json", status=1)["divergence"]
        self.assertEqual("begin", found["stage"])
        self.assertIn("wasm", found["replayed"])
        refused = self.assert_status(2, self.rvm("wasm", "run", FEATURES, "--invoke", "fib", "12", "--config", "b.json"))
        self.assertIn("--gas", refused.err)

    def test_a_trace_shows_what_is_imported(self):
        self.record("wasm", "run", *self.echo("marked-0"), status=1)
        trace = self.assert_status(0, self.rvm("trace", "--format", "jsonl", "--op", "fd_write", "r.rvmrec")).out
        self.assertIn("fd_write", trace)
        self.assert_status(0, self.rvm("trace", "--html", "r.rvmrec"))


if __name__ == "__main__":
    unittest.main()
