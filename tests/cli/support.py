"""Runs the rvm program as a user would. RVM_PROGRAM, RVM_SHARE and RVM_PLUGINS come from ctest."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["RVM_PROGRAM"]
SHARE = pathlib.Path(os.environ["RVM_SHARE"])
PLUGINS = pathlib.Path(os.environ["RVM_PLUGINS"])

ARITHMETIC = "push 10 push 20 add push 5 mul\n"
VERBS = ["demo", "run", "deploy", "call", "state", "asm", "disasm", "check", "profile", "test", "plugin", "config", "explain", "fingerprint", "version", "help"]


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


class CliTest(unittest.TestCase):
    """A test with an empty working directory of its own."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rvm-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def rvm(self, *arguments, stdin="", program=PROGRAM, env=None, cwd=None):
        surroundings = {"PATH": os.environ.get("PATH", ""), "HOME": str(self.folder)}
        surroundings.update(env or {})
        data = stdin if isinstance(stdin, bytes) else stdin.encode()
        done = subprocess.run([program, *map(str, arguments)], input=data, capture_output=True, timeout=120,
                              cwd=cwd or self.folder, env=surroundings)
        return Result(done)

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
