"""rvm trace: recordings and verbs told by a tracer, filtered, and the page of --html."""

import json
import re
import unittest

from support import SHARE, CliTest

POWER = SHARE / "demo" / "power.rasm"


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


class Trace(CliTest):
    def recorded(self, *words):
        self.assert_status(0, self.rvm("record", "-o", "r.rvmrec", *words))
        return "r.rvmrec"

    def caller(self):
        """A world in which one program calls another, which reverts, and the words of a call there."""
        callee = self.rvm("deploy", SHARE / "demo" / "callee.rasm", "--state", "w.json", "--json").json()["address"]
        caller = self.rvm("deploy", SHARE / "demo" / "caller.rasm", "--state", "w.json", "--json").json()["address"]
        return ["call", caller, "--state", "w.json", "--input", callee], caller, callee

    def test_a_recording_says_what_the_tracer_saw(self):
        words, _, _ = self.caller()
        world = (self.folder / "w.json").read_bytes()
        file = self.recorded(*words)
        for tracer in ("calltree", "jsonl", "eip3155"):
            self.write("w.json", world)
            live = self.assert_status(0, self.rvm(*words, f"--trace={tracer}")).err
            told = self.assert_status(0, self.rvm("trace", "--format", tracer, file)).out
            skip = 1 if tracer == "jsonl" else 0  # the number of the execution
            self.assertEqual(live.splitlines()[skip:], told.splitlines()[skip:], tracer)
            self.assertGreater(len(told), 100)

    def test_evm_code_too(self):
        code = "6005600052602060002060005560015b6001018060081060105760005260206000f3"
        live = self.rvm("evm", code, "--trace")
        file = self.recorded("evm", code)
        told = self.assert_status(0, self.rvm("trace", "--format", "eip3155", file)).out
        self.assertIn(told.splitlines()[3], live.err + live.out)

    def test_a_verb_is_run_and_told(self):
        text = self.assert_status(0, self.rvm("trace", "run", POWER)).out
        self.assertIn("result      5153775207320", text)
        self.assertRegex(text, r"call 0xc0de0{36} \[native\]")
        self.assert_status(0, self.rvm("trace", "-o", "t.txt", "run", POWER))
        self.assertIn("[native]", (self.folder / "t.txt").read_text())

    def test_filters(self):
        words, caller, callee = self.caller()
        file = self.recorded(*words)

        def told(*options):
            return lines(self.assert_status(0, self.rvm("trace", "--format", "jsonl", *options, file)).out)

        whole = told()
        self.assertEqual({"begin", "enter", "leave", "op", "state"}, {line["event"] for line in whole})
        self.assertEqual({"begin", "op"}, {line["event"] for line in told("--only", "steps")})
        self.assertEqual({"sstore"}, {line["name"] for line in told("--only", "steps", "--op", "SSTORE")[1:]})
        self.assertEqual({0}, {line["depth"] for line in told("--only", "steps", "--depth", "0")[1:]})
        self.assertEqual({callee}, {line["address"] for line in told("--only", "steps", "--address", callee)[1:]})
        steps = [line for line in whole if line["event"] == "op"]
        self.assertEqual(steps[2:5], told("--only", "steps", "--range", "2..4")[1:])
        self.assertEqual(steps[-1:], told("--only", "steps", "--range", f"{len(steps) - 1}..")[1:])
        self.assertEqual(whole, told("--execution", "0"))

    def test_no_text_of_a_recording_is_markup_of_the_page(self):
        name = "<!--@events@--><script>.rasm"
        self.write(name, POWER.read_text())
        self.assert_status(0, self.rvm("trace", "--html", "-o", "t.html", "run", name))
        about = re.search(r'id="about">(.*?)</script>', (self.folder / "t.html").read_text(), re.S)[1]
        self.assertNotIn("<", about)
        self.assertEqual(["run", name], json.loads(about)["command"])

    def test_bad_requests(self):
        file = self.recorded("run", POWER)
        for words in (["--only", "steps,all", file], ["--range", "4..2", file], ["--address", "0x1", file], ["--execution", "7", file],
                      [file, "more"], []):
            self.assert_refused(2, "RVM-U01", self.rvm("trace", *words))
        self.assert_refused(2, "RVM-U02", self.rvm("trace", "none.rvmrec"))
        self.assertNotEqual(0, self.rvm("trace", "--format", "none", file).status)

    def refused(self, *words):
        result = self.assert_refused(2, "RVM-U01", self.rvm("trace", *words))
        self.assertEqual("", result.out)
        return result.err

    def test_the_page_takes_no_filter(self):
        file = self.recorded("run", POWER)
        for option in (["--only", "calls"], ["--op", "push"], ["--range", "1..2"], ["--format", "jsonl"], ["--execution", "0"],
                       ["--depth", "0"], ["--address", "0x" + 40 * "1"]):
            self.assertIn(f"--html and {option[0]} do not go together", self.refused("--html", *option, file))
        self.assertFalse((self.folder / "r.rvmrec.html").exists())

    def test_what_a_recording_has_none_of_is_refused(self):
        file = self.recorded("run", POWER)
        jsonl = ("--format", "jsonl")
        steps = sum(line["event"] == "op" for line in lines(self.rvm("trace", *jsonl, file).out))
        self.assertIn("the run has 1 execution", self.refused("--execution", "7", file))
        self.assertIn(f"has {steps} steps", self.refused(*jsonl, "--range", f"{steps}..", file))
        self.assert_status(0, self.rvm("trace", *jsonl, "--range", f"{steps - 1}..", file))
        self.assertIn("did you mean sstore?", self.refused(*jsonl, "--op", "push,sstor", file))
        self.assertIn("no instruction is called", self.refused(*jsonl, "--op", "nosuchop", file))
        self.assertIn("expected names", self.refused(*jsonl, "--op", ",", file))
        none = lines(self.assert_status(0, self.rvm("trace", *jsonl, "--only", "steps", "--op", "SSTORE", file)).out)
        self.assertEqual({"begin"}, {line["event"] for line in none})  # there is such an instruction: none of them ran
        self.recorded("evm", "6001600055")
        self.assertIn("did you mean SLOAD?", self.refused(*jsonl, "--op", "slaod", file))
        self.recorded("--no-steps", "run", POWER)
        self.assertIn("none are recorded", self.refused(*jsonl, "--op", "push", file))

    def test_a_mistyped_verb_is_no_recording(self):
        error = self.refused("rnu", POWER)
        self.assertIn('"rnu" is neither a verb nor a file', error)
        self.assertIn("did you mean `rvm trace run`?", error)
        self.assertIn("did you mean `rvm trace run`?", self.refused("rnu"))
        file = self.recorded("run", POWER)
        self.assertIn('unexpected argument "more"', self.refused(file, "more"))

    def test_what_does_not_go_together_is_refused(self):
        file = self.recorded("run", POWER)
        self.assertIn("--only leaves out", self.refused("--format", "jsonl", "--only", "calls", "--op", "push", file))
        for words in (["--op", "push"], ["--range", "0..3"], ["--only", "steps"], ["--format", "eip3155", "--only", "logs"]):
            self.assertIn("shows nothing of what is asked for", self.refused(*words, file))


if __name__ == "__main__":
    unittest.main()
