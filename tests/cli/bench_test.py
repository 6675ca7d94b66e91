"""rvm bench: what it says is consistent; how long things take is not asserted."""

import pathlib
import statistics
import unittest

from support import SHARE, CliTest

DATA = pathlib.Path(__file__).resolve().parents[1] / "data" / "wasm"
LOOP = "push 2000 set r0\nagain: get r0 push 1 sub dup set r0 jumpnz again\n"
QUICK = ["--samples", "5", "--warm-up", "1", "--sample-time", "0"]


class Bench(CliTest):
    def bench(self, *words):
        return self.rvm("bench", *words, *QUICK)

    def test_figures_of_one_program(self):
        self.write("loop.rasm", LOOP)
        ran = self.rvm("run", "loop.rasm", "--json").json()
        document = self.assert_status(0, self.bench("loop.rasm", "--json")).json()
        self.assertEqual(5, document["samples"])
        self.assertNotIn("comparison", document)
        [side] = document["sides"]
        self.assertEqual(("native", ran["gas_used"], 2 + 6 * 2000), (side["format"], side["gas_used"], side["steps"]))
        times = side["nanoseconds"]
        self.assertEqual(5, len(times["samples"]))
        self.assertAlmostEqual(statistics.median(times["samples"]), times["median"])
        self.assertAlmostEqual(min(times["samples"]), times["min"])
        self.assertAlmostEqual(statistics.median(abs(one - times["median"]) for one in times["samples"]), times["mad"])
        self.assertAlmostEqual(times["median"] / side["steps"], side["ns_per_step"])
        self.assertAlmostEqual(times["median"] / side["gas_used"], side["ns_per_gas"])

    def test_every_execution_begins_in_the_same_state(self):
        document = self.assert_status(0, self.bench(SHARE / "demo" / "counter.rasm", "--json")).json()
        self.assertEqual(self.rvm("run", SHARE / "demo" / "counter.rasm", "--json").json()["gas_used"], document["sides"][0]["gas_used"])

    def test_two_programs_are_told_apart(self):
        self.write("short.rasm", "push 1\n")
        self.write("long.rasm", LOOP)
        document = self.assert_status(0, self.bench("short.rasm", "--against", "long.rasm", "--json")).json()
        self.assertEqual(["short.rasm", "long.rasm"], [side["name"] for side in document["sides"]])
        self.assertTrue(document["comparison"]["distinct"])
        self.assertGreater(document["comparison"]["ratio"], 1)
        self.assertRegex(self.bench("short.rasm", "--against", "long.rasm").out, r"compared +long.rasm takes [0-9.]+ times as long as short.rasm")

    def test_two_manifests(self):
        self.write("loop.rasm", LOOP)
        manifest = SHARE / "configs" / "dev.json"
        document = self.assert_status(0, self.bench("loop.rasm", "--against", manifest, "--json")).json()
        self.assertEqual(2, len(document["sides"]))
        self.assertEqual(document["sides"][0]["gas_used"], document["sides"][1]["gas_used"])
        self.assert_refused(78, "RVM-M01", self.bench("loop.rasm", "--against", "none.json"))

    def test_a_program_that_fails_is_not_measured(self):
        self.write("trap.rasm", "push 1 push 0 div\n")
        self.assertIn("division by zero", self.assert_status(1, self.bench("trap.rasm")).out)
        self.assertFalse(self.assert_status(1, self.bench("trap.rasm", "--json")).json()["success"])

    def test_wrong_words(self):
        self.write("p.rasm", "push 1\n")
        self.assert_refused(2, "RVM-U01", self.rvm("bench", "p.rasm", "--samples", "0"))
        self.assert_refused(2, "RVM-U01", self.rvm("bench", "p.rasm", "--trace"))
        self.assert_refused(2, "RVM-U02", self.rvm("bench", "none.rasm"))


class OtherFormats(CliTest):
    def test_evm(self):
        self.write("sum.hex", "602a6003015f5260205ff3")
        [side] = self.assert_status(0, self.rvm("bench", "sum.hex", "--json", *QUICK)).json()["sides"]
        self.assertEqual(("evm", 8), (side["format"], side["steps"]))

    def test_wasm(self):
        [side] = self.assert_status(0, self.rvm("bench", DATA / "counter.wasm", "--json", *QUICK)).json()["sides"]
        self.assertEqual("wasm", side["format"])
        self.assertGreater(side["steps"], 0)

    def test_one_interruption_ends_an_endless_program(self):
        self.write("endless.rasm", "again: jump again\n")
        result = self.assert_status(1, self.interrupted("bench", "endless.rasm", "--gas", 2**62))
        self.assertEqual("interrupted\n", result.out)

    def test_an_interruption_shows_what_was_measured(self):
        self.write("one.rasm", "push 1\n")
        result = self.interrupted("bench", "one.rasm", "--json", "--samples", 100000, "--warm-up", 0, "--sample-time", 1)
        document = self.assert_status(1, result).json()
        self.assertTrue(document["interrupted"])
        self.assertEqual(document["samples"], len(document["sides"][0]["nanoseconds"]["samples"]))


if __name__ == "__main__":
    unittest.main()
