"""What `cmake --install` puts into a prefix works from there, and a project uses it, or rvm's sources, as documented.

usage: install_test.py BUILD SOURCE C_COMPILER CXX_COMPILER prefix | subdirectory | whole
"""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD, SOURCE = (pathlib.Path(a).resolve() for a in sys.argv[1:3])
C, CXX = sys.argv[3:5]
PROJECT = SOURCE / "tests/install/project"
PROGRAM = "push 20 doubler.twice push 2 add\n"
ANSWER = "42\n"
# Nothing of the surroundings may help: no variable, no working directory, no tree the program was built in.
CLEAN = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}


def run(*command, cwd="/", env=CLEAN):
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=env, capture_output=True, text=True, timeout=1700)
    if done.returncode != 0:
        raise AssertionError(f"{command} exited with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def configure_and_build(folder, *settings, targets=()):
    """The project, copied to `folder`; compilers may be wrapped by what the surroundings name."""
    shutil.copytree(PROJECT, folder / "project")
    here = dict(os.environ)
    here.pop("CMAKE_PREFIX_PATH", None)
    run("cmake", "-S", folder / "project", "-B", folder / "build", f"-DCMAKE_C_COMPILER={C}", f"-DCMAKE_CXX_COMPILER={CXX}",
        "-DCMAKE_CXX_STANDARD=20", *settings, env=here)
    run("cmake", "--build", folder / "build", *(word for target in targets for word in ("--target", target)), env=here)
    return folder / "build"


class Folder(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="rvm-install-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)


class Prefix(Folder):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prefix = cls.folder / "moved here"
        run("cmake", "--install", BUILD, "--prefix", cls.folder / "prefix", cwd=cls.folder)
        (cls.folder / "prefix").rename(cls.prefix)  # nothing in it may know where it was installed
        cls.rvm = cls.prefix / "bin/rvm"

    def test_the_program_finds_its_plugins_configs_and_demo(self):
        listed = run(self.rvm, "plugin", "list")
        for plugin in ("org.rvm.evm", "org.rvm.u256", "org.rvm.crypto", "org.rvm.wasm", "org.rvm.ledger"):
            self.assertIn(plugin, listed)
        self.assertIn(str(self.prefix / "lib/rvm/plugins"), listed)
        self.assertNotIn(str(BUILD), listed)
        self.assertIn("515377520732011331036461129765621272702107522001", run(self.rvm, "demo"))

    def test_the_manifests_hold_for_what_was_installed(self):
        for name in ("dev.json", "consensus.json", "embedded.json"):
            self.assertRegex(run(self.rvm, "config", "check", self.prefix / "share/rvm/configs" / name), r"sound +yes")

    def test_the_shared_library_shows_the_c_interface_and_nothing_else(self):
        library = self.prefix / "lib/librvm.so"
        symbols = run("nm", "-D", "--defined-only", library)
        found = set(re.findall(r" T (\S+)", symbols))
        header = (self.prefix / "include/rvm/rvm.h").read_text()
        declared = set(re.findall(r"^RVM_EXPORT [^(]*?(\w+)\(", header, re.M))
        self.assertEqual({f"{name}@@RVM_0.1" for name in declared}, found)
        self.assertEqual(set(), set(re.findall(r" [^TA] (\S+)", symbols)), "data or weak symbols are visible")
        self.assertIn("soname: [librvm.so.0.1]", run("readelf", "-d", library))

    def test_a_program_builds_with_pkg_config(self):
        flags = run("pkg-config", "--cflags", "--libs", "rvm",
                    env={**CLEAN, "PKG_CONFIG_PATH": str(self.prefix / "lib/pkgconfig")})
        program = self.folder / "by_pkg_config"
        run(C, PROJECT / "from_c.c", "-o", program, *shlex.split(flags))
        done = subprocess.run([program], env={**CLEAN, "LD_LIBRARY_PATH": str(self.prefix / "lib")})
        self.assertEqual(2, done.returncode)  # it runs, and asks for its two files

    def test_a_project_builds_a_plugin_and_programs_around_rvm(self):
        build = configure_and_build(self.folder / "outside", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        (self.folder / "program.rasm").write_text(PROGRAM)
        plugin = build / "doubler.so"
        run(self.rvm, "asm", "--plugin", plugin, self.folder / "program.rasm", "-o", self.folder / "program.rvm")
        self.assertRegex(run(self.rvm, "run", "--plugin", plugin, self.folder / "program.rasm"), r"result +42 ")
        self.assertEqual(ANSWER, run(build / "from_c", plugin, self.folder / "program.rvm"))
        self.assertEqual(ANSWER, run(build / "from_cpp", self.folder / "program.rvm"))
        self.assertEqual("35\n", run(build / "on_engine"))

    def test_a_rust_program_embeds_it(self):
        cargo = next((path for path in ("/usr/bin/cargo", shutil.which("cargo")) if path and os.path.exists(path)), None)
        if cargo is None:
            self.skipTest("no cargo")
        run(self.rvm, "asm", self.prefix / "share/rvm/demo/counter.rasm", "-o", self.folder / "counter.rvm")
        target = self.folder / "target"
        run(cargo, "build", "--offline", "--quiet", "--example", "run", cwd=self.prefix / "share/rvm/sdk/rust/rvm",
            env={**CLEAN, "CARGO_TARGET_DIR": str(target), "CARGO_HOME": str(self.folder / "cargo")})
        program, surroundings = target / "debug/examples/run", {**CLEAN, "LD_LIBRARY_PATH": str(self.prefix / "lib")}
        shown = run(program, self.prefix / "share/rvm/configs/embedded.json", self.folder / "counter.rvm", "2", env=surroundings)
        self.assertRegex(shown, r"^ok: 1, \d+ gas\n  slot 0: 0 -> 1\nok: 2, \d+ gas\n  slot 0: 1 -> 2\n$")
        absent = subprocess.run([program, "/absent.json", self.folder / "counter.rvm", "1"], env=surroundings, capture_output=True, text=True)
        self.assertEqual((1, ""), (absent.returncode, absent.stdout))
        self.assertIn("RVM-M01", absent.stderr)


class Subdirectory(Folder):
    """rvm's sources inside the project, which builds its plugin: the core is configured and not compiled."""

    def test_a_project_builds_a_plugin(self):
        build = configure_and_build(self.folder, f"-DRVM_SOURCE={SOURCE}", "-G", "Ninja", targets=["rvm_plugin_doubler"])
        (self.folder / "program.rasm").write_text(PROGRAM)
        self.assertRegex(run(BUILD / "bin/rvm", "run", "--plugin", build / "doubler.so", self.folder / "program.rasm"),
                         r"result +42 ")


class Whole(Folder):
    """The same with the programs: the whole core is compiled, without optimisation."""

    def test_a_project_builds_a_plugin_and_programs_around_rvm(self):
        build = configure_and_build(self.folder, f"-DRVM_SOURCE={SOURCE}", "-DCMAKE_BUILD_TYPE=Debug", "-G", "Ninja")
        self.assertEqual([], list(build.rglob("crypto.so")), "an embedder does not build the plugins")
        (self.folder / "program.rasm").write_text(PROGRAM)
        run(BUILD / "bin/rvm", "asm", "--plugin", build / "doubler.so", self.folder / "program.rasm", "-o",
            self.folder / "program.rvm")
        self.assertEqual(ANSWER, run(build / "from_c", build / "doubler.so", self.folder / "program.rvm"))
        self.assertEqual(ANSWER, run(build / "from_cpp", self.folder / "program.rvm"))
        self.assertEqual("35\n", run(build / "on_engine"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], defaultTest=sys.argv[5].title(), verbosity=2)
