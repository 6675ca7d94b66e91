"""A deployment whose world lasts: storage on LMDB, seen through the program."""

import fcntl
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import unittest

from support import PLUGINS, PROGRAM, SHARE, CliTest

COUNTER = SHARE / "demo" / "counter.rasm"


class LmdbTest(CliTest):
    def setUp(self):
        super().setUp()
        self.manifest()

    def manifest(self, name="node.json", **config):
        config.setdefault("path", "world")
        self.write(name, json.dumps({
            "format_version": 1, "profile": "development", "search_paths": [str(PLUGINS)], "discovery": "directory",
            "trust": {"require": "none"}, "syscalls": ["*"],
            "storage": {"engine": "lmdb", "config": config}}))
        return name

    def node(self, *arguments, config="node.json", **more):
        return self.rvm(*arguments, "--config", config, **more)

    def deploy(self):
        return self.assert_status(0, self.node("deploy", COUNTER, "--json")).json()["address"]

    def count(self, address, **more):
        return int(self.assert_status(0, self.node("call", address, "--json", **more)).json()["result"]["decimal"])


class World(LmdbTest):
    def test_survives_a_restart(self):
        address = self.deploy()
        self.assertEqual([1, 2, 3], [self.count(address) for _ in range(3)])
        self.assertEqual(["data.mdb", "lock.mdb", "users.lock"], sorted(os.listdir(self.folder / "world")))

    def test_path_is_relative_to_the_manifest(self):
        address = self.deploy()
        (self.folder / "elsewhere").mkdir()
        found = self.rvm("call", address, "--config", self.folder / "node.json", "--json", cwd=self.folder / "elsewhere")
        self.assertEqual("1", self.assert_status(0, found).json()["result"]["decimal"])
        self.assertEqual([], os.listdir(self.folder / "elsewhere"))

    def test_a_trap_leaves_the_store_alone(self):
        address = self.deploy()
        self.count(address)
        self.assert_status(1, self.node("call", address, "--gas", "100"))
        self.assertEqual(2, self.count(address))

    def test_a_state_file_goes_before_the_store(self):
        address = self.deploy()
        self.assert_refused(2, "RVM-U02", self.node("call", address, "--state", "none.json"))

    def test_a_memory_engine_still_needs_a_state_file(self):
        self.assert_refused(2, "RVM-U01", self.rvm("deploy", COUNTER))

    def test_an_account_that_is_not_there(self):
        self.deploy()
        found = self.assert_refused(2, "RVM-S02", self.node("call", "0x" + "33" * 20))
        self.assertIn("0x" + "33" * 20, found.err)

    def test_processes_side_by_side_lose_no_call(self):
        address = self.deploy()
        words = [PROGRAM, "call", address, "--config", "node.json"]
        running = [subprocess.Popen(words, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                   for _ in range(6)]
        for process in running:
            _, errors = process.communicate(timeout=120)
            self.assertEqual(0, process.returncode, errors)
        self.assertEqual(7, self.count(address))

    def test_info_shows_what_a_commit_promises(self):
        self.deploy()
        for sync in ("commit", "previous", "system"):
            self.manifest(sync=sync)
            info = self.assert_status(0, self.node("lmdb", "info", "--json")).json()
            self.assertEqual((sync, 1, 1), (info["sync"], info["layout"], info["entries"]["code"]))
        self.assertIn("losing power may damage", self.assert_status(0, self.node("lmdb", "info")).out)

    def test_compact_keeps_the_world(self):
        address = self.deploy()
        for _ in range(4):
            self.count(address)
        self.assert_status(0, self.node("lmdb", "compact"))
        self.assertEqual(0, self.node("lmdb", "info", "--json").json()["free_pages"])
        self.assertEqual(5, self.count(address))
        self.assertEqual(["data.mdb", "lock.mdb", "users.lock"], sorted(os.listdir(self.folder / "world")))


class Refusals(LmdbTest):
    def refused(self, *words, config="node.json"):
        found = self.assert_refused(78, "RVM-R04", self.node("call", "0x" + "33" * 20, config=config))
        for word in words:
            self.assertIn(word, found.err)

    def test_settings(self):
        for config, words in (({"path": ""}, ["/config/path"]), ({"sync": "sometimes"}, ["/config/sync", "sometimes"]),
                              ({"sync": 1}, ["/config/sync", "a text"]), ({"map_bytes": 5}, ["/config/map_bytes", "5"]),
                              ({"read_only": "yes"}, ["/config/read_only"]), ({"pfad": "x"}, ["pfad"]),
                              ({"path": "world\0x"}, ["/config/path", "NUL"])):
            with self.subTest(config=config):
                self.manifest(**config)
                self.refused("node.json", *words)

    def test_a_file_that_is_no_store(self):
        (self.folder / "world").mkdir()
        for content in (b"", b"not a database" * 1000, bytes(8192)):
            with self.subTest(size=len(content)):
                self.write("world/data.mdb", content)
                self.refused("data.mdb")
                self.assertEqual(content, (self.folder / "world/data.mdb").read_bytes())

    def test_files_that_are_none(self):
        self.deploy()
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        for name in ("data.mdb", "lock.mdb", "users.lock"):
            path = self.folder / "world" / name
            path.rename(self.folder / "kept")
            for other in (pipe, self.folder, pathlib.Path("/dev/zero")):
                with self.subTest(name=name, other=other):
                    path.symlink_to(other)
                    self.refused(f"world/{name} is not a regular file")
                    path.unlink()
            (self.folder / "kept").rename(path)
        self.assert_status(0, self.node("state", "verify"))

    def test_a_folder_that_cannot_be(self):
        self.write("file", "")
        self.manifest(path="file")
        found = self.assert_refused(78, "RVM-R04", self.node("deploy", COUNTER))
        self.assertIn(f"cannot use {self.folder}/file: Not a directory", found.err)
        self.manifest(path="file/world")
        self.refused("file/world")
        self.manifest(path="no/such/parent")
        self.refused("no/such/parent")

    def test_read_only_makes_no_store_and_commits_nothing(self):
        self.manifest("read.json", read_only=True)
        found = self.assert_refused(78, "RVM-R04", self.node("deploy", COUNTER, config="read.json"))
        self.assertIn("read_only", found.err)
        address = self.deploy()
        found = self.assert_refused(78, "RVM-R08", self.node("call", address, config="read.json"))
        self.assertIn("read_only", found.err)
        self.assertEqual(1, self.count(address))

    @unittest.skipUnless(os.geteuid() == 0, "needs another user")
    def test_a_folder_of_somebody_else(self):
        address = self.deploy()
        before = (self.folder / "world/data.mdb").read_bytes()
        for path in (self.folder / "world", *(self.folder / "world").iterdir()):
            path.chmod(0o500 if path.is_dir() else 0o400)
            os.chown(path, 65534, 65534)
        found = self.assert_refused(78, "RVM-R04", self.humbly("call", address, "--config", "node.json"))
        self.assertIn("Permission denied", found.err)
        self.assertEqual(before, (self.folder / "world/data.mdb").read_bytes())

    def humbly(self, *arguments):
        """The program as root without root's leave to open everything: another user might not get as far as the program."""
        words = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
        if subprocess.run([*words, "true"], capture_output=True).returncode != 0:
            self.skipTest("capabilities cannot be dropped here")
        return self.rvm(*words[1:], PROGRAM, *arguments, program=words[0])

    @unittest.skipUnless(os.geteuid() == 0, "needs another user")
    def test_read_only_needs_no_folder_to_write_to(self):
        self.deploy()
        exported = self.node("state", "export").out
        self.manifest("read.json", read_only=True)
        for name, mode in (("data.mdb", 0o444), ("users.lock", 0o444), ("lock.mdb", 0o666), ("", 0o555)):
            path = self.folder / "world" / name
            path.chmod(mode)
            os.chown(path, 65534, 65534)
        read = self.assert_status(0, self.humbly("state", "export", "--config", "read.json"))
        self.assertEqual(exported, read.out)
        self.assert_refused(78, "RVM-R04", self.humbly("state", "export", "--config", "node.json"))
        (self.folder / "world/lock.mdb").chmod(0o444)  # what remains impossible
        found = self.assert_refused(78, "RVM-R04", self.humbly("state", "export", "--config", "read.json"))
        self.assertIn("Permission denied; those who read a store write to its lock.mdb", found.err)

    def mounted(self, script):
        """Runs a shell script that may mount what only it sees; $0 is the program."""
        words = ["unshare", "--mount", "sh", "-c"]
        if subprocess.run([*words, "mount -t tmpfs none /mnt"], capture_output=True).returncode != 0:
            self.skipTest("nothing can be mounted here")
        return self.rvm(*words[1:], script, PROGRAM, program=words[0])

    def test_read_only_on_a_read_only_mount(self):
        self.deploy()
        exported = self.node("state", "export").out
        self.manifest("read.json", read_only=True)
        bound = 'mount --bind world world && mount -o remount,bind,ro world && "$0" state export --config '
        for lost in ((), ("lock.mdb",), ("users.lock",)):
            for name in lost:
                (self.folder / "world" / name).unlink()
            with self.subTest(lost=lost):
                self.assertEqual(exported, self.assert_status(0, self.mounted(bound + "read.json")).out)
        found = self.assert_refused(78, "RVM-R04", self.mounted(bound + "node.json"))
        self.assertIn("Read-only file system", found.err)

    def test_a_device_without_space(self):
        (self.folder / "world").mkdir()
        self.write("big.rasm", 'data big = hex "%s"\npush 0\n' % ("ab" * 100000))
        found = self.mounted('mount -t tmpfs -o size=1m none world || exit 99; taken=0\n'
                             'while "$0" deploy big.rasm --config node.json --gas 1000000000000 >deployed; do\n'
                             '  taken=$((taken + 1)); [ $taken -lt 16 ] || exit 98\n'
                             'done; echo "taken $taken"; "$0" state verify --config node.json')
        self.assert_status(0, found)
        self.assertRegex(found.out, r"taken [1-9]")
        self.assertIn("RVM-R08", found.err)
        self.assertIn(f"no space is left on the device of {self.folder}/world", found.err)
        self.assertRegex(found.out, r"(?m)^result +sound$")

    def test_a_recording_that_a_full_device_cannot_take(self):
        address = self.deploy()
        (self.folder / "full").mkdir()
        found = self.mounted('mount -t tmpfs -o size=16k none full || exit 99; dd if=/dev/zero of=full/pad bs=4k 2>/dev/null\n'
                             f'"$0" record -o full/r.rvmrec call {address} --config node.json; echo "status $?"; ls full')
        self.assertEqual("status 2\npad\n", found.out)
        self.assertIn("full/r.rvmrec: cannot write: No space left on device", found.err)
        self.assertEqual(1, self.count(address))  # nothing ran

    def deploy_until_refused(self, prepare=None):
        """Deploys programs of 100000 bytes; the first that is refused, and how many were taken."""
        self.write("big.rasm", 'data big = hex "%s"\npush 0\n' % ("ab" * 100000))
        for taken in range(16):
            done = subprocess.run([PROGRAM, "deploy", "big.rasm", "--config", "node.json", "--gas", str(10**12)],
                                  cwd=self.folder, text=True, capture_output=True, preexec_fn=prepare, timeout=120)
            if done.returncode != 0:
                return done, taken
        self.fail("sixteen programs were taken")

    def test_a_full_store(self):
        self.manifest(map_bytes=1 << 20)
        refused, taken = self.deploy_until_refused()
        self.assertEqual(78, refused.returncode, refused.stderr)
        self.assertIn("RVM-R08", refused.stderr)
        self.assertIn("map_bytes", refused.stderr)
        self.assertGreater(taken, 2)
        self.manifest()  # as large as it likes
        self.deploy()
        self.assert_status(0, self.node("state", "verify"))

    def test_a_full_disk(self):
        address = self.deploy()
        self.count(address)

        def limit():
            import resource
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # stays ignored in the program: writes fail with EFBIG
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))  # room for the plugin's private copy

        refused, _ = self.deploy_until_refused(limit)
        self.assertEqual(78, refused.returncode, refused.stderr)
        self.assertIn("RVM-R08", refused.stderr)
        self.assertRegex(refused.stderr, r"not committed: (this process may make no larger files|File too large)")
        self.assert_status(0, self.node("state", "verify"))
        self.assertEqual(2, self.count(address))


