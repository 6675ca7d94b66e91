"""`rvm plugin keygen | sign | verify | pin`: what they write is what the loader trusts, and nothing else."""

import json
import os
import shutil
import stat
import unittest

from support import PLUGINS, CliTest


class Trust(CliTest):
    def setUp(self):
        super().setUp()
        os.mkdir(self.folder / "plugins", 0o755)
        self.library = self.folder / "plugins/u256.so"
        shutil.copy(PLUGINS / "u256.so", self.library)
        os.chmod(self.library, 0o755)
        self.key = self.folder / "acme.key"
        self.public = self.assert_status(0, self.rvm("plugin", "keygen", self.key, "--json")).json()["public"]

    def sign(self, key=None):
        return self.assert_status(0, self.rvm("plugin", "sign", self.library, "--key", key or self.key))

    def manifest(self, **entry):
        document = {"format_version": 1, "profile": "consensus", "search_paths": ["plugins"],
                    "trust": {"require": "pin-or-signature", "keys": {"acme": self.public}},
                    "plugins": [{"id": "org.rvm.u256", **entry}]}
        return self.write("manifest.json", json.dumps(document))

    def check(self, **entry):
        return self.rvm("config", "check", self.manifest(**entry))

    def test_the_secret_is_for_its_owner_and_never_overwritten_or_shown(self):
        self.assertEqual(0o600, stat.S_IMODE(self.key.stat().st_mode))
        self.assertRegex(self.public, r"^ed25519:[0-9a-f]{64}$")
        secret = self.key.read_text()
        self.assertRegex(secret, r"^rvm-ed25519-seed:[0-9a-f]{64}\n$")
        self.assert_refused(2, "RVM-U04", self.rvm("plugin", "keygen", self.key))
        self.assertEqual(secret, self.key.read_text())
        other = self.assert_status(0, self.rvm("plugin", "keygen", "other.key"))
        self.assertNotIn((self.folder / "other.key").read_text().strip().split(":")[1], other.out + other.err)
        self.assertNotEqual(secret, (self.folder / "other.key").read_text())

    def test_the_loader_takes_what_was_signed(self):
        refused = self.check(signed_by="acme")
        self.assert_refused(78, "RVM-T04", refused)
        self.sign()
        self.assertEqual(64, (self.folder / "plugins/u256.rvm.sig").stat().st_size)
        self.assert_status(0, self.check(signed_by="acme"))
        shown = self.assert_status(0, self.rvm("plugin", "verify", self.library, "--config", self.manifest(signed_by="acme")))
        self.assertIn("holds, by acme", shown.out)
        self.assert_status(0, self.rvm("plugin", "verify", self.library, "--public", self.public))

    def test_a_changed_library_another_key_and_a_cut_signature_are_refused(self):
        self.sign()
        signature = self.folder / "plugins/u256.rvm.sig"
        good = signature.read_bytes()
        other = self.assert_status(0, self.rvm("plugin", "keygen", "other.key", "--json")).json()["public"]
        self.assert_refused(78, "RVM-T04", self.rvm("plugin", "verify", self.library, "--public", other))
        for bad in (good[:-1], good + b"\0", b"", bytes([good[0] ^ 1]) + good[1:]):
            signature.write_bytes(bad)
            self.assert_refused(78, "RVM-T04", self.rvm("plugin", "verify", self.library, "--public", self.public))
            self.assert_refused(78, "RVM-T04", self.check(signed_by="acme"))
        signature.unlink()
        self.assert_refused(78, "RVM-T04", self.rvm("plugin", "verify", self.library, "--public", self.public))
        signature.write_bytes(good)
        with self.library.open("ab") as file:  # behind everything the loader maps
            file.write(b"\0")
        self.assert_refused(78, "RVM-T04", self.rvm("plugin", "verify", self.library, "--public", self.public))
        self.assert_refused(78, "RVM-T04", self.check(signed_by="acme"))

    def test_a_signature_is_the_one_that_openssl_makes(self):
        """Ed25519 is deterministic: an independent implementation signs the documented message to the same bytes."""
        import hashlib
        import subprocess
        self.sign()
        sidecar = self.assert_status(0, self.rvm("plugin", "inspect", self.library, "--json")).json()
        self.assertEqual("org.rvm.u256", sidecar["sidecar"]["id"])
        if shutil.which("openssl") is None:
            self.skipTest("no openssl")
        # The embedded sidecar, without padding: section .note.rvm behind name and header.
        data = self.library.read_bytes()
        at = data.index(b"rvm\0{", data.index(b'rvm\0{'))
        size = int.from_bytes(data[at - 8:at - 4], "little")
        text = data[at + 4:at + 4 + size]
        self.assertEqual("org.rvm.u256", json.loads(text)["id"])
        message = b"rvm-plugin-v1\0" + hashlib.sha256(data).digest() + hashlib.sha256(text).digest()
        seed = bytes.fromhex(self.key.read_text().strip().split(":")[1])
        der = bytes.fromhex("302e020100300506032b657004220420") + seed  # RFC 8410
        self.write("message", message)
        self.write("key.der", der)
        subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", "key.der", "-in", "message", "-out", "sig"],
                       cwd=self.folder, check=True)
        self.assertEqual((self.folder / "sig").read_bytes(), (self.folder / "plugins/u256.rvm.sig").read_bytes())

    def test_a_pin_is_what_a_manifest_takes(self):
        entry = json.loads(self.assert_status(0, self.rvm("plugin", "pin", self.library)).out)
        self.assertEqual("org.rvm.u256", entry["id"])
        self.assert_status(0, self.check(sha256=entry["sha256"]))
        with self.library.open("ab") as file:
            file.write(b"\0")
        self.assert_refused(78, "RVM-T03", self.check(sha256=entry["sha256"]))

    def test_wrong_keys_and_words_are_refused(self):
        self.assert_refused(2, "RVM-U01", self.rvm("plugin", "sign", self.library))
        self.assert_refused(2, "RVM-U01", self.rvm("plugin", "verify", self.library, "--public", "ed25519:00"))
        self.assert_refused(2, "RVM-U02", self.rvm("plugin", "sign", self.library, "--key", "absent.key"))
        for text in ("", "rvm-ed25519-seed:00\n", "rvm-ed25519-seed:" + "g" * 64 + "\n", self.key.read_text() + "x", "x" * 1000):
            path = self.write("bad.key", text)
            os.chmod(path, 0o600)
            self.assert_refused(2, "RVM-U03", self.rvm("plugin", "sign", self.library, "--key", path))
        os.chmod(self.key, 0o640)
        self.assertIn("chmod 600", self.assert_refused(2, "RVM-U02", self.rvm("plugin", "sign", self.library, "--key", self.key)).err)
        self.assertFalse((self.folder / "plugins/u256.rvm.sig").exists())


if __name__ == "__main__":
    unittest.main()
