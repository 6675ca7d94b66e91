#!/usr/bin/env python3
"""mutations.py BUILD_DIR [MODULES [WORDS]]: plants bugs in copies of plugins/wasm and shows that the generated modules see them.

Each mutation changes one place of a copied source, compiles that file as the build does, links it before the libraries of the
build and runs the comparison with the reference interpreter. A mutation that no module shows is a hole in the generator: exit
status 1. WORDS: only those whose name has them. Run by hand: a minute each.
"""
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BUILD = Path(sys.argv[1]).resolve()
MODULES = sys.argv[2] if len(sys.argv) > 2 else "6000"
ROOT = Path(__file__).resolve().parents[3]
WASM = ROOT / "plugins/wasm"

# name, changed file, old text, new text
MUTATIONS = [
    ("a conditional branch jumps when the condition is zero", "translate/translator.cpp",
     "builder_.jump_if(label_of(in.index));", "builder_.jump_if(label_of(in.index), true);"),
    ("br_on_null keeps the null", "translate/translator.cpp", "builder_.drop();\n        builder_.jump(label_of(in.index));",
     "builder_.jump(label_of(in.index));"),
    ("declared locals are free", "translate/translator.cpp", "builder_.charge((cells - parameters) / costs::locals_per_unit);",
     ""),
    ("many operands go for nothing", "translate/translator.cpp",
     "if (closed.op != Op::loop) builder_.charge(costs::handed_on(closed.results));", ""),
    ("the end of a try_table's body is not known", "translate/translator.cpp",
     "open_try_ = tries_[closed.range].parent;", ""),
    ("memory.copy goes the wrong way when it overlaps", "run/hooks.cpp",
     "std::memmove(to.data() + window[0], from.data() + window[1], window[2]);",
     "for (Cell i = 0; i < window[2]; ++i) to.data()[window[0] + i] = from.data()[window[1] + i];"),
    ("memory.init reads a dropped segment", "run/hooks.cpp",
     "instance.dropped_data[first(indices)] ? 0 : bytes.size;", "bytes.size;"),
    ("table.grow fills with null", "run/hooks.cpp", "grown.cells.insert(grown.cells.end(), count, value);",
     "grown.cells.insert(grown.cells.end(), count, value & 0);"),
    ("code does not see grown memory", "run/hooks.cpp", "instance.refresh_memory(context);", ""),
    ("16-bit loads of other memories lose their sign", "run/access.cpp", "extended<std::int16_t, std::uint64_t>(from)",
     "extended<std::uint16_t, std::uint64_t>(from)"),
    ("a clause catches any tag", "run/exceptions.cpp", "instance.tags[clause.tag] == pending.tag;", "true;"),
    ("catch_all_ref keeps no reference", "run/exceptions.cpp",
     "*out = reinterpret_cast<Cell>(&machine.exceptions.back());", "*out = 0;"),
    ("clauses of outer try_tables are not asked", "run/exceptions.cpp", "i = program.tries[i].parent)", "i = TryTable::none)"),
    ("a quantum pays the next block twice", "run/machine.cpp", "grant(std::max(slice, price) - context_.gas);",
     "grant(std::max(slice, price) - context_.gas); context_.gas -= price > 40 ? 1 : 0;"),
]


def commands():
    """Directory and command that compile each file of plugins/wasm."""
    text = subprocess.run(["ninja", "-C", str(BUILD), "-t", "compdb"], capture_output=True, text=True, check=True).stdout
    return {str((Path(entry["directory"]) / entry["file"]).resolve()): entry for entry in json.loads(text)
            if "/plugins/wasm/" in str((Path(entry["directory"]) / entry["file"]).resolve())}


def main():
    known = commands()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        frozen = scratch / "frozen"  # the build may go on meanwhile
        frozen.mkdir()
        parts = ["plugins/wasm/librvm_wasm_run.a", "tests/conformance/wasm/librvm_wasm_generator.a",
                 "plugins/wasm/librvm_wasm_spectest.a", "plugins/wasm/librvm_wasm_module.a", "core/engine/librvm_engine.a"]
        libraries = [shutil.copy(BUILD / part, frozen) for part in parts]
        objects = [shutil.copy(path, frozen) for path in
                   (BUILD / "tests/conformance/wasm/CMakeFiles/rvm_wasm_tests.dir").glob("*.o")
                   if not path.name.startswith(("threads", "pool", "nan", "slices", "differential"))]
        shutil.copytree(WASM, scratch / "original")
        chosen = [each for each in MUTATIONS if len(sys.argv) < 4 or sys.argv[3] in each[0]]
        missed = [name for name, *rest in chosen if not caught(scratch, known, objects, libraries, name, *rest)]
    print(f"{len(chosen)} mutations, {len(chosen) - len(missed)} caught")
    sys.exit(1 if missed else 0)


def caught(scratch, known, objects, libraries, name, file, old, new):
    changed = scratch / "wasm"
    shutil.rmtree(changed, ignore_errors=True)
    shutil.copytree(scratch / "original", changed)
    text = (changed / file).read_text()
    if text.count(old) != 1:
        print(f"STALE   {name}: its text stands {text.count(old)} times in {file}", flush=True)
        return False
    (changed / file).write_text(text.replace(old, new))
    entry = known[str(WASM / file)]
    words = [word for word in shlex.split(entry["command"]) if not word.endswith("ccache")]
    compiled = scratch / "changed.o"
    for i, word in enumerate(words):
        if word == "-o":
            words[i + 1] = str(compiled)
        if word == "-MF":
            words[i + 1] = str(scratch / "changed.d")
        if word == "-c":
            words[i + 1] = str(changed / file)
    words.insert(1, f"-I{changed}")
    subprocess.run([*words, "-w"], cwd=entry["directory"], check=True)
    program = scratch / "test"
    subprocess.run([words[0], str(compiled), *objects, *libraries, "-lgtest_main", "-lgtest", "-lfmt", "-o", str(program)],
                   check=True)
    try:
        run = subprocess.run([str(program), "--gtest_filter=*generated*"], capture_output=True, timeout=1800,
                             env={**os.environ, "RVM_DIFF_PROGRAMS": MODULES})
        verdict = run.returncode != 0
    except subprocess.TimeoutExpired:
        verdict = True
    print(f"{'caught ' if verdict else 'MISSED '} {name}", flush=True)
    return verdict


main()
