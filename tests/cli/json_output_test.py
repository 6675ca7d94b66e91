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

    def test_errors_are_a_document_too(self):
        for words, status, code in ((["run", "none"], 2, "RVM-U02"), (["nope"], 2, "RVM-U01"),
                                    (["run", "--gas"], 2, "RVM-U01"),
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
