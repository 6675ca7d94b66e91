#!/usr/bin/env python3
"""The README's code blocks are built and run, and print what the README says.

usage: readme_test.py RVM_PROGRAM SOURCE_DIR BUILD_DIR
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM, SOURCE, BUILD = (os.path.abspath(a) for a in sys.argv[1:4])


def blocks():
    """(language, text) of every fenced block, in order."""
    with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as file:
        return re.findall(r"^```(\w+)\n(.*?)^```$", file.read(), re.S | re.M)


def run(*command, cwd=None, check=True):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600)
    if check and done.returncode != 0:
        raise AssertionError(f"{command} exited with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


class Readme(unittest.TestCase):
    def setUp(self):
        self.blocks = blocks()
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def after(self, language, text):
        """The first block of `language` after the block with this text."""
        at = next(i for i, b in enumerate(self.blocks) if b[1].strip() == text)
        return next(b[1] for b in self.blocks[at + 1:] if b[0] == language)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def run_block(self, command, **files):
        """Runs an `rvm ...` block in the folder and compares with the text block after it."""
        words = command.split()
        self.assertEqual(words[0], "rvm")
        found = run(PROGRAM, *words[1:], cwd=self.folder)
        self.assertEqual(found.strip(), self.after("text", command).strip())

    def test_commands_exist(self):
        for command in (".ci/demo", ".ci/test"):
            self.assertIn(("sh", command + "\n"), self.blocks)
            self.assertTrue(os.access(os.path.join(SOURCE, command), os.X_OK), command)
        with open(os.path.join(SOURCE, ".ci/run"), encoding="utf-8") as file:
            self.assertTrue(file.read().strip().endswith('exec "$(dirname -- "$0")/test"'))

    def test_demo_prints_what_the_first_screen_shows(self):
        found = run(PROGRAM, "demo").replace(BUILD, "build")
        self.assertEqual(found.strip(), self.after("text", ".ci/demo").strip())

    def test_native_program(self):
        self.write("sum.rasm", next(b[1] for b in self.blocks if b[0] == "rasm"))
        self.run_block("rvm run sum.rasm")

    def test_evm_code(self):
        self.run_block("rvm evm 602a5f5260205ff3")

    def test_four_commands_make_an_opcode(self):
        commands = next(b[1] for b in self.blocks if b[0] == "sh" and "plugin new" in b[1])
        lines = commands.strip().splitlines()
        self.assertEqual(4, len(lines))
        here = {**os.environ, "PATH": os.path.dirname(PROGRAM) + os.pathsep + os.environ["PATH"]}
        for line in lines:
            done = subprocess.run(line.split(), cwd=self.folder, env=here, capture_output=True, text=True, timeout=300)
            self.assertEqual(0, done.returncode, f"{line}\n{done.stdout}{done.stderr}")
        self.assertEqual(self.after("text", commands.strip()).strip(), done.stdout.strip())
        # The operation in the source is what runs.
        with open(os.path.join(self.folder, "adder/adder.c"), encoding="utf-8") as file:
            source = file.read()
        self.assertIn("args[0] = args[0] + args[1];", source)
        self.write("adder/adder.c", source.replace("args[0] = args[0] + args[1];", "args[0] = args[0] * args[1];"))
        run("cmake", "--build", "adder/build", "--target", "rvm_plugin_adder", cwd=self.folder)
        changed = run(PROGRAM, *lines[-1].split()[1:], cwd=self.folder)
        self.assertRegex(changed, r"result +360 ")

    def test_plugin_builds_out_of_tree_and_runs(self):
        prefix = os.path.join(self.folder, "prefix")
        run("cmake", "--install", BUILD, "--component", "sdk", "--prefix", prefix)
        sidecar = next(b[1] for b in self.blocks if b[0] == "json")
        self.write("hello.c", next(b[1] for b in self.blocks if b[0] == "c"))
        self.write("hello.rvm.json.in", sidecar)
        self.write("CMakeLists.txt", next(b[1] for b in self.blocks if b[0] == "cmake"))
        run("cmake", "-S", self.folder, "-B", self.folder + "/b", "-DCMAKE_PREFIX_PATH=" + prefix)
        run("cmake", "--build", self.folder + "/b")
        built = next(os.path.join(d, "hello.so") for d, _, names in os.walk(self.folder + "/b") if "hello.so" in names)
        shutil.copy(built, self.folder)
        run(PROGRAM, "plugin", "check", "hello.so", cwd=self.folder)
        self.write("muladd.rasm", [b[1] for b in self.blocks if b[0] == "rasm"][1])
        self.run_block("rvm run --plugin hello.so muladd.rasm")

    def test_plugin_is_the_example_and_about_sixty_lines(self):
        text = next(b[1] for b in self.blocks if b[0] == "c")
        with open(os.path.join(SOURCE, "sdk/examples/hello-opcode/hello.c"), encoding="utf-8") as file:
            self.assertEqual(text.strip(), file.read().strip())
        self.assertLessEqual(len(text.splitlines()), 60)

    def test_manifest(self):
        self.write("manifest.json", [b[1] for b in self.blocks if b[0] == "json"][1])
        os.mkdir(os.path.join(self.folder, "plugins"))
        run(PROGRAM, "config", "check", "manifest.json", cwd=self.folder)

    def test_explain(self):
        self.run_block("rvm explain RVM-F02")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
