"""What the row tests share: the plugin on trial, deployments, and running rvm as a child process.

RVM_PROGRAM, RVM_PLUGINS, RVM_TEST_PLUGINS, RVM_EXAMPLES (libraries, separated by ':') and RVM_TEST_SANITIZER (empty: none)
come from ctest.
"""

import contextlib
import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.environ["RVM_PROGRAM"]
PLUGINS = pathlib.Path(os.environ["RVM_PLUGINS"])
TEST_PLUGINS = pathlib.Path(os.environ["RVM_TEST_PLUGINS"])
EXAMPLES = [pathlib.Path(path) for path in os.environ.get("RVM_EXAMPLES", "").split(":") if path]
SANITIZER = os.environ.get("RVM_TEST_SANITIZER", "")
SANITIZED = bool(SANITIZER)

ARCH = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
NOBODY = 65534
REFUSED, INTERNAL, TRAPPED = 78, 70, 1

# Layout of subject::Form (plugins/subject/subject.hpp).
MARK = b"rvm-test-form 1\0"
ITEMS, TEXT, JOURNAL, SCHEMA = 6, 96, 256, 512
FORM_BYTES = 16 + TEXT * (2 + 2 * ITEMS) + JOURNAL + SCHEMA
# Layout of rvm_entry (plugin.h): eight 32-bit numbers.
ENTRY_FIELDS = ("magic", "struct_size", "abi_major", "abi_minor_built", "abi_minor_needed", "word_size", "pointer_size",
                "reserved")
ENTRY_MAGIC = 0x304D5652

OPCODE, SYSCALL, CRYPTO = "rvm.opcode/1:", "rvm.syscall/1:", "rvm.crypto/1:"
PROGRAM_KIND, FORMAT, TRACER = "rvm.program/1:", "rvm.format/1:", "rvm.tracer/1:"


def abi_version():
    """(major, minor) of the header that everything here is built with."""
    header = (pathlib.Path(__file__).parents[2] / "sdk/include/rvm/plugin.h").read_text()
    return tuple(int(re.search(rf"#define RVM_ABI_{part} (\d+)u", header)[1]) for part in ("MAJOR", "MINOR"))


ABI_MAJOR, ABI_MINOR = abi_version()
ABI = f"ABI {ABI_MAJOR}.{ABI_MINOR}"


def text_field(text, size):
    data = text if isinstance(text, bytes) else text.encode()
    assert len(data) < size, text
    return data.ljust(size, b"\0")


def digest(data):
    return hashlib.sha256(data).hexdigest()


def sidecar(id, library, provides, requires=()):
    return {"format_version": 1, "id": id, "version": "1.0.0", "library": library,
            "target": {"os": "linux", "arch": ARCH}, "abi": {"major": ABI_MAJOR, "built": ABI_MINOR, "needs": ABI_MINOR},
            "provides": list(provides), "requires": list(requires)}


# Planted bad plugins (plugins/bad) that contribute something else than an opcode.
KIND_OF = {"format_crashes": "rvm.format/1", "format_host_failure": "rvm.format/1", "format_ignores_gas": "rvm.format/1",
           "no_known_answers": "rvm.crypto/1", "output_overrun": "rvm.syscall/1", "service_leaves_thread": "rvm.service/1",
           "service_never_stops": "rvm.service/1", "service_stops_late": "rvm.service/1",
           "world_overrun": "rvm.syscall/1", "writes_input": "rvm.syscall/1", "wrong_known_answer": "rvm.crypto/1"}


def prepare(name, folder):
    """A planted bad plugin with its sidecar, in `folder`."""
    library = pathlib.Path(folder) / (name + ".so")
    shutil.copy(TEST_PLUGINS / "bad" / library.name, library)
    document = sidecar("test.bad", library.name, [KIND_OF.get(name, "rvm.opcode/1") + ":test.bad"])
    if name == "sidecar_differs":
        document["version"] = "1.0.1"
    library.with_suffix(".rvm.json").write_text(json.dumps(document))
    return library


