"""The page of `rvm trace --html` in a browser: it shows what the JSON lines of the same recording say. Exit status 77: no browser."""

import json
import sys
import unittest

import browser
from support import SHARE, CliTest

MILLION = 1_000_000


class Explorer(CliTest):
    def recorded(self, *words, status=0):
        self.assert_status(status, self.rvm("record", "-o", "r.rvmrec", *words))
        self.assert_status(0, self.rvm("trace", "--html", "r.rvmrec"))
        text = self.assert_status(0, self.rvm("trace", "--format", "jsonl", "r.rvmrec")).out
        return [json.loads(line) for line in text.splitlines()]

    def opened(self, page):
        page.open(self.folder / "r.rvmrec.html")
        self.assertEqual([], page.complaints())
        self.assertEqual(1, len(page.requests()), page.requests())  # the file itself

    def compare(self, page, lines):
        """Every event of the page with its line."""
        ops = [line for line in lines if line["event"] == "op"]
        self.assertEqual(len(ops), page.value("view.trace.steps"))
        shown = json.loads(page.value("""JSON.stringify(Array.from({length: view.trace.steps}, (_, i) => {
            const t = view.trace, r = t.stepRows[i], f = t.frames[t.frame[r]];
            return [f.id, f.depth, t.pc[r], t.instructions[t.instruction[r]].name, String(t.gas[r]), String(t.cost[r]), t.stack(r), t.memory(r).size, t.returnedAt(r).size, f.recipient];
        }))"""))
        for line, row in zip(ops, shown):
            self.assertEqual([line["frame"], line["depth"], line["pc"], line["name"], str(line["gas"]), str(line["cost"]), line["stack"],
                              line["memory_size"], line["returned_size"], line["address"]], row)
        enters = [line for line in lines if line["event"] == "enter"]
        self.assertEqual([[line["frame"], line["recipient"], line["format"]] for line in enters],
                         json.loads(page.value("JSON.stringify(view.trace.frames.map((f) => [f.id, f.recipient, f.format]))")))
        states = [[line["address"], line["before"], line["after"]] for line in lines if line["event"] == "state"]
        self.assertEqual(states, json.loads(page.value(
            "JSON.stringify(view.trace.states.map((e) => [e.address, view.trace.wordText(e.before), view.trace.wordText(e.after)]))")))

    def test_native_calls(self):
        callee = self.rvm("deploy", SHARE / "demo" / "callee.rasm", "--state", "w.json", "--json").json()["address"]
        caller = self.rvm("deploy", SHARE / "demo" / "caller.rasm", "--state", "w.json", "--json").json()["address"]
        lines = self.recorded("call", caller, "--state", "w.json", "--input", callee)
        with browser.Browser(self.folder) as page:
            self.opened(page)
            self.compare(page, lines)
            # What the machine was before the last store: memory, and the changes that stand after the callee's revert.
            page.key("End")
            storage = page.value("document.getElementById('storage').innerText")
            self.assertIn("0x0 → 0x1", storage)
            self.assertNotIn("0x7", storage.replace(callee, ""))
            page.key("Home")
            page.key("s", "s")
            self.assertEqual("state", page.value("Object.keys(ROW)[view.trace.kind[view.row]]"))

    def test_evm_keys_and_search(self):
        code = "6005600052602060002060005560015b6001018060081060105760005260206000f3"
        lines = self.recorded("evm", code)
        with browser.Browser(self.folder) as page:
            self.opened(page)
            self.compare(page, lines)
            self.assertEqual(0, page.value("view.trace.step[view.row]"))
            page.key("ArrowDown")
            page.key("j", "j")
            self.assertEqual(2, page.value("view.trace.step[view.row]"))
            self.assertIn("MSTORE", page.value("document.querySelector('.row.chosen').innerText"))
            self.assertIn("MSTORE", page.value("document.querySelector('.line.chosen').innerText"))
            self.assertIn("0x5", page.value("document.getElementById('stack').innerText"))
            page.key("ArrowDown")
            self.assertIn("0000 0005".replace(" ", ""), page.value("document.getElementById('memory').innerText").replace(" ", ""))
            page.key("ArrowUp")
            page.key("/", "/")
            page.send("Input.insertText", text="keccak256")
            page.key("Enter")
            self.assertIn("KECCAK256", page.value("document.querySelector('.row.chosen').innerText"))
            self.assertEqual("1 match", page.value("document.getElementById('found').innerText"))
            page.key("Escape")
            page.key("End")
            self.assertEqual(page.value("view.trace.count - 1"), page.value("view.row"))
            page.click("#tree .frame")
            self.assertEqual(0, page.value("view.row"))
            page.key("?", "?")
            self.assertTrue(page.value("document.getElementById('help').open"))

    def test_a_million_steps(self):
        # 13 instructions a round: more than a million
        self.write("loop.rasm", f"space out 64\npush {MILLION // 12} set r1\nagain: get r0 get r1 add set r0 push out get r0 store64 get r1 push 1 sub dup set r1 jumpnz again\nget r0\n")
        self.assert_status(0, self.rvm("record", "-o", "r.rvmrec", "run", "loop.rasm", "--gas", "1000000000"))
        self.assert_status(0, self.rvm("trace", "--html", "r.rvmrec"))
        self.assertLess((self.folder / "r.rvmrec.html").stat().st_size, 16 << 20)
        with browser.Browser(self.folder) as page:
            page.open(self.write("empty.html", "<p>warm</p>"))  # the browser's own beginning is not counted
            page.value("new Promise((done) => setTimeout(done, 1000))")
            before = page.cpu_seconds()
            self.opened(page)
            self.assertGreater(page.value("view.trace.steps"), MILLION)
            spent = page.cpu_seconds() - before
            milliseconds = page.value("performance.now()")
            # a figure for who reads the log: other work on the machine may triple it
            print(f"a million steps: {spent:.2f} s of processor time, {milliseconds:.0f} ms since the navigation began", file=sys.stderr)
            self.assertLess(page.value("document.querySelectorAll('.row').length"), 200)
            page.key("End")
            self.assertEqual(page.value("view.trace.count - 1"), page.value("view.row"))
            self.assertIn(str(page.value("view.trace.steps - 1")), page.value("document.getElementById('rows').innerText"))


if __name__ == "__main__":
    if browser.program() is None:
        print("skipped: there is no chromium")
        sys.exit(77)
    unittest.main()
