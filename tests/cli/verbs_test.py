"""Verbs that plugins bring: help from the sidecar, code only when the verb runs."""

import os
import pathlib
import unittest

from support import ARITHMETIC, CliTest

PLUGIN = pathlib.Path(os.environ["RVM_VERB_PLUGIN"])


class Verbs(CliTest):
    def echo(self, *arguments, **options):
        return self.rvm("--plugin", PLUGIN, "echo", *arguments, **options)

    def test_a_missing_value_is_named(self):
        for words, message in ((["run", "p", "--format"], "--format: ID is missing"),
                               (["bench", "p", "--samples"], "--samples: N is missing"),
                               (["asm", "p", "-o"], "--output: OUT is missing")):
            with self.subTest(words=words):
                self.assertIn(message, self.assert_refused(2, "RVM-U01", self.rvm(*words)).err)

    def test_words_behind_two_dashes_are_the_programs(self):
        self.assertIn('"RVM-U01"', self.assert_status(2, self.rvm("ehco", "--json", "--")).out)
        self.assertEqual("", self.assert_status(2, self.rvm("ehco", "--", "--json")).out)

    def test_help_lists_it_and_shows_its_example(self):
        listed = self.assert_status(0, self.rvm("--plugin", PLUGIN, "help"))
        self.assertRegex(listed.out, r"echo +print words")
        own = self.assert_status(0, self.echo("--help"))
        self.assertIn("rvm echo hello", own.out)

    def test_prints_what_it_writes_and_exits_with_its_status(self):
        self.assertEqual("hello world\n", self.assert_status(0, self.echo("hello", "world")).out)
        self.assert_status(2, self.echo())

    def test_reads_standard_input(self):
        text = "line\n" * 1000
        self.assertEqual(text, self.assert_status(0, self.echo("-", stdin=text)).out)

    def test_runs_another_verb_with_the_programs_settings(self):
        self.write("a.rasm", ARITHMETIC)
        good = self.assert_status(0, self.echo("--run", "run", "a.rasm"))
        self.assertIn("150", good.out)
        self.assertTrue(good.out.endswith("exit 0\n"), good)
        self.assertIn("exit 2\n", self.assert_status(0, self.echo("--run", "run", "missing.rasm")).out)

    def test_is_told_that_json_is_wanted(self):
        self.assertEqual("a (json)\n", self.assert_status(0, self.rvm("--json", "--plugin", PLUGIN, "echo", "a")).out)

    def test_without_its_plugin_the_verb_is_unknown_and_suggested_with_it(self):
        self.assert_refused(2, "RVM-U01", self.rvm("echo", "a"))
        self.assertIn("echo", self.assert_status(2, self.rvm("--plugin", PLUGIN, "ecko", "a")).err)


if __name__ == "__main__":
    unittest.main()
