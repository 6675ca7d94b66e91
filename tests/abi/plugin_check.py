"""rvm plugin check: every planted bad plugin (plugins/bad) is refused with its code, the good ones pass."""

import json
import pathlib
import shutil
import unittest

from common import PLUGINS, REFUSED, RowTest, TEST_PLUGINS, sidecar

OPCODE, SYSCALL, CRYPTO, FORMAT = "rvm.opcode/1", "rvm.syscall/1", "rvm.crypto/1", "rvm.format/1"

# name: (kind of its item, step, code, field, expected, found); texts are contained, None: the member is absent.
BAD = {
    "answers_by_address": (OPCODE, "opcodes", "RVM-V05", "opcode test.bad", None, None),
    "answers_by_chance": (OPCODE, "opcodes", "RVM-V05", "opcode test.bad", None, None),
    "answers_by_clock": (OPCODE, "opcodes", "RVM-V05", "opcode test.bad", None, None),
    "answers_by_count": (OPCODE, "opcodes", "RVM-V05", "opcode test.bad", None, None),
    "answers_by_locale": (OPCODE, "opcodes", "RVM-V05", "opcodes", None, None),
    "changes_rounding": (OPCODE, "load", "RVM-F06", "constructors", "", ""),
    "charges_without_flag": (OPCODE, "opcodes", "RVM-V04", "opcode test.bad", "CHARGES is not declared", "-> 999995"),
    "constructor_aborts": (OPCODE, "load", "RVM-V01", "load", None, "signal 6"),
    "contributions_differ": (OPCODE, "load", "RVM-K08", "contributions", "1 items", "0 items"),
    "contributions_throws": (OPCODE, "load", "RVM-L02", "contributions", "a status", "out of contributions"),
    "crashes": (OPCODE, "opcodes", "RVM-V01", "opcodes", None, "signal 11"),
    "create_throws": (OPCODE, "load", "RVM-L02", "create", "a status", "out of create"),
    "executable_stack": (OPCODE, "file", "RVM-F05", "PT_GNU_STACK", "", ""),
    "exits": (OPCODE, "opcodes", "RVM-V01", "opcodes", None, "exit status 0"),
    "external": (OPCODE, "load", "RVM-K04", ".flags", "no EXTERNAL", "0x80000000"),
    "extra_export": (OPCODE, "file", "RVM-E01", "exported symbols", "rvm_plugin_entry_v0", "bad_helper"),
    "format_crashes": (FORMAT, "formats", "RVM-V01", "formats", None, "signal 11"),
    "format_host_failure": (FORMAT, "formats", "RVM-V03", "format test.bad", "RVM_TRAP_*", "i/o"),
    "format_ignores_gas": (FORMAT, "formats", "RVM-V01", "formats", None, "no end after 10 seconds"),
    "leaks_descriptor": (OPCODE, "lifecycle", "RVM-V06", "descriptors", "", ""),
    "leaks_memory": (OPCODE, "lifecycle", "RVM-V06", "memory", "0 bytes", "bytes at least"),
    "leaves_thread": (OPCODE, "lifecycle", "RVM-V06", "threads", "", ""),
    "memory_overrun": (OPCODE, "opcodes", "RVM-V02", "opcode test.bad", "rvm_memory()", None),
    "no_known_answers": (CRYPTO, "load", "RVM-K06", "test.bad", "at least 1", "0"),
    "opcode_throws": (OPCODE, "opcodes", "RVM-V01", "opcodes", None, "signal 6"),
    "opens_socket": (OPCODE, "opcodes", "RVM-V01", "opcodes", None, "socket"),
    "output_overrun": (SYSCALL, "syscalls", "RVM-V02", "syscall test.bad", "at most", None),
    "pure_calls_state": (OPCODE, "opcodes", "RVM-K05", "opcode test.bad", "PURE", None),
    "raises_gas": (OPCODE, "opcodes", "RVM-V04", "opcode test.bad", "never rises", "-> 1001000"),
    "rpath": (OPCODE, "file", "RVM-F05", "DT_RPATH", "", "/opt/elsewhere"),
    "sidecar_differs": (OPCODE, "load", "RVM-E04", "version", "1.0.1", "1.0.0"),
    "starts_process": (OPCODE, "opcodes", "RVM-V01", "opcodes", None, "clone"),
    "static_tls": (OPCODE, "file", "RVM-F05", "", "", ""),
    "text_relocation": (OPCODE, "file", "RVM-F05", "", "", ""),
    "unknown_status": (OPCODE, "opcodes", "RVM-V03", "opcode test.bad", "RVM_OK or RVM_TRAP_*", "9999"),
    "window_above": (OPCODE, "opcodes", "RVM-V02", "opcode test.bad", "at most 2 words", None),
    "window_below": (OPCODE, "opcodes", "RVM-V02", "opcode test.bad", "at most 2 words", None),
    "writes_file": (OPCODE, "opcodes", "RVM-V01", "opcodes", None, "openat"),
    "writes_input": (SYSCALL, "syscalls", "RVM-V02", "syscall test.bad", None, None),
    "wrong_known_answer": (CRYPTO, "load", "RVM-K06", "known answer 0", "07", "06"),
    "zero_gas": (OPCODE, "load", "RVM-K03", ".gas", "at least 1", "0"),
}
GOOD = ("crypto", "u256", "trace", "hello-opcode", "toy-format")


