import json
import unittest

from support import ARITHMETIC, CliTest


class Run(CliTest):
    def test_operands_that_are_missing_are_counted(self):
        self.write("p.rasm", "push 1\nu256.exp\n")
        error = self.assert_status(1, self.rvm("run", "p.rasm")).err
        self.assertIn("u256.exp needs more operands than the stack has (expected 3 operands, found 1)", error)
        self.write("p.rasm", "ext\n")  # what such instructions are inside, but no word of the language
        error = self.assert_status(1, self.rvm("run", "p.rasm")).err
        self.assertIn("unknown mnemonic ext", error)
        self.assertNotIn("did you mean ext", error)

    def test_result_and_gas_from_standard_input(self):
        result = self.assert_status(0, self.rvm("run", "-", stdin=ARITHMETIC))
        self.assertRegex(result.out, r"result +150 \(0x96\)")
        self.assertRegex(result.out, r"gas used +8 of")

    def test_assembly_container_and_hex_run_alike(self):
        self.write("p.rasm", ARITHMETIC)
        self.assert_status(0, self.rvm("asm", "p.rasm"))
        container = (self.folder / "p.rvm").read_bytes()
        self.write("p.hex", "0x" + container.hex() + "\n")
        results = [self.rvm("run", name, "--json").json() for name in ("p.rasm", "p.rvm", "p.hex")]
        for result in results:
            self.assertEqual(("150", 8), (result["result"]["decimal"], result["gas_used"]))
        self.assertEqual(8, self.rvm("run", "-", "--json", stdin=container).json()["gas_used"])

    def test_arguments_are_little_endian_words(self):
        program = "space in 16 push in push 0 push 16 incopy push in load64 push in + 8 load64 sub"
        result = self.assert_status(0, self.rvm("run", "-", "--arg", "50", "--arg", "8", "--json", stdin=program))
        self.assertEqual("42", result.json()["result"]["decimal"])
        same = self.rvm("run", "-", "--input", "0x3200000000000000" "0800000000000000", "--json", stdin=program)
        self.assertEqual("42", same.json()["result"]["decimal"])
        negative = self.rvm("run", "-", "--arg=-1", "--json", stdin="space in 8 push in push 0 push 8 incopy push in load64")
        self.assertEqual(str(2**64 - 1), negative.json()["result"]["decimal"])

    def test_input_from_a_file(self):
        self.write("data", b"\x07" + bytes(7))
        program = self.write("p.rasm", "space in 8 push in push 0 push 8 incopy push in load64")
        self.assertEqual("7", self.rvm("run", program, "--input", "@data", "--json").json()["result"]["decimal"])

    def test_trap_names_cause_and_line(self):
        self.write("d.rasm", "push 1\npush 0\ndiv\n")
        result = self.assert_status(1, self.rvm("run", "d.rasm"))
        self.assertIn("division by zero", result.out)
        self.assertIn("d.rasm:3", result.out)
        trap = self.assert_status(1, self.rvm("run", "d.rasm", "--json")).json()
        self.assertFalse(trap["success"])
        self.assertIn("d.rasm:3", trap["trap"]["fault"])

    def test_revert_keeps_gas_and_output(self):
        result = self.assert_status(1, self.rvm("run", "-", "--json", stdin='data why = "no" push why push 2 revert'))
        self.assertEqual("0x" + b"no".hex(), result.json()["output"])
        self.assertLess(result.json()["gas_used"], 1000)

    def test_endless_loop_ends_with_the_gas(self):
        result = self.assert_status(1, self.rvm("run", "-", "--gas", "100000", stdin="again: jump again"))
        self.assertIn("out of gas", result.out)

    def test_environment_words(self):
        result = self.rvm("run", "-", "--env", "block.number=77", "--json", stdin="number")
        self.assertEqual("77", result.json()["result"]["decimal"])
        self.assertEqual("1337", self.rvm("run", "-", "--json", stdin="chainid").json()["result"]["decimal"])

    def test_value_reaches_the_program(self):
        program = "space v 32 push v value push v push 32 return"
        result = self.assert_status(0, self.rvm("run", "-", "--value", "12345", "--json", stdin=program))
        self.assertEqual("12345", result.json()["result"]["decimal"])

    def test_logs(self):
        program = 'data text = "hello" push text push 5 log 0'
        log = self.assert_status(0, self.rvm("run", "-", "--json", stdin=program)).json()["logs"][0]
        self.assertEqual("0x" + b"hello".hex(), log["data"])

    def test_missing_format_names_it(self):
        self.write("p.hex", "6001")
        result = self.assert_status(78, self.rvm("run", "p.hex", "--format", "nosuch"))
        self.assertIn("nosuch", result.err)

    def test_traces_go_to_the_error_stream(self):
        tree = self.assert_status(0, self.rvm("run", "-", "--trace", stdin=ARITHMETIC))
        self.assertIn("call 0xc0de000000000000000000000000000000000000", tree.err)
        self.assertRegex(tree.out, r"result +150")
        lines = self.assert_status(0, self.rvm("run", "-", "--trace=jsonl", stdin=ARITHMETIC)).err.splitlines()
        names = [event["name"] for event in map(json.loads, lines) if event["event"] == "op"]
        self.assertEqual(["push", "push", "add", "push", "mul"], [name for name in names if name != "label"])
        self.assertIn("trace", self.rvm("run", "-", "--json", "--trace", stdin=ARITHMETIC).json())
        self.assert_refused(78, "RVM-D01", self.rvm("run", "-", "--trace=nosuch", stdin=ARITHMETIC))

    def test_same_digest_every_time(self):
        program = "space key 32 data v = u256 5 push key push v sstore"
        digests = {self.rvm("run", "-", "--json", stdin=program).json()["changes_digest"] for _ in range(3)}
        self.assertEqual(1, len(digests))


