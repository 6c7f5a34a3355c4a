"""Ways to build a Go program, and places to find it: the rows and columns of docs/reach.md."""

import dataclasses
import os
import pathlib
import shutil
import subprocess

import cores
from conftest import Waits
from go_target import ROOT, GoTarget, build
from stack_text import paragraphs
from test_truth_stacks import differences

EVERY_RELEASE = ["1.18.10", "1.19.13", "1.20.14", "1.21.13", "1.22.12", "1.23.12", "1.24.13", "1.25.14",
                 "1.26.11", "1.27.4"]
# Patch releases in which a layout changed, and the first of some minors.
PATCHES = ["1.19", "1.21.0", "1.23.0", "1.23.2", "1.23.3", "1.23.4", "1.23.10", "1.24.0", "1.24.5",
           "1.24.6", "1.25.0", "1.25.8", "1.26.0", "1.26.8", "1.27.0"]


@dataclasses.dataclass(frozen=True)
class Way:
    name: str
    flags: tuple = ()
    strip: bool = False      # with strip(1), afterwards
    env: tuple = ()          # for the build
    since: int = 18          # the minor release that knows it first
    until: int = 99


WAYS = [
    Way("as usual"),
    Way("-ldflags=-w", ("-ldflags=-w",)),
    Way("-ldflags=-s -w", ("-ldflags=-s -w",)),
    Way("strip", strip=True),
    Way("-buildmode=pie", ("-buildmode=pie",)),
    Way("pie, strip", ("-buildmode=pie",), strip=True),
    Way("-linkmode=external", ("-ldflags=-linkmode=external",), env=(("CGO_ENABLED", "1"),)),
    Way("external pie, strip", ("-buildmode=pie", "-ldflags=-linkmode=external"), strip=True,
        env=(("CGO_ENABLED", "1"),)),
    Way("-race", ("-race",), env=(("CGO_ENABLED", "1"),)),
    Way("-gcflags=all=-N -l", ("-gcflags=all=-N -l",)),
    Way("-trimpath", ("-trimpath",)),
    Way("GOAMD64=v3", env=(("GOAMD64", "v3"),)),
    Way("CGO_ENABLED=0", env=(("CGO_ENABLED", "0"),)),
    Way("X:noswissmap", env=(("GOEXPERIMENT", "noswissmap"),), since=24, until=25),
    Way("X:aliastypeparams", env=(("GOEXPERIMENT", "aliastypeparams"),), since=23, until=24),
    Way("X:synctest", env=(("GOEXPERIMENT", "synctest"),), since=24, until=25),
    Way("X:greenteagc", env=(("GOEXPERIMENT", "greenteagc"),), since=25),
    Way("X:nogreenteagc", env=(("GOEXPERIMENT", "nogreenteagc"),), since=26, until=26),
    Way("X:goroutineleakprofile", env=(("GOEXPERIMENT", "goroutineleakprofile"),), since=26,
        until=26),
    # From 1.25 on the program has bubbles of testing/synctest, which refuse that setting.
    Way("asynctimerchan=1", env=(("RUN_GODEBUG", "asynctimerchan=1"),), since=23, until=24),
]
PLACES = ["live", "freeze", "gcore", "kernel core"]  # the last ends the program


def minor(release):
    return int(release.split(".")[1])


def possible(way, release):
    return way.since <= minor(release) <= way.until


class ReachTarget(Waits):
    """The program of every kind of wait, built one way and started in a folder of its own."""

    def __init__(self, way, release, folder):
        self.release = release
        self.binary = self.built(way, release, folder)
        self.folder = folder
        env = cores.crash_environment()
        env.update({"GODEBUG": value for name, value in way.env if name == "RUN_GODEBUG"})
        self.target = GoTarget(str(self.binary), env=env, cwd=folder, quiet=True)
        self.pid = self.target.pid
        self.rows = {row["id"]: row for row in self.target.ask_json("truth")}
        self.texts = paragraphs(self.target.ask("stack"))

    @staticmethod
    def built(way, release, folder):
        env = {**os.environ, **{name: value for name, value in way.env if name != "RUN_GODEBUG"}}
        name = "".join(f"-{value}" for _, value in way.env)
        programs = pathlib.Path(env.get("CHANSPECT_PROGRAMS", ROOT / "build/programs")) / f"reach{name}"
        binary = build("waits", release, *way.flags,
                       env={**env, "CHANSPECT_PROGRAMS": str(programs)})
        copy = folder / "waits"
        if way.strip:
            subprocess.run(["strip", "-o", copy, binary], check=True)
        else:
            shutil.copy(binary, copy)
        return copy


def faults(chanspect, waits, target, *options):
    """What differs between our goroutines and the program's own word; empty: nothing."""
    found = differences(waits, paragraphs(chanspect.text("stack", target, "--all", *options)))
    return "\n\n".join(found[:3])


def try_places(chanspect, way, release, folder, places):
    """{place: what differs}."""
    result = {}
    waits = ReachTarget(way, release, folder)
    try:
        for place in places:
            if place == "live":
                result[place] = faults(chanspect, waits, waits.pid)
            elif place == "freeze":
                result[place] = faults(chanspect, waits, waits.pid, "--stop", "freeze")
            else:
                make = cores.gcore if place == "gcore" else cores.kernel_core
                core = make(waits.target, folder / place.replace(" ", "-"))
                result[place] = faults(chanspect, waits, core)
                core.unlink()
    finally:
        waits.target.kill()
    return result