def set_entry(data, **fields):
    """The library with other numbers in its entry."""
    at = data.index(struct.pack("<I", ENTRY_MAGIC))
    while at % 8 or struct.unpack_from("<I", data, at + 4)[0] not in range(32, 4096):  # the magic may also stand in code
        at = data.index(struct.pack("<I", ENTRY_MAGIC), at + 1)
    out = bytearray(data)
    for name, value in fields.items():
        struct.pack_into("<I", out, at + 4 * ENTRY_FIELDS.index(name), value)
    return bytes(out)


class Subject:
    """A copy of the plugin on trial: what it is called, provides and requires, and which one thing it does wrong."""

    def __init__(self, id="test.subject", behaviour="", provides=None, requires=(), journal="", schema="",
                 build="subject", entry=None):
        self.id, self.requires, self.schema = id, tuple(requires), schema
        self.provides = (OPCODE + id + ".add",) if provides is None else tuple(provides)
        data = (TEST_PLUGINS / (build + ".so")).read_bytes()
        lists = [list(texts) + [""] * (ITEMS - len(texts)) for texts in (self.provides, self.requires)]
        filled = MARK + text_field(id, TEXT) + text_field(behaviour, TEXT)
        filled += b"".join(text_field(text, TEXT) for texts in lists for text in texts)
        filled += text_field(str(journal), JOURNAL) + text_field(schema, SCHEMA)
        assert len(filled) == FORM_BYTES
        assert data.count(MARK) == 1
        at = data.index(MARK)
        self.data = data[:at] + filled + data[at + FORM_BYTES:]
        if entry:
            self.data = set_entry(self.data, **entry)

    def write(self, folder, stem=None, **changes):
        """Writes the library and its sidecar; returns the library's path."""
        library = pathlib.Path(folder) / ((stem or self.id) + ".so")
        library.write_bytes(self.data)
        if self.schema and "config_schema" not in changes:
            changes["config_schema"] = json.loads(self.schema)
        document = sidecar(self.id, library.name, self.provides, self.requires)
        document.update(changes)
        library.with_suffix(".rvm.json").write_text(json.dumps(document))
        for file in (library, library.with_suffix(".rvm.json")):
            file.chmod(0o644)
        return library


