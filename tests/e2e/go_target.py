"""Go programs of tests/programs, built with one release and run as targets."""

import ctypes
import json
import os
import pathlib
import re
import signal
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]

ALL_RELEASES = (ROOT / "tests/releases").read_text().split()
# Those where the runtime's structures differ most from their neighbours.
SAMPLE = ["1.19", "1.22.12", "1.25.8", "1.27.4"]

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def build(name, release, *flags, goarch=None, env=None):
    """The program's path; for another processor where `goarch` names one."""
    command = [ROOT / "tests/support/build_program", name, release, *flags]
    env = {**os.environ, "GOARCH": goarch, "CGO_ENABLED": "0"} if goarch else env
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True,
                          env=env).stdout.strip()


def at_least(release, minor):
    return int(release.split(".")[1]) >= minor


class GoTarget:
    """A running program that answers words on its standard input."""

    def __init__(self, binary, *arguments, release=None, env=None, cwd=None,
                 quiet=False):
        self.release = release
        self.process = subprocess.Popen([binary, *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, preexec_fn=_die_with_parent,
                                        env=env, cwd=cwd,
                                        stderr=subprocess.DEVNULL if quiet else None)
        self.pid = self.process.pid
        self.ready = self.line()
        assert self.ready.startswith("ready"), f"{binary} did not start: {self.ready!r}"

    def line(self):
        return self.process.stdout.readline().decode().rstrip("\n")

    def say(self, word):
        self.process.stdin.write(word.encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, word):
        """The answer to a word, framed as "WORD BYTES\\n" ... "\\n"."""
        self.say(word)
        header = self.line()
        match = re.fullmatch(re.escape(word) + r" (\d+)", header)
        assert match, f"{word}: {header!r}"
        size = int(match[1])
        text = self.process.stdout.read(size + 1)
        assert len(text) == size + 1, f"{word}: the target ended"
        return text[:-1].decode()

    def ask_json(self, word):
        return json.loads(self.ask(word))

    def ask_line(self, word):
        """The answer of a program that answers in single lines of JSON."""
        self.say(word)
        return json.loads(self.line())

    def runs(self):
        return self.process.poll() is None

    def kill(self):
        if self.runs():
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
