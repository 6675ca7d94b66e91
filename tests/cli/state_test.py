import json
import os
import unittest

from support import SHARE, CliTest

COUNTER = SHARE / "demo" / "counter.rasm"


class State(CliTest):
    def deploy(self):
        result = self.assert_status(0, self.rvm("deploy", COUNTER, "--state", "w.json", "--json"))
        return result.json()

    def test_deployment_prints_address_gas_and_size(self):
        result = self.assert_status(0, self.rvm("deploy", COUNTER, "--state", "w.json"))
        self.assertRegex(result.out, r"address +0x[0-9a-f]{40}\n")
        self.assertRegex(result.out, r"code +\d+ bytes \(native\)\n")
        self.assertRegex(result.out, r"gas used +21000 of")

    def test_storage_lives_in_the_file(self):
        address = self.deploy()["address"]
        for count in (1, 2, 3):
            result = self.assert_status(0, self.rvm("call", address, "--state", "w.json", "--json"))
            self.assertEqual(str(count), result.json()["result"]["decimal"])
        world = json.loads((self.folder / "w.json").read_text())
        self.assertEqual([3], [int(value, 16) for value in world[address]["storage"].values()])
        self.assertEqual("native", world[address]["format"])

    def test_address_from_standard_input(self):
        address = self.deploy()["address"]
        self.assert_status(0, self.rvm("call", "-", "--state", "w.json", stdin=address + "\n"))

    def test_each_deployment_has_its_own_address(self):
        self.assertNotEqual(self.deploy()["address"], self.deploy()["address"])

    def test_trap_leaves_the_file_alone(self):
        address = self.deploy()["address"]
        before = (self.folder / "w.json").read_bytes()
        self.assert_status(1, self.rvm("call", address, "--state", "w.json", "--gas", "100"))
        self.assertEqual(before, (self.folder / "w.json").read_bytes())
        self.assertEqual(["w.json"], os.listdir(self.folder))

    def test_permissions_are_kept(self):
        self.deploy()
        (self.folder / "w.json").chmod(0o640)
        self.deploy()
        self.assertEqual(0o640, (self.folder / "w.json").stat().st_mode & 0o777)

    def test_balance_moves(self):
        sender, receiver = "0x" + "11" * 20, self.deploy()["address"]
        world = json.loads((self.folder / "w.json").read_text())
        world[sender] = {"balance": "100"}
        self.write("w.json", json.dumps(world))
        self.assert_status(0, self.rvm("call", receiver, "--state", "w.json", "--sender", sender, "--value", "40"))
        world = json.loads((self.folder / "w.json").read_text())
        self.assertEqual((60, 40), (int(world[sender]["balance"], 16), int(world[receiver]["balance"], 16)))
        poor = self.assert_status(1, self.rvm("call", receiver, "--state", "w.json", "--sender", sender, "--value", "61"))
        self.assertIn("balance", poor.out)

    def test_malformed_files_are_refused_with_the_pointer(self):
        account = "0x" + "22" * 20
        for text, where in (
            ("[]", ""),
            ("{", ""),
            ('{"0x12": {}}', "/0x12"),
            ('{"%s": 5}' % account, f"/{account}"),
            ('{"%s": {"balance": "-1"}}' % account, f"/{account}/balance"),
            ('{"%s": {"balance": "0x1%s"}}' % (account, "0" * 64), f"/{account}/balance"),
            ('{"%s": {"nonce": "18446744073709551616"}}' % account, f"/{account}/nonce"),
            ('{"%s": {"code": "0x123"}}' % account, f"/{account}/code"),
            ('{"%s": {"storage": {"x": "1"}}}' % account, f"/{account}/storage/x"),
            ('{"%s": {"storage": {"0x1": "1", "0x01": "2"}}}' % account, f"/{account}/storage/0x1"),
            ('{"%s": {"ballance": "1"}}' % account, f"/{account}/ballance"),
            ('{"%s": {}, "%s": {}}' % (account, account), ""),
        ):
            with self.subTest(text=text):
                self.write("w.json", text)
                result = self.assert_status(78, self.rvm("call", account, "--state", "w.json"))
                self.assertIn("w.json", result.err)
                self.assertIn(where, result.err)
                self.assertEqual(text, (self.folder / "w.json").read_text())

    def test_a_format_that_is_not_there(self):
        account = "0x" + "22" * 20
        self.write("w.json", json.dumps({account: {"code": "0x00", "format": "nope"}}))
        found = self.assert_refused(78, "RVM-P01", self.rvm("call", account, "--state", "w.json"))
        self.assertIn(f"w.json: /{account}/format", found.err)

    def test_call_needs_a_program(self):
        self.deploy()
        self.assert_refused(2, "RVM-S02", self.rvm("call", "0x" + "33" * 20, "--state", "w.json"))
        self.assert_refused(2, "RVM-U02", self.rvm("call", "0x" + "33" * 20, "--state", "none.json"))
        self.assert_refused(2, "RVM-U01", self.rvm("call", "0x" + "33" * 20))


if __name__ == "__main__":
    unittest.main()
