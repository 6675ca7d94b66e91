"""The table of conformance suites (suites.md) against the unpacked fixtures: suites_test.py SOURCE_DIR BUILD_DIR [--cases]

Every fixture file belongs to exactly one row, a row's number of files is right, the number of its cases is counted again (with --cases
also those of the areas of hundreds of megabytes and of what is not run), and the tests that a row names are in the source. Exit status 77: the fixtures are not
there; then only the names are checked.
"""

import fnmatch
import json
import os
import pathlib
import re
import sys

TABLE = pathlib.Path(__file__).with_name("suites.md")
LARGE = ("ethereum/state/", "ethereum/blockchain/", "wasm/")
ROW = re.compile(r"^\| `([^`]+)` \| ([\d,]+) \| ([\d,]+) \| (.+?) \| (.*?) \|$", re.MULTILINE)


def number(text):
    return int(text.replace(",", ""))


def rows():
    for pattern, files, cases, tests, share in ROW.findall(TABLE.read_text()):
        yield pattern, number(files), number(cases), re.findall(r"`([^`]+)`", tests), share


def cases_of(path, name):
    """How many cases a fixture file has."""
    if path.suffix != ".json":
        return 0
    document = json.loads(path.read_bytes())
    if name.startswith("contracts/"):
        return len(document["steps"])
    if name.startswith("ethereum/state/"):
        # a case is an outcome under one fork; the oldest form has one and says nothing of forks
        return sum(sum(map(len, test["post"].values())) if isinstance(test.get("post"), dict) and "env" in test and "transaction" in test else 1
                   for test in document.values())
    if name.startswith("ethereum/transaction/"):
        return sum(len(test["result"]) for test in document.values())
    if "/wycheproof/" in name:
        return sum(len(group["tests"]) for group in document["testGroups"])
    if "/bip39/" in name:
        return sum(map(len, document.values()))
    if "/DifficultyTests/" in name:
        return sum(sum(1 for case in fork.values() if isinstance(case, dict)) for test in document.values() for fork in test.values() if isinstance(fork, dict))
    if name.startswith("wasm/"):
        return sum(command["type"].startswith("assert_") for command in document["commands"])
    return len(document)


def main():
    source, build = map(pathlib.Path, sys.argv[1:3])
    wrong = []
    table = list(rows())
    if len(table) < 20:
        wrong.append("the table cannot be read")
    sources = "\n".join(path.read_text() for path in (source / "tests/unit").glob("*.cpp"))
    added = "\n".join(path.read_text() for path in (build / "tests").rglob("CTestTestfile.cmake"))
    for pattern, _, _, tests, share in table:
        if not tests and not share.startswith("not run: "):
            wrong.append(f"{pattern}: names no test and no reason")
        for test in tests:
            suite, name = test.split(".")
            if not re.search(rf"TEST(_F|_P)?\({suite}, {name}\)", sources) and f"[{test}]" not in added.replace("=", ""):
                wrong.append(f"{pattern}: there is no test {test}")

    root = pathlib.Path(os.environ.get("RVM_FIXTURES") or "nowhere")
    if root.is_dir():
        every = {str(path.relative_to(root)): path for area in ("ethereum", "contracts", "wasm") for path in (root / area).rglob("*")
                 if not path.name.startswith(".") and path.is_file() and not (area == "wasm" and path.suffix != ".json")}
        claimed = {}
        total = 0
        for pattern, files, cases, tests, _ in table:
            matched = [name for name in every if name.startswith(pattern)] if pattern.endswith("/") else \
                [name for name in every if fnmatch.fnmatchcase(name, pattern) and name.count("/") == pattern.count("/")]
            for name in matched:
                if name in claimed:
                    wrong.append(f"{name} belongs to {claimed[name]} and to {pattern}")
                claimed[name] = pattern
            if len(matched) != files:
                wrong.append(f"{pattern}: {len(matched)} files, not {files}")
            if tests and not pattern.startswith(LARGE) or "--cases" in sys.argv:
                found = sum(cases_of(every[name], name) for name in matched)
                if found != cases:
                    wrong.append(f"{pattern}: {found} cases, not {cases}")
            total += cases
        wrong += [f"{name} is in no row" for name in every if name not in claimed]
        print(f"{len(table)} suites, {len(claimed)} files, {total} cases")
    print("\n".join(wrong))
    return 1 if wrong else 0 if root.is_dir() else 77


if __name__ == "__main__":
    sys.exit(main())
