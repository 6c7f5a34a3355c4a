"""The target's memory is hostile input: whatever stands in it, chanspect ends soon, with a code it
promises, and never by a signal.

A stopped target's goroutines, sudogs and channels are overwritten at random, looked at, and put
back, round after round.
"""

import collections
import os
import random
import resource
import signal
import struct
import subprocess
import time

import pytest

from go_target import GoTarget, build

NORMAL, NIGHTLY = 150, 3000

PROMISED = {0, 2, 3, 4}  # docs/exit-codes.md, less the one for our own failures
SECONDS = 10
ROOM = 2 << 30  # bytes of address space: no length that the target names may ask for more

G_SIZE, SUDOG_SIZE, HCHAN_SIZE = 456, 104, 112


class Memory:
    """Writes to a stopped process, and takes all of it back."""

    def __init__(self, pid):
        self.file = os.open(f"/proc/{pid}/mem", os.O_RDWR)
        self.before = []

    def read(self, address, size):
        return os.pread(self.file, size, address)

    def write(self, address, data):
        self.before.append((address, self.read(address, len(data))))
        os.pwrite(self.file, data, address)

    def restore(self):
        while self.before:
            address, data = self.before.pop()
            os.pwrite(self.file, data, address)


class Scene:
    """A stopped load program and where its structures lie."""

    def __init__(self, chanspect, release):
        self.target = GoTarget(build("waits", release))
        self.target.ask("gc")
        os.kill(self.target.pid, signal.SIGSTOP)
        time.sleep(0.05)
        pid = self.target.pid
        self.memory = Memory(pid)
        goroutines = chanspect.json("goroutines", pid, "--system")["goroutines"]
        self.gs = [int(row["address"], 16) for row in goroutines]
        self.channels, self.sudogs, self.types = [], [], []
        for row in chanspect.json("channels", pid)["channels"][:40]:
            channel = chanspect.json("channel", pid, row["address"])["channel"]
            self.channels.append(int(channel["address"], 16))
            self.types.append(int(channel["elem_type_address"], 16))
            for queue in ("senders", "receivers"):
                self.sudogs += [int(waiter["sudog"], 16) for waiter in channel[queue]["waiters"]]
        self.globals = symbols(build("waits", release), [
            "runtime.allgs", "runtime.allglen", "runtime.allgptr", "runtime.allm",
            "runtime.semtable", "runtime.waitReasonStrings", "runtime.firstmoduledata",
            "runtime.memstats"])

    def close(self):
        self.target.kill()


def symbols(binary, names):
    lines = subprocess.run(["nm", binary], check=True, stdout=subprocess.PIPE, text=True).stdout
    found = {line.split()[-1]: int(line.split()[0], 16) for line in lines.splitlines()
             if len(line.split()) == 3}
    return [found[name] for name in names if name in found]


def odd_value(scene):
    """What a pointer, a length or a count is least expected to be."""
    return random.choice([
        0, 1, 7, 8, 0xff, 0x1000, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**47 - 8, 2**63, 2**64 - 1,
        2**64 - 8, random.getrandbits(64), random.getrandbits(47) & ~7, random.getrandbits(16),
        random.choice(scene.gs), random.choice(scene.channels), random.choice(scene.sudogs),
        random.choice(scene.types), random.choice(scene.globals),
    ])


def spoil(scene):
    """Overwrites a few words in one kind of structure, or in all of them."""
    kinds = [(scene.gs, G_SIZE), (scene.sudogs, SUDOG_SIZE), (scene.channels, HCHAN_SIZE),
             (scene.types, 64), (scene.globals, 512)]
    weights = [4, 4, 4, 2, 1]
    some = random.choices(kinds, weights, k=random.choice([1, 1, 2]))
    for places, size in some:
        for _ in range(random.choice([1, 3, 30])):
            address = random.choice(places) + random.randrange(0, size, 8)
            try:
                scene.memory.write(address, struct.pack("<Q", odd_value(scene)))
            except OSError:
                pass  # read-only memory of the executable: types stay as they are


def look(chanspect, arguments, stop):
    """One run, within bounds of time and space, that must end in a way that is promised."""

    def keep_within_bounds():
        resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))

    sanitized = b"__asan_init" in chanspect.binary.read_bytes()  # which reserves terabytes
    run = chanspect.run(*arguments, "--stop", stop, check=False, timeout=SECONDS,
                        preexec_fn=None if sanitized else keep_within_bounds)
    assert run.code in PROMISED, str(run)
    assert run.out or run.err or arguments[0] == "stack", str(run)  # of no goroutine: no text
    assert b"terminate called" not in run.err and b"bad_alloc" not in run.err, str(run)
    return run


COMMANDS = [
    ["channels"], ["goroutines", "--system", "--format", "json"],
    ["stack", "--all", "--channels"], ["blocked", "--format", "tsv"], [],
    ["goroutines", "--group-by", "stack,label,channel"], ["nth", "3"],
    ["goroutines", "--watch", "1ms"],
]


@pytest.mark.parametrize("hostile_release", ["1.19", "1.22.12", "1.27.4"])
def test_spoiled_structures(chanspect, nightly, hostile_release):
    seed = random.randrange(2**32) if nightly else 1
    print(f"seed {seed}")
    random.seed(seed)
    ends = collections.Counter()
    scene = Scene(chanspect, hostile_release)
    try:
        for i in range(NIGHTLY if nightly else NORMAL):
            spoil(scene)
            name, *options = COMMANDS[i % len(COMMANDS)] or [None]
            arguments = [name, scene.target.pid, *options] if name else [scene.target.pid]
            run = look(chanspect, arguments, random.choice(["none", "freeze"]))
            ends[run.code] += 1
            scene.memory.restore()
        print(f"ended with {dict(ends)}")
        assert ends[0] and ends[4], "some of what was spoiled is noticed, and most survives"
        # What was put back is whole again.
        rows = chanspect.json("goroutines", scene.target.pid, "--system")["goroutines"]
        assert [int(row["address"], 16) for row in rows] == scene.gs
    finally:
        scene.close()


def test_queue_that_bites_its_tail(chanspect, last_release):
    """A sudog that follows itself, and two goroutines that share a sudog."""
    scene = Scene(chanspect, last_release)
    try:
        for offset in range(0, SUDOG_SIZE, 8):
            for sudog in scene.sudogs[:3]:
                scene.memory.write(sudog + offset, struct.pack("<Q", sudog))
            for command in ("channels", "blocked"):
                look(chanspect, [command, scene.target.pid], "none")
            scene.memory.restore()
        for offset in range(0, G_SIZE, 8):
            for g in scene.gs:
                scene.memory.write(g + offset, struct.pack("<Q", scene.sudogs[0]))
            for stop in ("none", "freeze"):
                look(chanspect, ["stack", scene.target.pid, "--all"], stop)
            scene.memory.restore()
    finally:
        scene.close()


def test_every_g_says_the_worst(chanspect, last_release):
    """All of one field of all goroutines at once, with the values that overflow."""
    scene = Scene(chanspect, last_release)
    try:
        for value in (0, 2**64 - 1, 2**63, 2**47 - 8, 1):
            for offset in range(0, G_SIZE, 8):
                for g in scene.gs:
                    scene.memory.write(g + offset, struct.pack("<Q", value))
                look(chanspect, ["stack", scene.target.pid, "--all"], "none")
                scene.memory.restore()
    finally:
        scene.close()
