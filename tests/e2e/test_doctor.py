"""chanspect doctor: what can be read here, why what cannot, and what would cure it."""

import os
import pathlib
import subprocess

import pytest

import cores
from go_target import ALL_RELEASES, GoTarget, build
from test_builds import with_other_release

OK, USAGE, CANNOT_READ, INCOMPLETE = 0, 2, 3, 4
LAST = ALL_RELEASES[-1]
ABILITIES = ["list", "channels", "stacks", "types", "wait lengths", "freeze"]


@pytest.fixture(scope="module")
def hello():
    with GoTarget(build("hello", LAST)) as target:
        yield target


class Found:
    """The document, by the names of its lines."""

    def __init__(self, chanspect, *arguments, code=OK, **options):
        self.document = chanspect.json("doctor", *arguments, check=False, **options)
        run = chanspect.run("doctor", *arguments, check=False, **options)
        assert run.code == code and run.err == b"", str(run)
        self.text = run.out.decode()
        self.checks = {row["name"]: row for row in self.document["checks"]}
        self.works = {row["name"]: row for row in self.document["works"]}
        assert len(self.checks) == len(self.document["checks"])
        # What is not ok says so in the text, and its cure stands below.
        lines = self.text.splitlines()
        for row in self.document["checks"]:
            assert any(line.startswith(row["state"] + " ") and row["name"] in line
                       for line in lines), (row, self.text)
            for cure in row["cures"]:
                cure = cure.replace(" --format json", "")  # it is our own command line
                assert any(line.strip() in (f"try: {cure}", f"or: {cure}") for line in lines), cure
        following = self.document["next"].replace(" --format json", "")
        assert lines[-1].startswith("next: " + following)

    def state(self, name):
        return self.checks[name]["state"]

    def found(self, name):
        return self.checks[name]["found"]

    def states_of_work(self):
        return {name: row["state"] for name, row in self.works.items()}


def test_this_machine(chanspect, hello):
    found = Found(chanspect)
    assert found.document["argument"] is None and found.document["works"] == []
    assert os.uname().release in found.found("kernel")
    assert f"uid {os.geteuid()}" in found.found("user")
    yama = pathlib.Path("/proc/sys/kernel/yama/ptrace_scope")
    said = f"ptrace_scope is {yama.read_text().strip()}" if yama.exists() else "there is none"
    assert said in found.found("Yama")
    capabilities = int(next(line.split()[1] for line in open("/proc/self/status")
                            if line.startswith("CapEff")), 16)
    assert (found.state("CAP_SYS_PTRACE") == "ok") == bool(capabilities >> 19 & 1)
    readable, total = found.found("Go processes").split(";")[0].split(" ")[0:3:2]
    assert 1 <= int(readable) <= int(total)
    for name in ("seccomp", "reading", "container", "pids", "user namespace", "/proc"):
        assert found.found(name)


def test_a_process_that_can_be_read(chanspect, hello):
    found = Found(chanspect, hello.pid)
    assert found.document["readable"] and found.document["error"] is None
    assert found.document["argument"] == str(hello.pid)
    assert found.found("release") == f"go{LAST}, from the executable's build information"
    assert build("hello", LAST) in found.found("executable")
    assert "build id" in found.found("executable")
    assert found.found("symbols").startswith("symbol table")
    assert f"table go{LAST}; " in found.found("layouts")
    assert found.state("layouts") == "ok"
    assert list(found.works) == ABILITIES
    assert {row["state"] for name, row in found.works.items() if name != "wait lengths"} == {"yes"}
    assert found.document["next"] == f"chanspect {hello.pid}"
    with open(f"/proc/{hello.pid}/status") as status:
        assert "TracerPid:\t0" in status.read(), "nothing is stopped"


def test_waits_have_lengths_after_a_collection(chanspect, hello):
    found = Found(chanspect, hello.pid)
    assert found.state("collections") == "warn"
    assert found.works["wait lengths"]["state"] == "no"
    assert any("--watch" in cure for cure in found.works["wait lengths"]["cures"])


