"""A sample of the published Ethereum fixtures through the program's verbs: ethereum_fixtures.py PROGRAM VERB AREA [EVERY [BATCH]].

AREA is a folder below $RVM_FIXTURES/ethereum. Every EVERY-th file of each of its folders is run (1: all), BATCH of them in one process
(default: all). The verb must end with "N passed, 0 failed"; what it may skip is in fixture_skips.txt, with reasons. Exit status 77: the
fixtures are not there, and nothing was proven.
"""

import os
import pathlib
import re
import subprocess
import sys

SKIPS = pathlib.Path(__file__).with_name("fixture_skips.txt")
# Minutes each; `rvm statetest` over everything runs them, a sample does not.
SLOW = ("CALLBlake2f_MaxRounds", "loopMul", "loopExp", "static_Call50000_sha256")


def sample(folder, every):
    for directory in sorted({path.parent for path in folder.rglob("*.json")}):
        files = sorted(directory.glob("*.json"))
        yield from (file for file in files[::every] if not file.stem.startswith(SLOW))


def main():
    program, verb, area = sys.argv[1:4]
    every = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    folder = pathlib.Path(os.environ.get("RVM_FIXTURES", "")) / "ethereum" / area
    if not os.environ.get("RVM_FIXTURES") or not folder.is_dir():
        print(f"NOT RUN: set RVM_FIXTURES to the unpacked conformance data ({area})")
        return 77
    files = list(sample(folder, every))
    batch = int(sys.argv[5]) if len(sys.argv) > 5 else len(files)
    passed = skipped = 0
    for first in range(0, len(files), batch):
        done = subprocess.run([program, verb, "--skip-list", SKIPS, "-"], input="\n".join(map(str, files[first:first + batch])),
                              text=True, stdout=subprocess.PIPE)
        last = done.stdout.splitlines()[-1] if done.stdout else "no output"
        counts = re.fullmatch(r"([1-9]\d*) passed, 0 failed, (\d+) skipped", last)
        if done.returncode != 0 or counts is None:
            print(f"files {first} to {min(first + batch, len(files))} of {area}: {last}; exit status {done.returncode}")
            print(done.stdout[-4000:])
            return 1
        passed, skipped = passed + int(counts[1]), skipped + int(counts[2])
    print(f"{len(files)} files of {area}: {passed} passed, 0 failed, {skipped} skipped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
