"""Writes what bindings of other languages are made from, out of <rvm/plugin.h> and <rvm/rvm.h>.

    generate.py            writes sdk/bindings/rvm_layout.json and sdk/rust/rvm-plugin/src/raw.rs, sdk/rust/rvm/src/raw.rs
    generate.py --check    exits with 1 when one of them is not what it would write

Types and names come from the headers; sizes and offsets from tests/abi/layout.golden.txt, which a test holds against the
compiler. The header has no padding, so fields that have the right sizes in the right order have the right offsets: the Rust files
assert exactly that when they are compiled.
"""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "sdk/include/rvm/plugin.h"
EMBED = ROOT / "core/include/rvm/rvm.h"
GOLDEN = ROOT / "tests/abi/layout.golden.txt"

RUST_TYPES = {"void": "c_void", "char": "c_char", "uint8_t": "u8", "uint16_t": "u16", "uint32_t": "u32", "uint64_t": "u64",
              "int32_t": "i32", "int64_t": "i64"}
RUST_KEYWORDS = {"self", "type", "where", "match", "in", "ref", "move", "fn", "use", "as", "loop", "yield"}


def without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)


def split(text, separator):
    """At separators outside of parentheses."""
    parts, depth, last = [], 0, 0
    for at, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == separator and depth == 0:
            parts.append(text[last:at])
            last = at + 1
    return [" ".join(part.split()) for part in parts + [text[last:]] if part.strip()]


class Function:
    """A C function type: result and parameters as (name, type)."""

    def __init__(self, result, parameters):
        self.result = result.strip()
        self.parameters = []
        for number, text in enumerate(split(parameters, ",")):
            if text == "void":
                continue
            text = re.sub(r"(\w+)\[\d+\]$", r"* \1", text)  # an array as a parameter is a pointer
            found = re.fullmatch(r"(.*?[\s*])(\w+)", text)
            # "rvm_frame*" and "uint32_t" alone are types without a name
            if found and not (text.endswith("_t") or (found.group(2).startswith("rvm_") and " " not in text.replace("const ", ""))):
                self.parameters.append((found.group(2), found.group(1).strip()))
            else:
                self.parameters.append((f"argument{number}", text))

    def c(self):
        return f"{self.result} (*)({', '.join(kind for _, kind in self.parameters)})"

    def rust(self):
        parameters = ", ".join(f"{rust_name(name)}: {rust_type(kind)}" for name, kind in self.parameters)
        result = "" if self.result == "void" else f" -> {rust_type(self.result)}"
        return f"unsafe extern \"C\" fn({parameters}){result}"


def rust_name(name):
    return name + "_" if name in RUST_KEYWORDS else name


def rust_type(kind):
    """const char* const* -> *const *const c_char."""
    words = re.findall(r"\w+|\*", kind)
    base = [word for word in words[:words.index("*")] if word != "const"] if "*" in words else [w for w in words if w != "const"]
    assert len(base) == 1, kind
    text = RUST_TYPES.get(base[0], base[0])
    pointee_const = "const" in (words[:words.index("*")] if "*" in words else [])
    for at, word in enumerate(words):
        if word == "*":
            text = f"*{'const' if pointee_const else 'mut'} {text}"
            pointee_const = at + 1 < len(words) and words[at + 1] == "const"
    return text