class Result:
    def __init__(self, child, out, err):
        self.pid, self.status = child.pid, child.returncode
        self.out, self.err = out.decode("utf-8", "replace"), err.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.out)

    def findings(self):
        return self.json()["findings"]

    def __repr__(self):
        return f"status {self.status}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class RowTest(unittest.TestCase):
    """A test with a folder of its own. Everything runs in child processes."""

    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rvm-rows-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.folder.chmod(0o755)
        self.count = 0

    def new_folder(self, name="plugins"):
        self.count += 1
        folder = self.folder / f"{name}{self.count}"
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)
        return folder

    # ---- running ----

    def program_for_others(self, program):
        """A copy that another user can reach, wherever the checkout is (a root's home is closed to others)."""
        copy = self.folder / "program"
        if not copy.exists():
            shutil.copy(program, copy)
            copy.chmod(0o755)
        return copy

    def rvm(self, *arguments, env=None, uid=None, program=PROGRAM, timeout=120, cwd=None):
        surroundings = {"PATH": os.environ.get("PATH", ""), "HOME": str(self.folder)}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                surroundings[name] = os.environ[name]
        surroundings.update(env or {})
        identity = {} if uid is None else {"user": uid, "group": uid, "extra_groups": []}
        if uid is not None and program == PROGRAM:
            program = self.program_for_others(program)
        child = subprocess.Popen([str(program), *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, cwd=cwd or self.folder, env=surroundings, **identity)
        try:
            return Result(child, *child.communicate(timeout=timeout))
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            raise

    def need_root(self):
        """Other users can be impersonated only by root; a skipped row is said aloud."""
        if os.geteuid() == 0:
            return
        print(f"SKIPPED: {self.id()}: needs root to act as another user", file=sys.stderr)
        self.skipTest("needs root to act as another user")

    # ---- deployments ----

    def manifest(self, plugins=(), name="deployment.json", folder=None, **changes):
        """`plugins`: paths, or manifest entries. Written into `folder`; paths become absolute."""
        entries = [plugin if isinstance(plugin, dict) else {"path": str(plugin)} for plugin in plugins]
        document = {"format_version": 1, "name": "rows", "profile": "standard", "discovery": "listed",
                    "trust": {"require": "none"}, "plugins": entries, "syscalls": ["*"]}
        document.update(changes)
        path = (folder or self.folder) / name
        path.write_text(json.dumps({key: value for key, value in document.items() if value is not None}))
        path.chmod(0o644)
        return path

    def pinned(self, library, **more):
        return {"path": str(library), "sha256": digest(pathlib.Path(library).read_bytes()), **more}

    def config_check(self, manifest, **options):
        return self.rvm("config", "check", manifest, "--json", **options)

    def judge(self, *plugins, run=None, **changes):
        """`rvm config check` of a deployment of these plugins."""
        return self.config_check(self.manifest(plugins, **changes), **(run or {}))

    # ---- asserting ----

    def finding(self, result, code):
        """The first finding with this code."""
        found = [entry for entry in result.findings() if entry["code"] == code]
        self.assertTrue(found, f"no {code} in {result!r}")
        return found[0]

    def assert_status(self, expected, result):
        self.assertEqual(expected, result.status, repr(result))
        return result

    def assert_finding(self, result, code, file, where, expected, found, severity="error"):
        """Code, file, field, expected and found of the first finding with this code. `file` is a path; the other texts
        must be contained, except where they are None: then the member must be absent."""
        entry = self.finding(result, code)
        self.assertEqual(severity, entry["severity"], entry)
        self.assertEqual(str(file), entry["file"], entry)
        for key, text in (("where", where), ("expected", expected), ("found", found)):
            if text is None:
                self.assertNotIn(key, entry)
            else:
                self.assertIn(text, entry.get(key, ""), (key, entry))
        return entry

    def assert_refused(self, result, code, file, where, expected, found):
        """Exit status 78 and the finding."""
        self.assert_status(REFUSED, result)
        return self.assert_finding(result, code, file, where, expected, found)

    def assert_others_run(self, folder, profile="standard", **changes):
        """A plugin beside the refused one in the same folder works: its opcode runs in a program."""
        bystander = Subject("test.bystander", provides=[OPCODE + "test.bystander"])
        bystander.write(folder)
        manifest = self.manifest(name="bystander.json", search_paths=[str(folder)], discovery="directory", profile=profile,
                                 **changes)
        program = self.folder / "bystander.rasm"
        program.write_text("push 20\npush 22\ntest.bystander\n")
        result = self.assert_status(0, self.rvm("run", program, "--config", manifest, "--json"))
        self.assertEqual("42", result.json()["result"]["decimal"])

    def assert_row(self, subject, code, where, expected, found, profile="standard", **changes):
        """The usual row: a deployment that lists the subject is refused with this finding about the library's file, and a
        plugin beside it is not affected. Returns the finding."""
        folder = self.new_folder()
        library = subject.write(folder, **changes)
        result = self.judge(self.pinned(library), profile=profile,
                            trust={"require": "pin"} if profile == "consensus" else {"require": "none"})
        entry = self.assert_refused(result, code, library, where, expected, found)
        self.assert_others_run(folder)
        return entry

    # ---- programs ----

    def assembly(self, text, name="program.rasm"):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o644)
        return path

    def run_program(self, text, *plugins, arguments=(), manifest=None, **changes):
        manifest = manifest or self.manifest(plugins, **changes)
        return self.rvm("run", self.assembly(text), "--config", manifest, "--json", *arguments)


@contextlib.contextmanager
def owner(path, uid):
    """`path` belongs to another user for a while."""
    before = os.stat(path)
    os.chown(path, uid, uid)
    try:
        yield
    finally:
        os.chown(path, before.st_uid, before.st_gid)


def died_of(result):
    """Name of the signal that ended the child, or None."""
    return signal.Signals(-result.status).name if result.status < 0 else None