def test_formats(chanspect, hello):
    rows = chanspect.tsv("doctor", hello.pid)
    assert {row["kind"] for row in rows} == {"check", "works"}
    assert [row["name"] for row in rows if row["kind"] == "works"] == ABILITIES
    usual = chanspect.text("doctor", hello.pid)
    quiet = chanspect.text("doctor", hello.pid, "--quiet")
    assert "next:" in usual and "next:" not in quiet and "release" in quiet
    assert "\x1b[32m" in chanspect.text("doctor", hello.pid, "--color", "always")
    assert "\x1b" not in usual


@pytest.mark.parametrize("program, flags, check, words", [
    ("hello", ["-race"], "build", ["race detector"]),
    ("hello", ["-buildmode=pie"], "platform", ["PIE", "amd64"]),
    ("hello", [], "build", ["no C in it"]),
    ("cgo", [], "build", [", cgo"]),
])
def test_how_it_was_built(chanspect, program, flags, check, words):
    with GoTarget(build(program, LAST, *flags)) as target:
        found = Found(chanspect, target.pid)
        for word in words:
            assert word in found.found(check)


def test_stripped(chanspect, tmp_path):
    binary = tmp_path / "stripped"
    subprocess.run(["strip", "-o", binary, build("hello", LAST)], check=True)
    with GoTarget(str(binary)) as target:
        binary.unlink()
        found = Found(chanspect, target.pid)
        assert found.found("symbols").startswith("stripped: ")
        assert "allgs by code of runtime.allgadd" in found.found("symbols")
        assert f"(deleted: read through /proc/{target.pid}/exe)" in found.found("executable")
        assert found.works["list"]["state"] == found.works["stacks"]["state"] == "yes"


def stripped_of_other_release(folder, release, said):
    copy = folder / "stripped"
    subprocess.run(["strip", "-o", copy, build("hello", release)], check=True)
    return with_other_release(copy, folder / "copy", f"go{release}".encode(), f"go{said}".encode())


def test_a_release_that_nobody_knows(chanspect, tmp_path):
    """Its code differs from the newest known release's, so it is refused; all else is told."""
    binary = stripped_of_other_release(tmp_path, "1.23.12", "1.99.99")
    with GoTarget(str(binary)) as target:
        found = Found(chanspect, target.pid, code=CANNOT_READ)
        assert found.state("release") == "no" and "go1.99.99" in found.found("release")
        assert found.state("layouts") == "no"
        assert found.state("access") == found.state("executable") == found.state("build") == "ok"
        assert set(found.states_of_work().values()) == {"no"}


def test_layouts_that_are_inferred(chanspect, tmp_path):
    binary = stripped_of_other_release(tmp_path, LAST, "1.99.4")
    with GoTarget(str(binary)) as target:
        found = Found(chanspect, target.pid)
        assert found.state("release") == "warn" and "go1.99.4" in found.found("release")
        assert found.state("layouts") == "warn" and "inferred" in found.found("layouts")
        assert found.works["list"]["state"] == "yes"


def test_a_process_that_is_not_go(chanspect):
    sleeper = subprocess.Popen(["sleep", "60"])
    try:
        found = Found(chanspect, sleeper.pid, code=CANNOT_READ)
        assert found.state("process") == found.state("access") == "ok"
        assert found.state("release") == "no" and "Go" in found.found("release")
        assert set(found.states_of_work().values()) == {"no"}
        assert f"chanspect doctor {sleeper.pid}" in chanspect.run(
            "channels", sleeper.pid, check=False).err.decode(), "refusals name the doctor"
    finally:
        sleeper.kill()
        sleeper.wait()


