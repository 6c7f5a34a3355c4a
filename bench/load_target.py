"""The Go program that the benchmark looks into, and what it says of itself."""

import json
import pathlib
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
RELEASE = "1.27.4"


def build(builder, *arguments):
    command = [ROOT / "tests/support" / builder, *arguments, RELEASE]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


class LoadTarget:
    """tests/programs/load with `goroutines` goroutines, all of them parked when this returns."""

    def __init__(self, binary, goroutines):
        self.goroutines = goroutines
        self.process = subprocess.Popen(
            [binary, "-n", str(goroutines)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        words = self.process.stdout.readline().split()
        if words[:1] != ["ready"]:
            raise RuntimeError(f"the load program did not come up: {words}")
        self.pid = self.process.pid
        self.channels = int(words[words.index("channels") + 1])

    def ask(self, word):
        self.process.stdin.write(word + "\n")
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(f"the load program could not answer {word}: {answer['error']}")
        return answer

    def stall(self):
        """The longest time that it stood still since last asked, in seconds."""
        answer = self.ask("stall")
        return max(answer["thread_stall_ns"], answer["goroutine_stall_ns"]) / 1e9

    def rest(self):
        """Its clocks cost a fifth of a processor: they rest while a time is taken."""
        self.ask("rest")

    def watch(self):
        self.ask("watch")

    def memory(self):
        return self.ask("rss")["rss_bytes"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
