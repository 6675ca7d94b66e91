"""The rules of transactions, one EIP after another: `rvm statetest` over cases whose post state is computed here."""

import unittest

from ethereum import keccak256, rlp, sign, hexed, ORDER
from state_cases import BASE_FEE, COINBASE, ETHER, SECRET, SENDER, TARGET, StateCase, write_cases
from support import CliTest

BLOB = b"\x01" + bytes(31)
GAS_PER_BLOB = 2**17


def authorization(secret, address, nonce, chain_id=1, high_s=False):
    digest = keccak256(b"\x05" + rlp([chain_id, address, nonce]))
    parity, r, s = sign(secret, digest)
    if high_s:
        parity, s = parity ^ 1, ORDER - s
    return {"chainId": hexed(chain_id), "address": hexed(address), "nonce": hexed(nonce), "v": hexed(parity),
            "r": hexed(r), "s": hexed(s), "yParity": hexed(parity)}


def delegation(address):
    return b"\xef\x01\x00" + address


class Rules(CliTest):
    def check(self, **cases):
        path = write_cases(self.folder / "cases.json", cases)
        result = self.rvm("statetest", path)
        self.assertEqual(f"{len(cases)} passed, 0 failed, 0 skipped", result.out.splitlines()[-1], repr(result))
        self.assert_status(0, result)

    def test_frontier_pays_the_whole_price_to_the_coinbase(self):
        self.check(transfer=StateCase("Frontier", value=5).accept(21_000))

    def test_london_burns_the_base_fee(self):
        self.check(legacy=StateCase("London", value=5).accept(21_000, tip=10 - BASE_FEE),
                   capped=StateCase("London", maxFeePerGas=8, maxPriorityFeePerGas=3).accept(21_000, price=8, tip=1),
                   whole=StateCase("London", maxFeePerGas=20, maxPriorityFeePerGas=3).accept(21_000, price=10, tip=3),
                   below=StateCase("London", maxFeePerGas=6, maxPriorityFeePerGas=0).refuse("INSUFFICIENT_MAX_FEE_PER_GAS"),
                   inverted=StateCase("London", maxFeePerGas=8, maxPriorityFeePerGas=9).refuse("PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS"),
                   early=StateCase("Berlin", maxFeePerGas=8, maxPriorityFeePerGas=3).refuse("TYPE_2_TX_PRE_FORK"))

    def test_an_untipped_coinbase_exists_before_eip161_only(self):
        def case(fork):
            return StateCase(fork, gasPrice=0).accept(21_000, price=0)
        frontier, eip150, eip158 = case("Frontier"), case("EIP150"), case("EIP158")
        frontier.post.update({COINBASE: {}, TARGET: {}})
        eip150.post.update({COINBASE: {}, TARGET: {}})
        self.check(frontier=frontier, eip150=eip150, eip158=eip158)

    def test_eip158_removes_an_empty_account_that_is_touched(self):
        case = StateCase("EIP158")
        case.pre[TARGET] = {}
        case.accept(21_000)
        del case.post[TARGET]
        untouched = StateCase("EIP158")
        untouched.pre[b"\x77" * 20] = {}
        self.check(touched=case, untouched=untouched.accept(21_000))

    def test_intrinsic_gas_is_exact(self):
        data = b"\x00\x01\x02"
        prices = {"Frontier": 21_000 + 4 + 2 * 68, "Istanbul": 21_000 + 4 + 2 * 16}
        cases = {}
        for fork, gas in prices.items():
            cases[fork] = StateCase(fork, data=data, gas=gas, value=1).accept(gas)
            cases[fork + "Less"] = StateCase(fork, data=data, gas=gas - 1).refuse("INTRINSIC_GAS_TOO_LOW")
        self.check(**cases)

    def test_eip2930_charges_the_access_list(self):
        gas = 21_000 + 2 * 2400 + 3 * 1900
        entries = [(TARGET, [1, 2]), (COINBASE, [1])]
        self.check(exact=StateCase("Berlin", accessList=entries, gas=gas, value=1).accept(gas),
                   less=StateCase("Berlin", accessList=entries, gas=gas - 1).refuse("INTRINSIC_GAS_TOO_LOW"),
                   early=StateCase("Istanbul", accessList=entries, gas=gas).refuse("TYPE_1_TX_PRE_FORK"))

    def test_eip2681_refuses_the_last_nonce(self):
        last = StateCase("Berlin", nonce=2**64 - 1)
        last.pre[SENDER]["nonce"] = 2**64 - 1
        before = StateCase("Berlin", nonce=2**64 - 2, value=1)
        before.pre[SENDER]["nonce"] = 2**64 - 2
        self.check(last=last.refuse("NONCE_IS_MAX"), before=before.accept(21_000),
                   gap=StateCase("Berlin", nonce=1).refuse("NONCE_MISMATCH_TOO_HIGH"))

    def test_eip3607_refuses_senders_with_code(self):
        contract = StateCase("London")
        contract.pre[SENDER]["code"] = b"\x00"
        delegating = StateCase("Prague", value=1)
        delegating.pre[SENDER]["code"] = delegation(TARGET)
        self.check(contract=contract.refuse("SENDER_NOT_EOA"), delegating=delegating.accept(21_000, tip=3))

    def test_eip3860_limits_and_charges_init_code(self):
        def creation(fork, size, tip):
            case = StateCase(fork, to=b"", data=bytes(size), gas=1_000_000)
            words = (size + 31) // 32 * 2 if fork == "Shanghai" else 0
            case.accept(53_000 + 4 * size + words, tip=tip)
            case.post[keccak256(rlp([SENDER, 0]))[12:]] = {"nonce": 1}
            return case
        self.check(most=creation("Shanghai", 49_152, 3), one=creation("Shanghai", 1, 3),
                   before=creation("Paris", 49_153, 3),
                   more=StateCase("Shanghai", to=b"", data=bytes(49_153), gas=1_000_000).refuse("INITCODE_SIZE_EXCEEDED"))

    def test_eip7623_has_a_floor(self):
        data = b"\x01" * 100 + bytes(20)
        floor = 21_000 + 10 * (4 * 100 + 20)
        self.check(floor=StateCase("Prague", data=data, gas=floor, value=1).accept(floor, tip=3),
                   less=StateCase("Prague", data=data, gas=floor - 1).refuse("INTRINSIC_GAS_BELOW_FLOOR_GAS_COST"),
                   before=StateCase("Cancun", data=data, value=1).accept(21_000 + 16 * 100 + 4 * 20, tip=3))

    def test_eip7825_caps_the_gas_limit(self):
        self.check(cap=StateCase("Osaka", gas=2**24, value=1).accept(21_000, tip=3),
                   above=StateCase("Osaka", gas=2**24 + 1).refuse("GAS_LIMIT_EXCEEDS_MAXIMUM"),
                   before=StateCase("Prague", gas=2**24 + 1, value=1).accept(21_000, tip=3))

    def test_a_gas_limit_above_the_block_is_refused(self):
        self.check(above=StateCase("London", gas=60_000_001).refuse("GAS_ALLOWANCE_EXCEEDED"))

    def test_funds_must_cover_the_highest_cost(self):
        exact = StateCase("London", maxFeePerGas=20, maxPriorityFeePerGas=3, value=1)
        exact.pre[SENDER]["balance"] = 100_000 * 20 + 1
        short = StateCase("London", maxFeePerGas=20, maxPriorityFeePerGas=3, value=1)
        short.pre[SENDER]["balance"] = 100_000 * 20
        self.check(exact=exact.accept(21_000, price=10, tip=3), short=short.refuse("INSUFFICIENT_ACCOUNT_FUNDS"))

    def blob_case(self, fork, excess=0, blobs=1, fee=1, **tx):
        case = StateCase(fork, maxFeePerGas=10, maxPriorityFeePerGas=3, maxFeePerBlobGas=fee, blobs=[BLOB] * blobs, **tx)
        case.env["currentExcessBlobGas"] = hexed(excess)
        return case

    def test_eip4844_burns_the_blob_fee(self):
        def price(excess, fraction):  # EIP-4844, fake_exponential
            i, output, term = 1, 0, fraction
            while term:
                output += term
                term = term * excess // (fraction * i)
                i += 1
            return output // fraction
        cases = {}
        excess = 40 * GAS_PER_BLOB * 6
        for fork, fraction in {"Cancun": 3338477, "Prague": 5007716, "BPO1": 8346193, "BPO2": 11684671}.items():
            fee = price(excess, fraction)
            self.assertGreater(fee, 1)
            cases[fork] = self.blob_case(fork, excess, 2, fee, value=1).accept(21_000, tip=3, blob_cost=2 * GAS_PER_BLOB * fee)
            cases[fork + "Low"] = self.blob_case(fork, excess, 2, fee - 1).refuse("INSUFFICIENT_MAX_FEE_PER_BLOB_GAS")
        self.check(**cases)

    def test_eip4844_form_and_eip7594_limit(self):
        version = self.blob_case("Cancun")
        version.tx["blobs"] = [b"\x02" + bytes(31)]
        seven = self.blob_case("Prague", blobs=7, value=1)
        self.check(none=self.blob_case("Cancun", blobs=0).refuse("TYPE_3_TX_ZERO_BLOBS"),
                   version=version.refuse("TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH"),
                   create=self.blob_case("Cancun", to=b"").refuse("TYPE_3_TX_CONTRACT_CREATION"),
                   six=self.blob_case("Cancun", blobs=7).refuse("TYPE_3_TX_BLOB_COUNT_EXCEEDED"),
                   early=self.blob_case("Shanghai").refuse("TYPE_3_TX_PRE_FORK"),
                   nine=self.blob_case("Prague", blobs=10).refuse("TYPE_3_TX_BLOB_COUNT_EXCEEDED"),
                   seven=seven.accept(21_000, tip=3, blob_cost=7 * GAS_PER_BLOB),
                   osaka=self.blob_case("Osaka", blobs=7).refuse("TYPE_3_TX_BLOB_COUNT_EXCEEDED"))

    def refund_case(self, fork, used, refund, tip):
        code = bytes.fromhex("6000600055")  # SSTORE(0, 0)
        case = StateCase(fork)
        case.pre[TARGET] = {"code": code, "storage": {0: 1}, "nonce": 1}
        case.accept(used - refund, tip=tip)
        case.post[TARGET]["storage"] = {}
        return case

    def test_refund_caps_by_fork(self):
        self.check(half=self.refund_case("Byzantium", 26_006, 26_006 // 2, None),
                   berlin=self.refund_case("Berlin", 26_006, 26_006 // 2, None),
                   fifth=self.refund_case("London", 26_006, 4_800, 3))


class SetCode(CliTest):
    """EIP-7702."""
    AUTHORITY_SECRET = 0xa11ce
    check = Rules.check

    def setUp(self):
        super().setUp()
        from ethereum import address_of
        self.authority = address_of(self.AUTHORITY_SECRET)

    def case(self, *entries, fork="Prague", **tx):
        return StateCase(fork, maxFeePerGas=10, maxPriorityFeePerGas=3, authorizations=list(entries),
                         **{"value": 1, **tx})

    def test_a_new_authority_gets_code_and_nonce(self):
        delegate = b"\xde" * 20
        case = self.case(authorization(self.AUTHORITY_SECRET, delegate, 0)).accept(46_000, tip=3)
        case.post[self.authority] = {"nonce": 1, "code": delegation(delegate)}
        anywhere = self.case(authorization(self.AUTHORITY_SECRET, delegate, 0, chain_id=0)).accept(46_000, tip=3)
        anywhere.post[self.authority] = {"nonce": 1, "code": delegation(delegate)}
        self.check(new=case, anywhere=anywhere)

    def test_an_existing_authority_earns_the_refund(self):
        delegate = b"\xde" * 20
        case = self.case(authorization(self.AUTHORITY_SECRET, delegate, 0))
        case.pre[self.authority] = {"balance": 1}
        case.accept(46_000 - 46_000 // 5, tip=3)  # 12500 are above the cap of a fifth
        case.post[self.authority] = {"balance": 1, "nonce": 1, "code": delegation(delegate)}
        self.check(existing=case)

    def test_the_zero_address_clears(self):
        case = self.case(authorization(self.AUTHORITY_SECRET, bytes(20), 3))
        case.pre[self.authority] = {"nonce": 3, "code": delegation(b"\xde" * 20)}
        case.accept(46_000 - 46_000 // 5, tip=3)
        case.post[self.authority] = {"nonce": 4}
        self.check(clear=case)

    def test_what_is_not_valid_is_passed_over(self):
        secret, delegate = self.AUTHORITY_SECRET, b"\xde" * 20
        entries = {"chain": authorization(secret, delegate, 0, chain_id=2),
                   "nonce": authorization(secret, delegate, 1),
                   "high": authorization(secret, delegate, 0, high_s=True),
                   "limit": authorization(secret, delegate, 2**64 - 1),
                   "parity": {**authorization(secret, delegate, 0), "yParity": "0x2", "v": "0x2"}}
        cases = {name: self.case(entry).accept(46_000, tip=3) for name, entry in entries.items()}
        contract = self.case(authorization(secret, delegate, 1))
        contract.pre[self.authority] = {"nonce": 1, "code": b"\x00"}
        self.check(contract=contract.accept(46_000, tip=3), **cases)

    def test_the_sender_may_authorize_itself_with_the_next_nonce(self):
        delegate = b"\xde" * 20
        case = self.case(authorization(SECRET, delegate, 1)).accept(46_000 - 46_000 // 5, tip=3)
        case.post[SENDER].update({"nonce": 2, "code": delegation(delegate)})
        same = self.case(authorization(SECRET, delegate, 0)).accept(46_000, tip=3)
        self.check(next=case, same=same)

    def test_authorizations_outlive_a_failing_message(self):
        delegate = b"\xde" * 20
        case = self.case(authorization(self.AUTHORITY_SECRET, delegate, 0), value=0)
        case.pre[TARGET] = {"nonce": 1, "code": b"\xfe"}  # INVALID burns all gas
        case.accept(100_000, tip=3)
        case.post[self.authority] = {"nonce": 1, "code": delegation(delegate)}
        self.check(failing=case)

    def test_form(self):
        entry = authorization(self.AUTHORITY_SECRET, b"\xde" * 20, 0)
        wide = {**entry, "chainId": hexed(2**256)}
        nonce = {**entry, "nonce": hexed(2**64)}
        self.check(none=self.case().refuse("TYPE_4_EMPTY_AUTHORIZATION_LIST"),
                   create=self.case(entry, to=b"").refuse("TYPE_4_TX_CONTRACT_CREATION"),
                   early=self.case(entry, fork="Cancun").refuse("TYPE_4_TX_PRE_FORK"),
                   wide=self.case(wide).refuse("TYPE_4_INVALID_AUTHORIZATION_FORMAT"),
                   nonce=self.case(nonce).refuse("TYPE_4_INVALID_AUTHORIZATION_FORMAT"),
                   gas=self.case(entry, gas=45_999).refuse("INTRINSIC_GAS_TOO_LOW"))


if __name__ == "__main__":
    unittest.main()
