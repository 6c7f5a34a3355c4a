"""chanspect killed at random instants must leave its target as it was; a target killed at random
instants must leave chanspect with a clear end."""

import json
import os
import pathlib
import random
import signal
import subprocess
import time

import pytest

from go_target import GoTarget, build

NORMAL, NIGHTLY = 60, 500
PARKED = 20000  # so many that most of the time is spent in reading
# gone, or ended before it was opened
CANNOT_READ = 3


def threads(pid):
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            lines = (task / "status").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        yield dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def assert_free(target):
    """No thread is stopped or traced. The kernel lets go of them while it buries the tracer."""
    for thread in threads(target.pid):
        assert thread["State"][0] not in "tT", thread["State"]
        assert thread["TracerPid"].strip() == "0", thread["TracerPid"]


def assert_counts_on(target, before):
    """Every worker, the channel and the sleeping thread get on, and nothing is lost."""
    deadline = time.monotonic() + 20
    while True:
        now = target.ask_line("count")
        assert now["a"] == now["b"]
        assert now["passed"] in range(now["taken"] - 1000, now["taken"] + 1001)
        grown = [new > old for old, new in zip(before["counted"], now["counted"])]
        grown += [now[key] > before[key] for key in ("a", "taken", "slept")]
        if all(grown):
            return now
        assert time.monotonic() < deadline, (before, now)
        time.sleep(0.005)


def session_members(session):
    members = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                members.append(int(entry.name))
    return members


def start(chanspect, *arguments):
    return subprocess.Popen([chanspect.binary, *map(str, arguments)], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


COMMANDS = [["channels"], ["stack", "--all"], ["goroutines", "--watch", "20ms"]]


def arguments_for(command, target, *more):
    return [command[0], target.pid, *command[1:], *more]


def typical_seconds(chanspect, arguments):
    return min(chanspect.run(*arguments).seconds for _ in range(3))


@pytest.fixture
def target(last_release):
    with GoTarget(build("count", last_release), "-n", str(PARKED)) as program:
        yield program


def test_chanspect_killed(chanspect, target, nightly, stop):
    times = NIGHTLY if nightly else NORMAL
    random.seed(4242)
    lengths = [typical_seconds(chanspect, arguments_for(command, target, "--stop", stop))
               for command in COMMANDS]
    counts = target.ask_line("count")
    killed = 0
    for i in range(times):
        which = i % len(COMMANDS)
        victim = start(chanspect, *arguments_for(COMMANDS[which], target, "--stop", stop))
        time.sleep(random.uniform(0, 1.1 * lengths[which]))
        victim.kill()
        victim.communicate()
        killed += victim.returncode == -signal.SIGKILL
        assert target.runs()
        assert_free(target)
        assert session_members(victim.pid) == []
        counts = assert_counts_on(target, counts)
    assert killed > times / 3, f"only {killed} of {times} were killed before they ended"


def test_target_killed(chanspect, last_release, nightly, stop):
    times = NIGHTLY if nightly else NORMAL
    random.seed(4243)
    program = build("count", last_release)
    lengths = {}
    gone = 0
    for i in range(times):
        command = COMMANDS[i % len(COMMANDS)]
        with GoTarget(program, "-n", str(PARKED // 4)) as target:
            arguments = arguments_for(command, target, "--stop", stop, "--format", "json")
            if command[0] not in lengths:
                lengths[command[0]] = typical_seconds(chanspect, arguments)
            reader = start(chanspect, *arguments)
            timer = time.monotonic() + random.uniform(0, 1.1 * lengths[command[0]])
            time.sleep(max(0, timer - time.monotonic()))
            os.kill(target.pid, signal.SIGKILL)
            out, err = reader.communicate(timeout=30)
        about = (reader.returncode, out[:200], err)
        if reader.returncode == 0:
            assert json.loads(out)["completeness"]["complete"], about
        else:
            assert reader.returncode == CANNOT_READ, about
            assert err.startswith(b"chanspect: "), about
            assert str(target.pid).encode() in err, about
            assert out == b"", about
            gone += 1
    assert gone > 0


def test_a_stopped_target_is_read_and_stays_stopped(chanspect, target, stop):
    os.kill(target.pid, signal.SIGSTOP)
    time.sleep(0.05)
    try:
        document = chanspect.json("channels", target.pid, "--stop", stop)
        assert document["channels"][0]["receivers"] == PARKED
        time.sleep(0.05)
        for thread in threads(target.pid):
            assert thread["State"][0] == "T", thread["State"]
            assert thread["TracerPid"].strip() == "0"
    finally:
        os.kill(target.pid, signal.SIGCONT)
    assert_counts_on(target, target.ask_line("count"))


def test_signals_sent_while_it_is_read_arrive(chanspect, target, stop):
    """A stop must not swallow what is on its way to a thread: SIGSTOP, and Go's own SIGURG."""
    counts = target.ask_line("count")
    for _ in range(20):
        reader = start(chanspect, "channels", target.pid, "--stop", stop)
        for _ in range(10):
            os.kill(target.pid, signal.SIGURG)
            time.sleep(0.001)
        _, err = reader.communicate(timeout=30)
        assert reader.returncode == 0, err
        counts = assert_counts_on(target, counts)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(chanspect, target, how):
    """Ctrl-C during a long watch with the target to be stopped."""
    reader = start(chanspect, "goroutines", target.pid, "--stop", "freeze", "--watch", "30s")
    time.sleep(0.5)
    reader.send_signal(how)
    reader.communicate(timeout=10)
    assert reader.returncode != 0
    assert_free(target)
    assert_counts_on(target, target.ask_line("count"))
