"""The corpus gives the committed lines, whatever the process it runs in looks like.

    digest_test.py PROGRAM EXPECTED            compare
    digest_test.py PROGRAM EXPECTED --write    accept what this build gives; say in the commit why results changed
"""

import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

THREADS = 16
SMALL_STACK = 512 * 1024
LARGE_STACK = 64 * 1024 * 1024
EMULATOR = os.environ.get("RVM_EMULATOR", "").split()  # what runs programs of another machine; empty: nothing


def limit_stack(size):
    def apply():
        resource.setrlimit(resource.RLIMIT_STACK, (size, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    return apply


def run(program, arguments=(), env=None, before=None, prefix=(), cwd=None):
    surroundings = dict(os.environ)
    surroundings.update(env or {})
    done = subprocess.run([*prefix, *EMULATOR, program, *arguments], capture_output=True, env=surroundings, preexec_fn=before,
                          cwd=cwd, timeout=300)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def variants(folder):
    yield "as it is", {}
    yield "again", {}
    yield "locale de_DE", {"env": {"LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8", "LC_NUMERIC": "de_DE.UTF-8"}}
    yield "locale tr_TR", {"env": {"LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"}}
    yield "time zone", {"env": {"TZ": "Pacific/Kiritimati"}}
    yield "plugin path", {"env": {"RVM_PLUGIN_PATH": str(folder)}}
    yield "another directory", {"cwd": folder}
    yield "a large environment", {"env": {f"RVM_FILLER_{i}": "x" * 1000 for i in range(50)}}
    yield "a small stack", {"before": limit_stack(SMALL_STACK)}
    yield "a large stack", {"before": limit_stack(LARGE_STACK)}
    if shutil.which("setarch"):
        yield "fixed addresses", {"prefix": ("setarch", "-R")}
    yield "filled memory", {"env": {"MALLOC_PERTURB_": "165", "MALLOC_ARENA_MAX": "1"}}
    yield "a tracer", {"arguments": ("--tracer", "witness")}
    yield "a hostile tracer", {"arguments": ("--tracer", "hostile")}
    yield "recorded reads", {"arguments": ("--record-reads",)}
    yield f"{THREADS} threads", {"arguments": ("--threads", str(THREADS))}
    yield f"{THREADS} traced threads", {"arguments": ("--threads", str(THREADS), "--tracer", "witness")}


def first_difference(expected, found):
    for number, (left, right) in enumerate(zip(expected, found)):
        if left != right:
            return f"line {number + 1}\n  expected {left}\n  found    {right}"
    return f"{len(expected)} lines expected, {len(found)} found"


def main():
    program, expected_file = sys.argv[1], pathlib.Path(sys.argv[2])
    if sys.argv[3:] == ["--write"]:
        status, out, err = run(program)
        if status != 0:
            sys.exit(err)
        expected_file.write_text(out)
        return 0
    expected = expected_file.read_text().splitlines()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="rvm-determinism-") as folder:
        for name, how in variants(folder):
            status, out, err = run(program, **how)
            if status == 0 and out.splitlines() == expected:
                print(f"same: {name}")
                continue
            failed += 1
            print(f"DIFFERS: {name}: exit status {status}: {first_difference(expected, out.splitlines())}\n{err}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
