"""A guide as a program: its files are written, its commands run, in order, in one shell; what they print is compared.

usage: guide.py script GUIDE.md OUT.sh FOLDER      writes a POSIX shell script that leaves what block N printed in FOLDER/N
       guide.py compare GUIDE.md FOLDER            compares that with what the guide shows; exit status 1 on a difference

In a guide
  - a paragraph that is a file name in backquotes and a colon, before a fenced block: the block is that file;
  - a block `sh`: commands, of which none may fail;
  - a block `text` after it: what they print on both streams. `...` in a line stands for anything in it, `...` alone in a line
    for any number of lines.
"""
import pathlib
import re
import sys

FENCE = re.compile(r"(?:^`([^`\n]+)`:\n\n)?^```(\w+)\n(.*?)^```$", re.S | re.M)


def blocks(guide):
    """(file name or "", language, text, line) of every fenced block."""
    text = pathlib.Path(guide).read_text()
    return [(found[1] or "", found[2], found[3], text.count("\n", 0, found.start(3)) + 1) for found in FENCE.finditer(text)]


def script(guide, folder):
    lines = ["set -eu", f"mkdir -p '{folder}'"]
    for number, (name, language, text, line) in enumerate(blocks(guide)):
        if name:
            lines += [f"cat > '{name}' <<'END-OF-FILE-{number}'", text.rstrip("\n"), f"END-OF-FILE-{number}"]
        elif language == "sh":
            # In this shell, so that `cd` and `export` hold for the blocks that follow; nobody answers questions.
            lines += [f"echo '{line}' > '{folder}/line'", "{", text.rstrip("\n"), f"}} > '{folder}/{number}' 2>&1 < /dev/null"]
    lines += [f"echo end > '{folder}/line'"]
    return "\n".join(lines) + "\n"


def pattern(text):
    parts = []
    for line in text.splitlines():
        if line.strip() == "...":
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append(r"[^\n]*?".join(re.escape(part.rstrip() if at else part) for at, part in
                                         enumerate(line.rstrip().split("..."))) + r"[ \t]*\n")
    return re.compile("".join(parts))


def compare(guide, folder):
    folder, differences, compared = pathlib.Path(folder), [], 0
    all_blocks = blocks(guide)
    reached = (folder / "line").read_text().strip() if (folder / "line").exists() else "nothing"
    for number, (name, language, _, line) in enumerate(all_blocks):
        if name or language != "sh":
            continue
        printed = folder / str(number)
        found = printed.read_text(errors="replace") if printed.exists() else None
        if reached == str(line):
            differences.append(f"{guide}:{line}: a command failed; it printed\n{found}")
            break
        following = all_blocks[number + 1] if number + 1 < len(all_blocks) else ("", "", "", 0)
        if following[1] != "text" or following[0]:
            continue
        compared += 1
        if found is None or not pattern(following[2]).fullmatch(found if found.endswith("\n") else found + "\n"):
            differences.append(f"{guide}:{line}: expected\n{following[2]}found\n{found}")
    if reached != "end" and not differences:
        differences.append(f"{guide}: it stopped at line {reached}")
    return compared, differences


def main():
    action, guide, *rest = sys.argv[1:]
    if action == "script":
        pathlib.Path(rest[0]).write_text(script(guide, rest[1]))
        return 0
    compared, differences = compare(guide, rest[0])
    print("\n".join(differences) if differences else f"{guide}: {compared} outputs as shown")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
