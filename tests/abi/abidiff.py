"""libabigail's report on <rvm/plugin.h> and <rvm/rvm.h>: the headers as they are against the dump of the released ABI.

    abidiff.py COMPILER            compares; exit status 1: another ABI under the same version, 77: no abidiff
    abidiff.py COMPILER --write    writes the dump rvm-MAJOR.MINOR.abi

A library that mentions every struct and function of both headers is what is compared: of a real plugin abidiff sees only what its exported
symbols reach, and tables behind `void*` are not among that.
"""
import importlib.util
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
spec = importlib.util.spec_from_file_location("generate", ROOT / "sdk/bindings/generate.py")
generate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generate)

SAME, CHANGED, INCOMPATIBLE = 0, 4, 8  # bits of abidiff's exit status; 1 and 2 are its own errors


def probe(plugin, embed):
    lines = ["#include <rvm/rvm.h>"]
    lines += [f"{name} probe_{name};" for name in [*plugin.structs, *embed.structs]]
    lines += [f"{name} probe_{name};" for name in plugin.callbacks]
    lines += [f"__typeof__(&{name}) probe_{name};" for name in embed.functions]
    return "\n".join(lines) + "\n"


def main():
    compiler, write = sys.argv[1], sys.argv[2:] == ["--write"]
    if shutil.which("abidiff") is None or shutil.which("abidw") is None:
        print("abidiff is not installed (Debian: abigail-tools): nothing was compared")
        return 77
    plugin, embed = generate.Header(generate.PLUGIN), generate.Header(generate.EMBED)
    dump = HERE / f"rvm-{plugin.constants['RVM_ABI_MAJOR']}.{plugin.constants['RVM_ABI_MINOR']}.abi"
    with tempfile.TemporaryDirectory() as folder:
        source, library = pathlib.Path(folder, "probe.c"), pathlib.Path(folder, "librvm-abi.so")
        source.write_text(probe(plugin, embed))
        subprocess.run([compiler, "-std=c11", "-g", "-O0", "-shared", "-fPIC", f"-I{ROOT}/sdk/include", f"-I{ROOT}/core/include",
                        f"-ffile-prefix-map={folder}=.", f"-ffile-prefix-map={ROOT}=.", source, "-o", library], check=True, cwd=folder)
        if write:
            subprocess.run(["abidw", "--no-show-locs", "--no-corpus-path", "--no-comp-dir-path", "--out-file", dump, library], check=True)
            for old in HERE.glob("rvm-*.abi"):
                if old != dump:
                    old.unlink()
            return 0
        released = sorted(HERE.glob("rvm-*.abi"))
        if not released:
            print(f"no dump to compare with: {dump.name} is missing")
            return 1
        done = subprocess.run(["abidiff", "--no-show-locs", released[-1], library], capture_output=True, text=True)
        print(done.stdout + done.stderr)
        if done.returncode & ~(CHANGED | INCOMPATIBLE):
            return 1
        if done.returncode == SAME:
            return 0
        if released[-1] != dump:
            print(f"The version was raised from {released[-1].stem} to {dump.stem}: read the report, then write the new dump (--write).")
            return 0
        print("Another ABI under the same version: raise RVM_ABI_MINOR (sdk/docs/abi-policy.md).")
        return 1


if __name__ == "__main__":
    sys.exit(main())
