"""Rows T3-T6: pins, signatures, and the search path of the environment."""

import ctypes
import ctypes.util
import hashlib
import os
import shutil
import unittest

from common import NOBODY, OPCODE, PROGRAM, RowTest, Subject, digest

CONTEXT = b"rvm-plugin-v1\0"  # what every signature begins with (core/plugin/trust.hpp)
SIGNATURE_BYTES = 64


def load_sodium():
    for name in (ctypes.util.find_library("sodium"), "libsodium.so.23"):
        try:
            return ctypes.CDLL(name) if name else None
        except OSError:
            continue
    return None


class Key:
    """An Ed25519 key pair made from a seed, and signatures by it."""

    sodium = load_sodium()

    def __init__(self, seed):
        self.public, self.secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
        self.sodium.crypto_sign_seed_keypair(self.public, self.secret, hashlib.sha256(seed.encode()).digest())
        self.text = "ed25519:" + self.public.raw.hex()

    def sign(self, library, sidecar):
        message = CONTEXT + hashlib.sha256(library).digest() + hashlib.sha256(sidecar).digest()
        signature = ctypes.create_string_buffer(SIGNATURE_BYTES)
        self.sodium.crypto_sign_detached(signature, None, message, ctypes.c_ulonglong(len(message)), self.secret)
        return signature.raw


class Pins(RowTest):
    def test_T3_other_digest(self):
        folder = self.new_folder()
        library = Subject().write(folder)
        wrong = "ab" * 32
        self.assert_refused(self.judge({"path": str(library), "sha256": wrong}), "RVM-T03", library,
                            "/plugins/0/sha256", wrong, digest(library.read_bytes()))
        self.assert_others_run(folder)

    def test_T3_optional_plugins_too(self):
        library = Subject().write(self.new_folder())
        wrong = "ab" * 32
        self.assert_refused(self.judge({"path": str(library), "sha256": wrong, "optional": True}), "RVM-T03", library,
                            "/plugins/0/sha256", wrong, digest(library.read_bytes()))

    def test_T3_malformed_digest(self):
        library = Subject().write(self.new_folder())
        right = digest(library.read_bytes())
        for pin in (right.upper(), right[:-1], right + "0", right[:-1] + "g", ""):
            with self.subTest(pin=pin):
                manifest = self.manifest([{"path": str(library), "sha256": pin, "optional": True}])
                self.assert_refused(self.config_check(manifest), "RVM-T03", manifest, "/plugins/0/sha256",
                                    "64 lower-case hex digits", pin[:60])

    def test_T3_digest_in_the_sidecar(self):
        folder = self.new_folder()
        library = Subject().write(folder, sha256="cd" * 32)
        self.assert_refused(self.judge(library), "RVM-T03", library, "/sha256", "cd" * 32, digest(library.read_bytes()))
        self.assert_others_run(folder)


