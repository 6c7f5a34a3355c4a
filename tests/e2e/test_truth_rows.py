"""Rows of goroutines, goroutine by goroutine, against what the program says of itself."""

import collections

import pytest

from go_target import at_least
from names import as_printed

WAITS_ON_CHANNEL = ("chan_receive", "chan_send", "select")
FOR_EVER = ("chan_receive_nil", "chan_send_nil", "select_no_cases")
LOCKS = ("mutex", "rwmutex_read", "rwmutex_write", "wait_group", "cond")

# What stands before our own frames when the wait itself is the program's: the site is ours then.
BELOW_SITE = ("runtime.", "sync.", "internal/", "time.Sleep")

BLOCK_TYPES = {"mutex": "sync.Mutex.Lock", "rwmutex_read": "sync.RWMutex.RLock",
               "rwmutex_write": "sync.RWMutex.Lock", "wait_group": "sync.WaitGroup.Wait",
               "cond": "sync.Cond.Wait"}


def by_id(rows):
    result = {int(row["id"]): row for row in rows}
    assert len(result) == len(rows), "a goroutine has two rows"
    return result


def place(frame):
    return frame and (as_printed(frame["function"]), frame["file"], frame["line"])


def place_in_text(frame):
    return frame and (frame.function, frame.file, frame.line)


def test_all_goroutines_are_there_and_no_other(chanspect, waits, stop):
    rows = by_id(chanspect.json("goroutines", waits.pid, "--stop", stop)["goroutines"])
    assert set(rows) == set(waits.texts)


def test_system_goroutines_come_when_asked_for(chanspect, waits):
    document = chanspect.json("goroutines", waits.pid, "--system")
    rows = by_id(document["goroutines"])
    assert set(rows) > set(waits.texts)
    for id, row in rows.items():
        if row["settled"] and id in waits.rows:
            assert not row["system"], row
        elif row["settled"] and id not in waits.texts:
            assert row["system"], row


def test_states_and_reasons(chanspect, waits, stop):
    rows = by_id(chanspect.json("goroutines", waits.pid, "--stop", stop)["goroutines"])
    for truth in waits.still():
        row, text = rows[truth["id"]], waits.texts[truth["id"]]
        about = (truth, row, text.text)
        assert row["settled"], about
        assert row["status"] == {"waiting": "_Gwaiting", "syscall": "_Gsyscall"}[truth["status"]], about
        if truth["kind"] == "syscall":
            assert row["reason"] is None, about
        else:
            assert row["reason"] == text.reason, about
        assert row["locked_to_thread"] == truth.get("locked", False) == text.locked, about


def test_block_types(chanspect, waits):
    rows = by_id(chanspect.json("goroutines", waits.pid)["goroutines"])
    for truth in waits.still():
        row = rows[truth["id"]]
        if truth["kind"] in BLOCK_TYPES:
            assert row["block_type"] == BLOCK_TYPES[truth["kind"]], (truth, row)
        elif truth["name"] == "select, all nil":
            assert row["block_type"] == "select (nil chan)", (truth, row)
        else:
            assert row["block_type"] == waits.texts[truth["id"]].reason, (truth, row)


def test_waits_with_channel_direction_and_type(chanspect, waits, stop):
    rows = by_id(chanspect.json("goroutines", waits.pid, "--stop", stop)["goroutines"])
    for truth in waits.still(*WAITS_ON_CHANNEL, *FOR_EVER):
        row = rows[truth["id"]]
        said = collections.Counter((wait["channel"], wait["direction"], wait["elem_type"],
                                    wait["select"]) for wait in row["waits"])
        expected = collections.Counter((wait["object"], wait["direction"], wait["elem"],
                                        truth["kind"] == "select")
                                       for wait in truth.get("waits", []))
        assert said == expected, (truth, row)


def test_locks_have_their_address(chanspect, waits, stop):
    rows = by_id(chanspect.json("goroutines", waits.pid, "--stop", stop)["goroutines"])
    for truth in waits.still(*LOCKS):
        if truth.get("waits"):
            said = [wait.get("object") for wait in rows[truth["id"]]["waits"]]
            assert said == [wait["object"] for wait in truth["waits"]], (truth, rows[truth["id"]])


