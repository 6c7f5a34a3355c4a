"""Programs without symbols: they answer like those that have them."""

import pathlib
import subprocess

import pytest

from go_target import ALL_RELEASES, GoTarget, build
from stack_text import paragraphs, without_minutes
from test_builds import CANNOT_READ, ENDS, Copy, assert_all_true, with_other_release

LAST = ALL_RELEASES[-1]


def stripped(binary, folder):
    copy = folder / "stripped"
    subprocess.run(["strip", "-o", copy, binary], check=True)
    return copy


def without_section_headers(binary):
    """As sstrip leaves it: only program headers."""
    with open(binary, "r+b") as file:
        file.seek(0x28)  # e_shoff
        file.write(bytes(8))
        file.seek(0x3C)  # e_shnum, e_shstrndx
        file.write(bytes(4))
    return binary


def without_build_info(binary):
    data = pathlib.Path(binary).read_bytes()
    magic = b"\xff Go buildinf:"
    assert magic in data
    binary.write_bytes(data.replace(magic, bytes(len(magic))))
    return binary


def symbol_source(chanspect, pid):
    return chanspect.json("goroutines", pid)["target"]["symbol_source"]


def assert_true_without_symbols(chanspect, binary, release):
    with Copy(binary, release) as waits:
        assert_all_true(chanspect, waits)
        source = symbol_source(chanspect, waits.pid)
        assert "allgs by code of runtime.allgadd" in source and "unknown" not in source


def test_stripped_afterwards(chanspect, release, tmp_path):
    assert_true_without_symbols(chanspect, stripped(build("waits", release), tmp_path), release)


def test_built_without_symbols(chanspect):
    binary = build("waits", LAST, "-ldflags=-s -w")
    assert_true_without_symbols(chanspect, binary, LAST)


@pytest.mark.parametrize("build_release", ENDS)
@pytest.mark.parametrize("flags", [
    [], ["-race"], ["-buildmode=pie", "-ldflags=-linkmode=external"],
], ids=lambda flags: "".join(flags))
def test_nothing_left_but_what_runs(chanspect, build_release, flags, tmp_path):
    """No symbols, no section headers, no build information."""
    binary = stripped(build("waits", build_release, *flags), tmp_path)
    without_build_info(without_section_headers(binary))
    with Copy(binary, build_release) as waits:
        assert_all_true(chanspect, waits)
        target = chanspect.json("channels", waits.pid)["target"]
        assert target["go_version"] == f"go{build_release}"
        assert "pclntab" in target["symbol_source"]


@pytest.mark.parametrize("build_release", ENDS)
def test_callbacks_from_c(chanspect, build_release, tmp_path):
    binary = stripped(build("cgo", build_release), tmp_path)
    with GoTarget(str(binary)) as target:
        texts = paragraphs(target.ask("stack"))
        said = paragraphs(chanspect.text("stack", target.pid, "--all"))
        assert set(said) == set(texts)
        parked = {row["id"] for row in target.ask_json("truth")}
        for id in parked:
            assert without_minutes(said[id].text) == without_minutes(texts[id].text)


def test_symbols_are_believed_where_they_are(chanspect):
    with GoTarget(build("hello", LAST)) as target:
        assert symbol_source(chanspect, target.pid) == "symbol table"
        assert "symbols: symbol table" in chanspect.text("channels", target.pid, "-v")


def of_other_release(binary, folder, release, said):
    return with_other_release(binary, folder / "copy", f"go{release}".encode(),
                              f"go{said}".encode())


def test_a_newer_release_is_read_where_its_code_agrees(chanspect, tmp_path):
    """The layouts of the nearest release, held against the program, and marked."""
    binary = stripped(build("waits", LAST), tmp_path)
    with Copy(of_other_release(binary, tmp_path, LAST, "1.99.4"), LAST) as waits:
        assert_all_true(chanspect, waits)
        target = chanspect.json("channels", waits.pid)["target"]
        assert target["go_version"] == "go1.99.4"
        assert "inferred" in target["layout_source"] and f"go{LAST}" in target["layout_source"]


def test_a_newer_release_is_refused_where_its_code_differs(chanspect, tmp_path):
    """A g of 1.23 is not laid out as those of the newest known release are."""
    binary = stripped(build("waits", "1.23.12"), tmp_path)
    with Copy(of_other_release(binary, tmp_path, "1.23.12", "1.99.99"), "1.23.12") as waits:
        run = chanspect.run("channels", waits.pid, check=False)
        assert run.code == CANNOT_READ and run.out == b"", str(run)
        assert b"go1.99.99" in run.err
        assert f"go{LAST}".encode() in run.err, "the nearest release is named"


def test_a_release_that_lies_is_found_out(chanspect, tmp_path):
    """Layouts of 1.21 do not fit a program of the last release: nothing may be believed."""
    binary = stripped(build("waits", LAST), tmp_path)
    with Copy(of_other_release(binary, tmp_path, LAST, "1.21.4"), LAST) as waits:
        run = chanspect.run("channels", waits.pid, check=False)
        assert run.code == CANNOT_READ and run.out == b"", str(run)
