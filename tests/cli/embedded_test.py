"""configs/embedded.json and rvm-static: a root that can only be read, a temporary folder nothing can be run from, little memory."""

import os
import resource
import subprocess
import unittest

from support import PROGRAM, SHARE, CliTest, Result, forbid

STATIC = os.environ["RVM_STATIC"]
CONFIG = SHARE / "configs" / "embedded.json"
POWER = (SHARE / "demo" / "power.rasm").read_text()
ANSWER = "515377520732011331036461129765621272702107522001"
ADDRESS_SPACE = 128 << 20  # bytes; libraries of the system included
RESIDENT = 24 << 20
CANNOT = 77
# What is mounted lasts as long as the process; the checks say whether it is what it should be.
CLOSED = """
mount --make-rprivate / && mount -t tmpfs -o noexec,nosuid,size=16m none /tmp && mount -o remount,bind,ro / || exit 77
touch /etc/probe 2>/dev/null && exit 98
cp /bin/true /tmp/probe && /tmp/probe 2>/dev/null && exit 99
exec "$@"
"""


class Embedded(CliTest):
    def closed(self, program, *arguments, before=None):
        """rvm with `arguments` under a closed root; the program's text comes from standard input."""
        mine = [] if os.geteuid() == 0 else ["-r"]
        done = subprocess.run(["unshare", "-m", *mine, "sh", "-c", CLOSED, "sh", program, *map(str, arguments)],
                              input=POWER.encode(), capture_output=True, timeout=60, cwd="/", preexec_fn=before,
                              env={"PATH": os.environ.get("PATH", ""), "ASAN_OPTIONS": "detect_leaks=0"})
        if done.returncode == CANNOT or b"unshare:" in done.stderr:
            self.skipTest(f"no mount namespace here: {done.stderr.decode().strip()}")
        self.assertNotIn(done.returncode, (98, 99), "the root is not closed")
        return Result(done)

    def test_plugins_inside_run_under_a_closed_root(self):
        self.assertIn(ANSWER, self.assert_status(0, self.closed(STATIC, "run", "-", "--config", CONFIG)).out)

    def test_plugins_that_are_loaded_are_staged_in_memory_files(self):
        config = SHARE / "configs" / "consensus.json"
        self.assertIn(ANSWER, self.assert_status(0, self.closed(PROGRAM, "run", "-", "--config", config)).out)
        # Without them the only other place is the folder that nothing can be run from.
        self.assertIn(ANSWER, self.closed(STATIC, "run", "-", "--config", CONFIG, before=forbid("memfd_create")).out)
        refused = self.closed(PROGRAM, "run", "-", "--config", config, before=forbid("memfd_create"))
        self.assert_refused(78, "RVM-F03", refused)

    def test_every_plugin_inside_is_judged_and_its_items_work(self):
        checked = self.assert_status(0, self.rvm("config", "check", CONFIG, "--deny-warnings", program=STATIC)).out
        self.assertRegex(checked, r"plugins +8 loaded")
        self.assertIn("result      42", self.assert_status(0, self.rvm(
            "run", "-", "--config", CONFIG, program=STATIC, stdin="# EVM\n60156015015f5260205ff3\n")).out)
        self.write("keccak.rasm", 'data text = "abc"\nspace digest 32\npush text push 3 push digest push 32 '
                                  'syscall "crypto.keccak256" drop\npush digest push 32 return\n')
        self.assertIn("4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45", self.assert_status(
            0, self.rvm("run", "keccak.rasm", "--config", CONFIG, "-v", program=STATIC)).out)

    def measured(self, text):
        """The peak of resident memory, in bytes, and the result, with as little address space as promised."""
        self.write("program.rasm", text)
        limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        process = subprocess.Popen([STATIC, "run", "program.rasm", "--config", CONFIG], stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, cwd=self.folder, preexec_fn=limit)
        out = process.stdout.read().decode()
        process.stdout.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_maxrss * 1024, process.returncode, out

    @unittest.skipIf(os.environ.get("RVM_SANITIZED"), "sanitizers have memory of their own")
    def test_memory_stays_below_the_cap(self):
        resident, status, out = self.measured("space big 1000000\npush big + 999992 push 7 store64 push big + 999992 load64\n")
        self.assertEqual((0, True), (status, "result      7" in out), out)
        print(f"resident {resident >> 10} KiB of {RESIDENT >> 10}, address space below {ADDRESS_SPACE >> 20} MiB")
        self.assertLess(resident, RESIDENT)
        resident, status, out = self.measured("space big 2000000\npush big load64\n")
        self.assertEqual(1, status, out)
        self.assertRegex(out, "trapped: .*memory")
        self.assertLess(resident, RESIDENT)


if __name__ == "__main__":
    unittest.main()
