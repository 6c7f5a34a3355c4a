"""Many goroutines: every one is counted, on the right channel, whichever thread read it."""

import collections

import pytest

from go_target import GoTarget, build
from stack_text import paragraphs

NORMAL, NIGHTLY = 40000, 1000000
PER_CHANNEL, KINDS = 10, 4  # as in tests/programs/load


@pytest.fixture(scope="module")
def load(nightly, last_release):
    n = NIGHTLY if nightly else NORMAL
    with GoTarget(build("load", last_release), "-n", str(n), "-stack-spread", "50") as target:
        target.n = n
        yield target


def kind_of(row):
    return "senders" if row["senders"] else "receivers"


def test_every_channel_has_its_waiters(chanspect, load, stop):
    document = chanspect.json("channels", load.pid, "--stop", stop, timeout=300)
    rows = document["channels"]
    assert len(rows) == load.n // PER_CHANNEL
    assert len({row["address"] for row in rows}) == len(rows)
    selects = collections.Counter()
    for row in rows:
        assert row["senders"] + row["receivers"] == PER_CHANNEL - 1, row
        selects[kind_of(row), row["elem_type"], row["selects"]] += 1
    # The selects of a group of four channels wait on two of them.
    groups = load.n // (PER_CHANNEL * KINDS)
    assert selects == {
        ("receivers", "*main.Callback", 0): groups, ("senders", "*main.Callback", 0): groups,
        ("receivers", "struct {}", KINDS): groups, ("senders", "int", KINDS): groups}
    completeness = document["completeness"]
    assert completeness["unsettled"] <= 2 and completeness["channels_unsettled"] == 0


def test_every_goroutine_has_one_row(chanspect, load):
    table = chanspect.tsv("goroutines", load.pid, timeout=300)
    ids = [int(line["goroutine_id"]) for line in table]
    assert len(set(ids)) == len(ids) and ids == sorted(ids)
    reasons = collections.Counter(line["reason"] for line in table if "scene" in line["function"])
    tenth = load.n // PER_CHANNEL
    assert reasons == {"chan receive": (PER_CHANNEL - 1) * tenth // 2,
                       "chan send": (PER_CHANNEL - 1) * tenth // 2, "select": tenth}


def test_as_many_threads_as_wanted_see_the_same(chanspect, load):
    def rows(threads):
        table = chanspect.tsv("channels", load.pid, "--sort", "addr", "--threads", threads,
                              timeout=300)
        return [(line["channel_addr"], line["senders"], line["receivers"], line["selects"],
                 line["function"], line["line"]) for line in table]

    one = rows(1)
    assert rows(2) == one and rows(4) == one and rows(7) == one


def test_all_stacks(chanspect, load):
    text = chanspect.text("stack", load.pid, "--all", timeout=300)
    said = paragraphs(text)
    stuck = [goroutine for goroutine in said.values() if "scene" in goroutine.text]
    assert len(stuck) == load.n
    ways = collections.Counter(
        tuple((frame.function, frame.line) for frame in goroutine.frames) for goroutine in stuck)
    # Ten goroutines of one channel take one of fifty ways down to one of five places.
    assert len(ways) >= 100
    assert sum(ways.values()) == load.n
