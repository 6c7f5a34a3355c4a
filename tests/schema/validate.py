#!/usr/bin/python3
"""Validates documents of chanspect against docs/schema/chanspect-1.schema.json.

    tests/schema/validate.py FILE...    documents, one a file; - is stdin

Stricter than the schema itself: a key that the schema does not describe is an error, so that nothing
is printed that is not documented.
"""

import json
import pathlib
import sys

import jsonschema

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "docs/schema/chanspect-1.schema.json"


def undescribed(document, schema, root, path="$"):
    """Paths of keys that no branch of the schema describes."""
    branches = list(branches_of(schema, root, document))
    found = []
    if isinstance(document, dict):
        for key, value in document.items():
            below = [b["properties"][key] for b in branches if key in b.get("properties", {})]
            if not below:
                free = [b["additionalProperties"] for b in branches if "additionalProperties" in b]
                if not free:
                    found.append(f"{path}.{key}")
                continue
            found += undescribed(value, {"allOf": below}, root, f"{path}.{key}")
    if isinstance(document, list):
        below = [b["items"] for b in branches if "items" in b]
        for i, value in enumerate(document):
            found += undescribed(value, {"allOf": below}, root, f"{path}[{i}]")
    return found


def branches_of(schema, root, document):
    """The schema and all that it includes which hold of the document."""
    yield schema
    if "$ref" in schema:
        yield from branches_of(resolve(schema["$ref"], root), root, document)
    for part in schema.get("allOf", []):
        yield from branches_of(part, root, document)
    for part in schema.get("oneOf", []):
        if holds(part, root, document):
            yield from branches_of(part, root, document)
    if "if" in schema and "then" in schema and holds(schema["if"], root, document):
        yield from branches_of(schema["then"], root, document)


def resolve(reference, root):
    at = root
    for step in reference.removeprefix("#/").split("/"):
        at = at[step]
    return at


def holds(schema, root, document):
    return jsonschema.Draft202012Validator({**schema, "$defs": root["$defs"]}).is_valid(document)


def check(document):
    """Raises where a document breaks the schema."""
    schema = json.loads(SCHEMA.read_text())
    validator = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.FormatChecker())
    error = jsonschema.exceptions.best_match(validator.iter_errors(document))
    if error is not None:
        raise AssertionError(f"{error.json_path}: {error.message[:500]}")
    extra = undescribed(document, schema, schema)
    if extra:
        raise AssertionError(f"keys that the schema does not describe: {', '.join(extra[:5])}")


def check_files(files):
    for file in files:
        text = sys.stdin.read() if str(file) == "-" else pathlib.Path(file).read_text()
        try:
            check(json.loads(text))
        except (AssertionError, json.JSONDecodeError) as error:
            sys.exit(f"{file}: {error}")
    print(f"{len(files)} documents are valid")


def main():
    jsonschema.Draft202012Validator.check_schema(json.loads(SCHEMA.read_text()))
    check_files(sys.argv[1:])


if __name__ == "__main__":
    main()
