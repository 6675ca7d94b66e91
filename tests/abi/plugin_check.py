"""rvm plugin check: every planted bad plugin (plugins/bad) is refused with its code, the good ones pass."""

import sys
import unittest

from common import EXAMPLES, PLUGINS, REFUSED, RowTest, SANITIZED, SANITIZER, TEST_PLUGINS, prepare

# Exits that a sanitizer replaces by its own.
SIGNALS = ("signal 11", "exit status 0")
# What only the allocator of the C library can see.
NOT_SANITIZED = ("leaks_memory", "leaks_on_failure")
# ThreadSanitizer holds its locks while a process forks: the child is stopped all the same, but cannot say by what.
SILENT_FORK = "no end after" if SANITIZER == "thread" else "clone"

# name: (step, code, field, expected, found); texts are contained, None: the member is absent.
BAD = {
    "answers_by_address": ("opcodes", "RVM-V05", "opcode test.bad", None, None),
    "answers_by_chance": ("opcodes", "RVM-V05", "opcode test.bad", None, None),
    "answers_by_clock": ("opcodes", "RVM-V05", "opcode test.bad", None, None),
    "answers_by_count": ("opcodes", "RVM-V05", "opcode test.bad", None, None),
    "answers_by_locale": ("opcodes", "RVM-V05", "opcodes", None, None),
    "changes_rounding": ("load", "RVM-F06", "constructors", "", ""),
    "charges_without_flag": ("opcodes", "RVM-V04", "opcode test.bad", "CHARGES is not declared", "-> 999995"),
    "constructor_aborts": ("load", "RVM-V01", "load", None, "signal 6"),
    "contributions_differ": ("load", "RVM-K08", "contributions", "1 items", "0 items"),
    "contributions_throws": ("load", "RVM-L02", "contributions", "a status", "out of contributions"),
    "crashes": ("opcodes", "RVM-V01", "opcodes", None, "signal 11"),
    "create_throws": ("load", "RVM-L02", "create", "a status", "out of create"),
    "executable_stack": ("file", "RVM-F05", "PT_GNU_STACK", "", ""),
    "exits": ("opcodes", "RVM-V01", "opcodes", None, "exit status 0"),
    "external": ("load", "RVM-K04", ".flags", "no EXTERNAL", "0x80000000"),
    "extra_export": ("file", "RVM-E01", "exported symbols", "rvm_plugin_entry_v0", "bad_helper"),
    "format_crashes": ("formats", "RVM-V01", "formats", None, "signal 11"),
    "format_host_failure": ("formats", "RVM-V03", "format test.bad", "RVM_TRAP_*", "i/o"),
    "format_ignores_gas": ("formats", "RVM-V01", "formats", None, "no end after 10 seconds"),
    "hides_host_failure": ("failures", "RVM-V07", "opcode test.bad", "host failure", "ok"),
    "ignores_missing_interface": ("failures", "RVM-V01", "failures: host call 1 fails", None, "signal 11"),
    "ignores_no_memory": ("failures", "RVM-V01", "failures: memory allocation 1 fails", None, "signal 11"),
    "keeps_memory": ("opcodes", "RVM-V01", "opcodes", None, "signal 11"),
    "leaks_descriptor": ("lifecycle", "RVM-V06", "descriptors", "", ""),
    "leaks_memory": ("lifecycle", "RVM-V06", "memory", "0 bytes", "bytes at least"),
    "leaks_on_failure": ("failures", "RVM-V06", "memory", "0 bytes", "bytes at least"),
    "leaves_thread": ("lifecycle", "RVM-V06", "threads", "", ""),
    "memory_overrun": ("opcodes", "RVM-V02", "opcode test.bad", "rvm_memory()", None),
    "no_known_answers": ("load", "RVM-K06", "test.bad", "at least 1", "0"),
    "opcode_throws": ("opcodes", "RVM-V01", "opcodes", None, "signal 6"),
    "opens_socket": ("opcodes", "RVM-V01", "opcodes", None, "socket"),
    "output_overrun": ("syscalls", "RVM-V02", "syscall test.bad", "at most", None),
    "pure_calls_state": ("opcodes", "RVM-K05", "opcode test.bad", "PURE", None),
    "raises_gas": ("opcodes", "RVM-V04", "opcode test.bad", "never rises", "-> 1001000"),
    "rpath": ("file", "RVM-F05", "DT_RPATH", "", "/opt/elsewhere"),
    "service_leaves_thread": ("services", "RVM-L05", "service test.bad", "", ""),
    "service_never_stops": ("services", "RVM-L05", "service test.bad", "at most 1000 ms", "more than 3000 ms"),
    "service_stops_late": ("services", "RVM-L05", "service test.bad", "at most 1000 ms", " ms"),
    "sidecar_differs": ("load", "RVM-E04", "version", "1.0.1", "1.0.0"),
    "starts_process": ("opcodes", "RVM-V01", "opcodes", None, SILENT_FORK),
    "static_tls": ("file", "RVM-F05", "", "", ""),
    "text_relocation": ("file", "RVM-F05", "", "", ""),
    "throws_no_memory": ("failures", "RVM-L02", "create", "a status", "bad_alloc"),
    "unknown_status": ("opcodes", "RVM-V03", "opcode test.bad", "RVM_OK or RVM_TRAP_*", "9999"),
    "window_above": ("opcodes", "RVM-V02", "opcode test.bad", "at most 2 words", None),
    "window_below": ("opcodes", "RVM-V02", "opcode test.bad", "at most 2 words", None),
    "world_overrun": ("syscalls", "RVM-V02", "syscall test.bad", "at most", None),
    "writes_file": ("opcodes", "RVM-V01", "opcodes", None, "openat"),
    "writes_input": ("syscalls", "RVM-V02", "syscall test.bad", None, None),
    "wrong_known_answer": ("load", "RVM-K06", "known answer 0", "07", "06"),
    "zero_gas": ("load", "RVM-K03", ".gas", "at least 1", "0"),
}
# The product's plugins and the SDK's examples.
GOOD = (PLUGINS / "crypto.so", PLUGINS / "u256.so", PLUGINS / "trace.so", *EXAMPLES)