@pytest.mark.parametrize("word", ["4194305", "no-such-program-anywhere"])
def test_nobody(chanspect, word):
    found = Found(chanspect, word, code=CANNOT_READ)
    assert list(found.checks) == ["process"] and found.state("process") == "no"
    assert word in found.document["error"]
    assert found.document["next"] == "chanspect ps"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_as_another_user(chanspect, hello, tmp_path):
    """The rule and the cure; and all that can be told from outside is told."""
    copy = tmp_path / "chanspect"
    copy.write_bytes(chanspect.binary.read_bytes())
    copy.chmod(0o755)
    for folder in [tmp_path, *tmp_path.parents]:
        if folder.stat().st_uid == 0 and str(folder).startswith("/tmp/"):
            folder.chmod(0o755)
    nobody = {"user": 65534, "group": 65534, "extra_groups": []}
    other = type(chanspect)(copy, chanspect.schema_check)
    found = Found(other, hello.pid, code=CANNOT_READ, **nobody)
    assert found.state("process") == "ok" and "hello" in found.found("process")
    assert found.state("access") == "no"
    assert "uid 0 (root) and we as uid 65534 (nobody) without CAP_SYS_PTRACE" in found.found("access")
    assert any("setcap cap_sys_ptrace+ep" in cure or "docker" in cure or "kubectl" in cure
               or "host" in cure for cure in found.checks["access"]["cures"])
    assert found.state("executable") != "ok"
    assert set(found.states_of_work().values()) == {"no"}
    assert found.document["next"] == found.checks["access"]["cures"][0].split("   (")[0]

    here = Found(other, **nobody)
    assert here.state("user") == here.state("CAP_SYS_PTRACE") == "warn"
    assert here.checks["CAP_SYS_PTRACE"]["cures"]


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    """A core of hello, and the process still alive."""
    folder = tmp_path_factory.mktemp("core")
    with GoTarget(build("hello", LAST)) as target:
        return cores.gcore(target, folder / "core")


def test_a_core(chanspect, core):
    found = Found(chanspect, core)
    assert found.document["argument"] == str(core)
    assert "gcore" in found.found("core") and "hello" in found.found("core")
    assert found.state("whole") == found.state("executable") == "ok"
    assert build("hello", LAST) in found.found("executable")
    assert "as in the core" in found.found("executable")
    assert int(found.found("threads").split()[-1]) >= 1
    assert found.works["list"]["state"] == found.works["stacks"]["state"] == "yes"
    assert "a core is one moment" in found.works["freeze"]["found"]


def test_the_wrong_executable_of_a_core(chanspect, core):
    other = build("waits", LAST)
    found = Found(chanspect, core, "--exe", other, code=CANNOT_READ)
    assert found.state("core") == found.state("whole") == "ok"
    assert found.state("executable") == "no" and "build id" in found.found("executable")
    assert any("--exe FILE" in cure for cure in found.checks["executable"]["cures"])
    assert found.document["next"] == f"chanspect doctor {core} --exe FILE"
    assert set(found.states_of_work().values()) == {"no"}


def test_a_core_that_is_cut_off(chanspect, core, tmp_path):
    cut = tmp_path / "cut"
    cut.write_bytes(core.read_bytes()[:core.stat().st_size * 2 // 3])
    run = chanspect.run("doctor", cut, "--exe", build("hello", LAST), check=False)
    rows = {row["name"]: row for row in
            chanspect.tsv("doctor", cut, "--exe", build("hello", LAST), check=False)}
    assert rows["whole"]["state"] == "warn" and "cut off" in rows["whole"]["found"]
    # What is cut off may be needed or not; the code agrees with what the lines say.
    assert run.code == {"yes": OK, "partly": INCOMPLETE, "no": CANNOT_READ}[rows["list"]["state"]]


def test_a_file_that_is_no_core(chanspect, tmp_path):
    text = tmp_path / "text"
    text.write_text("a text")
    found = Found(chanspect, text, code=CANNOT_READ)
    assert found.state("core") == "no" and "text" in found.found("core")


def test_usage(chanspect, hello):
    run = chanspect.run("doctor", hello.pid, "--exe", "x", check=False)
    assert run.code == USAGE and run.out == b""
    assert chanspect.run("doctor", hello.pid, "--stop", "freeze", check=False).code == USAGE
