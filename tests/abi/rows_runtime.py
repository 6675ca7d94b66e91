"""Rows R1-R11: items that break their promise while a program runs."""

import json
import unittest

from common import FORMAT, INTERNAL, REFUSED, RowTest, SANITIZED, SYSCALL, Subject, TRACER, TRAPPED, died_of, prepare

GAS = 100_000
ADD = "push 1\npush 2\ntest.subject.add\n"
CALL_SYSCALL = 'space buffer 64\npush buffer push 8 push buffer push 64\nsyscall "test.call"\n'


class Runtime(RowTest):
    def library(self, behaviour, provides=None):
        return Subject(behaviour=behaviour, provides=provides).write(self.new_folder())

    def run_letter(self, letter, *arguments, behaviour=""):
        """A program of the subject's own format."""
        manifest = self.manifest([self.library(behaviour, [FORMAT + "test"])])
        path = self.folder / "program.hex"
        path.write_text(b"SUBJ".hex() + letter.encode().hex())
        return self.rvm("run", path, "--config", manifest, "--json", "--gas", GAS, *arguments)

    def assert_trapped(self, result, name):
        self.assert_status(TRAPPED, result)
        receipt = result.json()
        self.assertEqual((name, [], []), (receipt["trap"]["name"], receipt["storage"], receipt["logs"]), result)
        self.assertEqual(receipt["gas_limit"], receipt["gas_used"], "a trap takes all gas")

    def assert_host_failure(self, result, found):
        self.assert_status(INTERNAL, result)
        entry = self.finding(result, "RVM-X02")
        self.assertIn(found, entry["message"])
        return entry

    def check_findings(self, name):
        library = prepare(name, self.new_folder())
        result = self.assert_status(REFUSED, self.rvm("plugin", "check", library, "--json"))
        return library, [entry for step in result.json()["steps"] for entry in step["findings"]]

    # ---- R1 ----

    def test_R1_writes_outside_what_it_was_given(self):
        for name, where, expected in (("window_below", "opcode test.bad", "at most 2 words"),
                                      ("window_above", "opcode test.bad", "at most 2 words"),
                                      ("memory_overrun", "opcode test.bad", "rvm_memory()"),
                                      ("output_overrun", "syscall test.bad", "at most"),
                                      ("writes_input", "syscall test.bad", None)):
            with self.subTest(name=name):
                library, findings = self.check_findings(name)
                overruns = [entry for entry in findings if entry["code"] == "RVM-V02"]
                self.assertTrue(overruns, findings)
                self.assertEqual((str(library), where, "test.bad"),
                                 (overruns[0]["file"], overruns[0]["where"], overruns[0]["plugin"]))
                if expected:
                    self.assertIn(expected, overruns[0]["expected"])

    def test_R2_view_of_memory_used_after_its_call(self):
        library, findings = self.check_findings("keeps_memory")
        self.assertEqual(("RVM-V01", str(library), "opcodes", "test.bad"),
                         tuple(findings[0][key] for key in ("code", "file", "where", "plugin")))
        # What lies at the old place later is chance: other steps may find that this opcode depends on it.
        self.assertEqual({"test.bad"}, {entry["plugin"] for entry in findings}, findings)
        if not SANITIZED:  # a sanitizer ends the process in its own way
            self.assertIn("signal 11", findings[0]["found"])

    # ---- R3, R4, R5 ----

    def test_R3_unknown_status_of_a_format_stops_the_host(self):
        for letter in "sm":
            with self.subTest(letter=letter):
                entry = self.assert_host_failure(self.run_letter(letter), "internal")
                self.assertIn("format test", entry["message"])

    def test_R3_unknown_status_of_items_stops_the_host(self):
        for status in ("9999", "minimum"):
            with self.subTest(status=status):
                self.assert_host_failure(self.run_program(ADD, self.library("opcode: status " + status)), "internal")
                result = self.run_program(CALL_SYSCALL, self.library("syscall: status " + status, [SYSCALL + "test.call"]))
                self.assert_host_failure(result, "internal")

    def test_R3_a_state_file_is_untouched_by_a_host_failure(self):
        library = self.library("opcode: status 9999")
        state = self.folder / "state.json"
        state.write_text('{"0x0000000000000000000000000000000000000001": {"balance": "5"}}')
        before = state.read_bytes()
        text = "space key 32\ndata one = u256 1\npush key push one sstore\n" + ADD
        self.assert_host_failure(self.run_program(text, library, arguments=("--state", state)), "internal")
        self.assertEqual(before, state.read_bytes())

    def test_R4_a_frame_cannot_raise_its_gas(self):
        receipt = self.assert_status(0, self.run_letter("g")).json()
        self.assertEqual(0, receipt["gas_used"])  # the most it can claim is what it was given
        self.assertEqual(GAS, receipt["gas_limit"])

    def test_R4_an_opcode_cannot_raise_the_gas(self):
        honest = self.assert_status(0, self.run_program(ADD, self.library(""))).json()
        result = self.run_program(ADD, self.library("opcode: raises gas"))
        if result.status == 0:
            self.assertLessEqual(honest["gas_used"] - 3, result.json()["gas_used"])
            self.assertGreaterEqual(result.json()["gas_used"], 0)
        else:
            self.assert_trapped(result, "illegal instruction")

    def test_R4_output_larger_than_allowed(self):
        self.assert_trapped(self.run_letter("l"), "limit exceeded")

    def test_R4_syscall_that_overstates_its_output(self):
        result = self.run_program(CALL_SYSCALL, self.library("syscall: overstates output", [SYSCALL + "test.call"]))
        self.assertIn(result.status, (TRAPPED, INTERNAL), result)
        if result.status == INTERNAL:
            self.finding(result, "RVM-X02")

    def static_call(self, inner, *libraries):
        """A program that calls `inner` as static; returns the outcome of the outer one."""
        manifest = self.manifest(libraries)
        state = self.folder / "state.json"
        code = self.folder / "inner.rvm"
        self.assert_status(0, self.rvm("asm", self.assembly(inner, "inner.rasm"), "-o", code, "--config", manifest))
        address = "0x00000000000000000000000000000000000abcde"
        state.write_text(json.dumps({address: {"code": "0x" + code.read_bytes().hex(), "format": "native"}}))
        outer = ("space target 20\nspace nothing 32\npush target push 0 push 20 incopy\n"
                 "push 100000 push target push 0 push 0 push 0 push 0 invokestatic\n")
        return self.run_program(outer, manifest=manifest, arguments=("--state", state, "--input", address))

    def test_R5_no_write_in_a_static_frame(self):
        slot = "space key 32\ndata one = u256 1\npush key push one sstore\npush 1\n"
        opcode = self.library("opcode: writes state")
        syscall = self.library("syscall: writes state", [SYSCALL + "test.call"])
        for inner, libraries in ((slot, ()), (ADD, (opcode,)), (CALL_SYSCALL, (syscall,))):
            with self.subTest(inner=inner):
                result = self.assert_status(0, self.static_call(inner, *libraries))
                self.assertEqual("0", result.json()["result"]["decimal"], "the inner frame must trap")
                self.assertEqual([], result.json()["storage"])
                # the same item may write where writing is allowed
                run = self.run_program(inner, *libraries)
                self.assert_status(0, run)
                self.assertEqual(1, len(run.json()["storage"]))

    # ---- R7 ----

    def test_R7_nested_frame_that_traps_leaves_nothing(self):
        inner = ('space key 32\ndata one = u256 1\ndata text = "inner"\npush key push one sstore\n'
                 "push text push 5 push text log 0\npush 1 push 0 div\n")
        code, state = self.folder / "inner.rvm", self.folder / "state.json"
        self.assert_status(0, self.rvm("asm", self.assembly(inner, "inner.rasm"), "-o", code))
        address = "0x00000000000000000000000000000000000abcde"
        account = {"code": "0x" + code.read_bytes().hex(), "format": "native", "balance": "0x7"}
        state.write_text(json.dumps({address: account}))
        outer = ("space target 20\nspace nothing 32\npush target push 0 push 20 incopy\n"
                 "push 100000 push target push nothing push 0 push 0 push 0 push 0 invoke\n")
        result = self.assert_status(0, self.run_program(outer, arguments=("--state", state, "--input", address)))
        self.assertEqual("0", result.json()["result"]["decimal"], "the inner frame must trap")
        self.assertEqual(([], []), (result.json()["storage"], result.json()["logs"]), result)
        after = json.loads(state.read_text())
        self.assertEqual(7, int(after[address]["balance"], 0))
        self.assertEqual({}, after[address].get("storage", {}))

    # ---- R9 ----

    def test_R9_a_tracer_changes_nothing(self):
        programs = (ADD, "push 10 push 20 add push 5 mul\n", "push 1 push 0 div\n", "push 0 push 0 revert\n",
                    "space key 32\ndata one = u256 1\npush key push one sstore\n")
        opcode = Subject().write(self.new_folder())
        for behaviour in ("", "tracer: slow", "tracer: changes what it sees"):
            tracer = Subject("test.tracer", behaviour, provides=[TRACER + "test.tracer"]).write(self.new_folder())
            for program in programs:
                with self.subTest(behaviour=behaviour, program=program):
                    plain = self.run_program(program, opcode, tracer)
                    traced = self.run_program(program, opcode, tracer, arguments=("--trace=test.tracer",))
                    outcome = traced.json()
                    outcome.pop("trace", None)
                    self.assertEqual((plain.status, plain.json()), (traced.status, outcome))

    def test_R9_a_tracer_that_throws_ends_the_process_naming_the_plugin(self):
        tracer = Subject("test.tracer", "tracer: throws", provides=[TRACER + "test.tracer"]).write(self.new_folder())
        result = self.run_program("push 1\n", tracer, arguments=("--trace=test.tracer",))
        self.assertEqual("SIGABRT", died_of(result), result)
        self.assertIn("test.tracer", result.err)


if __name__ == "__main__":
    unittest.main()
