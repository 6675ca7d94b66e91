import os
import subprocess
import unittest

from support import ARITHMETIC, PROGRAM, CliTest


MAGIC = b"\0rvm"  # of an .rvm container: native bytecode and nothing else


class BadInput(CliTest):
    """Every verb that reads a program refuses what is none, with a code and without a crash."""

    def each_verb(self, file):
        for verb in ("run", "check", "disasm", "asm", "deploy"):
            extra = ("--state", "w.json") if verb == "deploy" else ("-o", "-") if verb == "asm" else ()
            yield self.rvm(verb, file, *extra)

    def test_missing_file(self):
        for result in self.each_verb("none.rasm"):
            self.assert_refused(2, "RVM-U02", result)
            self.assertIn("none.rasm", result.err)

    def test_directory(self):
        for result in self.each_verb(self.folder):
            self.assertIn("directory", self.assert_refused(2, "RVM-U02", result).err)

    def test_device(self):
        for result in self.each_verb("/dev/zero"):
            self.assert_refused(2, "RVM-U02", result)

    def test_empty(self):
        self.write("empty.rvm", "")
        for result in self.each_verb("empty.rvm"):
            self.assert_refused(2, "RVM-U03", result)

    def test_huge(self):
        with open(self.folder / "huge.rvm", "wb") as file:
            file.truncate(1 << 40)
        for result in self.each_verb("huge.rvm"):
            self.assert_refused(2, "RVM-U02", result)

    def test_endless_input(self):
        reader, writer = os.pipe()
        feeder = subprocess.Popen(["head", "-c", str(64 << 20), "/dev/zero"], stdout=writer)
        os.close(writer)
        done = subprocess.run([PROGRAM, "run", "-"], stdin=reader, capture_output=True, timeout=60)
        os.close(reader)
        feeder.wait()
        self.assertEqual(2, done.returncode)
        self.assertIn(b"RVM-U02", done.stderr)

    def test_verbs_of_plugins_read_with_limits_too(self):
        with open(self.folder / "huge.wasm", "wb") as file:
            file.truncate(1 << 40)
        for words in (["evm", self.folder], ["evm", "/dev/zero"], ["wasm", "check", "huge.wasm"],
                      ["statetest", "--skip-list", self.folder, self.folder],
                      ["wasm", "spectest", "--skip-list", self.folder, self.folder]):
            self.assertNotEqual("", self.assert_status(2, self.rvm(*words)).err, words)

    def test_unreadable(self):
        if os.geteuid() == 0:
            self.skipTest("root reads everything")
        self.write("secret.rasm", ARITHMETIC).chmod(0)
        for result in self.each_verb("secret.rasm"):
            self.assert_refused(2, "RVM-U02", result)

    def test_binary_garbage(self):
        self.write("garbage.bin", MAGIC + bytes(range(256)) * 16)
        for result in self.each_verb("garbage.bin"):
            self.assertIn(result.status, (1, 2, 78), repr(result))
            self.assertIn("RVM-", result.out + result.err)  # run and deploy name it in the result: the code traps

    def test_truncated_container(self):
        source = self.write("p.rasm", ARITHMETIC)
        self.assert_status(0, self.rvm("asm", source, "-o", "p.rvm"))
        whole = (self.folder / "p.rvm").read_bytes()
        accepted = []
        for size in range(len(MAGIC), len(whole)):  # without the magic number it would be EVM code
            self.write("cut.rvm", whole[:size])
            result = self.rvm("check", "cut.rvm")
            if result.status == 0:
                accepted.append(size)
                continue
            self.assertIn(result.status, (1, 2, 78), f"{size}: {result!r}")
            self.assertIn("RVM-", result.err)
        self.assertLessEqual(len(accepted), 1, "only the cut before the debug section leaves a whole program")

    def test_assembly_error_names_line_and_column_with_a_caret(self):
        result = self.assert_refused(1, "RVM-A02", self.rvm("run", "-", stdin="push 1\n  pusch 2\n"))
        self.assertIn("2:3", result.err)
        self.assertIn("did you mean push?", result.err)
        self.assertIn("^", result.err)

    def test_bad_values(self):
        self.write("p.rasm", ARITHMETIC)
        for options in (("--gas", "-1"), ("--gas", "9223372036854775808"), ("--gas", "x"), ("--sender", "0x12"),
                        ("--value", "1e3"), ("--value", str(1 << 256)), ("--input", "0x123"), ("--arg", "1.5"),
                        ("--arg", str(1 << 64)), ("--env", "block.number"), ("--gas",)):
            with self.subTest(options=options):
                self.assert_refused(2, "RVM-U01", self.rvm("run", "p.rasm", *options))

    def test_control_characters_do_not_reach_the_terminal(self):
        result = self.assert_status(2, self.rvm("run", "\x1b[31mred"))
        self.assertNotIn("\x1b", result.err)


class LostOutput(CliTest):
    def test_full_device_is_no_success(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([PROGRAM, "explain"], stdout=full, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(70, done.returncode)
        self.assertIn(b"RVM-X03", done.stderr)

    def test_closed_pipe_is_no_crash_and_no_success(self):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([PROGRAM, "explain"], stdout=writer, stderr=subprocess.PIPE, timeout=60)
        os.close(writer)
        self.assertEqual(70, done.returncode)
        self.assertIn(b"RVM-X03", done.stderr)


if __name__ == "__main__":
    unittest.main()
