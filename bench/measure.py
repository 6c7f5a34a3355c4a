"""Runs of one command: its time and memory, and what the target felt meanwhile."""

import dataclasses
import os
import statistics
import subprocess
import time


@dataclasses.dataclass
class Run:
    seconds: float
    peak_bytes: int


@dataclasses.dataclass
class Runs:
    """Several runs of one command: medians, but of stall and memory the worst."""

    seconds: float
    peak_bytes: int
    stall: float = None  # the target's longest, in seconds
    target_growth: int = None  # bytes that the target's memory grew by


def run_once(command, **options):
    """Runs to the end. A command that fails ends the benchmark, since its time means nothing."""
    start = time.perf_counter()
    process = subprocess.Popen(command, **options)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {process.returncode}")
    return Run(seconds, usage.ru_maxrss * 1024)


def run_into_counter(command):
    """Runs with standard output into a pipe whose reader counts: (run, bytes)."""
    counter = subprocess.Popen(["wc", "-c"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    run = run_once(command, stdout=counter.stdin)
    counted, _ = counter.communicate()
    return run, int(counted)


def timed(target, times, once):
    """Calls `once` `times` times while the target's own clocks rest."""
    target.rest()
    before = target.memory()
    runs = [once() for _ in range(times)]
    return Runs(
        statistics.median(run.seconds for run in runs),
        max(run.peak_bytes for run in runs),
        target_growth=max(0, target.memory() - before))


def stall(target, times, once):
    """The longest stall that the target saw in any of `times` calls."""
    target.watch()
    stalls = []
    for _ in range(times):
        target.stall()
        once()
        stalls.append(target.stall())
    return max(stalls)


def watched(target, times, once):
    """The time of some calls, and what the target felt in as many others."""
    runs = timed(target, times, once)
    runs.stall = stall(target, times, once)
    return runs


def watched_once(target, once):
    """The same of one call, for what takes so long that the clocks make no difference."""
    target.watch()
    before = target.memory()
    target.stall()
    run = once()
    return Runs(run.seconds, run.peak_bytes, target.stall(), max(0, target.memory() - before))


def floor(binary, target):
    """Seconds to copy 800 bytes a goroutine out of the target, on one core."""
    command = [binary, str(target.pid), str(target.goroutines), "7"]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
