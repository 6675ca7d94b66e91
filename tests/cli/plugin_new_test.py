"""`rvm plugin new`: what it generates builds outside of rvm's tree, passes its own test and `rvm plugin check`."""

import itertools
import os
import re
import shutil
import subprocess
import unittest

from support import PROGRAM, SHARE, CliTest

TEMPLATES = SHARE / "sdk/templates"
PREFIX = SHARE.parent.parent
EXTENSIONS = {"c": "c", "cpp": "cpp", "rust": "rs"}


def offered():
    """(kind, language) of every combination that the help lists."""
    text = subprocess.run([PROGRAM, "plugin", "--help"], capture_output=True, text=True).stdout
    pairs = []
    for kinds, languages in re.findall(r"--kind ([a-z|]+) --lang ([a-z|]+)", text):
        pairs += itertools.product(kinds.split("|"), languages.split("|"))
    return list(dict.fromkeys(pairs))  # the example names one again


def run(*command, cwd):
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=900)
    if done.returncode != 0:
        raise AssertionError(f"{command} exited with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


class Generated(CliTest):
    def test_the_help_lists_what_there_are_templates_for(self):
        found = {(folder.name, language) for folder in TEMPLATES.iterdir() for language, extension in EXTENSIONS.items()
                 if (folder / f"plugin.{extension}").is_file()}
        self.assertEqual(found, set(offered()))
        self.assertGreaterEqual(len(found), 24)

    def test_every_combination_builds_and_passes_its_tests(self):
        # Projects of one kind have the same name in every language, so their tests must be the same text: it is compiled once and
        # linked with each language's plugin. A tree a language; the later ones take over what the first found out about compilers.
        tests = {}
        first = None
        for language in EXTENSIONS:
            kinds = [kind for kind, other in offered() if other == language]
            folder = self.folder / language
            folder.mkdir()
            lines = ["cmake_minimum_required(VERSION 3.22)", "project(all LANGUAGES C CXX)", "include(CTest)"]
            for kind in kinds:
                name = f"a{kind}"
                self.assert_status(0, self.rvm("plugin", "new", name, "--kind", kind, "--lang", language, "--dir", folder / name))
                text = (folder / name / f"{name}_test.cpp").read_text()
                lines.append(f"add_subdirectory({name})")
                if kind not in tests:  # reading the test host's headers costs more than compiling a test
                    tests[kind] = (text, language)
                    lines.append(f"target_precompile_headers({name}_test " +
                                 ("PRIVATE <cstdio> <rvm/test_host.hpp>)" if kind == kinds[0] else f"REUSE_FROM a{kinds[0]}_test)"))
                else:
                    self.assertEqual(tests[kind][0], text)
                    made = self.folder / tests[kind][1] / "build" / name / "CMakeFiles" / f"{name}_test.dir" / f"{name}_test.cpp.o"
                    lines.append(f"set_property(TARGET {name}_test PROPERTY SOURCES {made})")
                    lines.append(f"set_property(TARGET {name}_test PROPERTY LINKER_LANGUAGE CXX)")
            (folder / "CMakeLists.txt").write_text("\n".join(lines) + "\n")
            build = folder / "build"
            if first is None:
                first = build
            else:
                for found in (first / "CMakeFiles").glob("[0-9]*"):
                    shutil.copytree(found, build / "CMakeFiles" / found.name)
            run("cmake", "-S", folder, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=None",
                "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Werror -Wno-missing-field-initializers",
                "-DCMAKE_C_FLAGS=-Wall -Wextra -Wpedantic -Werror -Wno-missing-field-initializers", cwd=self.folder)
            run("cmake", "--build", build, cwd=self.folder)
            listed = run("ctest", "--test-dir", build, "-N", cwd=self.folder)
            for kind in kinds:
                self.assertIn(f" a{kind}_test\n", listed)
                self.assertIn(f" plugin_check.a{kind}\n", listed)
                with self.subTest(kind=kind, language=language):
                    run("ctest", "--test-dir", build, "--output-on-failure", "-R", f"^(a{kind}_test|plugin_check.a{kind})$", cwd=self.folder)

    def test_programs_beside_the_plugins_give_what_they_say(self):
        expected = {"opcode": "42 (0x2a)", "syscall": "0x1122334455667788", "program": "0x" + "22" * 8 + "11" * 8}
        for kind, result in expected.items():
            with self.subTest(kind=kind):
                self.assert_status(0, self.rvm("plugin", "new", f"a{kind}", "--kind", kind, "--lang", "c"))
                plugin = self.build(f"a{kind}")
                shown = self.assert_status(0, self.rvm("run", "--plugin", plugin, f"a{kind}/a{kind}.rasm")).out
                self.assertIn(result, shown)

    def build(self, name):
        """The library alone, by hand: seconds less than configuring its project."""
        folder = self.folder / name
        sidecar = (folder / f"{name}.rvm.json.in").read_text()
        header = (self.include() / "rvm/plugin.h").read_text()
        number = {part: re.search(rf"#define RVM_ABI_{part} (\d+)u", header).group(1) for part in ("MAJOR", "MINOR")}
        values = {"RVM_PLUGIN_ID": f"org.example.{name}", "RVM_PLUGIN_VERSION": "0.1.0", "RVM_PLUGIN_LIBRARY": f"{name}.so",
                  "RVM_TARGET_ARCH": os.uname().machine, "RVM_ABI_MAJOR": number["MAJOR"], "RVM_ABI_MINOR": number["MINOR"]}
        for key, value in values.items():
            sidecar = sidecar.replace(f"@{key}@", value)
        self.write(f"{name}.rvm.json", sidecar)
        run("cc", "-shared", "-fPIC", "-O1", "-fvisibility=hidden", "-Wl,-z,now,-z,relro", f"-I{self.include()}",
            f'-DRVM_PLUGIN_ID="org.example.{name}"', '-DRVM_PLUGIN_VERSION="0.1.0"', folder / f"{name}.c", "-o", f"{name}.so",
            cwd=self.folder)
        return self.folder / f"{name}.so"

    @staticmethod
    def include():
        config = (PREFIX / "lib/cmake/rvm/rvmConfig.cmake").read_text()
        return type(SHARE)(re.search(r'RVM_SDK_INCLUDE_DIR "(.*)"', config).group(1))


class Refusals(CliTest):
    def new(self, *words):
        return self.rvm("plugin", "new", *words)

    def test_wrong_words_are_refused_with_what_would_be_right(self):
        kind = ("--kind", "opcode")
        for words, hint in ((("x",), "opcode"), (("x", "--kind", "opcod", "--lang", "c"), "did you mean opcode?"),
                            (("x", *kind), "c, cpp"), (("x", *kind, "--lang", "cp"), "did you mean c"),
                            (("x_y", *kind, "--lang", "c"), "letters and digits"), (("X", *kind, "--lang", "c"), "lower case"), (("../x", *kind, "--lang", "c"), "lower case"),
                            (("a" * 25, *kind, "--lang", "c"), "at most 24"), ((*kind, "--lang", "c"), "NAME is missing"),
                            (("x", *kind, "--lang", "c", "--id", "Org"), "--id")):
            with self.subTest(words=words):
                self.assertIn(hint, self.assert_refused(2, "RVM-U01", self.new(*words)).err)
                self.assertEqual([], list(self.folder.iterdir()))

    def test_nothing_is_overwritten(self):
        (self.folder / "x").mkdir()
        self.write("x/precious", "text")
        self.assert_refused(2, "RVM-U04", self.new("x", "--kind", "opcode", "--lang", "c"))
        self.assertEqual(["precious"], [path.name for path in (self.folder / "x").iterdir()])

    def test_names_reach_every_file(self):
        out = self.assert_status(0, self.new("wide", "--kind", "storage", "--lang", "cpp", "--id", "org.acme.w", "--dir", "d", "--json"))
        document = out.json()
        self.assertEqual("org.acme.w", document["plugin"])
        self.assertEqual({"CMakeLists.txt", "README.md", "wide.cpp", "wide.rvm.json.in", "wide_test.cpp"},
                         {path.name for path in (self.folder / "d").iterdir()})
        self.assertEqual(5, len(document["files"]))
        for path in (self.folder / "d").iterdir():
            self.assertNotRegex(path.read_text(), r"<<\w+>>")
        self.assertIn("ID org.acme.w ", (self.folder / "d/CMakeLists.txt").read_text())


if __name__ == "__main__":
    unittest.main()