class Header:
    def __init__(self, path):
        raw = path.read_text()
        text = without_comments(raw.replace("\\\n", " "))
        self.constants = {}
        for name, value in re.findall(r"^#define (RVM_\w+) +([^\n]+)$", text, re.M):
            value = value.strip()
            if value.startswith('"'):
                self.constants[name] = value.strip('"')
            elif re.fullmatch(r"[\s0-9a-fA-FxuU()<-]+", value):
                self.constants[name] = eval(re.sub(r"\b(0x[0-9a-fA-F]+|\d+)[uU]\b", r"\1", value))  # digits and << only
        text = re.sub(r"^#[^\n]*$", " ", text, flags=re.M)
        text = re.sub(r"static inline .*?\n}", " ", text, flags=re.DOTALL)
        text = text.replace('extern "C" {', " ")
        self.aliases, self.opaque, self.callbacks, self.structs, self.functions = {}, [], {}, {}, {}
        for name, body, again in re.findall(r"typedef struct (\w+) \{(.*?)\} (\w+);", text, re.DOTALL):
            assert name == again
            self.structs[name] = self.fields(body)
        rest = re.sub(r"typedef struct (\w+) \{(.*?)\} (\w+);", " ", text, flags=re.DOTALL)
        for statement in split(rest, ";"):
            if found := re.fullmatch(r"typedef struct (\w+) (\w+)", statement):
                self.opaque.append(found.group(2))
            elif found := re.fullmatch(r"typedef (\w+) (\w+)", statement):
                self.aliases[found.group(2)] = found.group(1)
            elif found := re.fullmatch(r"typedef ([\w ]+\**) ?\(\*(\w+)\)\((.*)\)", statement):
                self.callbacks[found.group(2)] = Function(found.group(1), found.group(3))
            elif found := re.search(r"RVM_EXPORT ([\w ]+[ *]+)(\w+)\((.*)\)$", statement):
                self.functions[found.group(2)] = Function(found.group(1).strip(), found.group(3))

    @staticmethod
    def fields(body):
        """(name, type or Function, count or None) in order."""
        out = []
        for statement in split(body, ";"):
            if found := re.fullmatch(r"([\w ]+\**) ?\(\*(\w+)\)\((.*)\)", statement):
                out.append((found.group(2), Function(found.group(1), found.group(3)), None))
                continue
            found = re.fullmatch(r"((?:const )?\w+(?: ?\*(?: ?const)?)*)\s*(.*)", statement)
            for name in found.group(2).split(","):
                name = name.strip()
                kind = found.group(1).strip()
                while name.startswith("*"):
                    kind, name = kind + "*", name[1:].strip()
                count = None
                if array := re.fullmatch(r"(\w+)\[(\w+)\]", name):
                    name, count = array.group(1), int(array.group(2))
                out.append((name, kind, count))
        return out


def computed(fields):
    """Size, and offset and size of each field, for a struct of rvm.h: whole 4- and 8-byte members without padding."""
    at, places = 0, {}
    for field, kind, count in fields:
        assert count is None
        size = 8 if isinstance(kind, Function) or "*" in kind else {"uint32_t": 4, "int32_t": 4, "uint64_t": 8, "int64_t": 8}[kind]
        assert at % size == 0, f"padding before {field}"
        places[field] = (at, size)
        at += size
    assert at % 8 == 0, "padding at the end"
    return at, places


def golden():
    sizes, places = {}, {}
    for line in GOLDEN.read_text().splitlines():
        if found := re.fullmatch(r"(\w+) size (\d+)", line):
            sizes[found.group(1)] = int(found.group(2))
        elif found := re.fullmatch(r"  (\w+)\.(\w+) offset (\d+) size (\d+)", line):
            places[found.group(1), found.group(2)] = (int(found.group(3)), int(found.group(4)))
    return sizes, places


def layout_json(header, embed):
    sizes, places = golden()
    structs = []
    for name, fields in {**header.structs, **embed.structs}.items():
        listed = []
        if name in embed.structs:
            sizes[name], own = computed(fields)
            places.update({(name, field): place for field, place in own.items()})
        for field, kind, count in fields:
            offset, size = places[name, field]
            text = kind.c() if isinstance(kind, Function) else kind + (f"[{count}]" if count else "")
            listed.append({"name": field, "offset": offset, "size": size, "type": text})
        structs.append({"name": name, "size": sizes[name], "fields": listed})
    lines = ["{", f'  "abi": {{"major": {header.constants["RVM_ABI_MAJOR"]}, "minor": {header.constants["RVM_ABI_MINOR"]}}},']
    lines.append('  "note": "x86-64 and AArch64 (LP64, little-endian): sizes and offsets in bytes; there is no padding",')
    lines.append(f'  "entry": "{header.constants["RVM_ENTRY_SYMBOL"]}",')
    for title, table in (("constants", {**header.constants, **embed.constants}), ("types", header.aliases),
                         ("callbacks", {name: function.c() for name, function in header.callbacks.items()}),
                         ("functions", {name: function.c() for name, function in embed.functions.items()})):
        lines.append(f'  "{title}": {{')
        lines.append(",\n".join(f"    {json.dumps(name)}: {json.dumps(value)}" for name, value in table.items()))
        lines.append("  },")
    lines.append(f'  "opaque": {json.dumps(header.opaque + embed.opaque)},')
    lines.append('  "structs": [')
    blocks = []
    for struct in structs:
        fields = ",\n".join("      " + json.dumps(field) for field in struct["fields"])
        blocks.append(f'    {{"name": "{struct["name"]}", "size": {struct["size"]}, "fields": [\n{fields}]}}')
    lines.append(",\n".join(blocks))
    return "\n".join(lines) + "\n  ]\n}\n"


