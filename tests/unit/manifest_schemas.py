#!/usr/bin/env python3
"""Validates with the JSON Schemas what the parser judges in manifest_documents_test.cpp: both must agree.

usage: manifest_schemas.py SCHEMA_DIR DATA_DIR MANIFEST_DIR
Exit status 77 (skipped) without the Python package jsonschema.
"""
import json
import pathlib
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("skipped: there is no Python package jsonschema")
    sys.exit(77)


def documents(path):
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def main():
    schemas, data, manifests = map(pathlib.Path, sys.argv[1:4])
    failures = 0
    for kind in ("manifest", "sidecar"):
        schema = json.loads((schemas / f"{kind}.schema.json").read_text())
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        accepted = [json.loads(line) for line in documents(data / f"accepted_{kind}s.txt")]
        if kind == "manifest":
            files = [path for path in sorted(manifests.glob("*.json")) if not path.name.endswith(".schema.json")]
            assert files, f"no manifest in {manifests}"
            accepted += [json.loads(path.read_text()) for path in files]
        for document in accepted:
            for problem in validator.iter_errors(document):
                failures += 1
                print(f"{kind} refused: {problem.json_path}: {problem.message}")
        refused = [line.split(" ", 2) for line in documents(data / f"refused_{kind}s.txt")]
        for code, pointer, text in refused:
            if validator.is_valid(json.loads(text)):
                failures += 1
                print(f"{kind} accepted, the parser says {code} at {pointer}: {text}")
        print(f"{kind}: {len(accepted)} to accept, {len(refused)} to refuse")
    return 1 if failures else 0


sys.exit(main())
