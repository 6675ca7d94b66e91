import json
import unittest

from support import CliTest, PLUGINS, SHARE

# Returns (15 + 25) / 2 as a word.
TWENTY = "600f60190160011c60005260206000f3"
# The program of EIP-3155's example: stores 0x40 in memory and in slot 0x40, hashes nothing by precompile 2, returns its size.
EIP3155 = "604080536040604055604060006040600060025afa6040f3"


class Evm(CliTest):
    def test_result_gas_and_number(self):
        out = self.assert_status(0, self.rvm("evm", TWENTY)).out
        self.assertRegex(out, r"result +ok\n")
        self.assertRegex(out, r"number +20\n")
        self.assertRegex(out, r"gas used +30 of 30000000\n")

    def test_code_from_file_stdin_and_a_compilers_json(self):
        self.write("code.hex", "600f 6019 01 # a comment\n6001 1c 6000 52 6020 6000 f3\n")
        self.write("solc.json", json.dumps({"contracts": {"a.sol": {"A": {"evm": {
            "bytecode": {"object": "fe"}, "deployedBytecode": {"object": TWENTY}}}}}}))
        (self.folder / "code.bin").write_bytes(bytes.fromhex(TWENTY))
        for source in ("code.hex", "solc.json", "code.bin"):
            with self.subTest(source=source):
                result = self.assert_status(0, self.rvm("evm", self.folder / source, "--json")).json()
                self.assertEqual(20, int(result["output"], 16))
                self.assertEqual(30, result["gas_used"])
        self.assertEqual(30, self.assert_status(0, self.rvm("evm", "-", "--json", stdin=TWENTY)).json()["gas_used"])

    def test_reverts_and_halts_exit_1_with_the_reason(self):
        message = ("08c379a0" + f"{32:064x}" + f"{3:064x}" + "616263".ljust(64, "0"))
        copy = "".join(f"7f{message[i:i + 64].ljust(64, '0')}60{i // 2:02x}52" for i in range(0, len(message), 64))
        result = self.assert_status(1, self.rvm("evm", copy + f"60{len(message) // 2:02x}6000fd", "--json")).json()
        self.assertEqual('Error("abc")', result["revert_reason"])
        halted = self.assert_status(1, self.rvm("evm", "6001fe"))
        self.assertIn("halted: invalid instruction at pc 2", halted.out)

    def test_fork_decides_what_is_defined(self):
        self.assert_status(0, self.rvm("evm", "5f5f1e", "--fork", "osaka"))
        self.assertIn("undefined instruction at pc 2", self.assert_status(1, self.rvm("evm", "5f5f1e", "--fork", "prague")).out)
        self.assertIn("undefined instruction at pc 0", self.assert_status(1, self.rvm("evm", "5f", "--fork", "Paris")).out)

    def test_prestate_value_block_and_dump(self):
        receiver = "0x" + "00" * 18 + "beef"
        state = self.write("alloc.json", json.dumps({receiver: {"storage": {"0x1": "0x5"}, "balance": "0x10"}}))
        # slot 2 = slot 1 + block number + call value
        dump = self.assert_status(0, self.rvm("evm", "60015443013401600255", "--prestate", state, "--receiver", receiver,
                                              "--block", "number=100", "--value", "7", "--dump")).json()
        account = dump[receiver]
        self.assertEqual(112, int(account["storage"][f"0x{2:064x}"], 16))
        self.assertEqual(0x17, int(account["balance"], 16))

    def test_an_instruction_of_a_plugin(self):
        code = "60ff{}60005260206000f3"
        plugin = SHARE / "examples" / "popcount.so"
        result = self.assert_status(0, self.rvm("evm", "--plugin", plugin, code.format("1f"), "--json")).json()
        self.assertEqual(8, int(result["output"], 16))
        clz = self.assert_status(0, self.rvm("evm", code.format("1e"), "--json")).json()
        self.assertEqual(clz["gas_used"], result["gas_used"])
        traced = self.assert_status(0, self.rvm("evm", "--plugin", plugin, code.format("1f"), "--trace"))
        self.assertIn('"opName":"POPCOUNT"', traced.err + traced.out)
        self.assertIn("POPCOUNT", self.assert_status(0, self.rvm("evm", "disasm", "--plugin", plugin, "1f")).out)
        for arguments in (("--plugin", plugin, "--fork", "prague"), ()):
            halted = self.assert_status(1, self.rvm("evm", code.format("1f"), *arguments))
            self.assertIn("undefined instruction at pc 2", halted.out)

    def test_an_overlay_changes_costs_and_limits(self):
        plugins = {"id": "org.rvm.evm", "config": {"overlay": [
            {"rules": "evm/osaka", "set": ["SHR=50", "sstore_set=1000", "max_code=65536"]}]}}
        manifest = {"format_version": 1, "profile": "development", "search_paths": [str(PLUGINS)],
                    "discovery": "directory", "plugins": [plugins]}
        path = self.write("l2.json", json.dumps(manifest))
        run = lambda *arguments: self.assert_status(0, self.rvm("evm", TWENTY, "--json", *arguments)).json()["gas_used"]
        self.assertEqual(30 + 50 - 3, run("--config", path))
        self.assertEqual(30, run("--config", path, "--fork", "prague"))
        plugins["config"]["overlay"][0]["set"][0] = "SHR=fifty"
        path = self.write("wrong.json", json.dumps(manifest))
        refused = self.assert_status(78, self.rvm("evm", TWENTY, "--config", path))
        self.assertIn('/overlay/0/set/0: expected NAME=NUMBER with a number from 0 to 32767, found "SHR=fifty"', refused.err)

    def test_create_deploys(self):
        result = self.assert_status(0, self.rvm("evm", "602a60005360016000f3", "--create", "--json")).json()
        self.assertEqual("0x2a", result["output"])
        self.assertRegex(result["created"], "^0x[0-9a-f]{40}$")

    def test_disassembly(self):
        out = self.assert_status(0, self.rvm("evm", "disasm", "600f0c7f01")).out
        self.assertEqual("000000  PUSH1 0x0f\n000002  0x0c (undefined)\n000003  PUSH32 0x01" + "00" * 31 + "\n", out)

    def test_bench_prints_a_time(self):
        result = self.assert_status(0, self.rvm("evm", TWENTY, "--bench", "--json")).json()
        self.assertGreater(result["ns"], 0)
        self.assertEqual(30, result["gas"])

    def test_bad_input_is_refused_by_name(self):
        for status, code, words, text in (
                (2, "RVM-U01", ("00", "--fork", "rome"), "--fork"),
                (2, "RVM-U01", ("00", "--gas", "x"), "--gas"),
                (2, "RVM-U01", ("00", "--block", "colour=1"), "--block"),
                (2, "RVM-U01", ("00", "--trace=all"), "--trace"),
                (2, "RVM-U01", ("00", "01"), "one CODE"),
                (2, "RVM-U01", ("00", "--sender"), "--sender"),
                (2, "RVM-U01", ("00", "--wat"), "--wat"),
                (2, "RVM-U02", ("missing.hex",), "missing.hex"),
                (2, "RVM-U03", (self.write("odd.hex", "600"),), "odd.hex"),
                (2, "RVM-U03", (self.write("two.json", '{"contracts": {}}'),), "two.json"),
                (2, "RVM-U03", ("00", "--prestate", self.write("bad.json", '{"0x01": {}}')), "/0x01"),
                (2, "RVM-U03", ("00", "--prestate", self.write("syntax.json", "{")), "syntax.json")):
            with self.subTest(words=words):
                result = self.assert_status(status, self.rvm("evm", *words))
                self.assertIn(code, result.err)
                self.assertIn(text, result.err)

    def test_trace_is_the_one_that_eip_3155_publishes(self):
        """pc, op, gas, gasCost, stack and returnData of the example; its memSize of the MSTORE8 line is that of after the
        instruction, against the text of the EIP, which this trace follows."""
        result = self.assert_status(0, self.rvm("evm", EIP3155, "--gas", "10000000000", "--fork", "istanbul", "--trace"))
        lines = [json.loads(line) for line in result.err.splitlines()]
        published = [  # pc, op, gas, gasCost, memSize, stack, opName
            (0, 96, "0x2540be400", "0x3", 0, [], "PUSH1"),
            (2, 128, "0x2540be3fd", "0x3", 0, ["0x40"], "DUP1"),
            (3, 83, "0x2540be3fa", "0xc", 0, ["0x40", "0x40"], "MSTORE8"),
            (4, 96, "0x2540be3ee", "0x3", 96, [], "PUSH1"),
            (6, 96, "0x2540be3eb", "0x3", 96, ["0x40"], "PUSH1"),
            (8, 85, "0x2540be3e8", "0x4e20", 96, ["0x40", "0x40"], "SSTORE"),
            (9, 96, "0x2540b95c8", "0x3", 96, [], "PUSH1"),
            (11, 96, "0x2540b95c5", "0x3", 96, ["0x40"], "PUSH1"),
            (13, 96, "0x2540b95c2", "0x3", 96, ["0x40", "0x0"], "PUSH1"),
            (15, 96, "0x2540b95bf", "0x3", 96, ["0x40", "0x0", "0x40"], "PUSH1"),
            (17, 96, "0x2540b95bc", "0x3", 96, ["0x40", "0x0", "0x40", "0x0"], "PUSH1"),
            (19, 90, "0x2540b95b9", "0x2", 96, ["0x40", "0x0", "0x40", "0x0", "0x2"], "GAS"),
            (20, 250, "0x2540b95b7", "0x24abb676c", 96, ["0x40", "0x0", "0x40", "0x0", "0x2", "0x2540b95b7"], "STATICCALL"),
        ]
        for line, (pc, op, gas, cost, size, stack, name) in zip(lines, published):
            with self.subTest(pc=pc):
                self.assertEqual((pc, op, gas, cost, size, stack, name), tuple(
                    line[key] for key in ("pc", "op", "gas", "gasCost", "memSize", "stack", "opName")))
                self.assertEqual(("0x", 1, 0), (line["returnData"], line["depth"], line["refund"]))
        self.assertEqual((15 + 1), len(lines))
        self.assertEqual(("40", True), (lines[-1]["output"], lines[-1]["pass"]))

    def test_trace_marks_the_line_that_failed(self):
        result = self.assert_status(1, self.rvm("evm", "60016002600355", "--gas", "20", "--trace=eip3155"))
        lines = [json.loads(line) for line in result.err.splitlines()]
        self.assertEqual(["PUSH1", "PUSH1", "PUSH1", "SSTORE"], [line["opName"] for line in lines[:-1]])
        self.assertIn("error", lines[-2])
        self.assertNotIn("error", lines[-3])
        self.assertFalse(lines[-1]["pass"])

    def test_call_tree(self):
        result = self.assert_status(0, self.rvm("evm", "6000600060006000600061dead5af1", "--trace=calls"))
        self.assertIn("dead", result.err)


if __name__ == "__main__":
    unittest.main()
