"""Manifests with "confine": what a plugin asks of the kernel after start is refused, and the host goes on."""

import errno
import hashlib
import json
import os
import pathlib
import unittest

from support import PLUGINS, SHARE, CliTest, forbid

INTRUDERS = pathlib.Path(os.environ["RVM_INTRUDERS"])
ATTEMPTS = ["open", "create", "memory file", "socket", "fork", "exec", "executable memory"]
ALLOWED = ["thread", "memory"]
WITH_FILES = ["open", "create", "memory file"]  # what a verb keeps that opens files while programs run
PROBE = "intruder.try {}\n"


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Confine(CliTest):
    def setUp(self):
        super().setUp()
        self.env = {"ASAN_OPTIONS": "detect_leaks=0"}  # the leak checker starts a process

    def manifest(self, name, confine, storage="memory", plugin="intruder", also=(), profile="consensus"):
        listed = [{"id": f"org.example.{plugin}", "path": str(INTRUDERS / f"{plugin}.so"),
                   "sha256": digest(INTRUDERS / f"{plugin}.so")}]
        for other in [*also, *(["lmdb"] if storage == "lmdb" else [])]:
            library = PLUGINS / f"{other}.so"
            listed.append({"id": f"org.rvm.{other}", "path": str(library), "sha256": digest(library)})
        document = {"format_version": 1, "profile": profile, "trust": {"require": "pin"}, "plugins": listed,
                    "storage": {"engine": storage, "config": {"path": "world"} if storage == "lmdb" else {}}}
        if confine:
            document["confine"] = True
        self.write(name, json.dumps(document))

    def node(self, *arguments, **more):
        return self.rvm(*arguments, env=self.env, **more)

    def answer(self, attempt, config, plugin="intruder"):
        self.write("probe.rasm", PROBE.format(attempt))
        result = self.assert_status(0, self.node("run", "probe.rasm", "--config", config, "--json"))
        return int(result.json()["result"]["decimal"])

    def test_what_a_plugin_asks_after_start_is_refused_by_the_kernel(self):
        self.manifest("open.json", False)
        self.manifest("confined.json", True)
        for number, name in enumerate(ATTEMPTS + ALLOWED):
            with self.subTest(name):
                self.assertEqual(0, self.answer(number, "open.json"))
                self.assertEqual(errno.EPERM if name in ATTEMPTS else 0, self.answer(number, "confined.json"))

    def test_the_world_in_lmdb_is_read_and_written(self):
        self.manifest("node.json", True, "lmdb")
        self.write("counter.rasm", (SHARE / "demo" / "counter.rasm").read_text() + "intruder.try 0 drop\n")
        address = self.assert_status(0, self.node("deploy", "counter.rasm", "--config", "node.json", "--json")).json()["address"]
        for expected in ("1", "2", "3"):
            result = self.assert_status(0, self.node("call", address, "--config", "node.json", "--json"))
            self.assertEqual(expected, result.json()["result"]["decimal"])
        self.assertIn("height      4", self.assert_status(0, self.node("state", "show", "--config", "node.json")).out)

    def test_a_service_keeps_what_it_declares(self):
        self.manifest("node.json", True, plugin="intruder_serving")
        self.assertEqual(errno.EPERM, self.answer(ATTEMPTS.index("open"), "node.json"))
        self.assertEqual(0, self.answer(ATTEMPTS.index("socket"), "node.json"))
        explained = self.assert_status(0, self.node("config", "explain", "node.json")).out
        self.assertIn("no new files, sockets or processes after start", explained)
        self.assertIn("a service of org.example.intruder_serving needs them", explained)

    def test_a_kernel_that_refuses_is_named_and_nothing_runs(self):
        self.manifest("node.json", True)
        self.write("probe.rasm", PROBE.format(0))
        set_seccomp = 22  # PR_SET_SECCOMP, for kernels without seccomp()
        result = self.assert_refused(78, "RVM-L06", self.node("run", "probe.rasm", "--config", "node.json",
                                                             before=forbid("seccomp", ("prctl", set_seccomp))))
        self.assertIn("the kernel refused to confine the process: seccomp: ", result.err)
        self.assertEqual("", result.out)

    def answers(self, *words, config="node.json"):
        """What the verb `intrude` is told, by the name of the attempt; and what the program says beside it."""
        result = self.assert_status(0, self.node("intrude", *words, "--config", config))
        return dict(zip(ATTEMPTS + ALLOWED, map(int, result.out.split()), strict=True)), result.err

    def test_a_plugins_verb_keeps_files_alone_and_says_so(self):
        self.manifest("node.json", True)
        answers, said = self.answers()
        self.assertEqual({name: errno.EPERM if name in ATTEMPTS and name not in WITH_FILES else 0 for name in answers}, answers)
        self.assertIn("RVM-L06", said)
        self.assertIn("this verb opens files while programs run", said)
        self.manifest("open.json", False)
        answers, said = self.answers(config="open.json")
        self.assertEqual((set(answers.values()), said), ({0}, ""))

    def test_what_a_verb_of_a_plugin_declares_is_its_own(self):
        self.manifest("node.json", True, plugin="intruder_speaking")
        self.assertEqual(0, self.answers()[0]["socket"])
        self.assertEqual(errno.EPERM, self.answer(ATTEMPTS.index("socket"), "node.json"))
        self.assertIn("a verb of org.example.intruder_speaking needs them while it runs",
                      self.assert_status(0, self.node("config", "explain", "node.json")).out)

    def test_a_verb_inside_a_plugins_verb_gives_up_files_too(self):
        self.manifest("node.json", True)
        for number, expected in ((ATTEMPTS.index("open"), errno.EPERM), (len(ATTEMPTS), 0)):
            self.write("probe.rasm", PROBE.format(number))
            result = self.assert_status(0, self.node("intrude", "run", "probe.rasm", "--config", "node.json", "--json"))
            self.assertEqual(str(expected), result.json()["result"]["decimal"])

    def test_every_verb_that_runs_programs(self):
        self.manifest("node.json", True, also=["trace"])
        self.write("probe.rasm", PROBE.format(ATTEMPTS.index("open")))
        refused = f"result      {errno.EPERM} "
        for words in (["profile", "probe.rasm"], ["trace", "run", "probe.rasm"]):
            result = self.assert_status(0, self.node(*words, "--config", "node.json"))
            self.assertIn(refused, result.out)
            self.assertEqual("", result.err)
        (self.folder / "demo").mkdir()
        self.write("demo/demo.json", json.dumps({"steps": [{"title": "t", "action": "run", "file": "probe.rasm"}]}))
        self.write("demo/probe.rasm", PROBE.format(ATTEMPTS.index("socket")))
        demo = self.assert_status(0, self.node("demo", "--dir", "demo", "--config", "node.json"))
        self.assertIn(f"{errno.EPERM} ", demo.out)
        self.assertIn("RVM-L06", demo.err)

    def test_tests_of_programs(self):
        self.manifest("node.json", True)
        for name in ("open", "thread"):
            self.write(f"{name}.rasm", PROBE.format((ATTEMPTS + ALLOWED).index(name)))
            code = errno.EPERM if name == "open" else 0
            self.write(f"{name}.rtest.json", json.dumps({
                "format_version": 1, "name": name, "accounts": {"p": {"program": f"{name}.rasm"}},
                "tests": [{"name": "t", "calls": [{"to": "p", "expect": {"result": code}}]}]}))
        result = self.assert_status(0, self.node("test", "--coverage", "--config", "node.json", "--json"))
        self.assertEqual((2, ""), (result.json()["passed"], result.err))
        for option in ("--junit", "--gas-snapshot"):
            refused = self.assert_refused(78, "RVM-L06", self.node("test", option, "out", "--config", "node.json"))
            self.assertIn("out is written after the program has run", refused.err)

    def test_a_replay(self):
        self.manifest("open.json", False)
        self.manifest("lazy.json", False, profile="standard")  # loads a plugin when it is first needed
        self.manifest("node.json", True, also=["trace"])
        self.write("probe.rasm", PROBE.format(ATTEMPTS.index("open")))
        self.assert_status(0, self.node("record", "-o", "r.rvmrec", "run", "probe.rasm", "--config", "open.json"))
        self.assert_status(0, self.node("replay", "r.rvmrec", "--config", "open.json"))
        for words in (["--config", "node.json"], ["--config", "node.json", "--against", "open.json"],
                      ["--config", "open.json", "--against", "node.json"],
                      ["--config", "node.json", "--against", "lazy.json"],
                      ["--config", "lazy.json", "--against", "node.json"]):
            result = self.node("replay", "r.rvmrec", "--json", *words)
            if "--against" in words:  # one process, one set of rights: both sides are refused
                self.assertTrue(self.assert_status(0, result).json()["equal"])
                continue
            found = self.assert_status(1, result).json()["divergence"]
            self.assertEqual("intruder.try", found["place"]["name"])
        self.assertIn("call 0xc0de", self.assert_status(0, self.node("trace", "--config", "node.json", "r.rvmrec")).out)
        kept = self.assert_status(0, self.node("trace", "--config", "node.json", "-o", "t.txt", "-v", "r.rvmrec"))
        self.assertIn("confined but for files", kept.err)
        self.assertIn("call 0xc0de", (self.folder / "t.txt").read_text())

    def test_a_plugins_verb_can_be_recorded(self):
        self.manifest("evm.json", True, also=["evm"])
        self.assert_status(0, self.node("record", "-o", "r.rvmrec", "evm", "600a600b0160005260206000f3", "--config", "evm.json"))
        self.assertTrue(self.assert_status(0, self.node("replay", "r.rvmrec", "--config", "evm.json", "--json")).json()["equal"])

    def test_a_session(self):
        self.manifest("node.json", True)
        self.write("before.rasm", "push 1\n")
        script = ("push 20\n" + PROBE.format(ATTEMPTS.index("open")) + PROBE.format(len(ATTEMPTS)) +
                  ":save s.rasm\n:load before.rasm\nadd\n:stack\n")
        result = self.assert_status(1, self.node("repl", "--no-history", "--config", "node.json", stdin=script))
        self.assertIn(f"stack       [20 {errno.EPERM}]", result.out)
        self.assertIn("s.rasm", result.err)
        self.assertIn("before.rasm", result.err)
        self.assertEqual(2, result.err.count(os.strerror(errno.EPERM)))
        self.assertFalse((self.folder / "s.rasm").exists())
        self.assert_refused(78, "RVM-L06", self.node("repl", "--state", "w.json", "--config", "node.json"))

    def test_a_state_file_would_have_to_be_written_afterwards(self):
        self.manifest("node.json", True)
        self.write("probe.rasm", PROBE.format(0))
        self.assert_refused(78, "RVM-L06", self.node("run", "probe.rasm", "--config", "node.json", "--state", "world.json"))

    def test_so_would_a_recording_and_a_trace(self):
        self.manifest("node.json", True)
        self.write("probe.rasm", PROBE.format(0))
        for words in (["record", "-o", "r.rvmrec"], ["trace", "-o", "t.txt"], ["trace", "--html"]):
            result = self.assert_refused(78, "RVM-L06", self.node(*words, "run", "probe.rasm", "--config", "node.json"))
            self.assertIn("is written after the program has run", result.err)

    def test_only_services_and_verbs_have_needs(self):
        self.write("bad.rvm.json", "{}")
        sidecar = {"format_version": 1, "id": "org.example.bad", "version": "1.0.0", "library": "bad.so",
                   "target": {"os": "linux", "arch": os.uname().machine}, "abi": {"major": 0, "built": 3, "needs": 3},
                   "provides": ["rvm.opcode/1:bad.op"], "needs": ["files"]}
        self.write("bad.rvm.json", json.dumps(sidecar))
        (self.folder / "bad.so").write_bytes(b"")
        result = self.node("plugin", "inspect", "bad.so")
        self.assertIn("only services and verbs have needs after start", result.err + result.out)


if __name__ == "__main__":
    unittest.main()
