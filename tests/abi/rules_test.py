"""The rules of the house, from the include graph, the link lines and the texts of the tree.

    rules_test.py [--program RVM] [--build DIRECTORY]

--program: the rvm program, for `rvm explain`; --build: a Ninja build, for its link lines. Without them these checks are
skipped.
"""

import argparse
import collections
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
OPTIONS = argparse.Namespace(program=None, build=None)

CODE = {".c", ".h", ".cpp", ".hpp"}
TEXT = CODE | {".def", ".py", ".sh", ".cmake", ".txt", ".in"}
FOLDERS = ("core", "sdk", "plugins", "host", "configs", "tests", ".ci")

SDK_HEADERS = {"rvm/plugin.h", "rvm/plugin.hpp", "rvm/evm_ops.h"}
CORE_HEADERS = {"rvm/report.hpp", "rvm/runtime.hpp", "rvm/rvm.h", "rvm/error_codes.def"}

# The static library of the core that a plugin links: WebAssembly runs on the same engine as native bytecode.
ENGINE = {"core/engine/librvm_engine.a"}

# Longest file and where reading gets hard; the exceptions have reasons.
MOST_LINES, MANY_LINES = 800, 400
LONG_FILES = {
    "sdk/include/rvm/plugin.h": "the whole boundary is one C header: one place to read, one file to copy",
    "tests/abi/layout.golden.txt": "one line a field of every struct of the boundary",
    "tests/determinism/expected.txt": "one line a transaction",
}

# What librvm must not do, as calls in its code: the pattern, and who may with which reason.
LAST_WORDS = "an exception has left a plugin and the process dies: says which plugin, for programs that asked for it"
IN_A_CHILD = "tries a load in a child process of its own; the embedder's process is not touched"
FORBIDDEN_CALLS = {
    r"\b(?:std::)?(?:printf|fprintf|vprintf|puts|fputs|putchar|perror|psignal)\s*\(":
        {"core/plugin/terminate.cpp": LAST_WORDS},
    r"\bstd::(?:cout|cerr|clog)\b": {},
    r"(?<![\w.>:])(?<!void )(?:std::|::)?(?:exit|_exit|quick_exit|_Exit|abort|terminate)\s*\(":
        {"core/plugin/terminate.cpp": LAST_WORDS, "core/plugin/rehearsal.cpp": IN_A_CHILD},
    r"(?<![\w.>])(?:std::)?(?:signal|sigaction|sigaltstack|sigprocmask|pthread_sigmask|raise|kill)\s*\(":
        {"core/plugin/rehearsal.cpp": IN_A_CHILD},
    r"\b(?:std::)?(?:setlocale|uselocale)\s*\(|\bstd::locale::global\b": {},
    r"(?<![\w.>])(?:chdir|fchdir|umask|chroot|setenv|putenv|unsetenv)\s*\(|\bcurrent_path\s*\([^)]": {},
    r"(?<![\w.>])(?:dlclose|fork|vfork|system|popen)\s*\(": {"core/plugin/rehearsal.cpp": IN_A_CHILD},
}


def relative(path):
    return path.relative_to(ROOT).as_posix()


def files(*folders, suffixes=CODE):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in suffixes and "__pycache__" not in path.parts:
                yield path


