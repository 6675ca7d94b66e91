"""rvm repl as a script and, through a pseudo-terminal, as a person uses it."""

import json
import os
import pty
import re
import select
import termios
import time
import unittest

from support import PROGRAM, CliTest


class Script(CliTest):
    """Standard input is no terminal."""

    def repl(self, text, *options):
        return self.rvm("repl", *options, stdin=text)

    def stacks(self, text, *options):
        """The stack after each entry that succeeded."""
        return re.findall(r"^\[(.*?)\]", self.repl(text, *options).out, re.MULTILINE)

    def test_state_stays_from_entry_to_entry(self):
        self.assertEqual(["10 20", "30", "", "30", "30 30"],
                         self.stacks("push 10 push 20\nadd\nset r3\nget r3\ndup\n"))

    def test_memory_and_data_stay(self):
        script = "data a = word 5\npush a load64\npush a push 9 store64\nspace b 8\npush b push 7 store64\npush a load64 push b load64 mul\n"
        self.assertEqual(["", "5", "5", "5", "5", "5 63"], self.stacks(script))

    def test_functions_and_constants_are_known_and_can_be_redefined(self):
        script = "func twice 1 -> 1\n  push 2\n  mul\n\nconst k = 21\npush k call twice\nfunc twice 1 -> 1\n push 3 mul\n\npush k call twice\n"
        self.assertEqual(["", "", "42", "42", "42 63"], self.stacks(script))

    def test_storage_stays_and_shows(self):
        result = self.repl("data key = zero 32\ndata one = u256 1\npush key push one sstore\npush key push one sload push one + 24 load64 bswap\n")
        self.assertEqual("1", re.findall(r"^\[(.*?)\]", result.out, re.MULTILINE)[-1])
        self.assertRegex(result.out, r"storage +0xc0de0+ slot 0x0: 0x0 -> 0x1")

    def test_gas_of_an_entry_is_its_own(self):
        self.assertEqual(["2", "2", "5", "0"], re.findall(r"(\d+) gas$", self.repl("push 1 push 2\nadd\npush 3 mul drop\nconst x = 1\n").out, re.MULTILINE))

    def test_the_gas_of_a_session_is_that_of_the_program(self):
        lines = ["push 7 set r1", "get r1 push 6 mul", "space here 8", "push here push 1 store64", "push here load64 add"]
        self.write("whole.rasm", "\n".join(lines))
        whole = self.rvm("run", "whole.rasm", "--json").json()
        result = self.repl("\n".join(lines + [":gas"]))
        self.assertIn(f"session     {whole['gas_used']} gas", result.out)
        self.assertIn(f"[{whole['result']['decimal']}]", result.out)

    def test_a_trap_loses_nothing(self):
        result = self.repl("push 8 push 0\ndiv\n:stack\ndrop\n")
        self.assert_status(1, result)
        self.assertIn("division by zero", result.out)
        self.assertIn("entry-2:1", result.out)
        self.assertIn("stack       [8 0]", result.out)
        self.assertIn("[8]  1 gas", result.out)

    def test_a_revert_and_the_end_of_a_program_keep_the_stack(self):
        result = self.repl("push 5\nspace s 4\npush s push 4 revert\npush s push 4 return\nhalt\n:stack\n")
        self.assertIn("reverted", result.out)
        self.assertIn("stack       [5]", result.out)

    def test_errors_show_the_entry_with_a_caret(self):
        result = self.assert_status(1, self.repl("push 1 push 2\nadd\npush 4 adn\npush 3\n"))
        self.assertIn("entry-3: 1:8: unknown mnemonic adn", result.err)
        self.assertIn("did you mean add?", result.err)
        self.assertIn("  1 | push 4 adn\n    |        ^", result.err)
        self.assertIn("[3 3]", result.out)

    def test_the_line_of_an_error_inside_a_function_is_the_entry_s(self):
        result = self.repl("push 1\nfunc f\n  push 1 drop\n  frob\n\n")
        self.assertIn("entry-2: 3:3: unknown mnemonic frob", result.err)
        self.assertIn("  3 |   frob\n    |   ^", result.err)

    def test_too_few_operands_are_refused_before_anything_runs(self):
        result = self.assert_status(1, self.repl("push 1\nadd\n:stack\n"))
        self.assertIn("entry-2: 1:1", result.err)
        self.assertIn("stack       [1]", result.out)

    def test_loops_over_several_lines(self):
        self.assertEqual(["3", "0"], self.stacks("push 3\nagain:\n push 1 sub dup\n jumpnz again\n"))
        self.assertEqual(["1 2"], self.stacks("push 1 \\\npush 2\n"))

    def test_an_endless_loop_ends_with_its_gas(self):
        result = self.assert_status(1, self.repl("push 4\nagain: jump again\n:stack\n", "--gas", "10000"))
        self.assertIn("out of gas", result.out)
        self.assertIn("gas used    10000 of 10000", result.out)
        self.assertIn("stack       [4]", result.out)

    def test_what_has_no_meaning_is_refused(self):
        for line in ("export main", "memory 4", "custom \"x\"", ".nodebug"):
            self.assertIn("has no meaning in a session", self.assert_status(1, self.repl(line + "\n")).err)

    def test_opcodes_of_plugins(self):
        self.assertEqual("515377520732011331036461129765621272702107522001", self.repl(
            "data base = u256 3\ndata exponent = u256 100\nspace power 32\npush base push exponent push power u256.exp\n"
            "push power push 32 return\n").out.split("result")[1].split()[0])

    def test_trace_shows_the_entry_and_nothing_else(self):
        out = self.assert_status(0, self.repl("push 4 push 5\n:trace on\nadd dup\n:trace off\ndrop\n")).out
        lines = [line.split() for line in out.splitlines() if line.startswith("  ")]
        self.assertEqual([["add", "10000000", "[4", "5]"], ["dup", "9999998", "[9]"]], lines)

    def test_save_and_load(self):
        self.assert_status(0, self.repl("func sq 1 -> 1\n dup\n mul\n\npush 6\ncall sq\n:save s.rasm\n"))
        result = self.assert_status(0, self.repl(":load s.rasm\n:stack\n"))
        self.assertIn("stack       [36]", result.out)
        self.write("p.rasm", "push 2\n\npush 3 call f\n\nfunc f 2 -> 1\n  add\n\n  push 1 add\n")
        self.assertEqual(["6", "6 6"], self.stacks(":load p.rasm\ndup\n"))
        failed = self.assert_status(1, self.repl(":load none.rasm\npush 1\n"))
        self.assertIn("RVM-U02", failed.err)
        self.assertIn("[1]", failed.out)

    def test_a_saved_session_is_a_program(self):
        self.assert_status(0, self.repl("push 6\nfunc sq 1 -> 1\n dup\n mul\n\ncall sq\nconst k = 6\npush k add\n:save s.rasm\n"))
        self.assertIn("42 (0x2a)", self.assert_status(0, self.rvm("run", "s.rasm")).out)
        self.assertEqual("[42]", self.assert_status(0, self.repl(":load s.rasm\ndrop push 42\n")).out.splitlines()[-1].split("  ")[0])
        result = self.assert_status(0, self.repl("again: push 0 jumpnz again\nagain: push 0 jumpnz again\n:save t.rasm\n"))
        self.assertRegex(result.out, r"note +`:load` runs it entry by entry, `rvm run` does not: .*again")
        self.assert_status(0, self.repl(":load t.rasm\n"))

    def test_an_incomplete_entry_is_shown_as_run_shows_it(self):
        for entry in "push", "push 1 call", "jump", "get", "data", "const", "import", "space x":
            for before in "", "push 7\nfunc f 0 -> 0\n\n":
                with self.subTest(entry=entry, before=before):
                    self.write("p.rasm", entry)
                    expected = self.assert_status(1, self.rvm("run", "p.rasm")).err
                    found = self.assert_status(1, self.repl(before + entry + "\n\n")).err
                    self.assertIn(entry, expected)
                    self.assertEqual(expected, found.replace(f"entry-{3 if before else 1}:", "p.rasm:"))

    def test_reset_forgets(self):
        result = self.assert_status(1, self.repl("const k = 4\npush k\n:reset\n:stack\npush k\n"))
        self.assertIn("stack       []", result.out)
        self.assertIn("unknown constant k", result.err)

    def test_help_memory_words(self):
        out = self.repl(":help\n:help add\n:help u256.add\ndata t = \"hello\"\n:memory 0 16\n:words\n").out
        for text in (":save FILE", "a + b", "org.rvm.u256", "68656c6c6f", "hello...", "const t = 0", "const t.size = 5"):
            self.assertIn(text, out)

    def test_wrong_commands_suggest_and_do_not_end_the_session(self):
        result = self.assert_status(1, self.repl(":stak\n:gas x\n:trace maybe\n:stack 1\npush 1\n"))
        self.assertIn("did you mean :stack?", result.err)
        self.assertEqual(4, result.err.count("RVM-U01"))
        self.assertIn("[1]", result.out)

    def test_state_file(self):
        self.assert_status(0, self.repl("data k = zero 32\ndata v = u256 9\npush k push v sstore\n", "--state", "w.json"))
        again = self.repl("data k = zero 32\nspace v 32\npush k push v sload push v + 24 load64 bswap\n", "--state", "w.json")
        self.assertIn("[9]", again.out)

    def test_words_above_the_sign_are_shown_both_ways(self):
        self.assertEqual(["18446744073709551615 (-1)"], self.stacks("push -1\n"))

    def test_json_is_refused(self):
        self.assert_refused(2, "RVM-U01", self.rvm("repl", "--json", stdin=""))

    def test_a_line_or_entry_longer_than_a_program_may_be_is_refused(self):
        most = 16 << 20
        at_most = self.assert_status(0, self.repl("push 1\n;;" + "x" * (most - 3) + "\npush 2\n"))
        self.assertIn("[1 2]", at_most.out)
        for script, where in (("push 1\n" + "x" * (most + 1) + "\npush 2\n", "line 2: the line is too long"),
                              ("push 1\n;;" + "x" * most, "line 2: the line is too long"),
                              ("push 1\nfunc f\n" + (";;" + "x" * (most // 4) + "\n") * 5, "line 6: the entry that goes on here is too long")):
            result = self.assert_refused(2, "RVM-U02", self.repl(script))
            self.assertIn("standard input", result.err)
            self.assertIn(where, result.err)
            self.assertIn(f"expected at most {most} bytes, found more", result.err)
            self.assertEqual(["1"], re.findall(r"^\[(.*?)\]", result.out, re.MULTILINE))  # what stood before has run, no more

    def test_quit_ends(self):
        self.assertEqual(["1"], self.stacks("push 1\n:quit\npush 2\n"))


class Terminal(CliTest):
    """A person at a terminal."""

    def start(self, *options, env=None):
        pid, master = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            surroundings = {"HOME": str(self.folder), "TERM": "xterm", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
            surroundings.update(env or {})
            os.execve(PROGRAM, [PROGRAM, "repl", *options], surroundings)
        self.pid, self.master, self.shown = pid, master, b""
        self.addCleanup(self.end)
        self.until(rb"rvm> ")

    def end(self):
        if self.pid:
            os.close(self.master)
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
            self.pid = 0

    def until(self, pattern, seconds=60):
        """Reads until what the terminal showed since the last call matches; returns it."""
        ends = time.monotonic() + seconds
        while not re.search(pattern, self.shown):
            if not select.select([self.master], [], [], max(0, ends - time.monotonic()))[0]:
                self.fail(f"{pattern} never came; the terminal shows {self.shown!r}")
            try:
                self.shown += os.read(self.master, 4096)
            except OSError:
                self.fail(f"{pattern} never came; it ended with {self.shown!r}")
        shown, self.shown = self.shown, b""
        return shown

    def type(self, text):
        """Types into the editor: the prompt is shown a moment before the editor takes the terminal over."""
        ends = time.monotonic() + 60
        while termios.tcgetattr(self.master)[3] & termios.ICANON:
            self.assertLess(time.monotonic(), ends, "nothing edits")
            time.sleep(0.001)
        os.write(self.master, text.encode())

    def interrupt(self):
        os.write(self.master, b"\x03")

    def finish(self, farewell=":quit\n"):
        self.type(farewell)
        while select.select([self.master], [], [], 60)[0]:
            try:
                if not os.read(self.master, 4096):
                    break
            except OSError:  # the other side is closed
                break
        else:
            self.fail("it did not end")
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.master)
        self.pid = 0
        return status

    def test_entries_history_and_the_end(self):
        self.start()
        self.type("push 10 push 20 add\n")
        self.assertIn(b"[30]", self.until(rb"\[30\][^\0]*rvm> "))
        self.type("\x1b[A\n")  # the entry before
        self.until(rb"\[30 30\][^\0]*rvm> ")
        self.assertEqual(0, self.finish("\x04"))  # Ctrl-D
        kept = self.folder / ".local/state/rvm/history"
        self.assertIn("push", kept.read_text())
        self.assertEqual(0o600, kept.stat().st_mode & 0o777)
        self.start()  # and the history is there again
        self.type("\x1b[A\n")
        self.until(rb"\[30\]")
        self.finish()

    def test_completion_of_opcodes_words_and_files(self):
        self.write("counter.rasm", "push 77\n")
        self.start("--no-history")
        self.type("func answer -> 1\n")
        self.until(rb"\.\.\.> ")
        self.type("push 42\n\n")
        self.until(rb"\[\][^\0]*rvm> ")
        self.type("call ans\t\n")
        self.until(rb"\[42\]")
        self.type("popc\t\n")
        self.until(rb"\[3\]")  # of 42
        self.type(":load cou\t\n")
        self.until(rb"\[3 77\]")
        self.type("u256.ad\t\t")
        self.until(rb"u256\.addmod")
        self.type("\x15:st\t\n")
        self.until(rb"stack +\[3 77\]")
        self.finish()
        self.assertFalse((self.folder / ".local").exists())

    def test_a_trap_and_an_error_do_not_end_it(self):
        self.start("--no-history")
        self.type("push 1 push 0 div\n")
        self.until(rb"division by zero[^\0]*rvm> ")
        self.type("adn\n")
        self.until(rb"unknown mnemonic adn[^\0]*\^[^\0]*rvm> ")
        self.type("push 5\n")
        self.until(rb"\[5\]")
        self.assertEqual(0, self.finish())

    def test_lines_are_edited_in_a_confined_process_too(self):
        self.write("node.json", json.dumps({"format_version": 1, "profile": "development", "trust": {"require": "none"}, "confine": True}))
        self.start("--config", "node.json")
        self.type("push 10 pusx\x7fh 20\n")
        self.until(rb"\[10 20\][^\0]*rvm> ")
        self.type("\x1b[A\n")  # the entry before
        self.until(rb"\[10 20 10 20\][^\0]*rvm> ")
        self.type("popc\t\n")
        self.until(rb"\[10 20 10 2\][^\0]*rvm> ")
        self.type(":save s.rasm\n")
        self.until(rb"Operation not permitted[^\0]*rvm> ")
        self.assertEqual(0, self.finish())
        self.assertEqual([], [path.name for path in self.folder.iterdir() if path.name != "node.json"])  # nor a history

    def test_interrupt_gives_up_the_line_and_then_the_run(self):
        self.start("--no-history", "--gas", str(2**62))
        self.type("func f\n")
        self.until(rb"\.\.\.> ")
        self.type("push 1")
        self.until(rb"push 1")
        self.interrupt()
        self.until(rb"rvm> ")
        self.type("push 3\n")
        self.until(rb"\[3\][^\0]*rvm> ")
        for _ in range(20):  # wherever it finds the program: before it begins, or in its loop
            self.type("again: jump again\n")
            self.until(rb"again\r\n")
            self.interrupt()
            self.until(rb"cancelled[^\0]*rvm> ")
        self.type("push 4\n")
        self.until(rb"\[3 4\]")
        self.assertEqual(0, self.finish())


if __name__ == "__main__":
    unittest.main()
