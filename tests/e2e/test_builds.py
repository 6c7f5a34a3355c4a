"""Programs built and run in other ways than the usual: C between Go, the race detector, a
release that nobody knows, a binary that has gone or lies elsewhere."""

import os
import pathlib
import shutil
import subprocess

import pytest

from conftest import Waits
from go_target import ALL_RELEASES, GoTarget, build
from stack_text import paragraphs, without_minutes
from test_truth_stacks import assert_same

CANNOT_READ = 3
ENDS = ["1.19", ALL_RELEASES[-1]]


class Copy(Waits):
    """The program of every kind of wait from a changed or moved binary."""

    def __init__(self, binary, release, *command):
        self.release = release
        self.target = GoTarget(*(command or [str(binary)]))
        self.pid = self.target.pid
        self.rows = {row["id"]: row for row in self.target.ask_json("truth")}
        self.stack = self.target.ask("stack")
        self.texts = paragraphs(self.stack)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.target.kill()


def assert_all_true(chanspect, waits):
    """Stacks to the byte, and the channels' waiters."""
    assert_same(waits, paragraphs(chanspect.text("stack", waits.pid, "--all")))
    rows = {row["address"]: row for row in chanspect.json("channels", waits.pid)["channels"]}
    for address, (wait, waiters) in waits.channels().items():
        row = rows[address]
        assert row["elem_type"] == wait["elem"], (wait, row)
        assert row["senders"] + row["receivers"] + row["selects"] == len(
            {waiter["id"] for waiter in waiters}), (waiters, row)


@pytest.mark.parametrize("build_release", ENDS)
@pytest.mark.parametrize("flags", [
    ["-race"], ["-buildmode=pie", "-ldflags=-linkmode=external"], ["-ldflags=-linkmode=external"],
    ["-ldflags=-compressdwarf=false"],
], ids=lambda flags: "".join(flags))
def test_flags(chanspect, build_release, flags):
    waits = Waits(build_release, *flags)
    try:
        assert_all_true(chanspect, waits)
    finally:
        waits.target.kill()


@pytest.mark.parametrize("build_release", ENDS)
def test_callbacks_from_c(chanspect, build_release, stop):
    with GoTarget(build("cgo", build_release)) as target:
        truth = {row["id"]: row for row in target.ask_json("truth")}
        texts = paragraphs(target.ask("stack"))
        said = paragraphs(chanspect.text("stack", target.pid, "--all", "--stop", stop))
        assert set(said) == set(texts)
        rows = {row["id"]: row for row in chanspect.json(
            "goroutines", target.pid, "--stop", stop)["goroutines"]}
        assert len(truth) >= 6
        for id, row in truth.items():
            assert without_minutes(said[id].text) == without_minutes(texts[id].text), row
            assert rows[id]["status"] == row["status"], row
            if row["channel"]:
                assert rows[id]["waits"][0]["channel"] == row["channel"], row


def with_other_release(binary, copy, old, new):
    """The same program, which says that another release of Go has built it."""
    assert len(old) == len(new)
    data = pathlib.Path(binary).read_bytes()
    assert data.count(old) >= 1
    copy.write_bytes(data.replace(old, new))
    copy.chmod(0o755)
    return copy


@pytest.mark.parametrize("build_release, said", [("1.27.4", "1.99.4"), ("1.27.4", "1.28.0"),
                                                 ("1.25.8", "1.25.9"), ("1.22.12", "1.22.99")])
def test_an_unknown_release_is_read_by_its_dwarf(chanspect, tmp_path, build_release, said):
    copy = with_other_release(build("waits", build_release), tmp_path / "copy",
                              f"go{build_release}".encode(), f"go{said}".encode())
    with Copy(copy, build_release) as waits:
        assert_all_true(chanspect, waits)
        target = chanspect.json("channels", waits.pid)["target"]
        assert target["go_version"] == f"go{said}"
        if not said.startswith("1.25"):
            assert "DWARF" in target["layout_source"]


