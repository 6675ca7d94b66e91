#!/usr/bin/env python3
"""engine_jumps.py LIBRARY: where handlers call each other in tail position, every dispatch must be a jump.

A dispatch that was left a call would make the C stack as deep as a program is long. Handlers reach each other by
`jmp *(register)` to the word that pc points to; calls through a register or memory may only be of hooks and of functions
of the environment, which the handlers below make. Exit status 77: there is no objdump, or the library was not built so.
"""
import re
import subprocess
import sys

MAY_CALL = re.compile(r"handle_(host|leaf|item(_i|_unpaid|_wrong)?|call_other|more_gas|more_stack_\w+|leave)E|more_stackE"
                      r"|leave_instance|enter_instance|unwind|run\(|start|handlers|table")

try:
    mangled = subprocess.run(["objdump", "-d", "--no-show-raw-insn", sys.argv[1]], capture_output=True, text=True,
                             check=True).stdout
except FileNotFoundError:
    print("no objdump: nothing checked")
    sys.exit(77)

function, handlers, jumps, wrong = "", set(), 0, []
for line in mangled.splitlines():
    if match := re.match(r"[0-9a-f]+ <(.*)>:$", line):
        function = match.group(1)
        if "handle_" in function and ".cold" not in function:
            handlers.add(function)
        continue
    if "handle_" not in function:
        continue
    if re.search(r"\bjmp\s+\*", line):
        jumps += 1
    direct = re.search(r"\bcall\s+[0-9a-f]+ <([^>+]*handle_[^>+]*|[^>+]*stop_run[^>+]*)>", line)
    indirect = re.search(r"\bcall\s+\*", line) and not MAY_CALL.search(function)
    if direct or indirect:
        wrong.append(f"{function}: {line.strip()}")
if not handlers:
    print("the library has no handlers that are functions: nothing checked")
    sys.exit(77)
print(f"{len(handlers)} handlers, {jumps} dispatching jumps, {len(wrong)} calls")
print("\n".join(wrong))
sys.exit(1 if wrong or jumps < len(handlers) / 2 else 0)
