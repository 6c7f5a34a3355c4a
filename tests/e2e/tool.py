"""chanspect as its users meet it: a command with an exit code and what it prints."""

import json
import re
import subprocess
import time


ESCAPES = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}


def unescaped(cell):
    """Cells keep to one line: tabs and line ends in names come as in C."""
    return re.sub(r"\\.", lambda match: ESCAPES.get(match[0], match[0]), cell)


class Run:
    def __init__(self, command, code, out, err, seconds):
        self.command, self.code, self.out, self.err, self.seconds = command, code, out, err, seconds

    def __str__(self):
        return (f"{' '.join(map(str, self.command))}\n-> {self.code} in {self.seconds:.3f} s\n"
                f"{self.out[:3000].decode(errors='replace')}\n--- stderr\n"
                f"{self.err[:3000].decode(errors='replace')}")


class Chanspect:
    """Runs the binary; `check` asks for exit code 0."""

    def __init__(self, binary, schema_check=None):
        self.binary = binary
        self.schema_check = schema_check

    def run(self, *arguments, check=True, timeout=60, **options):
        command = [str(self.binary), *map(str, arguments)]
        options.setdefault("stdin", subprocess.DEVNULL)
        start = time.monotonic()
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=timeout, **options)
        run = Run(command, done.returncode, done.stdout, done.stderr, time.monotonic() - start)
        assert run.code >= 0, f"killed by signal {-run.code}: {run}"
        if check:
            assert run.code == 0, str(run)
        return run

    def text(self, *arguments, **options):
        return self.run(*arguments, **options).out.decode()

    def json(self, *arguments, **options):
        """The document, which is valid by the schema."""
        document = json.loads(self.run(*arguments, "--format", "json", **options).out)
        if self.schema_check:
            self.schema_check(document)
        return document

    def tsv(self, *arguments, **options):
        """Rows as dictionaries by the names of the header line."""
        lines = self.text(*arguments, "--format", "tsv", **options).splitlines()
        names = lines[0].split("\t")
        assert len(set(names)) == len(names), lines[0]
        rows = [list(map(unescaped, line.split("\t"))) for line in lines[1:]]
        for row in rows:
            assert len(row) == len(names), (names, row)
        return [dict(zip(names, row)) for row in rows]