def test_a_release_that_lies_is_found_out(chanspect, tmp_path):
    """Layouts of 1.19 do not fit a program of 1.27: nothing may be believed."""
    binary = build("waits", ALL_RELEASES[-1], "-ldflags=-w")
    copy = with_other_release(binary, tmp_path / "copy", f"go{ALL_RELEASES[-1]}".encode(),
                              b"go1.21.4")
    with Copy(copy, ALL_RELEASES[-1]) as waits:
        run = chanspect.run("channels", waits.pid, check=False)
        assert run.code == CANNOT_READ and run.out == b"", str(run)


def test_another_machine_is_refused(chanspect, tmp_path, monkeypatch):
    """A 32-bit program runs here as well."""
    monkeypatch.setenv("GOARCH", "386")
    monkeypatch.setenv("CHANSPECT_PROGRAMS", str(tmp_path))
    with GoTarget(build("hello", ALL_RELEASES[-1])) as target:
        run = chanspect.run("channels", target.pid, check=False)
        assert run.code == CANNOT_READ and run.out == b"" and run.err


def test_a_binary_that_has_been_deleted(chanspect, tmp_path, last_release):
    copy = tmp_path / "gone"
    shutil.copy(build("waits", last_release), copy)
    with Copy(copy, last_release) as waits:
        copy.unlink()
        assert_all_true(chanspect, waits)
        copy.write_text("something else stands in its place")
        assert_all_true(chanspect, waits)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change its root")
def test_a_binary_whose_path_means_something_else_here(chanspect, tmp_path, last_release):
    """As in a container: the path that the target sees is another file to us."""
    shutil.copy(build("hello", last_release), tmp_path / "true")
    (tmp_path / "bin").symlink_to(".")
    with GoTarget("chroot", str(tmp_path), "/bin/true") as target:
        document = chanspect.json("channels", target.pid)
        assert [row["address"] for row in document["channels"]] == [target.ready.split()[-1]]
        assert document["channels"][0]["site"]["function"] == "main.stuck"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make namespaces")
def test_a_target_in_other_namespaces(chanspect, last_release):
    """Its own pid is 1 to itself."""
    command = ["unshare", "--pid", "--mount", "--net", "--fork", "--kill-child",
               build("hello", last_release)]
    with GoTarget(*command) as outer:
        assert "pid 1 " in outer.ready
        children = pathlib.Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()
        document = chanspect.json("channels", children[0])
        assert document["target"]["pid"] == int(children[0])
        assert document["channels"][0]["address"] == outer.ready.split()[-1]
        frozen = chanspect.json("channels", children[0], "--stop", "freeze")
        assert frozen["channels"][0]["address"] == outer.ready.split()[-1]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make namespaces")
def test_running_goroutines_in_another_pid_namespace(chanspect, last_release):
    """Its runtime knows its threads by other ids than we do."""
    command = ["unshare", "--pid", "--fork", "--kill-child", build("waits", last_release), "-spin"]
    with GoTarget(*command) as outer:
        child = pathlib.Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()[0]
        ids = {row["name"]: row["id"] for row in outer.ask_json("truth")}
        text = chanspect.text("stack", child, ids["tight loop"], "--stop", "freeze")
        assert "running.go:" in text and "unavailable" not in text, text


def test_a_target_that_another_traces(chanspect, last_release):
    """Freezing needs what a debugger has taken; reading does not."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    with GoTarget(build("hello", last_release)) as target:
        tracer = subprocess.Popen(["strace", "-f", "-o", "/dev/null", "-p", str(target.pid)],
                                  stderr=subprocess.PIPE)
        tracer.stderr.readline()
        try:
            assert chanspect.json("channels", target.pid)["channels"]
            run = chanspect.run("channels", target.pid, "--stop", "freeze", check=False)
            assert run.code == CANNOT_READ and b"strace" in run.err, str(run)
        finally:
            tracer.terminate()
            tracer.communicate()
