import json
import unittest

from support import ARITHMETIC, PLUGINS, CliTest


class Json(CliTest):
    def test_every_verb_prints_one_document(self):
        self.write("p.rasm", ARITHMETIC)
        for words in (["run", "p.rasm"], ["deploy", "p.rasm", "--state", "w.json"], ["asm", "p.rasm"],
                      ["disasm", "p.rasm"], ["check", "p.rasm"], ["plugin", "list"],
                      ["plugin", "inspect", PLUGINS / "u256.so"], ["config", "check"], ["explain"],
                      ["explain", "RVM-F01"], ["version"], ["help"], ["demo"]):
            with self.subTest(verb=words[:2]):
                self.assert_status(0, self.rvm(*words, "--json")).json()

    def test_a_container_on_standard_output_is_a_member(self):
        self.write("p.rasm", ARITHMETIC)
        for source in "p.rasm", "-":
            with self.subTest(source=source):
                words = ["asm", source, "-o", "-"]
                code = self.assert_status(0, self.rvm(*words, stdin=ARITHMETIC)).raw
                document = self.assert_status(0, self.rvm(*words, "--json", stdin=ARITHMETIC)).json()
                self.assertEqual(("-", len(code)), (document["output"], document["size"]))
                self.assertEqual("0x" + code.hex(), document["code"])

    def test_a_trace_is_one_document(self):
        self.write("p.rasm", ARITHMETIC)
        self.assert_status(0, self.rvm("record", "-o", "p.rvmrec", "run", "p.rasm"))
        for words in (["--json", "run", "p.rasm"], ["run", "p.rasm", "--json"], ["--json", "p.rvmrec"], ["p.rvmrec", "--json"]):
            with self.subTest(words=words):
                document = self.assert_status(0, self.rvm("trace", *words)).json()
                self.assertIn("call 0xc0de", document["text"])
                self.assertEqual("run" in words, document.get("run", {}).get("status") == "ok")
        lines = self.rvm("trace", "--format", "jsonl", "p.rvmrec").out.splitlines()
        self.assertGreater(len(lines), 5)
        self.assertEqual([json.loads(line) for line in lines],
                         self.rvm("trace", "--json", "--format", "jsonl", "p.rvmrec").json()["trace"])
        page = self.rvm("trace", "--json", "--html", "p.rvmrec").json()
        self.assertTrue((self.folder / page["file"]).read_text().startswith("<!"))
        self.write("bad.rasm", "push 1 push 0 div\n")
        failed = self.assert_status(1, self.rvm("trace", "--json", "run", "bad.rasm")).json()
        self.assertFalse(failed["run"]["success"])
        refused = self.assert_status(2, self.rvm("trace", "--json", "run", "none.rasm")).json()
        self.assertEqual(["exit", "findings"], list(refused))

    def test_errors_are_a_document_too(self):
        for words, status, code in ((["run", "none"], 2, "RVM-U02"), (["nope"], 2, "RVM-U01"),
                                    (["run", "--gas"], 2, "RVM-U01"), (["wasm"], 2, "RVM-U01"),
                                    (["run", "-", "--config", "none.json"], 78, "RVM-M01")):
            with self.subTest(words=words):
                result = self.assert_status(status, self.rvm(*words, "--json", stdin=ARITHMETIC))
                document = result.json()
                self.assertEqual(status, document["exit"])
                self.assertEqual(code, document["findings"][0]["code"])

    def test_output_is_never_coloured_when_piped(self):
        for words in (["demo"], ["explain"], ["plugin", "list"], ["help"]):
            self.assertNotIn("\x1b", self.rvm(*words).out)

    def test_quiet_silences_warnings_only(self):
        self.assertEqual("", self.rvm("plugin", "list", "-q").err)
        self.assertNotEqual("", self.rvm("run", "none", "-q").err)


if __name__ == "__main__":
    unittest.main()
