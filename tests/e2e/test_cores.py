"""Cores by the command line: packed, cut off, without their executable, with the wrong one."""

import shutil
import signal

import pytest

import cores
from conftest import Waits
from go_target import GoTarget, build
from stack_text import paragraphs
from test_truth_stacks import assert_same

USAGE, CANNOT_READ, INCOMPLETE = 2, 3, 4


class Dumped(Waits):
    """The program of every kind of wait, with runners, in a folder of its own, and a core of it."""

    def __init__(self, release, folder, make):
        self.release, self.folder = release, folder
        self.binary = shutil.copy(build("waits", release), folder / "waits")
        self.target = GoTarget(str(self.binary), "-spin", env=cores.crash_environment(), cwd=folder,
                               quiet=True)
        self.pid = self.target.pid
        self.rows = {row["id"]: row for row in self.target.ask_json("truth")}
        self.texts = paragraphs(self.target.ask("stack"))
        self.core = make(self.target, folder / "the core")

    def id_of(self, name):
        return next(row["id"] for row in self.rows.values() if row["name"] == name)


@pytest.fixture(scope="module")
def dumped(last_release, tmp_path_factory):
    target = Dumped(last_release, tmp_path_factory.mktemp("dumped"), cores.gcore)
    yield target
    target.target.kill()
    shutil.rmtree(target.folder)


@pytest.fixture(scope="module")
def crashed(last_release, tmp_path_factory):
    """A kernel's core, which is small: it leaves out what nobody has touched."""
    if why_not := cores.no_kernel_core():
        pytest.skip(why_not)
    target = Dumped(last_release, tmp_path_factory.mktemp("crashed"), cores.kernel_core)
    yield target
    shutil.rmtree(target.folder)


def assert_the_runner_has_its_stack(chanspect, dumped, core):
    text = chanspect.text("stack", core, dumped.id_of("tight loop"))
    assert "running.go:" in text and "unavailable" not in text, text


def test_gcore_tells_the_same_as_the_runtime(chanspect, dumped):
    assert_same(dumped, paragraphs(chanspect.text("stack", dumped.core, "--all")))
    assert_the_runner_has_its_stack(chanspect, dumped, dumped.core)


def test_waits_are_lower_bounds_up_to_the_core(chanspect, dumped):
    """The program has waited on since, so no wait may be longer than it is now."""
    lengths = {}
    for target in (dumped.core, dumped.pid):
        rows = chanspect.json("goroutines", target)["goroutines"]
        lengths[target] = {row["id"]: row["wait_seconds_at_least"] for row in rows
                           if row["settled"] and row["wait_seconds_at_least"] is not None}
    known = [id for id in lengths[dumped.core] if id in lengths[dumped.pid]]
    still = [id for id in known if not dumped.rows.get(id, {"moves": True}).get("moves")]
    assert len(still) > 100
    for id in still:
        assert 0 <= lengths[dumped.core][id] <= lengths[dumped.pid][id], id


def test_the_report_says_that_it_is_a_core(chanspect, dumped):
    target = chanspect.json("channels", dumped.core)["target"]
    assert target["kind"] == "core" and target["path"] == str(dumped.core)
    assert target["pid"] == dumped.pid and target["signal"] is None
    assert target["executable"] == str(dumped.binary)
    assert "core of pid" in chanspect.text("channels", dumped.core)


@pytest.mark.parametrize("suffix", [".gz", ".zst", ".xz"])
def test_compressed_cores_are_read_as_they_are(chanspect, crashed, suffix):
    packed = cores.compressed(crashed.core, suffix)
    said = chanspect.text("stack", packed, "--all", "-q")
    assert said == chanspect.text("stack", crashed.core, "--all", "-q")


def test_the_executable_moved(chanspect, dumped, tmp_path):
    elsewhere = shutil.move(dumped.binary, tmp_path / "kept")
    try:
        run = chanspect.run("channels", dumped.core, check=False)
        assert run.code != 0 and b"--exe" in run.err, str(run)
        text = chanspect.text("stack", dumped.core, "--all", "--exe", elsewhere)
        assert_same(dumped, paragraphs(text))
    finally:
        shutil.move(elsewhere, dumped.binary)


def test_a_wrong_executable_is_refused(chanspect, dumped, last_release):
    run = chanspect.run("channels", dumped.core, "--exe", build("hello", last_release), check=False)
    assert run.code == CANNOT_READ and run.out == b"" and b"build id" in run.err, str(run)


@pytest.mark.parametrize("share", [0.001, 0.1, 0.3, 0.6, 0.8, 0.99])
def test_a_core_that_was_cut_off(chanspect, crashed, share, tmp_path):
    """What is left may not be enough; it must say so."""
    cut = tmp_path / "cut"
    data = crashed.core.read_bytes()
    cut.write_bytes(data[:int(len(data) * share)])
    run = chanspect.run("goroutines", cut, "--exe", crashed.binary, "--format", "json", check=False)
    assert run.code in (0, CANNOT_READ, INCOMPLETE), str(run)
    assert b"cut off" in run.out or run.err, str(run)


def test_a_kernel_core_after_a_crash(chanspect, crashed):
    assert_same(crashed, paragraphs(chanspect.text("stack", crashed.core, "--all")))
    # Its thread is in a signal handler: it goes on where the signal came in.
    assert_the_runner_has_its_stack(chanspect, crashed, crashed.core)
    assert chanspect.json("channels", crashed.core)["target"]["signal"] == signal.SIGABRT


@pytest.mark.parametrize("option", [["--watch", "1s"]])
def test_what_makes_no_sense_with_a_core(chanspect, dumped, option):
    run = chanspect.run("channels", dumped.core, *option, check=False)
    assert run.code == USAGE and b"core" in run.err, str(run)


def test_exe_is_for_cores(chanspect, dumped):
    run = chanspect.run("channels", dumped.pid, "--exe", dumped.binary, check=False)
    assert run.code == USAGE and b"--exe is for core files" in run.err, str(run)


def test_a_file_that_is_no_core(chanspect, tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("not a core\n")
    run = chanspect.run("channels", text, check=False)
    assert run.code == CANNOT_READ and b"is no core: it is a text" in run.err, str(run)
