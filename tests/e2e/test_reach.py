"""How far chanspect reaches: releases, ways to build, and places, each cell against the runtime's
own word. The whole matrix is nightly's, which writes docs/reach.md from it."""

import pathlib
import shutil

import pytest

import cores
import reach

TABLE = pathlib.Path(__file__).resolve().parents[2] / "docs/reach.md"
# Every way and every release, but not each with each. A core of gdb's takes seconds.
SAMPLE = [(reach.WAYS[0], "1.18.10", ["live", "kernel core"]),
          (reach.WAYS[3], "1.20.14", ["live", "kernel core"]),
          (reach.WAYS[5], "1.23.4", ["live", "kernel core"]),
          (reach.WAYS[7], "1.26.11", ["live", "kernel core"]),
          (reach.WAYS[8], "1.27.4", ["live"]),
          (reach.WAYS[0], "1.27.4", ["live", "gcore"])]


def chosen(places):
    """Kernel cores can be had only where the kernel writes them into our folder."""
    return [place for place in places if place != "kernel core" or not cores.no_kernel_core()]


@pytest.mark.parametrize("way, built_with, places", SAMPLE,
                         ids=[f"{way.name}-{release}" for way, release, _ in SAMPLE])
def test_sample(chanspect, way, built_with, places, tmp_path):
    found = reach.try_places(chanspect, way, built_with, tmp_path, chosen(places))
    assert not any(found.values()), found


def write_table(cells):
    lines = ["# How far chanspect reaches", "",
             "Written by `make nightly` (tests/e2e/test_reach.py). Each cell is a running program with some 750 goroutines in",
             "every kind of wait. `ok` means that every goroutine which stays where it is was found, with the wait reason and",
             "the frames (function, arguments, file, line) that the program's own `runtime.Stack` tells.", ""]
    for place in reach.PLACES:
        lines += [f"## {place}", "", "| release | " + " | ".join(way.name for way in reach.WAYS) + " |",
                  "|---" * (len(reach.WAYS) + 1) + "|"]
        for release in reach.EVERY_RELEASE + reach.PATCHES:
            row = [cells.get((way, release, place), "") for way in reach.WAYS]
            if any(row):
                lines.append(f"| {release} | " + " | ".join(row) + " |")
        lines.append("")
    lines += ["Empty: the release does not know the option, or (for patch releases) it is not tried.",
              "`asynctimerchan=1` is set when the program runs, all else when it is built.", ""]
    TABLE.write_text("\n".join(lines))


def test_whole_matrix(chanspect, nightly, tmp_path):
    if not nightly:
        pytest.skip("the sample above stands for it; make nightly runs it whole")
    assert not cores.no_kernel_core()
    plan = [(way, release, reach.PLACES) for release in reach.EVERY_RELEASE for way in reach.WAYS
            if reach.possible(way, release)]
    plan += [(way, release, ["live", "kernel core"]) for release in reach.PATCHES
             for way in (reach.WAYS[0], reach.WAYS[3])]
    cells, wrong = {}, []
    for number, (way, release, places) in enumerate(plan):
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            found = reach.try_places(chanspect, way, release, folder, places)
        except Exception as error:  # one cell must not end the others
            found = {place: f"could not be tried: {error!r}" for place in places}
        for place, fault in found.items():
            cells[way, release, place] = "differs" if fault else "ok"
            if fault:
                wrong.append(f"{release}, {way.name}, {place}:\n{fault}")
        shutil.rmtree(folder)
    write_table(cells)
    assert not wrong, "\n\n".join(wrong)
