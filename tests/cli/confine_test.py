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
PROBE = "intruder.try {}\n"


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Confine(CliTest):
    def setUp(self):
        super().setUp()
        self.env = {"ASAN_OPTIONS": "detect_leaks=0"}  # the leak checker starts a process

    def manifest(self, name, confine, storage="memory", plugin="intruder"):
        listed = [{"id": f"org.example.{plugin}", "path": str(INTRUDERS / f"{plugin}.so"),
                   "sha256": digest(INTRUDERS / f"{plugin}.so")}]
        if storage == "lmdb":
            listed.append({"id": "org.rvm.lmdb", "path": str(PLUGINS / "lmdb.so"), "sha256": digest(PLUGINS / "lmdb.so")})
        document = {"format_version": 1, "profile": "consensus", "trust": {"require": "pin"}, "plugins": listed,
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

    def test_only_services_have_needs(self):
        self.write("bad.rvm.json", "{}")
        sidecar = {"format_version": 1, "id": "org.example.bad", "version": "1.0.0", "library": "bad.so",
                   "target": {"os": "linux", "arch": os.uname().machine}, "abi": {"major": 0, "built": 3, "needs": 3},
                   "provides": ["rvm.opcode/1:bad.op"], "needs": ["files"]}
        self.write("bad.rvm.json", json.dumps(sidecar))
        (self.folder / "bad.so").write_bytes(b"")
        result = self.node("plugin", "inspect", "bad.so")
        self.assertIn("only services have needs after start", result.err + result.out)


if __name__ == "__main__":
    unittest.main()
