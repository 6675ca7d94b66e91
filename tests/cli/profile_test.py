"""rvm profile: gas and time by place, and the flame graph."""

import unittest
import xml.etree.ElementTree as ElementTree

from support import SHARE, CliTest

LOOP = "push 2 set r0\nagain: get r0 push 1 sub dup set r0 jumpnz again\npush 5\n"
SVG = "{http://www.w3.org/2000/svg}"


def leaves(node):
    return [leaf for child in node["children"] for leaf in leaves(child)] if "children" in node else [node]


class Profile(CliTest):
    def profile(self, *arguments, status=0):
        return self.assert_status(status, self.rvm("profile", "--json", *arguments)).json()

    def test_each_source_line_has_its_gas(self):
        self.write("l.rasm", LOOP)
        result = self.profile("l.rasm")
        lines = {leaf["name"]: (leaf["gas"], leaf["count"]) for leaf in leaves(result["profile"])}
        self.assertEqual({"l.rasm:1": (2, 2), "l.rasm:2": (18, 12), "l.rasm:3": (1, 1)}, lines)
        self.assertEqual(21, result["gas_used"])

    def test_frames_are_nested_and_their_gas_adds_up(self):
        self.assert_status(0, self.rvm("deploy", SHARE / "demo" / "callee.rasm", "--state", "w.json"))
        deployed = self.rvm("deploy", SHARE / "demo" / "caller.rasm", "--state", "w.json", "--json").json()
        callee = self.rvm("deploy", SHARE / "demo" / "callee.rasm", "--state", "v.json", "--json").json()
        before = (self.folder / "w.json").read_bytes()
        result = self.profile(deployed["address"], "--state", "w.json", "--input", callee["address"])
        self.assertEqual(before, (self.folder / "w.json").read_bytes())
        root = result["profile"]
        [frame] = [child for child in root["children"] if "children" in child]
        self.assertIn(callee["address"], frame["name"])
        self.assertGreater(frame["gas"], 20000)
        self.assertEqual(result["gas_used"], root["gas"])
        self.assertEqual(root["gas"], sum(leaf["gas"] for leaf in leaves(root)))

    def test_other_formats_name_their_places(self):
        self.write("evm.hex", "600160020100")
        result = self.profile("evm.hex", "--format", "evm")
        self.assertEqual({"PUSH1": (6, 2), "ADD": (3, 1), "STOP": (0, 1)},
                         {leaf["name"]: (leaf["gas"], leaf["count"]) for leaf in leaves(result["profile"])})

    def test_what_traps_is_profiled_too(self):
        self.write("loop.rasm", "again: jump again\n")
        result = self.profile("loop.rasm", "--gas", "1000", status=1)
        self.assertEqual(result["gas_used"], result["profile"]["gas"])

    def test_the_flame_graph_is_drawn_in_proportion(self):
        self.write("l.rasm", LOOP)
        text = self.assert_status(0, self.rvm("profile", "l.rasm", "-o", "l.svg")).out
        self.assertRegex(text, r"18 +85\.7% .* l\.rasm:2")
        boxes = {box.get("data-n"): float(box.get("data-w"))
                 for box in ElementTree.parse(self.folder / "l.svg").getroot().iter(SVG + "g")}
        self.assertAlmostEqual(1200 * 18 / 21, boxes["l.rasm:2"], places=2)
        self.assertAlmostEqual(1200 * 2 / 21, boxes["l.rasm:1"], places=2)

    def test_bad_requests(self):
        self.write("l.rasm", LOOP)
        self.assert_refused(2, "RVM-U01", self.rvm("profile", "l.rasm", "--by", "weight"))
        self.assert_refused(2, "RVM-U02", self.rvm("profile", "none.rasm"))
        self.assert_refused(2, "RVM-U04", self.rvm("profile", "l.rasm", "-o", "no/folder.svg"))


if __name__ == "__main__":
    unittest.main()
