"""How long goroutines have waited: a lower bound, or nothing. Never an invented length."""

import time

import pytest

from conftest import Waits
from go_target import GoTarget, build

PARKED = 40


def waits_by_id(document):
    return {row["id"]: row["wait_seconds_at_least"] for row in document["goroutines"]
            if row["settled"]}


@pytest.fixture
def load(release):
    """A program whose heap is too small for a collection of its own."""
    with GoTarget(build("load", release), "-n", str(PARKED)) as target:
        yield target


def test_unknown_before_any_collection(chanspect, load, stop):
    document = chanspect.json("blocked", load.pid, "--stop", stop)
    assert document["completeness"]["gc_cycles"] == 0
    lengths = waits_by_id(document)
    assert len(lengths) == PARKED
    assert set(lengths.values()) == {None}
    text = chanspect.text("blocked", load.pid, "--stop", stop)
    rows = [line for line in text.splitlines() if "main.(*scene)" in line or "scene" in line]
    assert len(rows) == PARKED
    for row in rows:
        assert " - " in row and ">=" not in row, row
    assert "GC" in text, "it says why no length is known"
    assert chanspect.json("channels", load.pid)["channels"][0][
        "longest_wait_seconds_at_least"] is None
    for line in chanspect.tsv("blocked", load.pid):
        assert line["duration_seconds"] == ""
    assert chanspect.json("blocked", load.pid, "--older-than", "1ms")["goroutines"] == []


def test_between_what_is_certain_and_what_is_true(chanspect, release, stop):
    born = time.monotonic()
    with GoTarget(build("load", release), "-n", str(PARKED)) as load:
        time.sleep(1.5)
        load.ask_line("gc")
        load.ask_line("gc")
        collected = time.monotonic()
        time.sleep(1.2)
        before = time.monotonic()
        document = chanspect.json("blocked", load.pid, "--stop", stop)
        after = time.monotonic()
        assert document["completeness"]["gc_cycles"] == 2
        lengths = waits_by_id(document)
        assert len(lengths) == PARKED
        for length in lengths.values():
            assert before - collected <= length <= after - born
        assert chanspect.json("channels", load.pid)["channels"][0][
            "longest_wait_seconds_at_least"] >= before - collected
        older = chanspect.json("blocked", load.pid, "--older-than", "1s")
        assert len(older["goroutines"]) == PARKED
        assert chanspect.json("blocked", load.pid, "--older-than", "1h")["goroutines"] == []
        text = chanspect.text("blocked", load.pid)
        assert text.count(">= ") >= PARKED


def test_watching_gives_lengths_without_a_collection(chanspect, load, stop):
    start = time.monotonic()
    document = chanspect.json("goroutines", load.pid, "--watch", "1s", "--stop", stop)
    took = time.monotonic() - start
    assert document["completeness"]["gc_cycles"] == 0
    assert document["target"]["watched_seconds"] >= 1
    parked, moving = [], []
    for row in document["goroutines"]:
        if not row["settled"]:
            continue
        name = row["top_user_frame"]["function"] if row["top_user_frame"] else ""
        if row["reason"] in ("chan receive", "chan send", "select") and "scene" in name:
            parked.append(row["wait_seconds_at_least"])
        elif "startStallWatch" in name:
            moving.append(row["wait_seconds_at_least"])
    assert len(parked) == PARKED
    for length in parked:
        assert 1 <= length <= took
    # The clocks have ticked a thousand times meanwhile.
    assert set(moving) <= {None}
    rows = chanspect.json("channels", load.pid, "--watch", "200ms", "--stop", stop)["channels"]
    for row in rows:
        assert row["waiters_before"] == row["receivers"] + row["senders"] + row["selects"]
        assert row["longest_wait_seconds_at_least"] >= 0.2


def test_watching_with_older_than_finds_the_stuck_ones(chanspect, load):
    document = chanspect.json("blocked", load.pid, "--watch", "600ms", "--older-than", "500ms")
    assert len(document["goroutines"]) == PARKED


def test_who_moved_has_no_length(chanspect, release):
    """They park at the same line on the same channel again and again."""
    waits = Waits(release)
    try:
        moving = {row["id"]: row["name"] for row in waits.rows.values() if row.get("moves")}
        assert set(moving.values()) == {"ticking", "ping", "pong"}
        still = {row["id"] for row in waits.still("chan_receive", "chan_send", "select")}
        for pause in ("300ms", "301ms", "302ms", "303ms", "304ms"):
            document = chanspect.json("goroutines", waits.pid, "--watch", pause)
            lengths = waits_by_id(document)
            for id, name in moving.items():
                length = lengths.get(id)
                assert length is None or length < 0.3, (name, length)
            for id in still:
                assert lengths[id] >= 0.3, waits.rows[id]
    finally:
        waits.target.kill()
