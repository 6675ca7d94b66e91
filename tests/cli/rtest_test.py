"""rvm test: tests written beside programs, as their authors and build servers meet them."""

import json
import pathlib
import unittest
import xml.etree.ElementTree as ElementTree

from support import SHARE, CliTest

ADDER = "space a 8  space b 8\npush a push 0 push 8 incopy  push b push 8 push 8 incopy  push a load64 push b load64 add\n"
# Adds, but for one pair of numbers near each other.
BROKEN = """space a 8  space b 8
push a push 0 push 8 incopy  push b push 8 push 8 incopy
push a load64  push 1000  lt  jumpnz right
push b load64  push 37  eq  jumpz right
push 0 push 0 revert
right: push a load64 push b load64 add
"""
COUNTER = (SHARE / "demo" / "counter.rasm").read_text()


class RTest(CliTest):
    def suite(self, file="a.rtest.json", **members):
        return self.write(file, json.dumps({"format_version": 1, "name": "s", **members}))

    def adder(self, program=ADDER, **members):
        self.write("add.rasm", program)
        return self.suite(accounts={"add": {"program": "add.rasm"}}, **members)

    def counter(self, calls, **members):
        self.write("counter.rasm", COUNTER)
        return self.suite(deploy=[{"name": "c", "program": "counter.rasm"}],
                          tests=[{"name": "t", "calls": calls}], **members)

    def failures(self, *arguments):
        result = self.assert_status(1, self.rvm("test", "--json", *arguments)).json()
        return [test for test in result["tests"] if not test["passed"]]

    def test_the_demonstration_passes_its_own_tests(self):
        result = self.assert_status(0, self.rvm("test", SHARE / "demo"))
        self.assertRegex(result.out, r"\n[1-9]\d* passed, 0 failed, 0 skipped\n$")

    def test_each_kind_of_expectation_can_fail(self):
        good = {"status": "ok", "result": 1, "gas": 22154, "gas_at_most": 22154, "logs": [],
                "output": "0x" + "00" * 31 + "01", "storage": {"c": {"0": 1}}, "balance": {"c": 0}}
        self.counter([{"to": "c", "expect": good}])
        self.assert_status(0, self.rvm("test"))
        for key, wrong in {"status": "revert", "result": 2, "gas": 22153, "gas_at_most": 22153, "output": "0x01",
                           "logs": [{"from": "c"}], "storage": {"c": {"0": 2}}, "balance": {"c": 1}}.items():
            with self.subTest(key=key):
                self.counter([{"to": "c", "expect": {**good, key: wrong}}])
                [failed] = self.failures()
                self.assertEqual(1, len(failed["messages"]), failed)
                self.assertIn("/tests/0/calls/0: ", failed["messages"][0])
                self.assertIn("found", failed["messages"][0])

    def test_calls_of_one_test_share_a_world_and_tests_do_not(self):
        self.write("counter.rasm", COUNTER)
        self.suite(deploy=[{"name": "c", "program": "counter.rasm"}],
                   tests=[{"name": "twice", "calls": [{"to": "c"}, {"to": "c", "expect": {"result": 2}}]},
                          {"name": "once", "calls": [{"to": "c", "expect": {"result": 1}}]}])
        self.assert_status(0, self.rvm("test"))

    def test_setup_gives_storage_balance_and_env(self):
        self.write("counter.rasm", COUNTER)
        self.write("number.rasm", 'space n 32  push n env "block.number"  push n push 32 return\n')
        self.suite(accounts={"c": {"program": "counter.rasm", "storage": {"0": 41}, "balance": "0x10"},
                             "n": {"program": "number.rasm"}},
                   tests=[{"name": "t", "calls": [{"to": "c", "value": 7, "expect": {"result": 42, "balance": {"c": 23}}},
                                                  {"to": "n", "env": {"block.number": 9}, "expect": {"result": 9}}]}])
        self.assert_status(0, self.rvm("test"))

    def test_traps_are_expected_by_name(self):
        self.write("loop.rasm", "again: jump again\n")
        self.suite(accounts={"l": {"program": "loop.rasm"}},
                   tests=[{"name": "t", "calls": [{"to": "l", "gas": 1000, "expect": {"status": "out of gas",
                                                                                     "fault": "out of gas"}}]}])
        self.assert_status(0, self.rvm("test"))

    def test_a_property_holds_or_is_broken_by_the_simplest_arguments(self):
        pair = [{"any": "word", "max": 100000}, {"any": "word", "max": 255}]
        prop = {"name": "p", "call": {"to": "add", "args": pair}, "runs": 3000}
        self.adder(properties=[prop])
        self.assert_status(0, self.rvm("test"))
        self.adder(BROKEN, properties=[prop])
        [failed] = self.failures()
        self.assertRegex(failed["messages"][-1], r"^with 1000, 37 \(run \d+, --seed 0\)$")

    def test_a_property_compares_with_another_program(self):
        self.write("add.rasm", ADDER)
        self.write("other.rasm", ADDER.replace(" add\n", " sub\n"))
        pair = [{"any": "word"}, {"any": "word"}]
        same = {"to": "other", "args": [{"argument": 0}, {"argument": 1}]}
        accounts = {"add": {"program": "add.rasm"}, "other": {"program": "other.rasm"}}
        self.suite(accounts=accounts, properties=[{"name": "p", "call": {"to": "add", "args": pair}, "equals": same}])
        [failed] = self.failures()
        self.assertTrue(failed["messages"][-1].startswith("with 0, 1 "), failed)
        self.write("other.rasm", ADDER)
        self.assert_status(0, self.rvm("test"))

    def test_an_argument_can_be_the_expected_result(self):
        call = {"to": "add", "args": [{"any": "word"}, 0], "expect": {"result": {"argument": 0}}}
        self.adder(properties=[{"name": "p", "call": call}])
        self.assert_status(0, self.rvm("test"))
        call["args"][1] = 1
        self.adder(properties=[{"name": "p", "call": call}])
        self.failures()

    def test_an_invariant_is_broken_by_the_shortest_sequence(self):
        self.write("counter.rasm", COUNTER)
        self.write("add.rasm", ADDER)
        invariant = {"name": "i", "calls": [{"to": "add", "args": [{"any": "word"}, 1]}, {"to": "c"}],
                     "checks": [{"to": "c", "expect": {"result": 1}}], "runs": 100}
        self.suite(accounts={"add": {"program": "add.rasm"}, "c": {"program": "counter.rasm"}}, invariants=[invariant])
        [failed] = self.failures()
        self.assertRegex(failed["messages"][-1], r"^after c 1\(\) \(run \d+, --seed 0\)$")
        invariant["calls"].pop()
        self.suite(accounts={"add": {"program": "add.rasm"}, "c": {"program": "counter.rasm"}}, invariants=[invariant])
        self.assert_status(0, self.rvm("test"))

    def test_seeds_draw_the_same_values_again(self):
        prop = {"name": "p", "call": {"to": "add", "args": [{"any": "word"}, {"any": "word"}],
                                      "expect": {"result": 5}}}
        self.adder(properties=[prop])
        one, again = self.failures("--seed", 4), self.failures("--seed", 4)
        self.assertEqual(one[0]["messages"], again[0]["messages"])

    def test_one_interruption_ends_what_runs_and_tells_what_is_known(self):
        pair = [{"any": "word"}, {"any": "word"}]
        prop = {"name": "p", "call": {"to": "add", "args": pair}}
        invariant = {"name": "i", "calls": [{"to": "add", "args": pair}], "checks": [{"to": "add"}]}
        example = {"name": "t", "calls": [{"to": "add"}]}
        for members in {"properties": [prop]}, {"invariants": [invariant]}:
            self.adder(tests=[example], **members)
            result = self.interrupted("test", "--fuzz", 10**8, "--junit", "out.xml", "--gas-snapshot", "gas.json")
            self.assert_status(1, result)
            self.assertRegex(result.out, r"stop  [pi]  \([1-9]\d* runs\)\ninterrupted\n1 passed, 0 failed, 1 skipped\n$")
            cases = [(case.get("name"), [child.tag for child in case]) for case in
                     ElementTree.parse(self.folder / "out.xml").getroot().iter("testcase")]
            self.assertEqual([("t", []), (next(iter(members.values()))[0]["name"], ["skipped"])], cases)
            self.assertEqual(["s: t"], list(json.loads((self.folder / "gas.json").read_text())["gas"]))

    def test_one_interruption_ends_an_endless_program(self):
        self.write("endless.rasm", "again: jump again\n")
        self.suite(accounts={"e": {"program": "endless.rasm"}},
                   tests=[{"name": "t", "calls": [{"to": "e", "gas": 2**62}]}])
        result = self.assert_status(1, self.interrupted("test", "--json")).json()
        self.assertEqual((0, 0, 1, True), tuple(result[key] for key in ("passed", "failed", "skipped", "interrupted")))

    def test_a_filter_that_selects_nothing_names_what_is_near(self):
        self.adder(tests=[{"name": name, "calls": [{"to": "add"}]} for name in ("alpha", "beta", "gamma", "delta")])
        result = self.rvm("test", "--filter", "gamme")
        self.assert_refused(2, "RVM-U01", result)
        self.assertIn("nearest: s: gamma, ", result.err)
        self.assertEqual("", result.out)

    def test_a_filter_restricts_gas_snapshots(self):
        right, wrong = {"to": "c"}, {"to": "c", "expect": {"result": 9}}
        def suite(**tests):
            self.write("counter.rasm", COUNTER)
            self.suite(accounts={"c": {"program": "counter.rasm"}},
                       tests=[{"name": name, "calls": calls} for name, calls in tests.items()])
        def gas():
            return json.loads((self.folder / "gas.json").read_text())["gas"]
        suite(one=[right], two=[right, right], old=[right])
        self.assert_status(0, self.rvm("test", "--gas-snapshot", "gas.json"))
        before = gas()
        self.assert_status(0, self.rvm("test", "--gas-check", "gas.json", "--filter", "one"))
        suite(one=[right, right], two=[right], old=[right])
        self.assert_status(0, self.rvm("test", "--gas-snapshot", "gas.json", "--filter", "one"))
        self.assertEqual({**before, "s: one": before["s: two"]}, gas())
        suite(one=[wrong], two=[right])
        result = self.assert_status(1, self.rvm("test", "--gas-check", "gas.json"))
        self.assertNotIn("s: one", result.out)
        self.assertIn(f"s: old: {before['s: old']} gas, gone", result.out)
        self.assert_status(1, self.rvm("test", "--gas-snapshot", "gas.json"))
        self.assertEqual({"s: one": before["s: two"], "s: two": before["s: one"]}, gas())

    def test_a_fault_is_not_found_in_a_success(self):
        self.counter([{"to": "c", "expect": {"fault": "division"}}])
        [failed] = self.failures()
        self.assertIn('fault: expected "division", found success', failed["messages"][0])

    def test_filters_and_fail_fast_skip(self):
        self.write("counter.rasm", COUNTER)
        calls = [{"to": "c", "expect": {"result": 9}}]
        self.suite(accounts={"c": {"program": "counter.rasm"}},
                   tests=[{"name": "one", "calls": calls}, {"name": "two", "calls": calls}])
        self.assertTrue(self.rvm("test", "--filter", "s: t").out.endswith("0 passed, 1 failed, 1 skipped\n"))
        self.assertTrue(self.rvm("test", "--fail-fast").out.endswith("0 passed, 1 failed, 1 skipped\n"))
        self.assert_refused(2, "RVM-U01", self.rvm("test", "--filter", "("))

    def test_gas_snapshots_notice_each_change(self):
        self.counter([{"to": "c"}])
        self.assert_status(0, self.rvm("test", "--gas-snapshot", "gas.json"))
        self.assertEqual({"s: t": 22154}, json.loads((self.folder / "gas.json").read_text())["gas"])
        self.assert_status(0, self.rvm("test", "--gas-check", "gas.json"))
        self.counter([{"to": "c"}, {"to": "c"}])
        self.assertIn("s: t: 22154 gas, now 27208 (+5054)",
                      self.assert_status(1, self.rvm("test", "--gas-check", "gas.json")).out)
        self.assert_refused(2, "RVM-U02", self.rvm("test", "--gas-check", "none.json"))

    def test_junit_holds_every_result(self):
        self.counter([{"to": "c", "expect": {"result": 9}}])
        self.assert_status(1, self.rvm("test", "--junit", "out.xml"))
        root = ElementTree.parse(self.folder / "out.xml").getroot()
        [case] = root.iter("testcase")
        self.assertEqual(("s", "t"), (case.get("classname"), case.get("name")))
        self.assertIn("expected 9 (0x9), found 1 (0x1)", case.find("failure").text)

    def test_junit_counts_what_was_skipped(self):
        self.adder(tests=[{"name": name, "calls": [{"to": "add"}]} for name in ("one", "two")])
        self.assert_status(0, self.rvm("test", "--junit", "out.xml", "--filter", "one"))
        root = ElementTree.parse(self.folder / "out.xml").getroot()
        for counted in root, root.find("testsuite"):
            self.assertEqual(["2", "0", "1"], [counted.get(key) for key in ("tests", "failures", "skipped")])
        self.assertEqual("not selected", root.find(".//testcase[@name='two']/skipped").get("message"))

    def test_coverage_names_what_never_ran(self):
        self.adder(BROKEN, tests=[{"name": "t", "calls": [{"to": "add", "args": [1, 2], "expect": {"result": 3}}]}])
        result = self.assert_status(0, self.rvm("test", "--coverage", "--json")).json()
        [program] = result["coverage"]
        missed = " ".join(entry["text"] for entry in program["missed"])
        self.assertIn("revert", missed)
        self.assertNotIn("incopy", missed)
        self.assertEqual(program["total"], program["executed"] + len(program["missed"]))
        self.assertTrue(all("add.rasm:" in entry["source"] for entry in program["missed"]), program)
        self.adder(ADDER, tests=[{"name": "t", "calls": [{"to": "add", "args": [1, 2]}]}])
        [program] = self.assert_status(0, self.rvm("test", "--coverage", "--json")).json()["coverage"]
        self.assertEqual([], program["missed"])

    def test_programs_of_other_formats_are_tested_alike(self):
        self.write("answer.hex", "602a60005260206000f3")
        self.suite(accounts={"evm": {"program": "answer.hex", "format": "evm"}},
                   tests=[{"name": "t", "calls": [{"to": "evm", "expect": {"result": 42}}]}])
        result = self.assert_status(0, self.rvm("test", "--coverage", "--json")).json()
        self.assertEqual((6, []), (result["coverage"][0]["total"], result["coverage"][0]["missed"]))

    def test_malformed_files_are_refused_whole(self):
        self.write("c.rasm", COUNTER)
        base = {"accounts": {"c": {"program": "c.rasm"}}}
        for members, where in (({"tests": [{"name": "t", "calls": [{"to": "d"}]}]}, "/tests/0/calls/0/to"),
                               ({"tests": [{"name": "t", "calls": [{"to": "c", "expcet": {}}]}]}, "/expcet"),
                               ({"tests": [{"name": "t", "calls": [{"to": "c", "args": [{"any": "word"}]}]}]}, "/args/0"),
                               ({"tests": [{"name": "t", "calls": [{"to": "c", "expect": {"status": "fine"}}]}]}, "/status"),
                               ({"tests": [{"name": "t", "calls": []}] * 2}, "/tests/1/name"),
                               ({"properties": [{"name": "p", "call": {"to": "c", "args": [{"any": "word", "min": 9, "max": 3}]}}]},
                                "/args/0/max"),
                               ({"properties": [{"name": "p", "call": {"to": "c"}, "equals": {"to": "c", "args": [{"argument": 4}]}}]},
                                "/equals"),
                               ({"invariants": [{"name": "i", "calls": [], "checks": []}]}, "/invariants/0")):
            with self.subTest(where=where):
                self.suite(**{**base, **members})
                result = self.rvm("test")
                self.assertEqual(78, result.status, repr(result))
                self.assertIn(where, result.err)
                self.assertEqual("", result.out)
        self.suite(accounts={"c": {"program": "missing.rasm"}}, tests=[{"name": "t", "calls": [{"to": "c"}]}])
        self.assert_refused(2, "RVM-U02", self.rvm("test"))
        self.assert_refused(2, "RVM-U02", self.rvm("test", "nowhere"))

    def test_the_schema_takes_what_the_program_takes(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("no Python package jsonschema")
        schema = json.loads((SHARE / "configs" / "rtest.schema.json").read_text())
        jsonschema.validate(json.loads((SHARE / "demo" / "demo.rtest.json").read_text()), schema)
        guide = (pathlib.Path(__file__).parents[2] / "host" / "testing" / "README.md").read_text()
        jsonschema.validate(json.loads(guide.split("```json")[1].split("```")[0]), schema)
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.validate({"format_version": 1, "test": []}, schema)

    def test_no_test_at_all_is_no_success(self):
        self.assert_refused(2, "RVM-U03", self.rvm("test"))


if __name__ == "__main__":
    unittest.main()
