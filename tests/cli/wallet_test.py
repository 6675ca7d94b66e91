"""rvm wallet, sign and verify as a user runs them."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import stat
import subprocess
import unittest

from support import PLUGINS, PROGRAM, CliTest, forbid

PHRASE = "test test test test test test test test test test test junk"
FIRST = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"  # of every development node
SECOND = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"  # of FIRST
CHEAP = ["--weak", "--passes", "1", "--memory", "8"]


class Wallet(CliTest):
    def setUp(self):
        super().setUp()
        self.write("pw", "open sesame\n")
        self.write("phrase", PHRASE + "\n")
        self.file = self.folder / "wallet"

    def wallet(self, action, *arguments, password="pw", **options):
        return self.rvm("wallet", action, *arguments, "--wallet", self.file, "--password-file", password, **options)

    def with_phrase(self):
        self.assert_status(0, self.wallet("import", "alice", "--phrase-file", "phrase", *CHEAP))

    def test_import_list_address_derive_remove(self):
        self.with_phrase()
        self.assertEqual(0o600, stat.S_IMODE(self.file.stat().st_mode))
        self.assertEqual(FIRST + "\n", self.assert_status(0, self.wallet("address", "alice")).out)
        self.assertEqual(SECOND + "\n", self.assert_status(0, self.wallet("address", "alice", "--index", "1")).out)
        self.assertEqual(SECOND + "\n", self.wallet("address", "alice", "--path", "m/44'/60'/0'/0/1").out)
        self.assertEqual([{"name": "alice", "kind": "mnemonic", "address": FIRST}],
                         self.rvm("--json", "wallet", "list", "--wallet", self.file, "--password-file", "pw").json())
        derived = self.assert_status(0, self.wallet("derive", "alice", "--path", "m"))
        self.assertIn("xpub661MyMwAqRbc", derived.out)
        self.assertNotIn("xprv", derived.out)
        self.assert_status(0, self.wallet("derive", "alice", "--curve", "ed25519", "--path", "m/44'/501'"))
        solana = self.assert_status(0, self.wallet("derive", "alice", "--curve", "ed25519")).out
        self.assertEqual(solana, self.wallet("derive", "alice", "--curve", "ed25519", "--path", "m/44'/501'/0'/0'").out)
        self.assertEqual(self.wallet("derive", "alice", "--curve", "ed25519", "--index", "3").out,
                         self.wallet("derive", "alice", "--curve", "ed25519", "--path", "m/44'/501'/3'/0'").out)
        soft = self.assert_status(2, self.wallet("derive", "alice", "--curve", "ed25519", "--path", "m/44'/501'/0"))
        self.assertIn("expected one like m/44'/501'/0'/0', found m/44'/501'/0", soft.err)
        self.assert_status(1, self.wallet("import", "alice", "--phrase-file", "phrase"))  # the name is taken
        dear = self.assert_refused(2, "RVM-U01", self.wallet("import", "bob", "--phrase-file", "phrase", "--passes", "9"))
        self.assertIn("--passes goes with a new wallet", dear.err)
        self.assert_status(0, self.wallet("remove", "alice"))
        self.assert_status(1, self.wallet("address", "alice"))
        self.assertEqual("", self.wallet("list").out)

    def test_new_makes_a_phrase_that_export_shows_and_import_takes(self):
        made = self.assert_status(0, self.wallet("new", "bob", "--words", "12", "--language", "french", *CHEAP))
        phrase = self.assert_status(0, self.wallet("export", "bob", "--phrase"))
        self.assertEqual(12, len(phrase.out.split()))
        for word in phrase.out.split():
            self.assertNotIn(word, made.out + made.err)
        self.write("again", phrase.out)
        self.assert_status(0, self.wallet("import", "copy", "--phrase-file", "again"))
        self.assertEqual(self.wallet("address", "bob").out, self.wallet("address", "copy").out)

    def test_keys_and_key_files_go_both_ways(self):
        self.write("key", KEY)
        self.assert_status(0, self.wallet("import", "one", "--key-file", "key", *CHEAP))
        self.assertEqual(KEY + "\n", self.assert_status(0, self.wallet("export", "one", "--key")).out)
        self.write("file-pw", "other")
        self.assert_status(0, self.wallet("export", "one", "--keystore", "k.json", "--keystore-password-file", "file-pw",
                                          "--n", "2"))
        document = json.loads((self.folder / "k.json").read_text())
        self.assertEqual((3, FIRST.lower()[2:]), (document["version"], document["address"]))
        self.assertEqual(0o600, stat.S_IMODE((self.folder / "k.json").stat().st_mode))
        self.assert_status(1, self.wallet("import", "two", "--keystore", "k.json", "--keystore-password-file", "pw"))
        self.assert_status(0, self.wallet("import", "two", "--keystore", "k.json", "--keystore-password-file", "file-pw"))
        self.assertEqual(FIRST + "\n", self.wallet("address", "two").out)
        self.assert_status(1, self.wallet("export", "two", "--phrase"))
        self.assert_status(1, self.wallet("address", "two", "--index", "1"))

    def test_export_replaces_nothing_unless_it_is_forced(self):
        self.with_phrase()
        self.write("k.json", "precious")
        for words in (["--keystore", "k.json", "--keystore-password-file", "pw", "--n", "2"], ["--key", "-o", "k.json"],
                      ["--phrase", "-o", "k.json"]):
            kept = self.assert_refused(2, "RVM-U04", self.wallet("export", "alice", *words))
            self.assertIn("--force replaces it", kept.err)
            self.assertEqual("precious", (self.folder / "k.json").read_text())
        done = self.assert_status(0, self.wallet("export", "alice", "--key", "-o", "k.json", "--force"))
        self.assertEqual(KEY + "\n", (self.folder / "k.json").read_text())
        self.assertEqual(0o600, stat.S_IMODE((self.folder / "k.json").stat().st_mode))
        self.assertNotIn(KEY, done.out + done.err)
        # Not even then: a wallet, what the command reads, what is no file.
        before = self.file.read_bytes()
        (self.folder / "other").write_bytes(before)
        os.mkfifo(self.folder / "pipe")
        for target in (self.file, "other", "pw", ".", "pipe", "no/such/folder"):
            with self.subTest(target=target):
                self.assert_refused(2, "RVM-U04", self.wallet("export", "alice", "--key", "-o", target, "--force"))
        self.assertEqual(before, self.file.read_bytes())
        self.assertEqual(before, (self.folder / "other").read_bytes())

    def test_no_result_replaces_an_input_or_a_wallet(self):
        self.with_phrase()
        self.write("key", KEY)
        self.write("message", "hello")
        self.write("tx", json.dumps({"chainId": 1, "nonce": 9, "gasPrice": 1, "gas": 21000, "to": FIRST}))
        (self.folder / "link").symlink_to(self.file)
        (self.folder / "copy").write_bytes(self.file.read_bytes())
        everything = {path: path.read_bytes() for path in self.folder.iterdir()}
        for target in (self.file, "link", "copy", "pw", "message"):
            self.assertIn("would be lost", self.assert_refused(2, "RVM-U04", self.wallet("sign-message", "alice", "message", "-o", target)).err)
        self.assert_refused(2, "RVM-U04", self.wallet("sign-tx", "alice", "tx", "-o", self.file))
        for target in ("key", "message", self.file):
            self.assert_refused(2, "RVM-U04", self.rvm("sign", "--scheme", "bip340", "--key-file", "key", "message", "-o", target))
        self.assertEqual(everything, {path: path.read_bytes() for path in self.folder.iterdir()})

    def test_a_result_that_cannot_be_written_changes_nothing(self):
        self.with_phrase()
        self.write("message", "hello")
        self.write("sig", "before")
        no_flush = forbid("fsync")
        self.assert_refused(2, "RVM-U04", self.wallet("sign-message", "alice", "message", "-o", "sig", before=no_flush))
        self.assertEqual("before", (self.folder / "sig").read_text())
        before = self.file.read_bytes()
        self.assert_refused(2, "RVM-U04", self.wallet("remove", "alice", before=no_flush))
        self.assertEqual(before, self.file.read_bytes())
        self.assertEqual({"message", "sig", "pw", "phrase", "wallet", "wallet.lock"}, {path.name for path in self.folder.iterdir()})

    def test_readers_wait_for_nobody_and_leave_no_trace(self):
        self.with_phrase()
        (self.folder / "wallet.lock").unlink()
        self.assertEqual(FIRST + "\n", self.assert_status(0, self.wallet("address", "alice")).out)
        self.assertFalse((self.folder / "wallet.lock").exists())
        with open(self.folder / "wallet.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # as a writer has it
            self.assertEqual(FIRST + "\n", self.assert_status(0, self.wallet("address", "alice")).out)
            self.assert_status(0, self.wallet("export", "alice", "--phrase"))
            writer = subprocess.Popen([PROGRAM, "wallet", "remove", "alice", "--wallet", self.file, "--password-file", "pw"], cwd=self.folder,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={"HOME": str(self.folder)})
            self.assertIn("waiting for another command", writer.stderr.readline())
            writer.send_signal(signal.SIGINT)
            self.assertIn("interrupted", writer.communicate(timeout=60)[1])
            self.assertEqual(2, writer.returncode)
        self.assertEqual(FIRST + "\n", self.assert_status(0, self.wallet("address", "alice")).out)
        self.assert_status(2, self.rvm("wallet", "list", "--wallet", "none", "--password-file", "pw"))
        self.assertFalse((self.folder / "none.lock").exists())
        self.assert_status(2, self.rvm("wallet", "list", "--password-file", "pw"))  # ~/.local/share/rvm/wallet
        self.assertFalse((self.folder / ".local").exists())

    def test_writers_do_not_lose_each_others_entries(self):
        self.with_phrase()
        with open(self.folder / "wallet.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            writers = [subprocess.Popen([PROGRAM, "wallet", "import", name, "--phrase-file", "phrase", "--wallet", self.file, "--password-file", "pw"],
                                        cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={"HOME": str(self.folder)})
                       for name in ("bob", "carol")]
            for writer in writers:  # each has read the file by now
                self.assertIn("waiting for another command", writer.stderr.readline())
        for writer in writers:
            self.assertIn("imported", writer.communicate(timeout=60)[0])
        listed = self.rvm("--json", "wallet", "list", "--wallet", self.file, "--password-file", "pw").json()
        self.assertEqual({"alice", "bob", "carol"}, {entry["name"] for entry in listed})

    def test_paths_that_are_no_files(self):
        self.with_phrase()
        os.mkfifo(self.folder / "pipe")
        (self.folder / "link").symlink_to(self.file)
        for wallet, found in ((".", "a directory"), ("/dev/null", "a device"), ("pipe", "a pipe"), ("link", "a symbolic link"), ("none", "no wallet"),
                              ("phrase/x", "Not a directory")):
            result = self.rvm("wallet", "list", "--wallet", wallet, "--password-file", "pw")
            self.assertIn(found, self.assert_refused(2, "RVM-U02", result).err)
        for file, found in ((".", "a directory"), ("/dev/zero", "a device"), ("none", "no such file")):
            for words in (["wallet", "import", "b", "--phrase-file", file], ["wallet", "import", "b", "--key-file", file],
                          ["wallet", "import", "b", "--keystore", file, "--keystore-password-file", "pw"],
                          ["wallet", "import", "b", "--keystore", "phrase", "--keystore-password-file", file],
                          ["wallet", "sign-tx", "alice", file], ["wallet", "sign-message", "alice", file], ["wallet", "sign-typed", "alice", file]):
                result = self.rvm(*words, "--wallet", self.file, "--password-file", "pw")
                self.assertIn(f"{file}: ", self.assert_refused(2, "RVM-U02", result).err)
                self.assertIn(found, result.err)

    def test_standard_input_is_read_once(self):
        self.with_phrase()
        signed = self.rvm("sign", "--scheme", "bip340", "--key-file", "-", "-", stdin=KEY)
        self.assertIn("two inputs", self.assert_refused(2, "RVM-U01", signed).err)
        listed = self.rvm("wallet", "list", "--wallet", self.file, "--password-file", "-", stdin="open sesame\nrest")
        self.assertIn(FIRST, self.assert_status(0, listed).out)
        broken = self.wallet("sign-tx", "alice", "-", stdin='{"nonce": -1}')
        self.assertIn('RVM-U05: standard input: ', self.assert_refused(1, "RVM-U05", broken).err)

    def test_messages_larger_than_documents_are_signed(self):
        self.write("key", KEY)
        with open(self.folder / "large", "wb") as file:
            file.truncate((16 << 20) + 1)
        for scheme in ("ed25519", "p256"):
            made = self.assert_status(0, self.rvm("--json", "sign", "--scheme", scheme, "--key-file", "key", "large")).json()
            self.write("sig", made["signature"])
            self.assert_status(0, self.rvm("verify", "--scheme", scheme, "--key", made["key"], "--signature", "sig", "large"))
        self.assertIn("at most 16 MiB", self.assert_refused(2, "RVM-U02", self.rvm("sign", "--scheme", "eip712", "--key-file", "key", "large")).err)

    def test_wrong_passwords_and_damaged_files(self):
        self.with_phrase()
        self.write("wrong", "open sesam\n")
        self.assertIn("password is wrong", self.assert_status(1, self.wallet("list", password="wrong")).err)
        self.assert_status(2, self.wallet("list", password="missing"))
        self.assertIn("password is wrong", self.rvm("--json", "wallet", "list", "--wallet", self.file, "--password-file",
                                                    "wrong").json()["findings"][0]["message"])
        good = self.file.read_bytes()
        for damaged in (good[:-1], good + b"x", b"", b"RVMWALT\x02" + good[8:]):
            self.file.write_bytes(damaged)
            self.assert_status(1, self.wallet("list"))
        self.file.write_bytes(good)
        self.file.chmod(0o644)
        self.assertIn("0600", self.assert_status(2, self.wallet("list")).err)

    def test_signs_transactions(self):
        self.with_phrase()
        self.write("tx", json.dumps({"chainId": 1, "nonce": 9, "gasPrice": "20000000000", "gas": 21000, "from": FIRST,
                                     "to": "0x3535353535353535353535353535353535353535", "value": "1000000000000000000"}))
        first = self.assert_status(0, self.wallet("sign-tx", "alice", "tx"))
        self.assertRegex(first.out, r"\A0xf86c098504a817c800825208943535[0-9a-f]+\n\Z")
        self.assertEqual(first.out, self.wallet("sign-tx", "alice", "tx").out)
        self.assertIn("from", self.assert_status(1, self.wallet("sign-tx", "alice", "tx", "--index", "1")).err)
        self.write("open", json.dumps({"nonce": 9, "gasPrice": 1, "gas": 21000}))
        self.assertIn("chainId", self.assert_status(1, self.wallet("sign-tx", "alice", "open")).err)
        self.assert_status(0, self.wallet("sign-tx", "alice", "open", "--unprotected"))
        broken = self.assert_refused(1, "RVM-U05", self.wallet("sign-tx", "alice", "phrase")).err
        self.assertIn("phrase: the transaction: line 1, column 2: expected JSON", broken)
        self.write("tx", json.dumps({"chainId": 1, "nonce": 9, "maxFeePerGas": 10, "maxPriorityFeePerGas": 11, "gas": 21000, "to": FIRST}))
        dear = self.assert_refused(1, "RVM-U05", self.wallet("sign-tx", "alice", "tx")).err
        self.assertIn('tx: "maxPriorityFeePerGas": expected at most "maxFeePerGas" (10), found 11', dear)

    def test_signs_authorizations_that_a_transaction_carries(self):
        self.with_phrase()
        self.write("wish", json.dumps({"chainId": 1, "address": SECOND, "nonce": 7}))
        made = self.assert_status(0, self.wallet("sign-authorization", "alice", "wish")).out
        entry = json.loads(made)
        # ethers 6.17: new Wallet(KEY).authorizeSync({chainId: 1, address: SECOND, nonce: 7})
        self.assertEqual(("0x1", "0x458d9891120364d3b5d43f119efd57a73ce706e042e36d3869ae4f1d91207727",
                          "0x4540b8be06debcbd39a58248ae1dc053642979de0a2b8cb1a1726c4c21abb46c"), (entry["yParity"], entry["r"], entry["s"]))
        self.write("tx", json.dumps({"type": 4, "chainId": 1, "nonce": 8, "gas": 90000, "maxFeePerGas": 9, "maxPriorityFeePerGas": 1,
                                     "to": FIRST, "authorizationList": [entry]}))
        self.assertRegex(self.assert_status(0, self.wallet("sign-tx", "alice", "tx")).out, r"\A0x04f8")
        self.write("wish", json.dumps({"chainId": 1, "address": SECOND, "nonce": 7, "gas": 1}))
        self.assertIn("gas", self.assert_status(1, self.wallet("sign-authorization", "alice", "wish")).err)
        self.write("wish", json.dumps({"chainId": 1, "address": SECOND}))
        self.assertIn("nonce", self.assert_status(1, self.wallet("sign-authorization", "alice", "wish")).err)

    def test_signs_messages_that_verify(self):
        self.with_phrase()
        self.write("message", "hello")
        self.assert_status(0, self.wallet("sign-message", "alice", "message", "-o", "sig"))
        check = ["verify", "--scheme", "eip191", "--address", FIRST, "--signature", "sig"]
        self.assert_status(0, self.rvm(*check, "message"))
        other = self.assert_status(1, self.rvm(*check, "phrase"))
        self.assertIn("NOT valid", other.out)
        self.assert_status(1, self.rvm("verify", "--scheme", "eip191", "--address", SECOND, "--signature", "sig", "message"))
        self.write("typed", json.dumps({"types": {"T": [{"name": "x", "type": "uint8"}]}, "primaryType": "T",
                                        "domain": {"name": "d"}, "message": {"x": 1}}))
        self.assert_status(0, self.wallet("sign-typed", "alice", "typed", "-o", "sig"))
        self.assert_status(0, self.rvm("verify", "--scheme", "eip712", "--address", FIRST, "--signature", "sig", "typed"))

    def test_detached_signatures_and_batches(self):
        self.write("key", "11" * 32)  # a secret of every curve
        self.write("data", b"\x00\x01\x02" * 11)
        self.write("digest", bytes(range(32)))
        lines = []
        for scheme in ("raw", "eip191", "ed25519", "bip340", "p256", "bls"):
            file = "digest" if scheme == "raw" else "data"
            made = self.rvm("--json", "sign", "--scheme", scheme, "--key-file", "key", file)
            document = self.assert_status(0, made).json()
            self.write("sig", document["signature"])
            check = ["verify", "--scheme", scheme, "--key", document["key"], "--signature", "sig"]
            self.assert_status(0, self.rvm(*check, file))
            self.write("other", bytes(32))
            self.assert_status(1, self.rvm(*check, "other"))
            public = self.rvm("sign", "--scheme", scheme, "--key-file", "key", "--public")
            self.assertEqual(document["key"] + "\n", public.out)
            lines.append({"scheme": scheme, "key": document["key"], "signature": document["signature"],
                          "message": "0x" + (self.folder / file).read_bytes().hex()})
        self.write("batch", "\n".join(map(json.dumps, lines)) + "\n")
        self.assertIn("6 valid, 0 not", self.assert_status(0, self.rvm("verify", "--batch", "batch")).out)
        lines[3]["message"] = "0x00"
        self.write("batch", "\n".join(map(json.dumps, lines)))
        result = self.rvm("--json", "verify", "--batch", "batch", "--threads", "1")
        self.assertEqual({"signatures": 6, "invalid": [4], "invalid_lines": [4]}, self.assert_status(1, result).json())
        self.write("batch", "\n \r\n" + "\n\n".join(map(json.dumps, lines)))
        result = self.rvm("--json", "verify", "--batch", "batch")
        self.assertEqual({"signatures": 6, "invalid": [4], "invalid_lines": [9]}, self.assert_status(1, result).json())
        self.assertIn("signature 4 (line 9) is not valid", self.rvm("verify", "--batch", "batch").out)
        self.write("batch", "\n{}\n")
        self.assertIn('batch: line 2: the member "scheme"', self.assert_status(1, self.rvm("verify", "--batch", "batch")).err)
        lines[2]["key"] = "0x1234"
        self.write("batch", "\n".join(map(json.dumps, lines)))
        self.assertIn('batch: line 3: "key": a key of ed25519 has 32 bytes, found 2',
                      self.assert_status(1, self.rvm("verify", "--batch", "batch")).err)

    def test_wrong_command_lines(self):
        for words in (["wallet"], ["wallet", "frob"], ["wallet", "list", "x"], ["wallet", "list", "--frob"],
                      ["wallet", "new", "a", "--words", "13"], ["wallet", "import", "a"], ["sign", "x"],
                      ["sign", "--scheme", "rot13", "x"], ["sign", "--scheme", "bls", "x"], ["verify", "x"],
                      ["verify", "--scheme", "bls", "--key", "0x", "--key", "0x", "x"], ["verify", "--batch", "missing"],
                      ["wallet", "help", "frob"], ["wallet", "list", "--wallet="], ["wallet", "new", "a b"],
                      ["wallet", "address", "a", "--path", "m/x"], ["wallet", "address", "a", "--index", "2147483648"],
                      ["wallet", "export", "a", "--phrase", "--n", "4"], ["wallet", "export", "a", "--key", "--force"],
                      ["wallet", "export", "a", "--keystore", "k", "--n", "3"], ["wallet", "export", "a", "--phrase", "--path", "m"],
                      ["wallet", "import", "a", "--key-file", "k", "--language", "english"],
                      ["wallet", "import", "a", "--phrase-file", "phrase", "--kind", "bls"],
                      ["wallet", "import", "a", "--phrase-file", "-", "--passphrase-file", "-"],
                      ["sign", "--scheme", "ed25519", "--key-file", "-", "-"],
                      ["sign", "--scheme", "ed25519", "--key-file", "k", "--path", "m", "pw"],
                      ["verify", "--scheme", "ed25519", "--key", "0x12", "--signature", "pw", "pw"],
                      ["verify", "--scheme", "ed25519", "--key", "zz", "--signature", "pw", "pw"],
                      ["verify", "--scheme", "eip191", "--address", "0x12", "--signature", "pw", "pw"],
                      ["verify", "--batch", "pw", "--scheme", "bls"]):
            with self.subTest(words=words):
                self.assert_refused(2, "RVM-U0", self.rvm(*words, stdin="11" * 32))
        self.assertFalse(self.file.exists())

    def test_help_names_the_options_of_every_action(self):
        everything = self.assert_status(0, self.rvm("wallet", "help")).out
        for action in ("new", "import", "list", "address", "derive", "sign-tx", "sign-authorization", "sign-message", "sign-typed",
                       "export", "remove"):
            self.assertIn(f"\n  rvm wallet {action}", everything)
            self.assertIn(f"rvm wallet {action}", self.assert_status(0, self.rvm("wallet", "help", action)).out)
            wrong = self.assert_refused(2, "RVM-U01", self.rvm("wallet", action, "--frob"))
            self.assertIn(f"there is no option --frob here; usage: rvm wallet {action}", wrong.err)
        export = self.rvm("--json", "wallet", "help", "export").json()
        self.assertIn("--force", export[0]["usage"])
        self.assertEqual("export", export[0]["action"])
        self.assertIn("rvm wallet", self.assert_status(0, self.rvm("wallet", "--help")).out)

    def on_terminal(self, answers, *arguments):
        """Runs with a controlling terminal and types `answers`; returns the exit status and what the terminal showed."""
        pid, master = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execve(PROGRAM, [PROGRAM, *map(str, arguments)], {"HOME": str(self.folder)})
        shown = b""
        answers = list(answers)
        while select.select([master], [], [], 60)[0]:
            try:
                part = os.read(master, 4096)
            except OSError:  # the other side is closed
                break
            shown += part
            if answers and re.search(rb": $", part):
                os.write(master, answers.pop(0).encode() + b"\n")
        os.close(master)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()

    def test_prompts_without_an_echo(self):
        command = ["wallet", "import", "alice", "--phrase-file", "phrase", "--wallet", self.file, *CHEAP]
        status, shown = self.on_terminal(["open sesame", "open sesame"], *command)
        self.assertEqual(0, status, shown)
        self.assertNotIn("sesame", shown)
        self.assertIn(FIRST, shown)
        self.assertEqual(FIRST + "\n", self.wallet("address", "alice").out)
        self.file.unlink()
        status, shown = self.on_terminal(["one", "two"], *command)
        self.assertEqual(1, status, shown)
        self.assertIn("differ", shown)

    def test_without_a_terminal_a_password_file_is_needed(self):
        done = subprocess.run([PROGRAM, "wallet", "list", "--wallet", self.file], capture_output=True, text=True,
                              start_new_session=True, stdin=subprocess.DEVNULL, env={"HOME": str(self.folder)})
        self.assertEqual(2, done.returncode, done.stderr)

    def test_the_plugin_is_sound_but_not_for_consensus(self):
        library = PLUGINS / "wallet.so"
        self.assert_status(0, self.rvm("plugin", "check", "--profile", "development", library))
        refused = self.rvm("plugin", "check", library)
        self.assertNotEqual(0, refused.status)
        self.assertIn("EXTERNAL", refused.out + refused.err)

    ASK = """
        space in 256
        space signature 96
        push in push 0 insize incopy
        push in insize push signature push 96 syscall "wallet.sign" drop
        push signature push 65 return
    """
    OWN = "0xc0de000000000000000000000000000000000000"  # where `rvm run` places a program

    def asks(self, message, callers=(OWN,), key="k", per_run=1, profile="development", more=()):
        """A program's request for a signature under a policy."""
        policy = {"wallet": str(self.file), "password_file": str(self.folder / "pw"),
                  "keys": [{"id": "k", "entry": "alice", "form": "eip191", "callers": list(callers), "per_run": per_run}]}
        self.write("m.json", json.dumps({
            "format_version": 1, "profile": profile, "search_paths": [str(PLUGINS)], "discovery": "directory",
            "trust": {"require": "none"}, "syscalls": ["wallet.sign"],
            "plugins": [{"id": "org.rvm.wallet", "config": policy}]}))
        request = bytes([len(key)]) + key.encode() + message
        return self.rvm("--config", "m.json", "--json", *more, "run", "ask.rasm", "--input", "0x" + request.hex())

    def test_a_program_gets_what_the_policy_permits(self):
        self.with_phrase()
        (self.folder / "pw").chmod(0o600)
        self.write("ask.rasm", self.ASK)
        signature = self.assert_status(0, self.asks(b"hello")).json()["output"]
        self.write("message", "hello")
        self.assertEqual(signature, self.wallet("sign-message", "alice", "message").out.strip())
        refused = self.assert_status(1, self.asks(b"hello", callers=["0x" + "11" * 20], more=["-v"]))
        self.assertRegex(refused.err, r"(?m)^warning org\.rvm\.wallet: .* that it may not have$")
        self.assertEqual("", self.assert_status(1, self.asks(b"hello", key="other")).err)  # what plugins log is for -v
        self.assert_status(1, self.asks(b"hello", callers=[]))

    def test_a_program_cannot_ask_more_often_than_the_policy_says(self):
        self.with_phrase()
        (self.folder / "pw").chmod(0o600)
        again = 'push in insize push signature push 96 syscall "wallet.sign" drop\n'
        self.write("ask.rasm", self.ASK.replace("push signature push 65 return", again + "push signature push 65 return"))
        self.assert_status(1, self.asks(b"hello", per_run=1))
        self.assert_status(0, self.asks(b"hello", per_run=2))

    def test_a_policy_that_is_none_refuses_the_plugin(self):
        self.write("ask.rasm", self.ASK)
        self.assert_refused(78, "RVM-", self.asks(b"hello", callers=["0x12"]))

    def test_a_policy_that_cannot_work_refuses_the_plugin_before_anything_runs(self):
        self.with_phrase()
        self.write("ask.rasm", self.ASK)
        (self.folder / "pw").chmod(0o644)
        self.assertIn("0600", self.assert_refused(78, "org.rvm.wallet", self.asks(b"hello")).err)
        self.write("pw", "wrong\n").chmod(0o600)
        self.assertIn("the password is wrong", self.assert_refused(78, "org.rvm.wallet", self.asks(b"hello")).err)
        self.write("pw", "open sesame\n")
        self.assert_status(0, self.wallet("remove", "alice"))
        missing = self.assert_refused(78, "org.rvm.wallet", self.asks(b"hello")).err
        self.assertIn('"keys", "k": ', missing)
        self.assertIn('has no entry "alice"', missing)
        self.file.unlink()
        self.assertIn("no such file", self.assert_refused(78, "org.rvm.wallet", self.asks(b"hello")).err)


if __name__ == "__main__":
    unittest.main()
