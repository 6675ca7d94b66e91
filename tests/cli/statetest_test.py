"""The verbs over fixtures: verdicts, messages, options, exit statuses."""

import json
import unittest

from ethereum import hexed, keccak256, rlp, sign, state_root, write_json
from state_cases import COINBASE, SECRET, SENDER, TARGET, StateCase, write_cases
from support import CliTest


def good(fork="Cancun", **tx):
    return StateCase(fork, value=5, **tx).accept(21_000, tip=3)


class StateTests(CliTest):
    def fixture(self, change=None, name="a.json", **cases):
        path = write_cases(self.folder / name, cases or {"transfer": good()})
        if change is not None:
            document = json.loads(path.read_text())
            change(document["transfer"])
            write_json(path, document)
        return path

    def last_line(self, result):
        return result.out.splitlines()[-1]

    def test_passes(self):
        result = self.assert_status(0, self.rvm("statetest", self.fixture()))
        self.assertEqual("1 passed, 0 failed, 0 skipped", self.last_line(result))

    def test_one_flipped_digit_of_a_root_fails(self):
        for key in ("hash", "logs"):
            def flip(test):
                entry = test["post"]["Cancun"][0]
                digits = entry[key]
                entry[key] = digits[:-1] + ("0" if digits[-1] != "0" else "1")
                del entry["state"]
            result = self.assert_status(1, self.rvm("statetest", self.fixture(flip)))
            self.assertEqual("0 passed, 1 failed, 0 skipped", self.last_line(result))
            self.assertIn("state root" if key == "hash" else "logs hash", result.out)
            self.assertIn("Cancun data 0 gas 0 value 0", result.out)

    def test_a_difference_names_account_and_slot(self):
        case = StateCase("Cancun")
        case.pre[TARGET] = {"nonce": 1, "code": bytes.fromhex("602a600755")}  # SSTORE(7, 42)
        case.accept(21_000 + 3 + 3 + 22_100, tip=3)
        case.post[TARGET]["storage"] = {7: 42}
        self.assert_status(0, self.rvm("statetest", self.fixture(right=case)))
        case.post[TARGET]["storage"] = {7: 43}
        case.post[COINBASE]["balance"] += 1
        result = self.assert_status(1, self.rvm("statetest", self.fixture(wrong=case)))
        self.assertIn(f"account {hexed(TARGET)}: slot 0x7 0x2a, expected 0x2b", result.out)
        self.assertIn(f"account {hexed(COINBASE)}: balance", result.out)

    def test_a_refusal_that_is_not_expected_says_why(self):
        case = good(nonce=3)
        result = self.assert_status(1, self.rvm("statetest", self.fixture(transfer=case)))
        self.assertIn("nonce_too_high", result.out)
        case = good()
        case.exception = "TransactionException.SENDER_NOT_EOA"
        result = self.assert_status(1, self.rvm("statetest", self.fixture(transfer=case)))
        self.assertIn("expected it to be refused: TransactionException.SENDER_NOT_EOA", result.out)

    def test_the_reason_of_a_refusal_is_compared(self):
        def run(exception):
            return self.rvm("statetest", self.fixture(transfer=good(nonce=3).refuse(exception)))
        self.assert_status(0, run("NONCE_MISMATCH_TOO_HIGH"))
        self.assert_status(0, run("SENDER_NOT_EOA|TransactionException.NONCE_MISMATCH_TOO_HIGH"))
        result = self.assert_status(1, run("NONCE_MISMATCH_TOO_LOW"))
        self.assertIn("refused as transaction/nonce_too_high", result.out)
        self.assertIn("expected TransactionException.NONCE_MISMATCH_TOO_LOW", result.out)
        self.assertIn("there is no exception TransactionException.NONCE", self.assert_status(1, run("NONCE")).out)

    def test_the_sender_comes_from_the_secret_key_too(self):
        def change(test):
            del test["transaction"]["sender"]
        self.assert_status(0, self.rvm("statetest", self.fixture(change)))

    def test_selects_by_fork_and_name(self):
        path = self.fixture(one=good("Cancun"), two=good("Prague"), three=good("Prague"))
        for arguments, passed in ((("--fork", "Prague"), 2), (("--run", "^t"), 2), (("--run=one|two", "--fork=cancun"), 1)):
            result = self.assert_status(0, self.rvm("statetest", *arguments, path))
            self.assertEqual(f"{passed} passed, 0 failed, 0 skipped", self.last_line(result))

    def test_unknown_forks_are_skipped_loudly(self):
        case = good()
        case.fork = "Atlantis"
        result = self.assert_status(0, self.rvm("statetest", self.fixture(transfer=case)))
        self.assertIn("unknown fork Atlantis", result.out)
        self.assertEqual("0 passed, 0 failed, 1 skipped", self.last_line(result))

    def test_directories_lists_and_threads(self):
        (self.folder / "sub").mkdir()
        for i in range(20):
            self.fixture(name=f"sub/{i}.json")
        for arguments, stdin in (([self.folder], ""), (["-"], f"{self.folder}/sub\n"), (["--jobs", "3", self.folder], "")):
            result = self.assert_status(0, self.rvm("statetest", *arguments, stdin=stdin))
            self.assertEqual("20 passed, 0 failed, 0 skipped", self.last_line(result))

    def test_skip_list_needs_reasons(self):
        path = self.fixture(one=good(), two=good())
        listed = self.write("skips.txt", "# known\none # too slow here\n")
        result = self.assert_status(0, self.rvm("statetest", "--skip-list", listed, path))
        self.assertIn("too slow here", result.out)
        self.assertEqual("1 passed, 0 failed, 1 skipped", self.last_line(result))
        whole = self.write("skips.txt", "a.json # all of it\n")
        self.assertEqual("0 passed, 0 failed, 1 skipped",
                         self.last_line(self.assert_status(0, self.rvm("statetest", "--skip-list", whole, path))))
        bare = self.write("skips.txt", "one\n")
        self.assertIn("skips.txt:1", self.assert_status(2, self.rvm("statetest", "--skip-list", bare, path)).err)

    def test_json_carries_the_same_facts(self):
        case = good(nonce=3)
        result = self.assert_status(1, self.rvm("--json", "statetest", self.fixture(bad=case, fine=good())))
        document = result.json()
        self.assertEqual((1, 1, 0), (document["passed"], document["failed"], document["skipped"]))
        failure = document["failures"][0]
        self.assertEqual(("bad", "Cancun data 0 gas 0 value 0"), (failure["test"], failure["case"]))
        self.assertIn("nonce_too_high", failure["reason"])

    def test_trace_shows_the_execution(self):
        case = StateCase("Cancun")
        case.pre[TARGET] = {"nonce": 1, "code": bytes.fromhex("602a600755")}
        case.accept(21_000 + 3 + 3 + 22_100, tip=3)
        case.post[TARGET]["storage"] = {7: 42}
        result = self.assert_status(0, self.rvm("statetest", "--trace", self.fixture(one=case)))
        self.assertIn("SSTORE", result.err)

    def test_wrong_command_lines(self):
        for arguments in ((), ("--fork", "Nowhere", "x"), ("--run", "(", "x"), ("--jobs", "0", "x"), ("--what", "x"),
                          ("missing.json",)):
            self.assert_status(2, self.rvm("statetest", *arguments))

    def test_a_run_without_a_test_is_no_success(self):
        for verb in ("statetest", "blocktest", "txtest"):
            result = self.assert_status(2, self.rvm(verb, self.write("none.json", "{}")))
            self.assertIn("none.json: expected named tests, found none", result.err)
            (self.folder / "hollow").mkdir(exist_ok=True)
            self.assertIn("no .json file", self.assert_status(2, self.rvm(verb, self.folder / "hollow")).err)
        result = self.assert_status(2, self.rvm("statetest", self.fixture(), "none.json"))
        self.assertEqual("1 passed, 0 failed, 0 skipped", self.last_line(result))
        result = self.assert_status(2, self.rvm("statetest", "--run", "nothing has this name", self.fixture()))
        self.assertIn("--run", result.err)

    def test_damaged_fixtures_fail_with_what_and_where(self):
        self.assertIn("not JSON", self.assert_status(1, self.rvm("statetest", self.write("a.json", "{"))).out)
        self.assertIn("expected an object", self.assert_status(1, self.rvm("statetest", self.write("a.json", "[]"))).out)

        def without(key):
            def change(test):
                del test[key]
            return change

        def number(test):
            test["env"]["currentNumber"] = "0xzz"
        for change, words in ((without("pre"), ['"pre"', "missing"]), (without("env"), ['"env"', "missing"]),
                              (number, ['"currentNumber"', "a number", "0xzz"])):
            result = self.assert_status(1, self.rvm("statetest", self.fixture(change)))
            for word in words:
                self.assertIn(word, result.out)

    def test_single_executions_of_the_vm_tests(self):
        code = bytes.fromhex("602a600755")
        address = hexed(TARGET)
        account = {"balance": "0x0", "nonce": "0x0", "code": hexed(code)}
        test = {"env": {"currentCoinbase": hexed(COINBASE), "currentDifficulty": "0x1", "currentGasLimit": "0x1000000",
                        "currentNumber": "0x0", "currentTimestamp": "0x1"},
                "exec": {"address": address, "caller": hexed(SENDER), "code": hexed(code), "data": "0x", "gas": "0x186a0",
                         "gasPrice": "0x1", "origin": hexed(SENDER), "value": "0xffff"},
                "pre": {address: {**account, "storage": {}}},
                "gas": hexed(100_000 - 20_006), "out": "0x", "logs": hexed(keccak256(rlp([]))),
                "post": {address: {**account, "storage": {"0x07": "0x2a"}}}}
        path = write_json(self.folder / "vm.json", {"store": test})
        self.assert_status(0, self.rvm("statetest", path))
        test["post"][address]["storage"]["0x07"] = "0x2b"
        result = self.assert_status(1, self.rvm("statetest", write_json(path, {"store": test})))
        self.assertIn("slot 0x7 0x2a, expected 0x2b", result.out)
        del test["gas"], test["post"]
        self.assertIn("expected it to fail", self.assert_status(1, self.rvm("statetest", write_json(path, {"s": test}))).out)


