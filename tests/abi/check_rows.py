"""Fails when a row of rows.json has no test, a test names no row, or a test that a row points to does not exist.

A method `test_F2_...` of rows_*.py tests row F2. `also` names tests elsewhere: a GoogleTest "suite.name" or a ctest name.
"""

import ast
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROW = re.compile(r"test_([A-Z]\d+)_\w+$")
GOOGLETEST = re.compile(r"\bTEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)")
CTEST = re.compile(r"add_test\(\s*NAME\s+(\S+)")
GROUPS = {"F": "file", "T": "trust", "E": "entry", "L": "lifecycle", "K": "contributions", "R": "runtime"}


def methods(path):
    """Names of the test methods of one file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            yield node.name


def tests_elsewhere():
    known = set()
    for path in HERE.parent.rglob("*_test.cpp"):
        known.update(f"{suite}.{name}" for suite, name in GOOGLETEST.findall(path.read_text()))
    for path in HERE.parent.rglob("CMakeLists.txt"):
        known.update(CTEST.findall(path.read_text()))
    return known


def main():
    problems = []
    rows = json.loads((HERE / "rows.json").read_text())
    ids = [row["row"] for row in rows]
    problems += [f"{id} is listed twice" for id in sorted(set(ids)) if ids.count(id) > 1]
    tested = {}
    for path in sorted(HERE.glob("rows_*.py")):
        for name in methods(path):
            match = ROW.match(name)
            if not match or match.group(1) not in ids:
                problems.append(f"{path.name}: {name} names no row")
                continue
            row = match.group(1)
            tested.setdefault(row, []).append(name)
            if path.stem != "rows_" + GROUPS[row[0]]:
                problems.append(f"{path.name}: {name} belongs to rows_{GROUPS[row[0]]}.py")
    known = tests_elsewhere()
    for row in rows:
        for name in row.get("also", ()):
            if name not in known:
                problems.append(f"{row['row']}: there is no test {name}")
        if row["row"] not in tested:
            if not row.get("also"):
                problems.append(f"{row['row']} has no test: {row['scenario']}")
            elif not row.get("why"):
                problems.append(f"{row['row']} is not provoked through the process and does not say why")
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(rows)} rows, {sum(map(len, tested.values()))} tests, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