class Assemble(CliTest):
    def test_disassembly_assembles_to_the_same_bytes(self):
        self.write("p.rasm", ARITHMETIC + "again: jump again")
        self.assert_status(0, self.rvm("asm", "p.rasm", "-o", "p.rvm"))
        text = self.assert_status(0, self.rvm("disasm", "p.rvm")).out
        back = self.assert_status(0, self.rvm("asm", "-", stdin=text))
        self.assertEqual((self.folder / "p.rvm").read_bytes(), back.raw)

    def test_source_is_never_overwritten(self):
        self.write("p.rasm", ARITHMETIC)
        self.assert_refused(2, "RVM-U01", self.rvm("asm", "p.rasm", "-o", "p.rasm"))

    def test_unwritable_output(self):
        self.write("p.rasm", ARITHMETIC)
        self.assert_refused(2, "RVM-U04", self.rvm("asm", "p.rasm", "-o", "none/p.rvm"))


class Check(CliTest):
    def test_table_of_functions(self):
        result = self.assert_status(0, self.rvm("check", "-", "--json", stdin=ARITHMETIC))
        report = result.json()
        self.assertTrue(report["valid"])
        self.assertEqual([("main", 8, 2)],
                         [(f["name"], f["static_gas"], f["stack_words"]) for f in report["functions"]])

    def test_missing_import_is_named(self):
        program = 'import opcode "nobody.has" 2 -> 1 push 1 push 2 nobody.has'
        result = self.assert_refused(1, "RVM-N05", self.rvm("check", "-", stdin=program))
        self.assertIn("nobody.has", result.err)
        self.assert_refused(1, "RVM-N05", self.rvm("run", "-", stdin=program))

    def test_stack_underflow_is_refused(self):
        self.assert_refused(1, "RVM-N04", self.rvm("check", "-", stdin="push 1 add"))


if __name__ == "__main__":
    unittest.main()
