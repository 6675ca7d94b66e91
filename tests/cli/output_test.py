"""What goes to a terminal and not to a file: colour, and how far long work has come."""

import os
import pty
import subprocess
import unittest

from support import PLUGINS, PROGRAM, CliTest

ERASE = b"\r\x1b[K"


class Output(CliTest):
    def on_terminal(self, *words, env=None, out=False):
        """(status, what the error stream's terminal showed, standard output); with `out` that is the terminal too."""
        master, slave = pty.openpty()
        surroundings = {"HOME": str(self.folder), "TERM": "xterm"}
        surroundings.update(env or {})
        child = subprocess.Popen([PROGRAM, *map(str, words)], stdin=subprocess.DEVNULL, stdout=slave if out else subprocess.PIPE, stderr=slave,
                                 cwd=self.folder, env=surroundings)
        os.close(slave)
        shown = b""
        while True:
            try:
                part = os.read(master, 4096)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            shown += part
        os.close(master)
        printed = child.communicate(timeout=120)[0]
        return child.returncode, shown, printed

    def test_long_work_shows_how_far_it_is_and_leaves_nothing(self):
        status, shown, printed = self.on_terminal("plugin", "check", PLUGINS / "u256.so")
        self.assertEqual(0, status, shown)
        self.assertIn(b"file: 0 of 15", shown)
        self.assertTrue(shown.endswith(ERASE), shown)
        self.assertNotIn(b"of 15", printed)

    def test_quiet_and_files_show_none(self):
        self.assertEqual(b"", self.on_terminal("plugin", "check", PLUGINS / "u256.so", "-q")[1])
        self.assertEqual("", self.assert_status(0, self.rvm("plugin", "check", PLUGINS / "u256.so")).err)

    def test_the_error_stream_is_coloured_for_a_terminal_only(self):
        words = ["run", "none.rasm"]
        self.assertIn(b"\x1b[31merror\x1b[0m", self.on_terminal(*words)[1])
        for without in (self.on_terminal(*words, "--no-color"), self.on_terminal(*words, env={"NO_COLOR": "1"})):
            self.assertNotIn(b"\x1b", without[1])

    def test_help_is_coloured_for_a_terminal_only(self):
        self.assertIn(b"\x1b[1mdemo", self.on_terminal("help", out=True)[1])
        self.assertNotIn(b"\x1b", self.on_terminal("help", out=True, env={"NO_COLOR": "yes"})[1])

    def test_an_unknown_option_before_the_verb_suggests(self):
        self.assertIn("did you mean --json?", self.assert_refused(2, "RVM-U01", self.rvm("--jsn", "version")).err)


if __name__ == "__main__":
    unittest.main()
