#!/usr/bin/env python3
"""engine_mutations.py BUILD_DIR [PROGRAMS [WORDS]]: plants bugs in copies of the engine and shows that the tests see them.

Each mutation changes one place of a copied source, compiles that file, links it before the libraries of a release build and
runs the differential test, the engine's own and those of the native format on the engine. A mutation that no test notices
is a hole in the tests: exit status 1.
WORDS: only those whose name has them. Run by hand: some minutes.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BUILD = Path(sys.argv[1]).resolve()
PROGRAMS = sys.argv[2] if len(sys.argv) > 2 else "8000"
ROOT = Path(__file__).resolve().parents[2]
RUN = ["engine/run.cpp"]
BUILDER = ["engine/builder.cpp"]
OPS = ["engine/builder_ops.cpp"]
BRANCH = ["engine/builder_branch.cpp"]
CALL = ["engine/builder_call.cpp"]
CONTROL = ["engine/builder_control.cpp"]
HOLD = ["engine/builder_hold.cpp"]
FRAME = ["native/engine_frame.cpp"]
TRANSLATOR = ["native/translator.cpp"]

# name, changed file, sources to compile, old text, new text
MUTATIONS = [
    ("a set local's old value is lost", "engine/builder.cpp", BUILDER,
     "if (references_[cell] != 0) { // entries", "if (false) { // entries"),
    ("a cell that is read is not written", "engine/builder.cpp", BUILDER,
     "|| producer.read || producer.to_a == 0) return;", "|| producer.to_a == 0) return;"),
    ("constants are not there at labels", "engine/builder.cpp", BUILDER,
     "if (entry.constant) write_constant(entry.home, entry.bits);", ""),
    ("a cycle of moves loses a value", "engine/builder.cpp", BUILDER, "copy(spare, move.from);", ""),
    ("blocks cost one more", "native/translator.cpp", TRANSLATOR, "builder_.charge(in.value);",
     "builder_.charge(in.value + 1);"),
    ("results overwrite what is on the stack", "engine/builder.cpp", BUILDER,
     "while (!failed_ && (references_[cell] != 0", "while (false && (references_[cell] != 0"),
    ("the second of two copies goes the wrong way", "engine/builder.cpp", BUILDER,
     "std::uint64_t{to} << 32 | std::uint64_t{from} << 48", "std::uint64_t{from} << 32 | std::uint64_t{to} << 48"),
    ("exchanged operands keep their comparison", "engine/builder_ops.cpp", OPS, "op = shape->mirrored;", ""),
    ("every operation commutes", "engine/builder_ops.cpp", OPS, "} else if (commutes(op, *shape)) {",
     "} else if (true) {"),
    ("subtraction of a constant adds it", "engine/builder_ops.cpp", OPS, "= 0 - top(0).bits;", "= top(0).bits;"),
    ("an address's constant is forgotten", "engine/builder.cpp", BUILDER,
     "constant = static_cast<std::uint32_t>(operands >> 32);", "constant = 0;"),
    ("zeros are not written where paths meet", "engine/builder.cpp", BUILDER, "if (!any_unwritten_) return;", "return;"),
    ("a local that was set is zero again", "engine/builder.cpp", BUILDER,
     "std::fill_n(unwritten_.begin() + cell, count, false);", ""),
    ("the opposite of a comparison is itself", "engine/builder_ops.cpp", OPS,
     "comparison_.op = shape_of(inner.op).inverse;", ""),
    ("a constant minus a value is the value minus it", "engine/ops.def", RUN,
     "RVM_IR_BINARY(i64_rsub, u64, b - a", "RVM_IR_BINARY(i64_rsub, u64, a - b"),
    ("a sum on the right is compared as if on the left", "engine/builder_branch.cpp", BRANCH,
     "if (on_right) op = shape_of(op).mirrored;", ""),
    ("any two shifts extend a sign", "engine/builder_ops.cpp", OPS, "!= distance) return false;", "== 77) return false;"),
    ("a plugin's opcode is free", "engine/handlers.def", RUN,
     "    gas -= static_cast<i64>(item->price);                                                                              \\\n", "    \\\n"),
    ("a plugin's opcode reads a stale constant", "engine/handlers.def", RUN,
     "RVM_ITEM(CELL(1) = SIGNED_CELL(IMMEDIATE))", "RVM_ITEM((void)0)"),
    ("a plugin's trap is not seen", "engine/handlers.def", RUN,
     "    if (acc != 0) [[unlikely]]                                                                                         \\\n",
     "    if (false) [[unlikely]] \\\n"),
    ("jumpz jumps when not zero", "engine/builder_branch.cpp", BRANCH, "if (when_zero && !floating)",
     "if (false)"),
    ("accumulators survive labels", "engine/builder_control.cpp", CONTROL,
     "    else\n        forget_accumulators();\n    while", "    while"),
    ("a call's window overlaps the stack", "engine/builder_call.cpp", CALL,
     "if (disturbed) {\n        settle();", "if (false) {\n        settle();"),
    ("locals are thought to be arguments in place", "engine/builder_call.cpp", CALL,
     "|| stack_[first].cell < base) return false;", ") return false;"),
    ("a jump table is one entry short", "engine/builder_control.cpp", CONTROL,
     "const auto slot = static_cast<std::uint32_t>(16 + 4 * i);",
     "const auto slot = static_cast<std::uint32_t>(16 + 4 * (i == 1 ? 0 : i));"),
    ("a branch not taken is free", "engine/handlers.def", RUN,
     "ENTER(pc + (words) + 1);                                                                                       \\\n"
     "    })\n/// An addition", "NEXT((words) + 1);  \\\n    })\n/// An addition"),
    ("an access may end one byte beyond memory", "engine/context.hpp", RUN + FRAME, "size < 8 ? 0 : size - 7",
     "size < 8 ? 0 : size - 6"),
    ("registers do not begin as zero", "engine/handlers.def", RUN, "OFFSET * sizeof(Cell)", "OFFSET"),
    ("heights are not counted", "engine/builder_call.cpp", CALL, "takes_room(Room::of(advance, base, 1));",
     "takes_room(Room::of(0, base, 1));"),
    ("calls are not counted", "engine/builder_call.cpp", CALL, "takes_room(Room::of(advance, base, 1));",
     "takes_room(Room::of(advance, base, 0));"),
    ("what the caller needs is counted beside the callee", "engine/builder.cpp", BUILDER, "words_[word] -= needed;", ""),
    ("a tail call keeps the room of its caller", "engine/handlers.def", RUN,
     "    record->room = left;                                                                                               \\\n"
     "    ENTER(entry)", "    ENTER(entry)"),
    ("a function entered from outside has no last argument", "engine/run.cpp", RUN,
     "context.accumulator = last_argument(entry, frame);", ""),
    ("a function of another instance has no last argument", "engine/run.cpp", RUN,
     "context.accumulator = last_argument(entry, context.fp);", ""),
    ("a tail call brings no last argument", "engine/handlers.def", RUN, "    acc = CELL(0);\n    RVM_TAIL_CALL(",
     "    RVM_TAIL_CALL("),
    ("a call by table brings no last argument", "engine/handlers.def", RUN, "HALF(1), acc = CELL(2), entry",
     "HALF(1), (void)0, entry"),
    ("a last argument is thought to be in the accumulator, and is not", "engine/builder_call.cpp", CALL,
     "if (made.cell != cell) return Handler::call_r;", "if (made.cell != cell) return Handler::call;"),
    ("room that is added is not seen", "engine/run.cpp", RUN, "record->room += more;", "record->room += 0;"),
    ("the first result is thought to be in the accumulator, and is not", "engine/handlers.def", RUN,
     "RVM_HANDLER(ret, {\n    acc = fp[0];", "RVM_HANDLER(ret, {"),
    ("a result is thought to be in its cell, and is not", "engine/builder_control.cpp", CONTROL,
     "const bool there = result.cell == 0 && producers_[0].cell == 0;", "const bool there = result.cell == 0;"),
    ("a call's last argument loses its constant", "engine/builder_call.cpp", CALL,
     "more(sum & 0xffff'ffff'0000'0000);", "more(0);"),
    ("a function is entered as the last one was", "engine/run.cpp", RUN, "again = context->called = (entry);",
     "again = context->called != nullptr ? context->called : (context->called = (entry));"),
    ("a promise lasts when a turn comes without it", "engine/builder_hold.cpp", HOLD, "    release(label);\n}", "}"),
    ("what took a promised value goes on taking it", "engine/builder_hold.cpp", HOLD,
     "words_[reader.word] = handlers_[reader.plain + (to_a ? reader.to_a : 0)];", ""),
    ("what took a promised value reads cell 0", "engine/builder_hold.cpp", HOLD,
     "words_[reader.word + 1] |= std::uint64_t{state.held} << reader.shift;", ""),
    ("a table of branches keeps promises that it breaks", "engine/builder_control.cpp", CONTROL,
     "        release(label.index);\n        if (needs_moves(state) && state", "        if (needs_moves(state) && state"),
    ("a label that others reach promises what is above it", "engine/builder_control.cpp", CONTROL,
     "    if (only_from_above)\n", "    if (reachable_)\n"),
    ("an argument made of a promised value is made of cell 0", "engine/builder_call.cpp", CALL,
     "if (held) operands |= std::uint64_t{labels_[holder].held} << 16;", ""),
    ("branches backwards go where the last one went", "engine/run.cpp", RUN,
     "if (pc != context->loop_end) [[unlikely]] {", "if (context->loop_end == nullptr) [[unlikely]] {"),
    ("the last loop of another run is believed", "engine/run.cpp", RUN,
     "context.loop_end = nullptr; // may be of code that is gone", ""),
    ("a branch on zero is one on anything else", "engine/builder_branch.cpp", BRANCH,
     "jump_if_zero(equal != when_zero,", "jump_if_zero(equal == when_zero,"),
    ("a sum with the accumulator reads its cell", "engine/builder_branch.cpp", BRANCH,
     ".handler = plain + (from_acc ? add_branch_a : 0),", ".handler = plain,"),
    ("positions are one byte off", "engine/positions.cpp", ["engine/positions.cpp"],
     "std::uint32_t step = *delta % short_step + 1;", "std::uint32_t step = *delta % short_step;"),
    ("shifts by 32 and more", "engine/ops.def", RUN, "static_cast<i64>(a) >> (b & 63)", "static_cast<i64>(a) >> (b & 31)"),
    ("the number of calls is not limited", "native/engine_frame.cpp", FRAME,
     "if (suspended == max_call_depth) return", "if (false) return"),
    ("code does not see grown memory", "native/engine_frame.cpp", FRAME,
     "if constexpr (op == Op::mgrow) context.set_memory(self.memory, self.memory_size);", ""),
    ("dynamic prices are not taken", "native/engine_frame.cpp", FRAME, "static_cast<std::uint64_t>(before - self.gas)",
     "0"),
    ("two registers share a cell", "native/translator.cpp", TRANSLATOR, "((1U << reg) - 1)", "((1U << reg) - 1) & ~2U"),
    ("traps name the block", "native/translator.cpp", TRANSLATOR, "        builder_.at(index);\n        switch",
     "        if (in.op == Op::label) builder_.at(index);\n        switch"),
]


def main():
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        frozen = scratch / "frozen"  # the build may go on meanwhile
        frozen.mkdir()
        libraries = []
        for name in ("core/native/librvm_native.a", "core/engine/librvm_engine.a", "core/base/librvm_base.a"):
            libraries.append(shutil.copy(BUILD / name, frozen))
        tests = BUILD / "tests/unit/CMakeFiles"
        # First those whose programs run on the engine by default: of an inline function the linker takes the first.
        objects = [shutil.copy(tests / "rvm_unit_native_engine.dir/native_run_test.cpp.o", frozen),
                   shutil.copy(tests / "rvm_unit_native_engine.dir/native_world_test.cpp.o", frozen),
                   shutil.copy(tests / "rvm_unit_native_diff.dir/native_engine_diff_test.cpp.o", frozen),
                   shutil.copy(tests / "rvm_unit_engine.dir/engine_builder_test.cpp.o", frozen),
                   shutil.copy(tests / "rvm_unit_engine.dir/engine_calls_test.cpp.o", frozen),
                   shutil.copy(tests / "rvm_unit_engine.dir/engine_run_test.cpp.o", frozen)]
        shutil.copytree(ROOT / "core", scratch / "original")
        chosen = [each for each in MUTATIONS if len(sys.argv) < 4 or sys.argv[3] in each[0]]
        missed = [name for name, *rest in chosen if not caught(scratch, objects, libraries, name, *rest)]
    print(f"{len(chosen)} mutations, {len(chosen) - len(missed)} caught")
    sys.exit(1 if missed else 0)


def caught(scratch, objects, libraries, name, file, sources, old, new):
    core = scratch / "core"
    shutil.rmtree(core, ignore_errors=True)
    shutil.copytree(scratch / "original", core)
    text = (core / file).read_text()
    if text.count(old) != 1:
        print(f"STALE   {name}: its text stands {text.count(old)} times in {file}", flush=True)
        return False
    (core / file).write_text(text.replace(old, new))
    compiled = []
    for source in sources:
        out = scratch / (Path(source).stem + ".o")
        subprocess.run(["g++", "-std=c++20", "-O1", "-foptimize-sibling-calls", "-DRVM_ENGINE_SIBLING_CALLS", "-DFMT_SHARED",
                        "-fPIC", f"-I{core}", f"-I{core}/include", f"-I{ROOT}/sdk/include", "-ffp-contract=off",
                        "-fno-math-errno", "-w", "-c", str(core / source), "-o", str(out)], check=True)
        compiled.append(str(out))
    program = scratch / "test"
    subprocess.run(["g++", *compiled, *map(str, objects), *libraries, "-lgtest_main", "-lgtest", "-lfmt", "-lsodium", "-lcrypto",
                    "-o", str(program)], check=True)
    try:
        run = subprocess.run([str(program)], capture_output=True, timeout=300,
                             env={**os.environ, "RVM_DIFF_PROGRAMS": PROGRAMS})
        verdict = run.returncode != 0
    except subprocess.TimeoutExpired:
        verdict = True
    print(f"{'caught ' if verdict else 'MISSED '} {name}", flush=True)
    return verdict


main()