def without_comments(text):
    """The code alone; texts in quotes stay, line numbers too."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)

    def keep(match):
        found = match.group(0)
        return re.sub(r"[^\n]", " ", found) if found.startswith("/") else found
    return pattern.sub(keep, text)


def without_texts(text):
    return re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)


def includes(path):
    for number, line in enumerate(without_comments(path.read_text()).splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if found:
            yield number, found.group(1) == '"', found.group(2)


def owner(path, name, quoted):
    """The folder of ours that an include reaches: "sdk", "core", "host", "plugins/lib/X", "plugins/X"; None: not ours."""
    if name in SDK_HEADERS or (not quoted and (ROOT / "sdk/include" / name).is_file()):
        return "sdk"
    if name in CORE_HEADERS or (not quoted and (ROOT / "core/include" / name).is_file()):
        return "core"
    if quoted and (path.parent / name).is_file():
        return folder_of(path.parent / name)
    first = name.split("/")[0]
    for home in ("plugins/lib", "core", "host", "plugins"):
        if (ROOT / home / name).is_file():
            return f"{home}/{first}" if home.startswith("plugins") else home
    return None


def folder_of(path):
    parts = path.resolve().relative_to(ROOT).parts
    if parts[0] != "plugins":
        return parts[0]
    return "/".join(parts[:3] if parts[1] == "lib" else parts[:2])


class Includes(unittest.TestCase):
    def edges(self, *folders):
        for path in files(*folders):
            for number, quoted, name in includes(path):
                target = owner(path, name, quoted)
                if target is not None:
                    yield path, f"{relative(path)}:{number}: includes {name}", target

    def refuse(self, found):
        self.assertEqual([], found, "\n".join(found))

    def test_the_graph_is_seen(self):
        graph = collections.Counter((folder_of(path), target) for path, _, target in self.edges("core", "plugins", "host"))
        for edge in [("core", "sdk"), ("core", "core"), ("host", "core"), ("plugins/crypto", "sdk"),
                     ("plugins/crypto", "plugins/lib/keccak"), ("plugins/u256", "plugins/lib/u256")]:
            self.assertGreater(graph[edge], 0, f"{edge} is not found: this test reads the includes wrongly")

    def test_plugins_see_the_sdk_their_own_folder_and_plugins_lib(self):
        self.refuse([text for path, text, target in self.edges("plugins")
                     if not relative(path).startswith("plugins/lib/") and target not in ("sdk", folder_of(path))
                     and not target.startswith("plugins/lib/")
                     and not (relative(path).startswith("plugins/wasm/") and "includes engine/" in text)])

    def test_of_the_sdk_plugins_use_the_plugin_headers_only(self):
        found = []
        for path in files("plugins"):
            for number, _, name in includes(path):
                if name.startswith("rvm/") and name not in SDK_HEADERS:
                    found.append(f"{relative(path)}:{number}: includes {name}")
        self.refuse(found)

    def test_libraries_of_plugins_see_each_other_and_the_sdk_alone(self):
        self.refuse([text for path, text, target in self.edges("plugins/lib")
                     if target != "sdk" and not target.startswith("plugins/lib/")])

    def test_core_sees_neither_host_nor_plugins(self):
        self.refuse([text for _, text, target in self.edges("core") if target not in ("core", "sdk")])

    def test_core_uses_the_c_header_of_the_sdk_only(self):
        found = []
        for path in files("core"):
            for number, _, name in includes(path):
                if name == "rvm/plugin.hpp" or name.startswith("rvm/test_host"):
                    found.append(f"{relative(path)}:{number}: includes {name}")
        self.refuse(found)

    def test_sdk_sees_nothing_of_the_core(self):
        self.refuse([text for path, text, target in self.edges("sdk") if target != "sdk"
                     and not relative(path).startswith("sdk/examples/embedding-")])  # programs around the library

    def test_host_sees_no_plugin(self):
        self.refuse([text for _, text, target in self.edges("host") if target.startswith("plugins")])

    def test_formats_of_the_conformance_tests_see_the_boundary_only(self):
        found = []
        for path in files("tests/conformance/mini_evm", "tests/conformance/toy_format"):
            for number, quoted, name in includes(path):
                if owner(path, name, quoted) in ("core", "host"):
                    found.append(f"{relative(path)}:{number}: includes {name}")
        self.refuse(found)


class Links(unittest.TestCase):
    """From the build: what each library and program really links."""

    @classmethod
    def setUpClass(cls):
        plan = pathlib.Path(OPTIONS.build or "") / "build.ninja"
        if not OPTIONS.build or not plan.is_file():
            raise unittest.SkipTest("no Ninja build is named by --build")
        cls.links = {}
        for block in plan.read_text().split("\n\n"):
            head = re.search(r"^build (\S+)(?: \S+)?: \S*(?:LIBRARY|EXECUTABLE)_LINKER\S* (.*)$", block, re.MULTILINE)
            if not head:
                continue
            libraries = re.search(r"^  LINK_LIBRARIES = (.*)$", block, re.MULTILINE)
            text = head.group(2) + " " + (libraries.group(1) if libraries else "")
            cls.links[head.group(1)] = set(re.findall(r"[^\s|]+\.(?:a|o|so)\b", text))

    def of_folder(self, prefix):
        return {name: parts for name, parts in self.links.items() if name.startswith(prefix)}

    def test_plugins_link_nothing_of_the_core(self):
        plugins = self.of_folder("lib/rvm/plugins/")
        self.assertIn("lib/rvm/plugins/crypto.so", plugins)
        for name, parts in plugins.items():
            allowed = ENGINE if name.endswith("/wasm.so") else set()
            found = sorted(part for part in parts - allowed if part.startswith(("core/", "host/")))
            self.assertEqual([], found, name)

    def test_program_links_no_plugin(self):
        self.assertTrue(any(part.startswith("core/") for part in self.links["bin/rvm"]))
        self.assertEqual([], sorted(part for part in self.links["bin/rvm"] if part.startswith(("plugins/", "lib/rvm/"))))

    def test_a_plugin_links_no_other_plugin(self):
        for name, parts in self.of_folder("lib/rvm/plugins/").items():
            own = pathlib.PurePath(name).stem
            others = sorted(part for part in parts if part.startswith("plugins/")
                            and not part.startswith(("plugins/lib/", f"plugins/{own}/")))
            self.assertEqual([], others, name)


class Names(unittest.TestCase):
    def test_core_names_no_plugin(self):
        own = {"org.rvm.core", "org.rvm.native"}
        found = []
        for path in files("core", suffixes=CODE | {".def"}):
            for number, line in enumerate(without_comments(path.read_text()).splitlines(), 1):
                for text in re.findall(r'"((?:\\.|[^"\\])*)"', line):
                    named = [name for name in re.findall(r"org\.rvm\.[a-z0-9._-]+", text) if name.rstrip(".") not in own]
                    if named or text in ("evm", "wasm"):
                        found.append(f'{relative(path)}:{number}: "{text}"')
        self.assertEqual([], found, "\n".join(found))


class Calls(unittest.TestCase):
    def test_librvm_leaves_the_process_alone(self):
        found = []
        unused = {(pattern, name) for pattern, allowed in FORBIDDEN_CALLS.items() for name in allowed
                  if (ROOT / name).is_file()}
        for path in files("core"):
            lines = without_texts(without_comments(path.read_text())).splitlines()
            for pattern, allowed in FORBIDDEN_CALLS.items():
                for number, line in enumerate(lines, 1):
                    if not re.search(pattern, line):
                        continue
                    unused.discard((pattern, relative(path)))
                    if relative(path) not in allowed:
                        found.append(f"{relative(path)}:{number}: {line.strip()}")
        self.assertEqual([], found, "\n".join(found))
        self.assertEqual(set(), unused, "exceptions nobody needs")


class Files(unittest.TestCase):
    def test_no_file_is_too_long(self):
        too_long, known = [], set(LONG_FILES)
        for path in files(*FOLDERS, suffixes=TEXT):
            name, lines = relative(path), len(path.read_bytes().splitlines())
            known.discard(name)
            if name in LONG_FILES or "/corpus/" in name:
                continue
            if lines > MOST_LINES:
                too_long.append(f"{name}: {lines} lines, at most {MOST_LINES}")
            elif lines > MANY_LINES and path.suffix in CODE:
                print(f"warning: {name}: {lines} lines; one concept a file reads better", file=sys.stderr)
        self.assertEqual([], too_long, "\n".join(too_long))
        self.assertEqual(set(), known, "exceptions for files that do not exist")

    def test_no_path_of_a_machine(self):
        # This checkout's own place, and places where people live.
        pattern = re.compile(rb"/home/[a-z]\w*/|/Users/\w+/|/root/\w|" + re.escape(str(ROOT)).encode() + rb"\b")
        found = []
        for folder in FOLDERS + (".",):
            paths = (ROOT / folder).rglob("*") if folder != "." else ROOT.iterdir()
            for path in sorted(paths):
                if path.is_file() and "__pycache__" not in path.parts and path != pathlib.Path(__file__).resolve():
                    match = pattern.search(path.read_bytes())
                    if match:
                        found.append(f"{relative(path)}: {match.group(0).decode()}")
        self.assertEqual([], found, "\n".join(found))


class Errors(unittest.TestCase):
    """core/include/rvm/error_codes.def is the one registry."""

    @classmethod
    def setUpClass(cls):
        text = without_comments((ROOT / "core/include/rvm/error_codes.def").read_text())
        cls.codes = re.findall(r'RVM_ERROR\((\w+),\s*"(RVM-\w+)",\s*(\d+),\s*"([^"]*)"', text)

    def test_codes_are_unique(self):
        self.assertGreater(len(self.codes), 50)
        for column in (0, 1):
            counted = collections.Counter(row[column] for row in self.codes)
            self.assertEqual([], [name for name, count in counted.items() if count > 1])

    def test_every_code_is_raised(self):
        raised = set()
        for path in files("core", "host", "sdk", "plugins", suffixes=CODE | {".def"}):
            raised.update(re.findall(r"ErrorCode::(\w+)", path.read_text()))
        said = set(re.findall(r'"(RVM-\w+)"', (ROOT / "plugins/lib/verb/run.cpp").read_text()))  # by verbs of plugins
        unused = [f"{text} {name}" for name, text, _, title in self.codes
                  if name not in raised and text not in said and title != "retired"]
        self.assertEqual([], unused, "\n".join(unused))

    def test_every_code_is_explained(self):
        if not OPTIONS.program:
            self.skipTest("no rvm program is named by --program")
        for _, code, _, title in self.codes:
            done = subprocess.run([OPTIONS.program, "explain", code], capture_output=True, text=True, timeout=60)
            self.assertEqual(0, done.returncode, f"{code}: {done.stderr}")
            self.assertIn(code, done.stdout)
            self.assertIn(title, done.stdout)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program")
    parser.add_argument("--build")
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=1)
