import os
import shutil
import unittest

from support import PROGRAM, SHARE, CliTest


class Demo(CliTest):
    def steps(self, *arguments, **keywords):
        result = self.assert_status(0, self.rvm("demo", "--json", *arguments, **keywords))
        return {step["title"]: step for step in result.json()["steps"]}

    def copy(self):
        folder = self.folder / "demo"
        shutil.copytree(SHARE / "demo", folder)
        return folder

    def test_first_figures_are_exact(self):
        steps = self.steps()
        native = steps["Native arithmetic"]
        self.assertEqual("150", native["result"]["decimal"])
        self.assertEqual(8, native["gas_used"])
        deployed = steps["A contract is deployed"]
        self.assertEqual(21000, deployed["gas_used"])
        self.assertEqual("1", steps["First call"]["result"]["decimal"])
        self.assertEqual("2", steps["Second call"]["result"]["decimal"])
        self.assertEqual(1, int(steps["Second call"]["storage"][0]["before"], 16))
        self.assertEqual(2, int(steps["Second call"]["storage"][0]["after"], 16))

    def test_plugin_opcode_computes(self):
        self.assertEqual(str(3**100), self.steps()["An opcode from a plugin"]["result"]["decimal"])

    def test_revert_undoes_the_callee_only(self):
        steps = self.steps()
        call = steps["A calls B: B's write is undone, A's stays"]
        self.assertEqual("10", call["result"]["decimal"], "10 + 0: the call failed")
        self.assertEqual(1, len(call["storage"]))
        self.assertEqual(steps["Contract A, which calls B, is deployed"]["address"], call["storage"][0]["address"])

    def test_evm_runs_or_names_the_missing_plugin(self):
        evm = self.steps()["EVM arithmetic"]
        if evm["ran"]:
            self.assertEqual("20", evm["result"]["decimal"])
            self.assertEqual(15, evm["gas_used"])
        else:
            self.assertEqual("evm", evm["plugin"])
            self.assertIn("evm", evm["missing"])

    def test_text_shows_path_source_result_and_gas(self):
        out = self.assert_status(0, self.rvm("demo")).out
        self.assertIn(str(SHARE / "demo" / "arithmetic.rasm"), out)
        for line in (SHARE / "demo" / "arithmetic.rasm").read_text().splitlines():
            self.assertIn(line, out)
        self.assertRegex(out, r"result +150 \(0x96\)")
        self.assertRegex(out, r"gas used +8 gas")
        self.assertRegex(out, r"gas used +21000 gas \(deployment\)")

    def test_changed_constant_changes_the_result(self):
        folder = self.copy()
        program = folder / "arithmetic.rasm"
        program.write_text(program.read_text().replace("push 20", "push 21"))
        native = self.steps("--dir", folder)["Native arithmetic"]
        self.assertEqual("155", native["result"]["decimal"])
        self.assertIn("push 21", native["source"])

    def test_broken_program_fails_alone(self):
        folder = self.copy()
        (folder / "arithmetic.rasm").write_text("push push\n")
        result = self.assert_status(1, self.rvm("demo", "--dir", folder, "--json"))
        steps = result.json()["steps"]
        self.assertFalse(steps[0]["ran"])
        self.assertTrue(steps[0]["findings"])
        self.assertTrue(steps[2]["ran"])

    def test_without_the_plugin_its_line_says_so(self):
        manifest = self.write("bare.json", '{"format_version": 1, "name": "bare", "profile": "development"}')
        step = self.steps("--config", manifest)["An opcode from a plugin"]
        self.assertFalse(step["ran"])
        self.assertEqual("u256", step["plugin"])
        text = self.assert_status(0, self.rvm("demo", "--config", manifest)).out
        self.assertIn('the plugin "u256" is missing', text)

    def test_missing_folder_is_a_usage_error(self):
        self.assert_refused(2, "RVM-U02", self.rvm("demo", "--dir", self.folder / "none"))

    def test_script_cannot_leave_its_folder(self):
        self.write("demo.json", '{"steps": [{"title": "x", "action": "run", "file": "../secret.rasm"}]}')
        result = self.assert_status(78, self.rvm("demo", "--dir", self.folder))
        self.assertIn("/steps/0/file", result.err)

    def test_works_through_a_symbolic_link_from_another_folder(self):
        link = self.folder / "somewhere"
        os.symlink(PROGRAM, link)
        self.assertEqual("150", self.steps(program=link, cwd="/")["Native arithmetic"]["result"]["decimal"])


if __name__ == "__main__":
    unittest.main()