def test_labels(chanspect, waits):
    rows = by_id(chanspect.json("goroutines", waits.pid)["goroutines"])
    for truth in waits.still():
        assert rows[truth["id"]]["labels"] == truth.get("labels", {}), truth


def test_creators_and_parents(chanspect, waits):
    rows = by_id(chanspect.json("goroutines", waits.pid)["goroutines"])
    for truth in waits.still():
        row, text = rows[truth["id"]], waits.texts[truth["id"]]
        # The text names no creator that is the runtime's own.
        if text.creator or not row["creator"]["function"].startswith("runtime."):
            assert place(row["creator"]) == place_in_text(text.creator), (row, text.text)
            assert (row["parent"] or 0) == text.parent, (row, text.text)
        if not at_least(waits.release, 21):
            assert row["parent"] is None, row


def test_top_user_frames(chanspect, waits):
    rows = by_id(chanspect.json("goroutines", waits.pid)["goroutines"])
    compared = 0
    for truth in waits.still():
        row, text = rows[truth["id"]], waits.texts[truth["id"]]
        before = []
        for frame in text.frames:
            if frame.function.startswith("main."):
                break
            before.append(frame.function)
        if text.site() and all(function.startswith(BELOW_SITE) for function in before):
            assert place(row["top_user_frame"]) == place_in_text(text.site()), (row, text.text)
            compared += 1
        elif row["top_user_frame"]:
            assert place(row["top_user_frame"]) in map(place_in_text, text.frames), (row, text.text)
    assert compared > 400


def test_blocked_holds_exactly_those_that_are_blocked(chanspect, waits, stop):
    document = chanspect.json("blocked", waits.pid, "--stop", stop)
    rows = by_id(document["goroutines"])
    blocked = {row["id"] for row in waits.still(*WAITS_ON_CHANNEL, *FOR_EVER, *LOCKS)}
    beyond = {row["id"] for row in waits.rows.values()
              if row.get("moves") or row["kind"] == "semaphore"}
    # Package testing, which makes the bubbles, waits for its tests.
    beyond |= {id for id, text in waits.texts.items()
               if any(frame.function.startswith(("testing.", "testing/")) for frame in text.frames)}
    assert blocked - set(rows) == set()
    assert set(rows) - blocked - beyond == set()


def tsv_cells(row):
    """What the TSV row says, from the JSON row."""
    site = row["top_user_frame"] or {"function": "", "file": "", "line": ""}
    waits = [wait for wait in row["waits"] if wait["channel"]]
    # Cases that are alike are told once.
    waits = [wait for i, wait in enumerate(waits) if i == 0 or wait != waits[i - 1]]
    return {
        "status": row["status"],
        "reason": row["reason"] or "",
        "block_type": row["block_type"],
        "function": site["function"],
        "file": site["file"],
        "line": str(site["line"]),
        "channel_addr": ",".join(wait["channel"] for wait in waits),
        "parent_id": str(row["parent"] or ""),
        "created_by": row["creator"]["function"] if row["creator"] else "",
    }


@pytest.mark.parametrize("command", ["blocked", "goroutines"])
def test_tsv_says_the_same_as_json(chanspect, waits, command):
    still = {row["id"] for row in waits.still()}
    rows = by_id(chanspect.json(command, waits.pid)["goroutines"])
    lines = {int(line["goroutine_id"]): line for line in chanspect.tsv(command, waits.pid)}
    assert set(lines) & still == set(rows) & still
    for id in set(lines) & still:
        cells = tsv_cells(rows[id])
        assert {name: lines[id][name] for name in cells} == cells


def test_a_running_goroutine_is_shown_as_running(chanspect, last_release, stop):
    from conftest import Waits
    spinning = Waits(last_release, arguments=["-spin"])
    try:
        ids = {row["name"]: row["id"] for row in spinning.rows.values()
               if row["status"] == "running"}
        assert set(ids) == {"spinner", "tight loop"}
        rows = by_id(chanspect.json("goroutines", spinning.pid, "--stop", stop)["goroutines"])
        assert rows[ids["spinner"]]["status"] in ("_Grunning", "_Grunnable")
        assert rows[ids["tight loop"]]["status"] in ("_Grunning", "_Grunnable", "_Gpreempted")
        for truth in spinning.still():
            assert rows[truth["id"]]["settled"], truth
    finally:
        spinning.target.kill()
