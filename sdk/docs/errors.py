"""Writes errors.md from the registry in the rvm program.   errors.py RVM [--check]   With --check: exit status 1 when it is stale."""
import json
import pathlib
import subprocess
import sys

PAGE = pathlib.Path(__file__).with_name("errors.md")
GROUPS = {"U": "Command line and files", "X": "Program and host", "F": "Plugin files", "T": "Trust", "E": "Entry and sidecar", "L": "A plugin's life",
          "D": "Dependencies", "K": "Contributions", "M": "Manifests and JSON", "C": "Configurations", "N": "Native programs", "A": "Assembly",
          "V": "rvm plugin check", "S": "State files", "G": "Recordings", "P": "Programs", "R": "Runtime"}


def page(codes):
    lines = ["# Error codes", "", "Generated from `core/include/rvm/error_codes.def` by `errors.py`; `rvm explain CODE` says the same. A code keeps its",
             "meaning for ever. Exit statuses: 1 the program or its text is wrong, 2 the command line or an input, 70 internal, 78 configuration."]
    for letter in dict.fromkeys(code["code"][4] for code in codes):
        lines += ["", f"## {GROUPS.get(letter, letter)}"]
        for code in codes:
            if code["code"][4] == letter:
                lines += ["", f"**{code['code']}** {code['title']} (exit {code['exit']}). {code['explanation']} {code['remedy']}"]
    return "\n".join(lines) + "\n"


def main():
    codes = json.loads(subprocess.run([sys.argv[1], "explain", "--json"], check=True, capture_output=True, text=True).stdout)
    text = page(codes)
    if sys.argv[2:] != ["--check"]:
        PAGE.write_text(text)
    elif not PAGE.is_file() or PAGE.read_text() != text:
        sys.exit("sdk/docs/errors.md is stale: run sdk/docs/errors.py RVM")


main()
