"""WebAssembly from the command line: programs in the world, functions on their own, refusals."""

import json
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

    def test_an_exported_import_works_on_the_memory_beside_it(self):
        def section(number, body):
            return bytes([number, len(body)]) + body
        imported = b"\1\x16wasi_snapshot_preview1\x0eargs_sizes_get\0\0"
        for pages, expected in ((1, "0\n"), (0, "21\n")):  # success, EFAULT
            file = self.folder / "again.wasm"
            file.write_bytes(b"\0asm\1\0\0\0" + section(1, b"\1\x60\2\x7f\x7f\1\x7f") + section(2, imported) +
                             section(5, bytes([1, 0, pages])) + section(7, b"\1\5sizes\0\0"))
            done = self.rvm("wasm", "run", str(file), "--invoke", "sizes", "0", "4")
            self.assertEqual((0, expected), (done.status, done.out), done)

    def test_one_interruption_ends_an_endless_function(self):
        endless = b"\0asm\1\0\0\0" b"\1\4\1\x60\0\0" b"\3\2\1\0" b"\7\7\1\3run\0\0" b"\x0a\x09\1\7\0\3\x40\x0c\0\x0b\x0b"
        self.write("endless.wasm", endless)
        for words in ("run", "endless.wasm"), ("run", "endless.wasm", "--trace"), ("bench", "endless.wasm"):
            with self.subTest(words=words):
                done = self.assert_status(1, self.interrupted("wasm", *words, "--invoke", "run"))
                self.assertIn("endless.wasm: interrupted", done.err[-200:])

    def test_gas_ends_a_function(self):
        done = self.rvm("wasm", "run", str(DATA / "features.wasm"), "--invoke", "fib", "30", "--gas", "5000")
        self.assertEqual(1, done.status, done)
        self.assertIn("out of gas", done.err)
        self.assertRegex(done.err, r"\(in fib, byte \d+\), gas used 5000")

    def test_randomness_is_the_seeds(self):
        words = ("wasm", "run", str(DATA / "wasi.wasm"))
        first, again, other = (self.rvm(*words, "--seed", seed, "--", "random").out for seed in ("1", "1", "2"))
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
        self.assertRegex(first, r"^random 0\nnumber \d+\n$")

    def test_a_folder_has_the_name_it_is_given(self):
        folder = self.folder / "tree"
        folder.mkdir()
        (folder / "a.txt").write_text("hello world\n")
        done = self.rvm("wasm", "run", str(DATA / "wasi.wasm"), "--dir", f"{folder}::x")
        self.assertIn("name of the folder 0\nx\n", done.out)
        self.assertIn("name of the folder 0\n/\n", self.rvm("wasm", "run", str(DATA / "wasi.wasm"), "--dir", str(folder)).out)

    def test_features_can_be_switched_off(self):
        simd = str(DATA / "features_simd.wasm")
        for words in (("check", simd), ("inspect", simd), ("run", simd, "--invoke", "fib", "5")):
            self.assertEqual(0, self.rvm("wasm", *words).status)
            done = self.rvm("wasm", *words, "--features", "core1")
            self.assertEqual(1, done.status, done)
            self.assertIn("features_simd.wasm", done.err)
        self.assertEqual(2, self.rvm("wasm", "check", simd, "--features", "core9").status)

    def test_bench_measures_and_gives_the_result(self):
        words = ("wasm", "bench", str(DATA / "features.wasm"), "--invoke", "fib", "10")
        measured = self.rvm(*words, "--runs", "3", "--json").json()
        self.assertEqual(("55", True), (measured["result"], 0 < measured["best_ms"] <= measured["median_ms"]))
        self.assertEqual(self.rvm("wasm", "run", *words[2:], "--json").json()["gas_used"], measured["gas"])
        self.assertIn("result 55", self.rvm(*words, "--runs", "1").out)
        self.assertEqual(1, self.rvm(*words, "--gas", "1").status)
        self.assertEqual(2, self.rvm(*words, "--runs", "0").status)

    def test_check_and_inspect_as_data(self):
        checked = self.rvm("wasm", "check", str(DATA / "counter.wasm"), "--json").json()
        self.assertEqual((True, 3), (checked["valid"], checked["imports"]))
        seen = self.rvm("wasm", "inspect", str(DATA / "features.wasm"), "--json").json()
        fib = next(item for item in seen["functions"] if item["name"] == "fib")
        self.assertEqual(("(i32) -> (i32)", True), (fib["type"], fib["units"] > 0 and fib["instructions"] > 0))

    def test_spectest_counts_and_skips(self):
        folder = self.folder / "tests"
        folder.mkdir()
        (folder / "m.wasm").write_bytes((DATA / "features.wasm").read_bytes())

        def fib(line, expected):
            return {"type": "assert_return", "line": line, "expected": [{"type": "i32", "value": expected}],
                    "action": {"type": "invoke", "field": "fib", "args": [{"type": "i32", "value": "10"}]}}
        (folder / "t.json").write_text(json.dumps({"source_filename": "t.wast", "commands": [
            {"type": "module", "line": 1, "filename": "m.wasm"}, fib(2, "55"), fib(3, "56")]}))
        done = self.rvm("wasm", "spectest", str(folder))
        self.assertEqual((1, "1 passed, 1 failed, 0 skipped"), (done.status, done.out.strip().splitlines()[-1]), done)
        self.assertIn("t.json:3", done.out + done.err)
        skips = self.folder / "skips.txt"
        skips.write_text("tests/t.json:3  # wrong\n")
        done = self.rvm("wasm", "spectest", str(folder), "--skip-list", str(skips))
        self.assertEqual((0, "1 passed, 0 failed, 1 skipped"), (done.status, done.out.strip().splitlines()[-1]), done)

    def test_gas_does_not_depend_on_the_run(self):
        words = ("wasm", "run", str(DATA / "features.wasm"), "--invoke", "sum", "1000", "--json")
        first, second = self.rvm(*words).json(), self.rvm(*words).json()
        self.assertEqual(first, second)
        self.assertEqual("ok", first["status"])

    def test_a_program_of_wasi_sees_what_the_words_say(self):
        folder = self.folder / "tree"
        (folder / "sub").mkdir(parents=True)
        (folder / "a.txt").write_text("hello world\n")
        (folder / "sub" / "b.txt").write_text("b")
        (folder / "link").symlink_to(DATA)
        stdin = self.folder / "stdin"
        stdin.write_text("the input")
        words = ("wasm", "run", str(DATA / "wasi.wasm"), "--dir", str(folder), "--env", "A=1", "--env", "B=2",
                 "--stdin", str(stdin), "--clock", "1700000000")
        done = self.rvm(*words)
        self.assertEqual((0, "to stderr\n"), (done.status, done.err), done)
        for text in ("A=1\nB=2\nthe input\n", "read 0\nhello\n", "list 0\na.txt\nsub\n", "open above 76\n"):
            self.assertIn(text, done.out)
        kept = self.rvm(*words, "--json").json()
        self.assertEqual((done.out, "to stderr\n", 0), (kept["stdout"], kept["stderr"], kept["exit_code"]))
        self.assertEqual(kept, self.rvm(*words, "--json").json())

    def test_the_exit_code_of_a_program_is_named(self):
        done = self.rvm("wasm", "run", str(DATA / "wasi.wasm"), "exit", "3")
        self.assertEqual(1, done.status, done)
        self.assertIn("exit code 3", done.err)
        self.assertEqual(0, self.rvm("wasm", "run", str(DATA / "wasi.wasm"), "exit", "0").status)

    def test_a_trace_names_functions(self):
        done = self.rvm("wasm", "run", str(DATA / "features.wasm"), "--invoke", "fib", "3", "--trace")
        self.assertEqual((0, "2\n"), (done.status, done.out), done)
        lines = done.err.splitlines()
        self.assertGreater(len(lines), 5)
        self.assertTrue(all("fib, byte " in line for line in lines), done.err)
        self.assertIn("units of", lines[0])

    def test_a_contract_is_not_run_without_a_world(self):
        done = self.rvm("wasm", "run", str(DATA / "counter.wasm"), "--invoke", "execute")
        self.assertEqual(1, done.status, done)
        self.assertIn("rvm.storage_load: there is no world here", done.err)

    def test_bad_input_is_named(self):
        for words, status, text in [
                (("run", "nothing.wasm", "--invoke", "f"), 2, "nothing.wasm"),
                (("run", str(DATA / "features.wasm")), 2, "--invoke"),
                (("run", str(DATA / "features.wasm"), "--invoke", "nobody"), 2, "nobody"),
                (("run", str(DATA / "features.wasm"), "--invoke", "fib", "x"), 2, "'x'"),
                (("run", str(DATA / "wasi.wasm"), "--env", "novalue"), 2, "novalue"),
                (("run", str(DATA / "wasi.wasm"), "--dir", "nowhere"), 2, "nowhere"),
                (("run", str(DATA / "wasi.wasm"), "--clock", "soon"), 2, "'soon'"),
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
