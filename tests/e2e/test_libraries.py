"""Go in programs of other languages, and plugins: not the executable's own runtime, or not its only
module."""

import pathlib
import shutil
import subprocess

import pytest

import cores
from go_target import ALL_RELEASES, ROOT, _die_with_parent, build
from stack_text import paragraphs, without_minutes

HOSTS = ROOT / "tests/programs/library_hosts"
RELEASES = ["1.19", "1.22.12", ALL_RELEASES[-1]]
GOROUTINES = 3


class Host:
    """A program that prints "ready BYTES" and its runtime.Stack, then waits."""

    def __init__(self, *command, **options):
        self.process = subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE,
                                        preexec_fn=_die_with_parent, **options)
        self.pid = self.process.pid
        ready = self.process.stdout.readline().split()
        assert ready[:1] == [b"ready"], f"{command} did not start: {ready}"
        self.texts = paragraphs(self.process.stdout.read(int(ready[1])).decode())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def compile_host(source, out, *more):
    subprocess.run(["gcc", "-o", out, HOSTS / source, *more, "-lpthread", "-ldl"], check=True)
    return out


def assert_same_parked(chanspect, target, host):
    said = paragraphs(chanspect.text("stack", target, "--all"))
    parked = {id: text for id, text in host.texts.items() if text.reason == "chan receive"}
    assert len(parked) >= GOROUTINES
    for id, text in parked.items():
        assert without_minutes(said[id].text) == without_minutes(text.text)
    channels = chanspect.json("channels", target)["channels"]
    assert [row["elem_type"] for row in channels].count("*main.job") == GOROUTINES


@pytest.mark.parametrize("built_with", RELEASES)
@pytest.mark.parametrize("strip", [False, True], ids=["symbols", "stripped"])
def test_a_shared_library_in_a_program_of_c(chanspect, built_with, strip, tmp_path):
    library = shutil.copy(build("library", built_with, "-buildmode=c-shared"), tmp_path / "library.so")
    if strip:
        subprocess.run(["strip", library], check=True)
    host = compile_host("host.c", tmp_path / "host")
    with Host(host, library, GOROUTINES) as running:
        assert_same_parked(chanspect, running.pid, running)
        core = cores.gcore(running, tmp_path / "core")
        assert_same_parked(chanspect, core, running)


@pytest.mark.parametrize("built_with", RELEASES)
def test_an_archive_in_a_program_of_c(chanspect, built_with, tmp_path):
    archive = shutil.copy(build("library", built_with, "-buildmode=c-archive"), tmp_path / "library.a")
    host = compile_host("linked.c", tmp_path / "linked", archive)
    with Host(host, GOROUTINES) as running:
        assert_same_parked(chanspect, running.pid, running)


PLUGIN = """package main

type part struct{ number int }

//go:noinline
func waitInPlugin(c chan *part) *part { return <-c }

func Begin(n int) {
	for i := 0; i < n; i++ {
		go waitInPlugin(make(chan *part))
	}
}

func main() {}
"""
PLUGIN_HOST = """package main

import (
	"fmt"
	"os"
	"plugin"
	"runtime"
	"time"
)

func main() {
	loaded, err := plugin.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	begin, err := loaded.Lookup("Begin")
	if err != nil {
		panic(err)
	}
	begin.(func(int))(3)
	time.Sleep(100 * time.Millisecond)
	text := make([]byte, 1<<20)
	text = text[:runtime.Stack(text, true)]
	fmt.Printf("ready %d\\n%s\\n", len(text), text)
	select {}
}
"""


@pytest.mark.parametrize("built_with", [RELEASES[0], RELEASES[-1]])
def test_a_plugin_has_a_module_of_its_own(chanspect, built_with, tmp_path):
    def go_build(name, text, *flags):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "main.go").write_text(text)
        minor = ".".join(built_with.split(".")[:2])
        (folder / "go.mod").write_text(f"module example.test/{name}\n\ngo {minor}\n")
        subprocess.run([ROOT / "scripts/go", built_with, "build", *flags, "-o", tmp_path / f"{name}.out",
                        "."], cwd=folder, check=True)
        return tmp_path / f"{name}.out"

    host = go_build("host", PLUGIN_HOST)
    plugin = go_build("part", PLUGIN, "-buildmode=plugin")
    with Host(host, plugin) as running:
        said = paragraphs(chanspect.text("stack", running.pid, "--all"))
        inside = [id for id, text in running.texts.items() if "waitInPlugin" in text.text]
        assert len(inside) == 3
        for id in inside:
            assert without_minutes(said[id].text) == without_minutes(running.texts[id].text)
        types = [row["elem_type"] for row in chanspect.json("channels", running.pid)["channels"]]
        assert types.count("*main.part") == 3


def test_a_program_of_c_without_go_is_none(chanspect, tmp_path):
    source = pathlib.Path(tmp_path / "plain.c")
    source.write_text("#include <unistd.h>\nint main(void) { write(1, \"r\", 1); for (;;) pause(); }\n")
    subprocess.run(["gcc", "-o", tmp_path / "plain", source], check=True)
    process = subprocess.Popen([tmp_path / "plain"], stdout=subprocess.PIPE,
                               preexec_fn=_die_with_parent)
    process.stdout.read(1)
    run = chanspect.run("channels", process.pid, check=False)
    process.kill()
    process.communicate()
    assert run.code == 3 and b"is no Go program" in run.err, str(run)