class StateVerb(LmdbTest):
    def state(self, *arguments, status=0, **more):
        return self.assert_status(status, self.node("state", *arguments, **more))

    def world(self):
        """Deploys, calls twice and pays somebody: heights 1 to 4."""
        address = self.deploy()
        self.count(address)
        self.count(address)
        other = "0x" + "44" * 20
        self.assert_status(0, self.node("call", address, "--sender", other, "--json"))
        return address

    def test_show(self):
        self.world()
        found = self.state("show", "--json").json()
        self.assertEqual((4, 0, 128, 3), (found["height"], found["kept_from"], found["history"], found["records"]))
        self.assertEqual(("lmdb", "commit"), (found["storage"]["engine"], found["storage"]["sync"]))
        self.assertRegex(self.state("show").out, r"(?m)^sync +commit$")

    def test_get_now_and_at_earlier_heights(self):
        address = self.world()
        for height, value in ((1, 0), (2, 1), (3, 2), (4, 3)):
            found = self.state("get", address, "0", "--height", height, "--json").json()
            self.assertEqual(value, int(found["value"], 16), height)
        account = self.state("get", address, "--json").json()
        self.assertEqual(("native", 1), (account["format"], account["slots"]))
        self.assert_refused(2, "RVM-S02", self.node("state", "get", address, "--height", "0"))
        self.assert_refused(2, "RVM-S03", self.node("state", "get", address, "--height", "5"))
        self.assert_refused(2, "RVM-S02", self.node("state", "get", "0x" + "55" * 20))

    def test_history_is_as_long_as_the_manifest_says(self):
        text = json.loads((self.folder / "node.json").read_text())
        text["storage"]["history"] = 2
        self.write("node.json", json.dumps(text))
        address = self.world()
        self.assertEqual(2, self.state("show", "--json").json()["kept_from"])
        self.state("get", address, "0", "--height", "2")
        self.assert_refused(2, "RVM-S03", self.node("state", "get", address, "0", "--height", "1"))

    def test_diff(self):
        address = self.world()
        found = self.state("diff", "1", "3", "--json").json()["accounts"]
        self.assertEqual([{"address": address, "slots": {"0x0": ["0x0", "0x2"]}}], found)
        self.assertEqual([], self.state("diff", "4", "--json").json()["accounts"])
        self.assertIn("created", self.state("diff", "0", "1").out)
        self.assert_refused(2, "RVM-S03", self.node("state", "diff", "0", "9"))
        self.assert_refused(2, "RVM-U01", self.node("state", "diff", "3", "1"))

    def test_both_forms_go_out_and_come_in(self):
        address = self.world()
        self.state("export", "-o", "alloc.json")
        self.state("export", "--stream", "-o", "state.bin")
        self.assertEqual((self.folder / "alloc.json").read_text(), self.state("export").out)
        self.assertEqual((self.folder / "state.bin").read_bytes(), self.state("export", "--stream").raw)
        self.assertEqual(["0x3"], [hex(int(v, 16)) for v in
                                   json.loads((self.folder / "alloc.json").read_text())[address]["storage"].values()])
        for file in ("alloc.json", "state.bin"):
            with self.subTest(file=file):
                self.manifest("other.json", path="other-" + file)
                self.assertEqual(2, self.state("import", file, "--json", config="other.json").json()["accounts"])
                self.state("verify", config="other.json")
                self.assertEqual((self.folder / "state.bin").read_bytes(),
                                 self.state("export", "--stream", config="other.json").raw)
                self.assertEqual(4, self.count(address, config="other.json"))
                self.assert_refused(2, "RVM-S06", self.node("state", "import", file, config="other.json"))
        self.manifest("third.json", path="third")
        self.state("import", "-", "--stream", stdin=(self.folder / "state.bin").read_bytes(), config="third.json")

    def test_a_damaged_stream_is_refused_and_leaves_an_empty_store(self):
        self.world()
        self.state("export", "--stream", "-o", "state.bin")
        whole = (self.folder / "state.bin").read_bytes()
        for at in (0, 8, 9, 60, len(whole) // 2, len(whole) - 1):
            with self.subTest(at=at):
                self.write("bad.bin", whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1:])
                self.manifest("other.json", path="other")
                found = self.node("state", "import", "bad.bin" if at > 7 else "-", "--stream", config="other.json",
                                  stdin=(self.folder / "bad.bin").read_bytes())
                self.assert_refused(78, "RVM-S04", found)
                self.assertRegex(found.err, r"byte \d+")
        self.write("cut.bin", whole[:-5])
        self.assert_refused(78, "RVM-S04", self.node("state", "import", "cut.bin", config="other.json"))
        self.state("import", "state.bin", config="other.json")

    def test_an_interrupted_import_keeps_everybody_out_until_it_runs_again(self):
        address = self.world()
        self.state("export", "--stream", "-o", "state.bin")
        self.manifest("other.json", path="other")
        words = [PROGRAM, "state", "import", "-", "--stream", "--config", "other.json"]
        with subprocess.Popen(words, cwd=self.folder, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            process.stdin.write((self.folder / "state.bin").read_bytes()[:-10])
            process.stdin.flush()
            deadline = time.monotonic() + 60
            while not (self.folder / "other/lock.mdb").exists() or \
                    self.node("state", "show", config="other.json").status != 78:
                self.assertLess(time.monotonic(), deadline)
            process.kill()
        self.assert_refused(78, "RVM-S08", self.node("state", "show", config="other.json"))
        self.assertNotEqual(0, self.node("call", address, config="other.json").status)
        self.state("import", "state.bin", config="other.json")
        self.assertEqual(4, self.count(address, config="other.json"))

    def test_verify_finds_a_changed_value(self):
        address = self.world()
        self.state("verify")
        file = self.folder / "world/data.mdb"
        whole = file.read_bytes()
        key = bytes.fromhex(address[2:]) + bytes(8) + bytes(32)
        places = [match.start() for match in re.finditer(re.escape(key), whole)]
        self.assertGreater(len(places), 0)
        changed = bytearray(whole)
        for place in places:
            changed[place + len(key) + 31] ^= 4
        file.write_bytes(changed)
        found = self.assert_refused(1, "RVM-S05", self.node("state", "verify"))
        self.assertIn("sum of all records", found.err)
        self.assertIn("not what the change sets made it", found.err)
        self.assertIn("expected", found.err)
        file.write_bytes(whole)
        self.state("verify")

    def test_verify_finds_changed_code(self):
        self.world()
        file = self.folder / "world/data.mdb"
        whole = file.read_bytes()
        file.write_bytes(whole.replace(b"\x00rvm\x01", b"\x00rvm\x02"))
        self.assertNotEqual(whole, file.read_bytes())
        found = self.assert_refused(1, "RVM-S05", self.node("state", "verify"))
        self.assertIn("another hash", found.err)

    def test_verify_finds_a_damaged_page(self):
        self.world()
        file = self.folder / "world/data.mdb"
        whole = bytearray(file.read_bytes())
        for at in range(2, len(whole) // 4096):
            whole[at * 4096] ^= 0xFF
        file.write_bytes(whole)
        found = self.node("state", "verify")
        self.assertIn(found.status, (1, 78), repr(found))
        self.assertIn("damaged", found.err)

    def test_compact_removes_what_nothing_reaches(self):
        address = self.world()
        before = self.state("export", "--stream").raw
        found = self.state("compact", "--json").json()
        self.assertEqual(0, found["removed_slots"])
        self.state("verify")
        self.assertEqual(before, self.state("export", "--stream").raw)
        self.assertEqual(4, self.count(address))

    def test_a_deployment_that_forgets_has_no_state(self):
        for action in ("show", "verify", "export"):
            self.assert_refused(2, "RVM-S07", self.rvm("state", action))

    def test_reading_makes_no_store(self):
        address = "0x" + "11" * 20
        self.manifest("mistyped.json", path="wolrd")
        (self.folder / "other").mkdir()
        self.write("other/note", "of somebody else")
        self.manifest("other.json", path="other")
        for words in (["state", "show"], ["state", "get", address], ["state", "export", "-o", "backup.json"],
                      ["state", "export", "--stream"], ["state", "diff", "0"], ["state", "verify"], ["state", "compact"],
                      ["lmdb", "info"], ["lmdb", "check"], ["lmdb", "compact"]):
            for config, path in (("mistyped.json", "wolrd"), ("other.json", "other")):
                with self.subTest(words=words, config=config):
                    found = self.assert_refused(78, "RVM-R04", self.node(*words, config=config))
                    self.assertIn(f"there is no store at {self.folder}/{path}", found.err)
        self.assertEqual(["mistyped.json", "node.json", "other", "other.json"], sorted(os.listdir(self.folder)))
        self.assertEqual(["note"], os.listdir(self.folder / "other"))

    def test_what_needs_no_store_makes_none(self):
        self.write("a.rasm", "push 1 push 2 add\n")
        self.assert_status(0, self.node("record", "-o", "r.rvmrec", "run", "a.rasm"))
        there = sorted(os.listdir(self.folder))
        for words in (["replay", "r.rvmrec"], ["replay", "r.rvmrec", "--against", "node.json"], ["run", "a.rasm"], ["check", "a.rasm"],
                      ["bench", "a.rasm", "--samples", "1", "--warm-up", "0", "--sample-time", "1"], ["plugin", "list"], ["fingerprint"],
                      ["config", "check", "node.json"], ["config", "explain", "node.json"], ["evm", "00"], ["lmdb", "--help"],
                      ["help"], ["help", "--man"]):
            with self.subTest(words=words):
                self.assert_status(0, self.node(*words))
                self.assertEqual(there, sorted(os.listdir(self.folder)))
        for code, words in (("RVM-U02", ["deploy", "none.rasm"]), ("RVM-U02", ["state", "import", "none.json"]),
                            ("RVM-U02", ["state", "import", "none.bin", "--stream"]), ("RVM-R04", ["call", "0x" + "11" * 20]),
                            ("RVM-R04", ["profile", "0x" + "11" * 20])):
            with self.subTest(words=words):
                self.assert_refused(78 if code == "RVM-R04" else 2, code, self.node(*words))
                self.assertEqual(there, sorted(os.listdir(self.folder)))

    def test_explain_tells_where_the_store_is(self):
        told = self.assert_status(0, self.node("config", "explain")).out
        self.assertRegex(told, rf"configured +.*{self.folder}/world")
        self.assertRegex(told, r"history +the change sets of \d+ commits")

    def test_replay_leaves_the_store_alone(self):
        # Both sides of a comparison may name one store, which somebody else may have to himself meanwhile.
        address = self.deploy()
        self.assert_status(0, self.node("record", "-o", "r.rvmrec", "call", address))
        with open(self.folder / "world/users.lock", "r+b") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.assert_refused(78, "RVM-R04", self.node("call", address))
            for words in ([], ["--against", "node.json"]):
                self.assertTrue(self.assert_status(0, self.node("replay", "r.rvmrec", "--json", *words)).json()["equal"])
        self.assertEqual(2, self.count(address))

    def test_a_genesis_file_of_geth(self):
        alloc = {"11" * 20: {"balance": "0x10", "secretKey": "0x" + "77" * 32},
                 "0x" + "22" * 20: {"balance": "5", "nonce": "0x1", "storage": {"0x01": "0x02"}}}
        genesis = {"config": {"chainId": 1337}, "nonce": "0x0", "gasLimit": "0x1000000", "difficulty": "0x1", "alloc": alloc}
        self.write("genesis.json", json.dumps(genesis))
        self.assertEqual(2, self.state("import", "genesis.json", "--json").json()["accounts"])
        found = self.state("export").json()
        self.assertEqual({"0x" + "11" * 20: {"balance": "0x10"},
                          "0x" + "22" * 20: {"balance": "0x5", "nonce": "0x1",
                                             "storage": {"0x" + "0" * 63 + "1": "0x" + "0" * 63 + "2"}}}, found)
        self.manifest("other.json", path="other")
        for wrong, code, where in (({"11" * 20: {"balance": "x"}}, "RVM-S01", "/alloc/" + "11" * 20 + "/balance"),
                                   ({"11" * 20: 5}, "RVM-M07", "/alloc/" + "11" * 20), ([], "RVM-S01", "/alloc")):
            self.write("wrong.json", json.dumps({**genesis, "alloc": wrong}))
            refused = self.assert_refused(78, code, self.node("state", "import", "wrong.json", config="other.json"))
            self.assertIn(where, refused.err)
        # A file that is written again would lose what is not of an alloc.
        self.assert_refused(78, "RVM-S01", self.node("call", "0x" + "22" * 20, "--state", "genesis.json"))

    def test_wrong_command_lines(self):
        address = "0x" + "11" * 20
        for words in (["show", "--height", "1"], ["show", "-o", "x"], ["get", address, "--stream"], ["get", address, "-o", "x"],
                      ["export", "--height", "1"], ["import", "f", "--height", "1"], ["import", "f", "-o", "x"],
                      ["diff", "0", "--height", "1"], ["diff", "0", "--stream"], ["diff", "0", "--output=-"],
                      ["verify", "--stream"], ["compact", "-o", "x"]):
            with self.subTest(words=words):
                found = self.assert_refused(2, "RVM-U01", self.node("state", *words))
                self.assertRegex(found.err, rf"`rvm state {words[0]}` does not take --(height|stream|output)")
        for words in (["shwo"], ["get"], ["get", "0x12"], ["import"], ["diff", "x"], ["show", "more"],
                      ["get", "0x" + "11" * 20, "0", "--height", "x"]):
            with self.subTest(words=words):
                self.assert_refused(2, "RVM-U01", self.node("state", *words))


class Readme(LmdbTest):
    def test_the_example(self):
        source = pathlib.Path(__file__).resolve().parents[2] / "plugins/lmdb/README.md"
        blocks = re.findall(r"^```(\w+)\n(.*?)^```$", source.read_text(), re.S | re.M)
        manifest, program = (next(text for kind, text in blocks if kind == wanted) for wanted in ("json", "rasm"))
        self.write("node.json", manifest.replace("@plugins@", str(PLUGINS)))
        self.write("counter.rasm", program)
        compared = 0
        for (kind, text), (next_kind, expected) in zip(blocks, blocks[1:] + [("", "")]):
            if kind != "sh":
                continue
            for line in text.splitlines():
                self.assertEqual("rvm", line.split()[0])
                found = self.assert_status(0, self.rvm(*line.split()[1:]))
            if next_kind == "text":
                self.assertEqual(expected, found.out)
                compared += 1
        self.assertGreaterEqual(compared, 5)


if __name__ == "__main__":
    unittest.main()
