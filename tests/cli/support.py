"""Runs the rvm program as a user would. RVM_PROGRAM, RVM_SHARE and RVM_PLUGINS come from ctest."""

import ctypes
import errno
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.environ["RVM_PROGRAM"]
SHARE = pathlib.Path(os.environ["RVM_SHARE"])
PLUGINS = pathlib.Path(os.environ["RVM_PLUGINS"])

ARITHMETIC = "push 10 push 20 add push 5 mul\n"
VERBS = ["demo", "run", "deploy", "call", "state", "asm", "disasm", "check", "profile", "record", "replay", "bench", "repl", "test", "trace", "plugin", "config", "explain", "fingerprint", "version", "help"]


class Result:
    def __init__(self, done):
        self.status = done.returncode
        self.raw = done.stdout
        self.out = done.stdout.decode("utf-8", "replace")
        self.err = done.stderr.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"status {self.status}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


def forbid(*calls):
    """For preexec_fn: from now on the kernel answers these calls with EPERM. A call may be ("prctl", N): with N first."""
    class Compare(ctypes.Structure):
        _fields_ = [("argument", ctypes.c_uint), ("operation", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]

    def apply():
        library = ctypes.CDLL("libseccomp.so.2")
        library.seccomp_init.restype = ctypes.c_void_p
        context = ctypes.c_void_p(library.seccomp_init(0x7FFF0000))  # SCMP_ACT_ALLOW
        refuse, equal = 0x00050000 | errno.EPERM, 4  # SCMP_ACT_ERRNO, SCMP_CMP_EQ
        for call in calls:
            name, *first = (call,) if isinstance(call, str) else call
            compare = (Compare * 1)(Compare(0, equal, first[0] if first else 0, 0))
            number = library.seccomp_syscall_resolve_name(name.encode())
            library.seccomp_rule_add_array(context, refuse, number, len(first), compare)
        if library.seccomp_load(context) != 0:
            os._exit(99)
    return apply


class CliTest(unittest.TestCase):
    """A test with an empty working directory of its own."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rvm-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def rvm(self, *arguments, stdin="", program=PROGRAM, env=None, cwd=None, before=None):
        surroundings = {"PATH": os.environ.get("PATH", ""), "HOME": str(self.folder)}
        surroundings.update(env or {})
        data = stdin if isinstance(stdin, bytes) else stdin.encode()
        done = subprocess.run([program, *map(str, arguments)], input=data, capture_output=True, timeout=120,
                              cwd=cwd or self.folder, env=surroundings, preexec_fn=before)
        return Result(done)

    def interrupted(self, *arguments, after=0.4, within=20):
        """The result of a run that gets one SIGINT `after` seconds after it began to listen; it would not end by itself."""
        run = subprocess.Popen([PROGRAM, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               cwd=self.folder, env={"PATH": os.environ.get("PATH", ""), "HOME": str(self.folder)})
        self.addCleanup(run.kill)
        caught = re.compile(r"^SigCgt:\t([0-9a-f]+)$", re.MULTILINE)
        status = pathlib.Path(f"/proc/{run.pid}/status")
        while run.poll() is None and not int(caught.search(status.read_text())[1], 16) & 1 << signal.SIGINT - 1:
            time.sleep(0.01)
        try:
            run.communicate(timeout=after)
            self.fail("ended by itself")
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=within)
        return Result(subprocess.CompletedProcess([], run.returncode, out, err))

    def write(self, name, text):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def assert_status(self, expected, result):
        self.assertEqual(expected, result.status, repr(result))
        return result

    def assert_refused(self, status, code, result):
        """Exit status, error code on the error stream, and nothing that looks like a crash."""
        self.assert_status(status, result)
        self.assertIn(code, result.err, repr(result))
        return result