def prepare(name, folder):
    """A planted plugin with its sidecar, in `folder`."""
    library = pathlib.Path(folder) / (name + ".so")
    shutil.copy(TEST_PLUGINS / "bad" / library.name, library)
    document = sidecar("test.bad", library.name, [BAD[name][0] + ":test.bad"])
    if name == "sidecar_differs":
        document["version"] = "1.0.1"
    library.with_suffix(".rvm.json").write_text(json.dumps(document))
    return library


class Check(RowTest):
    def test_every_planted_plugin_is_refused(self):
        for name, (_, step, code, field, expected, found) in BAD.items():
            with self.subTest(name=name):
                library = prepare(name, self.new_folder())
                result = self.assert_status(REFUSED, self.rvm("plugin", "check", library, "--json", "--seconds", "10"))
                document = result.json()
                self.assertEqual((False, REFUSED, "test.bad"), (document["sound"], document["exit"], document["plugin"]))
                failed = {entry["step"]: entry for entry in document["steps"] if entry["verdict"] == "failed"}
                self.assertIn(step, failed, result)
                entry = next((one for one in failed[step]["findings"] if one["code"] == code), None)
                self.assertIsNotNone(entry, result)
                self.assertEqual(str(library), entry["file"])
                for key, text in (("where", field), ("expected", expected), ("found", found)):
                    self.assertIn(text or "", entry.get(key, ""), (key, entry))

    def test_there_are_at_least_twenty_and_none_is_forgotten(self):
        self.assertGreaterEqual(len(BAD), 20)
        self.assertEqual(set(BAD), {path.stem for path in (TEST_PLUGINS / "bad").glob("*.so")})

    def test_good_plugins_pass(self):
        for name in GOOD:
            with self.subTest(name=name):
                found = sorted(path for root in (PLUGINS, TEST_PLUGINS.parents[1] / "sdk" / "examples")
                               for path in root.rglob("*.so") if path.stem.replace("_", "-") == name)
                self.assertTrue(found, name)
                result = self.assert_status(0, self.rvm("plugin", "check", found[0], "--json"))
                self.assertEqual([], [finding for step in result.json()["steps"] for finding in step["findings"]])

    def test_a_planted_plugin_does_not_reach_outside_the_child(self):
        library = prepare("writes_file", self.new_folder())
        before = sorted(self.folder.rglob("*"))
        self.assert_status(REFUSED, self.rvm("plugin", "check", library, env={"TMPDIR": str(self.folder)}))
        self.assertEqual(before, sorted(self.folder.rglob("*")))


if __name__ == "__main__":
    unittest.main()