@unittest.skipIf(Key.sodium is None, "libsodium.so.23 is not installed")
class Signatures(RowTest):
    def setUp(self):
        super().setUp()
        self.key, self.other_key = Key("signer"), Key("somebody else")
        self.plugins = self.new_folder()
        self.library = Subject().write(self.plugins)
        self.sidecar = self.library.with_suffix(".rvm.json")
        self.signature = self.library.with_suffix(".rvm.sig")
        self.sign(self.key)

    def sign(self, key):
        self.write(key.sign(self.library.read_bytes(), self.sidecar.read_bytes()))

    def write(self, signature):
        self.signature.write_bytes(signature)
        self.signature.chmod(0o644)

    def trust(self, **keys):
        return {"require": "signature", "keys": {name: key.text for name, key in keys.items()}}

    def judge_signed(self, signed_by="release", **keys):
        entry = {"path": str(self.library)}
        if signed_by:
            entry["signed_by"] = signed_by
        return self.judge(entry, trust=self.trust(**(keys or {"release": self.key})))

    def assert_bad(self, result, expected, found):
        self.assert_refused(result, "RVM-T04", self.signature, "signature", expected, found)

    def test_T4_right_signature(self):
        self.assert_status(0, self.judge_signed())
        self.assert_status(0, self.judge_signed(signed_by=None))

    def test_T4_absent(self):
        self.signature.unlink()
        self.assert_bad(self.judge_signed(), "an Ed25519 signature", "no file")
        self.assert_others_run(self.plugins)

    def test_T4_wrong_size(self):
        for size in (1, SIGNATURE_BYTES - 1, SIGNATURE_BYTES + 1):
            with self.subTest(size=size):
                self.write(b"\1" * size)
                self.assert_bad(self.judge_signed(), f"{SIGNATURE_BYTES} bytes", f"{size} bytes")

    def test_T4_all_zero(self):
        self.write(bytes(SIGNATURE_BYTES))
        self.assert_bad(self.judge_signed(), 'a signature by "release"', "another key, or changed files")

    def test_T4_by_another_key(self):
        self.sign(self.other_key)
        self.assert_bad(self.judge_signed(release=self.key, other=self.other_key), 'a signature by "release"',
                        "another key, or changed files")

    def test_T4_over_another_sidecar(self):
        other = Subject("test.other").write(self.new_folder()).with_suffix(".rvm.json")
        self.write(self.key.sign(self.library.read_bytes(), other.read_bytes()))
        self.assert_bad(self.judge_signed(), 'a signature by "release"', "another key, or changed files")

    def test_T4_by_a_key_that_is_not_listed(self):
        self.sign(self.other_key)
        self.assert_bad(self.judge_signed(signed_by=None), "a signature by one of 1 keys", "another key, or changed files")

    def test_T4_not_even_as_optional(self):
        self.write(bytes(SIGNATURE_BYTES))
        entry = {"path": str(self.library), "signed_by": "release", "optional": True}
        self.assert_bad(self.judge(entry, trust=self.trust(release=self.key)), "", "")

    def test_T4_nothing_vouches_for_the_plugin(self):
        self.signature.unlink()
        manifest = self.manifest([self.library], trust={"require": "pin"})
        self.assert_refused(self.config_check(manifest), "RVM-T05", manifest, "/plugins/0", '"sha256"', "neither")
        manifest = self.manifest(trust={"require": "pin-or-signature"}, discovery="directory",
                                 search_paths=[str(self.plugins)])
        self.assert_refused(self.config_check(manifest), "RVM-T05", self.library, "trust", "a pin or a signature",
                            "neither pin nor signature")

    def test_T5_sidecar_edited_after_signing(self):
        self.sidecar.write_bytes(self.sidecar.read_bytes() + b"\n")
        self.assert_bad(self.judge_signed(), 'a signature by "release"', "another key, or changed files")
        self.assert_others_run(self.plugins)

    def test_T5_library_edited_after_signing(self):
        self.library.write_bytes(self.library.read_bytes() + b"\0")
        self.assert_bad(self.judge_signed(), 'a signature by "release"', "another key, or changed files")
        self.assert_others_run(self.plugins)


class Environment(RowTest):
    def setUp(self):
        super().setUp()
        self.plugins = self.new_folder()
        Subject(provides=[OPCODE + "test.add"]).write(self.plugins)
        self.program = self.assembly("push 1\npush 2\ntest.add\n")

    def run_with(self, profile, program=PROGRAM, uid=None):
        consensus = profile == "consensus"
        manifest = self.manifest(profile=profile, discovery="listed" if consensus else "directory",
                                 trust={"require": "pin"} if consensus else {"require": "none"})
        env = {"RVM_PLUGIN_PATH": str(self.plugins)}
        return (self.rvm("run", self.program, "--config", manifest, program=program, uid=uid, env=env),
                self.rvm("config", "check", manifest, "--json", program=program, uid=uid, env=env))

    def test_T6_honoured_in_development(self):
        run, check = self.run_with("development")
        self.assert_status(0, run)
        self.assertEqual([], check.findings())

    def test_T6_ignored_and_said_outside_development(self):
        for profile in ("standard", "consensus"):
            with self.subTest(profile=profile):
                run, check = self.run_with(profile)
                self.assert_status(1, run)  # nobody provides test.add
                self.assert_status(0, check)
                entry = self.finding(check, "RVM-T06")
                self.assertEqual(("warning", "RVM_PLUGIN_PATH", "profile development", "profile " + profile),
                                 (entry["severity"], entry["where"], entry["expected"], entry["found"]))

    def test_T6_ignored_when_privileges_are_raised(self):
        self.need_root()
        program = self.folder / "rvm"
        shutil.copy(PROGRAM, program)
        program.chmod(0o4755)
        if os.statvfs(self.folder).f_flag & os.ST_NOSUID:
            self.skipTest("the temporary folder is mounted nosuid")
        run, check = self.run_with("development", program=program, uid=NOBODY)
        self.assert_status(1, run)
        self.assert_status(0, check)
        entry = self.finding(check, "RVM-T06")
        self.assertEqual(("warning", "RVM_PLUGIN_PATH"), (entry["severity"], entry["where"]))
        self.assertIn("raised privileges", entry["message"])


if __name__ == "__main__":
    unittest.main()
