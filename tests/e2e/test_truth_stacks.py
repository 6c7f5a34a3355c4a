"""Stacks against runtime.Stack: byte for byte, and frame by frame."""

import difflib

import pytest

from conftest import Waits
from go_target import at_least
from names import as_printed
from stack_text import paragraphs, without_minutes


def differences(waits, said):
    """Where the texts of goroutines that stay where they are differ."""
    found = []
    for truth in waits.still():
        expected = without_minutes(waits.texts[truth["id"]].text)
        got = without_minutes(said[truth["id"]].text) if truth["id"] in said else "(none)"
        if got != expected:
            lines = difflib.unified_diff(expected.split("\n"), got.split("\n"), "runtime.Stack",
                                         "chanspect", lineterm="", n=3)
            found.append(f"{truth['name']} ({truth['kind']}):\n" + "\n".join(lines))
    return found


def assert_same(waits, said):
    found = differences(waits, said)
    assert not found, f"{len(found)} of {len(waits.still())} differ\n\n" + "\n\n".join(found[:8])


def test_text_is_that_of_the_runtime(chanspect, waits, stop):
    said = paragraphs(chanspect.text("stack", waits.pid, "--all", "--stop", stop))
    assert_same(waits, said)


def test_all_goroutines_are_there_and_no_other(chanspect, waits, stop):
    said = paragraphs(chanspect.text("stack", waits.pid, "--all", "--stop", stop))
    assert set(said) == set(waits.texts)


@pytest.mark.parametrize("flags", [
    ["-buildmode=pie"], ["-gcflags=all=-N -l"], ["-ldflags=-w"], ["-trimpath"],
], ids=lambda flags: flags[0])
@pytest.mark.parametrize("variant_release", ["1.19", "1.27.4"])
def test_text_for_other_ways_to_build(chanspect, flags, variant_release):
    waits = Waits(variant_release, *flags)
    try:
        assert_same(waits, paragraphs(chanspect.text("stack", waits.pid, "--all")))
    finally:
        waits.target.kill()


def test_some_goroutines_by_id(chanspect, waits):
    ids = sorted(row["id"] for row in waits.still())[::50]
    said = paragraphs(chanspect.text("stack", waits.pid, *ids))
    assert sorted(said) == ids
    for id in ids:
        assert without_minutes(said[id].text) == without_minutes(waits.texts[id].text)


def test_json_frame_by_frame(chanspect, waits, stop):
    document = chanspect.json("stack", waits.pid, "--all", "--stop", stop)
    rows = {row["id"]: row for row in document["goroutines"]}
    for truth in waits.still():
        text = waits.texts[truth["id"]]
        shown = [(as_printed(frame["function"]), frame["file"], frame["line"])
                 for frame in rows[truth["id"]]["stack"] if not frame["hidden"]]
        expected = [(frame.function, frame.file, frame.line) for frame in text.frames]
        if len(shown) > 100:
            # The text leaves out frames: the outer ones, from 1.21 on those in the middle.
            if at_least(waits.release, 21):
                assert text.elided and len(expected) == 100, truth
                assert shown[:50] == expected[:50] and shown[-50:] == expected[-50:], truth
            else:  # its hundred counts the hidden frames at the leaf
                assert 95 <= len(expected) <= 100, truth
                assert shown[:len(expected)] == expected, truth
        else:
            # The runtime's texts call the function panic what is runtime.gopanic elsewhere.
            shown = [("panic" if frame[0] == "runtime.gopanic" else frame[0], *frame[1:])
                     for frame in shown]
            assert shown == expected, (truth, text.text)


def test_channels_are_named_on_demand(chanspect, waits):
    text = chanspect.text("stack", waits.pid, "--all", "--channels")
    for address, (wait, rows) in waits.channels().items():
        assert address in text, (wait, rows)


def test_one_user_frame(chanspect, waits):
    nested = next(row for row in waits.still() if row["name"] == "deep recursion")
    frames = [frame for frame in waits.texts[nested["id"]].frames
              if frame.function.startswith("main.")]
    for k in (1, 2):
        text = chanspect.text("stack", waits.pid, nested["id"], "--frame", k)
        assert f"{frames[k - 1].file}:{frames[k - 1].line}" in text
        assert f"{frames[2 - k].file}:{frames[2 - k].line}" not in text


def test_while_others_run(chanspect, last_release, stop):
    waits = Waits(last_release, arguments=["-spin"])
    try:
        for _ in range(5):
            said = paragraphs(chanspect.text("stack", waits.pid, "--all", "--stop", stop))
            assert_same(waits, said)
    finally:
        waits.target.kill()


def test_after_the_target_has_looked_for_leaks(chanspect, last_release):
    waits = Waits(last_release)
    try:
        if waits.target.ask("leaks") == "cannot":
            pytest.fail(f"go{last_release} was to have the profile of leaked goroutines")
        waits.texts = paragraphs(waits.target.ask("stack"))
        assert any("leaked" in text.state for text in waits.texts.values())
        assert_same(waits, paragraphs(chanspect.text("stack", waits.pid, "--all")))
        rows = {row["id"]: row for row in chanspect.json("goroutines", waits.pid)["goroutines"]}
        for truth in waits.still():
            assert rows[truth["id"]]["leaked"] == ("leaked" in waits.texts[truth["id"]].state), truth
    finally:
        waits.target.kill()
