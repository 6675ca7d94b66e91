"""rvm wasm spectest over the specification's tests of RVM_FIXTURES: nothing fails, and at least so many pass.

    spectest_test.py RVM SKIP_LIST
"""

import os
import pathlib
import re
import subprocess
import sys

# Assertions that passed when the list was written: the totals of the sets less their cases on the text format and the
# skip list.
LEAST = {
    "core-1.0": 18008, "core-2.0": 26132, "simd": 25004, "core-3.0": 19328, "custom-sections": 1,
    "proposals-3.0/bulk-memory": 7187, "proposals-3.0/memory64": 8222, "proposals-3.0/multi-memory": 768,
    "proposals-3.0/exceptions": 88, "proposals-3.0/simd": 25004, "proposals-3.0/gc": 0, "proposals-3.0/relaxed-simd": 0,
}


def main():
    program, skips = sys.argv[1:]
    fixtures = pathlib.Path(os.environ.get("RVM_FIXTURES", "nowhere")) / "wasm"
    if not fixtures.is_dir():
        print(f"SKIPPED: there are no fixtures at {fixtures} (RVM_FIXTURES)")
        return 77
    failed = False
    for folder, least in LEAST.items():
        done = subprocess.run([program, "wasm", "spectest", str(fixtures / folder), "--skip-list", skips],
                              capture_output=True, text=True, check=False)
        last = done.stdout.strip().splitlines()[-1:] or ["no output"]
        print(f"{folder}: {last[0]}")
        counts = re.fullmatch(r"(\d+) passed, (\d+) failed, (\d+) skipped", last[0])
        if done.returncode != 0 or not counts or int(counts[1]) < least or counts[2] != "0":
            failed = True
            print(done.stderr[:2000])
            print(f"expected at least {least} passed, 0 failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