def rust_constant(name, value):
    if isinstance(value, str):
        return f'pub const {name}: &str = "{value}\\0"; // as C has it: ends with a zero'
    signed = name.startswith(("RVM_E_", "RVM_TRAP_", "RVM_EXIT_")) or name == "RVM_OK"
    return f"pub const {name}: {'i32' if signed else 'u32'} = {value};"


HEAD = """// Generated by sdk/bindings/generate.py from {source}: names, types and values as there, whose comments are the contract.
// A zero at the end of a text is C's. `self` is called `self_`.
#![allow(non_camel_case_types, dead_code, missing_docs)]
"""


def rust_struct(name, fields, callbacks, sizes, checks):
    values = name in ("rvm_address", "rvm_bytes32", "rvm_u256")
    out = ["", "#[repr(C)]", "#[derive(Clone, Copy, PartialEq, Eq, Debug)]" if values else "#[derive(Clone, Copy)]", f"pub struct {name} {{"]
    for field, kind, count in fields:
        if isinstance(kind, Function):
            text = f"Option<{kind.rust()}>"
        elif kind in callbacks:
            text = f"Option<{kind}>"
        else:
            text = rust_type(kind)
            text = f"[{text}; {count}]" if count else text
        out.append(f"    pub {rust_name(field)}: {text},")
        checks.append(f"size_of::<{text}>() == {sizes[field]}")
    return out + ["}"]


def rust_checks(checks, sizes):
    out = ["", "// Every field has its size and no struct has padding, so every offset is the header's.",
           "const _: () = {", "    use core::mem::size_of;"]
    out += [f"    assert!({check});" for check in dict.fromkeys(checks)]
    return out + [f"    assert!(size_of::<{name}>() == {size});" for name, size in sizes.items()] + ["};"]


def rust_plugin(header):
    sizes, places = golden()
    out = [HEAD.format(source="<rvm/plugin.h>"), "use core::ffi::c_void;", "use std::os::raw::c_char;", ""]
    out += [rust_constant(name, value) for name, value in header.constants.items()]
    out.append("")
    out += [f"pub type {name} = {rust_type(kind)};" for name, kind in header.aliases.items()]
    out += [f"pub type {name} = {function.rust()};" for name, function in header.callbacks.items()]
    for name in header.opaque:
        out += ["#[repr(C)]", f"pub struct {name} {{", "    _opaque: [u8; 0],", "}"]
    checks = []
    for name, fields in header.structs.items():
        out += rust_struct(name, fields, header.callbacks, {field: places[name, field][1] for field, _, _ in fields}, checks)
    out += rust_checks(checks, {name: sizes[name] for name in header.structs})
    return "\n".join(out) + "\n"


def rust_embed(header):
    out = [HEAD.format(source="<rvm/rvm.h>"), "use ::rvm_plugin::raw::*;", "use core::ffi::c_void;", "use std::os::raw::c_char;", ""]
    out += [rust_constant(name, value) for name, value in header.constants.items()]
    for name in header.opaque:
        out += ["#[repr(C)]", f"pub struct {name} {{", "    _opaque: [u8; 0],", "}"]
    checks, sizes = [], {}
    for name, fields in header.structs.items():
        sizes[name], places = computed(fields)
        out += rust_struct(name, fields, {}, {field: place[1] for field, place in places.items()}, checks)
    out += rust_checks(checks, sizes)
    out += ["", '#[link(name = "rvm")]', 'extern "C" {']
    for name, function in header.functions.items():
        text = function.rust().replace('unsafe extern "C" fn', f"fn {name}")
        out.append(f"    pub {text};")
    out.append("}")
    return "\n".join(out) + "\n"


def main():
    plugin, embed = Header(PLUGIN), Header(EMBED)
    sizes, _ = golden()
    assert set(sizes) == set(plugin.structs), set(sizes) ^ set(plugin.structs)
    stale = []
    for path, text in ((ROOT / "sdk/bindings/rvm_layout.json", layout_json(plugin, embed)),
                       (ROOT / "sdk/rust/rvm-plugin/src/raw.rs", rust_plugin(plugin)),
                       (ROOT / "sdk/rust/rvm/src/raw.rs", rust_embed(embed))):
        if path.is_file() and path.read_text() == text:
            continue
        stale.append(path.relative_to(ROOT).as_posix())
        if "--check" not in sys.argv[1:]:
            path.write_text(text)
    if "--check" in sys.argv[1:] and stale:
        sys.exit(f"not fresh: {', '.join(stale)}; run sdk/bindings/generate.py")


if __name__ == "__main__":
    main()