class TransactionTests(CliTest):
    def signed(self, fields, prefix=b"", chain_id=None):
        """A transaction of `fields`; legacy without a prefix."""
        if prefix:
            parity, r, s = sign(SECRET, keccak256(prefix + rlp(fields)))
            return prefix + rlp([*fields, parity, r, s])
        extra = [chain_id, 0, 0] if chain_id is not None else []
        parity, r, s = sign(SECRET, keccak256(rlp([*fields, *extra])))
        return rlp([*fields, parity + (27 if chain_id is None else 35 + 2 * chain_id), r, s])

    def run_forks(self, raw, results):
        """`results`: by fork the intrinsic gas, or the name of the exception."""
        def result(found):
            if isinstance(found, str):
                return {"intrinsicGas": "0x0", "exception": "TransactionException." + found}
            return {"hash": hexed(keccak256(raw)), "sender": hexed(SENDER), "intrinsicGas": hexed(found)}
        test = {"txbytes": hexed(raw), "result": {fork: result(found) for fork, found in results.items()}}
        return self.rvm("txtest", write_json(self.folder / "tx.json", {"tx": test}))

    def check(self, raw, results):
        result = self.assert_status(0, self.run_forks(raw, results))
        self.assertEqual(f"{len(results)} passed, 0 failed, 0 skipped", result.out.splitlines()[-1])

    def test_every_type(self):
        access = [[TARGET, [bytes(32)]]]
        auth = [[1, TARGET, 0, 0, 1, 1]]
        self.check(self.signed([0, 1, 21_000, TARGET, 5, b""]), {"Frontier": 21_000, "Osaka": 21_000})
        self.check(self.signed([0, 1, 21_000, TARGET, 5, b""], chain_id=1), {"Homestead": "INVALID_CHAINID", "EIP158": 21_000})
        self.check(self.signed([1, 0, 1, 30_000, TARGET, 5, b"", access], b"\x01"),
                   {"Istanbul": "TYPE_1_TX_PRE_FORK", "Berlin": 25_300, "Osaka": 25_300})
        self.check(self.signed([1, 0, 1, 2, 30_000, TARGET, 5, b"", access], b"\x02"), {"Berlin": "TYPE_2_TX_PRE_FORK", "London": 25_300})
        self.check(self.signed([1, 0, 1, 2, 30_000, TARGET, 5, b"", access, 1, [b"\x01" + bytes(31)]], b"\x03"),
                   {"Shanghai": "TYPE_3_TX_PRE_FORK", "Cancun": 25_300})
        self.check(self.signed([1, 0, 1, 2, 60_000, TARGET, 5, b"", access, auth], b"\x04"), {"Cancun": "TYPE_4_TX_PRE_FORK", "Prague": 50_300})

    def test_refusals(self):
        self.check(self.signed([0, 1, 20_999, TARGET, 5, b""]), {"Osaka": "INTRINSIC_GAS_TOO_LOW"})
        self.check(self.signed([0, 1, 21_000, TARGET, 5, b""], chain_id=2), {"Osaka": "INVALID_CHAINID"})
        self.check(self.signed([0, 1, 21_000, TARGET[1:], 5, b""]), {"Osaka": "ADDRESS_TOO_SHORT"})
        self.check(self.signed([0, b"\x00\x01", 21_000, TARGET, 5, b""]), {"Osaka": "RLP_LEADING_ZEROS_GASPRICE"})
        self.check(self.signed([0, 1, 21_000, TARGET, 5, b""]) + b"\x00", {"Osaka": "RLP_ERROR_SIZE"})
        self.check(self.signed([1, 0, 1, 2, 30_000, b"", 5, b"", [], 1, [b"\x01" + bytes(31)]], b"\x03"), {"Cancun": "TYPE_3_TX_CONTRACT_CREATION"})
        self.check(self.signed([1, 0, 1, 2, 60_000, TARGET, 5, b"", [], []], b"\x04"), {"Prague": "TYPE_4_EMPTY_AUTHORIZATION_LIST"})
        self.check(b"", {"Osaka": "RLP_ERROR_SIZE"})

    def test_a_wrong_sender_fails(self):
        raw = self.signed([0, 1, 21_000, TARGET, 5, b""])
        result = self.assert_status(1, self.run_forks(raw, {"Osaka": 21_001}))
        self.assertIn("intrinsic gas 21000, expected 21001", result.out)
        short = self.signed([0, 1, 20_999, TARGET, 5, b""])
        self.assertIn("refused as transaction/intrinsic_gas",
                      self.assert_status(1, self.run_forks(short, {"Osaka": "EC_RECOVERY_FAIL"})).out)
        self.assertIn("valid, expected it to be refused", self.assert_status(1, self.run_forks(raw, {"Osaka": "EC_RECOVERY_FAIL"})).out)


if __name__ == "__main__":
    unittest.main()
