"""Cores of Go programs for arm64, read here: all that is asked of a live process's goroutines.

An emulator runs the programs and writes their cores (qemu-aarch64, from Debian's qemu-user).
"""

import shutil

import pytest

import cores
import go_target
import stack_text
from conftest import Waits

# The same tests, with the fixtures of this file: `waits` is a core.
from test_truth_channels import (  # noqa: F401
    test_channels_with_their_fields_and_waiters, test_no_channel_that_nobody_waits_on)
from test_truth_rows import (  # noqa: F401
    test_all_goroutines_are_there_and_no_other, test_block_types, test_creators_and_parents,
    test_labels, test_locks_have_their_address, test_states_and_reasons,
    test_waits_with_channel_direction_and_type)
from test_truth_stacks import (  # noqa: F401
    test_json_frame_by_frame, test_text_is_that_of_the_runtime)


class WaitsInCore(Waits):
    """The program of every kind of wait, in a core; `pid` is what chanspect is given."""

    def __init__(self, release, folder):
        self.release = release
        binary = go_target.build("waits", release, goarch="arm64")
        with go_target.GoTarget(cores.EMULATOR, binary, cwd=folder,
                                env=cores.crash_environment()) as target:
            self.rows = {row["id"]: row for row in target.ask_json("truth")}
            self.stack = target.ask("stack")
            self.pid = cores.emulated_core(target, folder / "core")
        self.texts = stack_text.paragraphs(self.stack)


@pytest.fixture(scope="session")
def waits(release, tmp_path_factory):
    folder = tmp_path_factory.mktemp(f"arm64-{release}")
    yield WaitsInCore(release, folder)
    shutil.rmtree(folder)  # cores are large


@pytest.fixture
def stop():
    return "none"


def test_running_goroutines_by_the_registers_of_their_threads(chanspect, release, tmp_path):
    binary = go_target.build("waits", release, goarch="arm64")
    with go_target.GoTarget(cores.EMULATOR, binary, "-spin", cwd=tmp_path) as target:
        loop = next(row for row in target.ask_json("truth") if row["name"] == "tight loop")
        core = cores.emulated_core(target, tmp_path / "core", lambda: target.say("abort"))
    rows = {row["id"]: row
            for row in chanspect.json("stack", core, "--all")["goroutines"]}
    assert rows[1]["status"] == "_Grunning", rows[1]
    functions = [frame["function"] for frame in rows[1]["stack"] if not frame["hidden"]]
    assert functions[-3:] == ["main.abort", "main.answer", "main.main"], functions
    assert functions[0].endswith(".Syscall6"), functions  # a leaf, too
    shown = [frame["function"] for frame in rows[loop["id"]]["stack"] if not frame["hidden"]]
    assert shown == ["main.spinInLeaf", "main.runningScenes.func2"], (rows[loop["id"]], shown)
