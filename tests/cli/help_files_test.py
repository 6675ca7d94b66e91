"""The manual page and the completions of shells say what the verb table says, and their readers take them."""

import shutil
import subprocess
import unittest

from support import VERBS, CliTest


class HelpFiles(CliTest):
    def text(self, *words):
        return self.assert_status(0, self.rvm("help", *words)).out

    def offered(self, script, *words):
        """What bash offers for the last of the words."""
        path = self.write("rvm.bash", script)
        program = f"source {path}; COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}; _rvm; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        done = subprocess.run(["bash", "--norc", "-c", program], cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return done.stdout.split()

    def test_bash_offers_verbs_actions_options_and_files(self):
        script = self.text("--completion", "bash")
        self.assertLessEqual(set(VERBS), set(self.offered(script, "rvm", "")))
        self.assertEqual(["disasm"], self.offered(script, "rvm", "dis"))
        self.assertLessEqual({"check", "explain", "lock", "diff"}, set(self.offered(script, "rvm", "config", "")))
        self.assertEqual(["sign"], self.offered(script, "rvm", "plugin", "si"))
        self.assertEqual(["--gas"], self.offered(script, "rvm", "run", "--ga"))
        self.assertEqual(["--gas"], self.offered(script, "rvm", "--config", "x.json", "run", "--ga"))
        self.assertNotIn("--gas", self.offered(script, "rvm", "asm", "--"))
        self.write("program.rasm", "push 1\n")
        self.assertEqual(["program.rasm"], self.offered(script, "rvm", "run", "prog"))

    def test_every_option_of_every_verb_is_in_all_of_them(self):
        page = self.text("--man")
        scripts = {shell: self.text("--completion", shell) for shell in ("bash", "zsh", "fish")}
        for verb in VERBS:
            self.assertIn(f"\n.SS {verb}\n", page)
            for line in self.rvm(verb, "--help").out.splitlines():
                words = line.split()
                names = [word.rstrip(",").split("[")[0] for word in words if word.startswith("--")][:1]
                if not line.startswith("  ") or not names or not words[0].startswith("-"):
                    continue
                name = names[0]
                with self.subTest(verb=verb, option=name):
                    self.assertIn(name.replace("-", "\\-"), page)
                    self.assertIn(f" {name} ", scripts["bash"].replace("'", " "))
                    self.assertIn(f"{name}[", scripts["zsh"])
                    self.assertIn(f" -l {name[2:]} ", scripts["fish"])

    def test_verbs_of_plugins_are_offered_as_their_usage_says(self):
        script = self.text("--completion", "bash")
        self.assertLessEqual({"evm", "wasm", "lmdb", "t8n"}, set(self.offered(script, "rvm", "")))
        for words, expected in ((["evm", "--pre"], ["--prestate"]), (["wasm", "ins"], ["inspect"]), (["lmdb", "co"], ["compact"]),
                                (["t8n", "--input.e"], ["--input.env"]), (["wallet", "sign-m"], ["sign-message"]),
                                (["sign", "-o"], ["-o"]), (["evm", "--conf"], ["--config"]), (["wasm", "--see"], ["--seed"])):
            with self.subTest(words=words):
                self.assertEqual(expected, self.offered(script, "rvm", *words))
        page = self.text("--man")
        self.assertIn("\n.SS evm\nrvm evm CODE|FILE", page)
        self.assertIn("From the plugin org.rvm.evm.\n", page)
        fish, zsh = self.text("--completion", "fish"), self.text("--completion", "zsh")
        self.assertIn("-n '__fish_seen_subcommand_from evm' -l prestate -r", fish)
        self.assertIn("'--prestate:FILE:_files'", zsh)
        self.assertIn("'--dump'", zsh)

    def test_their_readers_take_them(self):
        readers = [("bash", ["bash", "-n"], "--completion"), ("zsh", ["zsh", "-n"], "--completion"),
                   ("fish", ["fish", "--no-execute"], "--completion"), ("man", ["groff", "-man", "-Tutf8", "-ww", "-z"], "--man")]
        tried = 0
        for name, command, option in readers:
            path = self.write(f"file.{name}", self.text(*([option] if name == "man" else [option, name])))
            if shutil.which(command[0]) is None:
                continue
            tried += 1
            done = subprocess.run([*command, path], capture_output=True, text=True, timeout=60)
            self.assertEqual((0, ""), (done.returncode, done.stderr), name)
        self.assertGreater(tried, 0)

    def test_wrong_words_are_refused(self):
        self.assert_refused(2, "RVM-U01", self.rvm("help", "--completion", "tcsh"))
        self.assert_refused(2, "RVM-U01", self.rvm("help", "run", "--man"))


if __name__ == "__main__":
    unittest.main()
