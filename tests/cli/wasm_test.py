"""WebAssembly from the command line: programs in the world, functions on their own, refusals."""

import pathlib
import unittest

from support import CliTest

DATA = pathlib.Path(__file__).resolve().parents[1] / "data" / "wasm"


class WasmTest(CliTest):
    def test_a_program_writes_its_slot(self):
        done = self.rvm("run", str(DATA / "counter.wasm"))
        self.assertEqual(0, done.status, done)
        self.assertIn("0x0 -> 0x1", done.out)

    def test_an_unknown_import_is_refused_by_name(self):
        broken = self.folder / "broken.wasm"
        broken.write_bytes((DATA / "counter.wasm").read_bytes().replace(b"storage_load", b"storage_lost"))
        done = self.rvm("run", str(broken))
        self.assertEqual(1, done.status, done)
        self.assertIn("rvm.storage_lost", done.out + done.err)

    def test_a_function_gives_its_result(self):
        done = self.rvm("wasm", "run", str(DATA / "features.wasm"), "--invoke", "fib", "20")
        self.assertEqual((0, "6765\n"), (done.status, done.out), done)

    def test_gas_ends_a_function(self):
        done = self.rvm("wasm", "run", str(DATA / "features.wasm"), "--invoke", "fib", "30", "--gas", "5000")
        self.assertEqual(1, done.status, done)
        self.assertIn("out of gas", done.err)

    def test_gas_does_not_depend_on_the_run(self):
        words = ("wasm", "run", str(DATA / "features.wasm"), "--invoke", "sum", "1000", "--json")
        first, second = self.rvm(*words).json(), self.rvm(*words).json()
        self.assertEqual(first, second)
        self.assertEqual("ok", first["status"])

    def test_bad_input_is_named(self):
        for words, status, text in [
                (("run", "nothing.wasm", "--invoke", "f"), 2, "nothing.wasm"),
                (("run", str(DATA / "features.wasm")), 2, "--invoke"),
                (("run", str(DATA / "features.wasm"), "--invoke", "nobody"), 2, "nobody"),
                (("run", str(DATA / "features.wasm"), "--invoke", "fib", "x"), 2, "'x'"),
                (("check", str(DATA / "counter.c")), 1, "magic header"),
                (("frobnicate",), 2, "frobnicate"),
                (("spectest", "nowhere"), 2, "nowhere")]:
            done = self.rvm("wasm", *words)
            self.assertEqual(status, done.status, done)
            self.assertIn(text, done.err)

    def test_inspect_and_check_say_what_is_there(self):
        done = self.rvm("wasm", "inspect", str(DATA / "counter.wasm"), "--json")
        self.assertEqual(["storage_load", "storage_store", "output"], [item["name"] for item in done.json()["imports"]])
        text = self.rvm("wasm", "inspect", str(DATA / "features.wasm"))
        self.assertEqual(0, text.status, text)
        self.assertIn("function fib (i32) -> (i32)", text.out)
        self.assertEqual(0, self.rvm("wasm", "check", str(DATA / "counter.wasm")).status)

    def test_help_has_examples(self):
        done = self.rvm("wasm", "help")
        self.assertEqual(0, done.status)
        self.assertIn("Examples:", done.out)


if __name__ == "__main__":
    unittest.main()
