#!/usr/bin/env python3
"""metering.py BUILD_DIR PROGRAMS_DIR [PASSES [ROUNDS]]: what metering costs the WebAssembly programs of a folder.

Makes a copy of the engine in which entering a block pays nothing, blocks that are reached from above have no
instruction of their own to pay, and nothing is added up while code is made; links bin/bench/wasm of a release build
with it and runs both alternately. Prints the quotient of the two times for each program, best of all passes, and the geometric mean:
at most 1.04 is wanted. Run by hand, on a machine that does nothing else.
"""
import json
import math
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# file, old text, new text
CHANGES = [
    ("core/engine/run.cpp", "        gas -= static_cast<i64>(pc[-1]);", ""),
    ("core/engine/run.cpp", "        if (gas < 0) [[unlikely]]", "        if (false)"),
    ("core/engine/builder.hpp", "        Word& price = words_[price_];",
     "        static thread_local Word nowhere = 0;\n        Word& price = nowhere;"),
    ("core/engine/builder_control.cpp", "        words_.push_back(handlers_[number(Handler::enter)]);\n    }\n    words_.push_back(0);",
     "    } else {\n        words_.push_back(0);\n    }"),
]
COMPILED = ["core/engine/run.cpp", "core/engine/builder_control.cpp", "plugins/wasm/translate/translator.cpp",
            "plugins/wasm/translate/translator_ops.cpp", "plugins/wasm/translate/translator_vector.cpp",
            "plugins/wasm/translate/program.cpp"]


def unmetered(build, scratch):
    """The benchmark's program with the changed engine."""
    copy = scratch / "source"
    for folder in ("core/engine", "plugins/wasm"):
        shutil.copytree(ROOT / folder, copy / folder)
    for name, old, new in CHANGES:
        text = (copy / name).read_text()
        if text.count(old) != 1:
            sys.exit(f"metering.py: {name}: expected once, found {text.count(old)} times: {old.strip()}")
        (copy / name).write_text(text.replace(old, new))
    text = subprocess.run(["ninja", "-C", str(build), "-t", "compdb"], capture_output=True, text=True, check=True).stdout
    known = {str((Path(entry["directory"]) / entry["file"]).resolve()): entry for entry in json.loads(text)}
    objects = []
    for name in COMPILED:
        entry = known[str(ROOT / name)]
        words = [word for word in shlex.split(entry["command"]) if not word.endswith("ccache")]
        out = scratch / (Path(name).stem + ".o")
        for i, word in enumerate(words):
            if word == "-o":
                words[i + 1] = str(out)
            if word == "-MF":
                words[i + 1] = str(scratch / "changed.d")
            if word == "-c":
                words[i + 1] = str(copy / name)
        words[1:1] = [f"-I{copy}/core", f"-I{copy}/plugins/wasm"]
        subprocess.run([*words, "-w"], cwd=entry["directory"], check=True)
        objects.append(str(out))
    program = scratch / "wasm"
    main = build / "tests/bench/CMakeFiles/bench_wasm.dir/wasm_bench.cpp.o"
    libraries = [build / part for part in ("plugins/wasm/librvm_wasm_run.a", "plugins/wasm/librvm_wasm_module.a",
                                           "core/engine/librvm_engine.a")]
    subprocess.run([words[0], str(main), *objects, *map(str, libraries), "-lbenchmark", "-lfmt", "-ldl", "-o", str(program)],
                   check=True)
    return program


def times(program, folder, rounds):
    """Milliseconds of the engine by program."""
    out = subprocess.run([str(program), str(folder), str(rounds)], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in out.splitlines()]
    return {row[0]: float(row[2]) for row in rows if len(row) == 4 and row[0] != "program"}


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    build, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    passes = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    best = {}
    with tempfile.TemporaryDirectory() as scratch:
        free = unmetered(build, Path(scratch))
        for _ in range(passes):
            for name, program in (("metered", build / "bin/bench/wasm"), ("free", free)):
                for workload, time in times(program, folder, rounds).items():
                    best[workload, name] = min(time, best.get((workload, name), math.inf))
    workloads = [workload for workload, name in best if name == "free"]
    quotients = {workload: best[workload, "metered"] / best[workload, "free"] for workload in workloads}
    for workload, quotient in quotients.items():
        print(f"{workload:<8} {best[workload, 'metered']:10.2f} {best[workload, 'free']:10.2f} {quotient:8.3f}")
    mean = math.exp(sum(map(math.log, quotients.values())) / len(quotients))
    print(f"{'geomean':<8} {mean:30.3f}")
    sys.exit(0 if mean <= 1.04 else 1)


main()