class Check(RowTest):
    def test_every_planted_plugin_is_refused(self):
        for name, (step, code, field, expected, found) in BAD.items():
            if SANITIZED and name in NOT_SANITIZED:
                print(f"SKIPPED: {name}: a sanitizer's allocator does not count", file=sys.stderr)
                continue
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
                if SANITIZED and found in SIGNALS:
                    found = None
                for key, text in (("where", field), ("expected", expected), ("found", found)):
                    self.assertIn(text or "", entry.get(key, ""), (key, entry))

    def test_there_are_at_least_twenty_and_none_is_forgotten(self):
        self.assertGreaterEqual(len(BAD), 20)
        self.assertEqual(set(BAD), {path.stem for path in (TEST_PLUGINS / "bad").glob("*.so")})

    def test_good_plugins_pass(self):
        self.assertEqual(2, len(EXAMPLES))
        for library in GOOD:
            with self.subTest(library=library.name):
                # A minute for crypto.so under ThreadSanitizer alone on a processor.
                result = self.assert_status(0, self.rvm("plugin", "check", library, "--json", timeout=600))
                self.assertEqual([], [finding for step in result.json()["steps"] for finding in step["findings"]])

    def test_a_planted_plugin_does_not_reach_outside_the_child(self):
        library = prepare("writes_file", self.new_folder())
        before = sorted(self.folder.rglob("*"))
        self.assert_status(REFUSED, self.rvm("plugin", "check", library, env={"TMPDIR": str(self.folder)}))
        self.assertEqual(before, sorted(self.folder.rglob("*")))


if __name__ == "__main__":
    unittest.main()
