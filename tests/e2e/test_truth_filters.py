"""Filters and groups: what they keep is what the unfiltered rows say they should."""

import collections

import pytest


@pytest.fixture(scope="module")
def every(chanspect, waits):
    return {row["id"]: row for row in chanspect.json("goroutines", waits.pid)["goroutines"]}


def kept(chanspect, waits, *filters, command="goroutines"):
    """Ids of what a filter keeps, among those that stay where they are."""
    still = {row["id"] for row in waits.still()}
    rows = chanspect.json(command, waits.pid, *filters)["goroutines"]
    return {row["id"] for row in rows} & still


def those(waits, wanted):
    return {row["id"] for row in waits.still() if wanted(row)}


@pytest.mark.parametrize("state, status", [("waiting", "waiting"), ("_Gwaiting", "waiting"),
                                           ("syscall", "syscall")])
def test_state(chanspect, waits, state, status):
    assert kept(chanspect, waits, "--state", state) == those(
        waits, lambda row: row["status"] == status)


def test_states_are_alternatives(chanspect, waits):
    assert kept(chanspect, waits, "--state", "waiting", "--state", "syscall") == those(
        waits, lambda row: True)


@pytest.mark.parametrize("reason", ["chan send", "Chan Send", "select", "IO wait", "sleep",
                                    "nil chan"])
def test_reason(chanspect, waits, reason):
    assert kept(chanspect, waits, "--reason", reason) == those(
        waits, lambda row: row["status"] == "waiting" and
        reason.lower() in waits.texts[row["id"]].reason.lower())


def test_function_anywhere_in_the_stack(chanspect, waits):
    assert kept(chanspect, waits, "--function", "main.recurse") == those(
        waits, lambda row: row["name"] == "deep recursion")


def test_labels(chanspect, waits):
    labelled = those(waits, lambda row: row["name"] == "labelled")
    inherited = those(waits, lambda row: row["name"] == "inherited label")
    assert kept(chanspect, waits, "--label", "tenant") == labelled
    assert kept(chanspect, waits, "--label", "tenant=acme corp") == labelled
    assert kept(chanspect, waits, "--label", "worker=7") == inherited
    assert kept(chanspect, waits, "--label", "worker=8") == set()
    assert kept(chanspect, waits, "--label", "worker", "--label", "tenant") == labelled | inherited


def test_channel(chanspect, waits):
    for address, (_, waiters) in list(waits.channels().items())[::10]:
        assert kept(chanspect, waits, "--chan", address) == {row["id"] for row in waiters}


def test_creator(chanspect, waits):
    name = "main.parentThatEnds"
    assert kept(chanspect, waits, "--created-by", name) == those(
        waits, lambda row: waits.texts[row["id"]].creator and
        name in waits.texts[row["id"]].creator.function)


def test_filters_must_all_hold(chanspect, waits):
    assert kept(chanspect, waits, "--function", "main.recurse", "--reason", "chan send") == set()


def test_an_empty_answer_is_no_failure(chanspect, waits):
    for format in ("text", "json", "tsv"):
        run = chanspect.run("goroutines", waits.pid, "--function", "nowhere", "--format", format)
        assert run.out


def key_of(row, key):
    if key == "site":
        site = row["top_user_frame"]
        return site and (site["function"], site["file"], site["line"])
    if key == "reason":
        return row["block_type"]
    if key == "creator":
        creator = row["creator"]
        return creator and (creator["function"], creator["file"], creator["line"])
    if key == "labels":
        return tuple(sorted(row["labels"].items()))
    assert key == "channels"
    return tuple(sorted(wait["channel"] for wait in row["waits"] if wait["channel"]))


@pytest.mark.parametrize("option, keys", [
    ("site", ["site"]), ("reason", ["reason"]), ("creator", ["creator"]), ("label", ["labels"]),
    ("channel", ["channels"]), ("reason,site", ["reason", "site"]),
    ("creator,reason,label", ["creator", "reason", "labels"]),
])
def test_groups(chanspect, waits, every, option, keys):
    still = {row["id"] for row in waits.still()}
    document = chanspect.json("goroutines", waits.pid, "--group-by", option)
    assert document["group_by"] == keys
    expected = collections.defaultdict(set)
    for id in still:
        expected[tuple(key_of(every[id], key) for key in keys)].add(id)
    got = [frozenset(group["goroutine_ids"]) & still for group in document["groups"]]
    assert {group for group in got if group} == set(map(frozenset, expected.values()))
    sizes = [group["count"] for group in document["groups"]]
    assert sizes == sorted(sizes, reverse=True)
    assert all(group["count"] == len(group["goroutine_ids"]) for group in document["groups"])
    lines = chanspect.tsv("goroutines", waits.pid, "--group-by", option)
    assert sum(int(line["goroutines"]) for line in lines) >= len(still)


def test_groups_of_equal_stacks(chanspect, waits):
    still = {row["id"] for row in waits.still()}
    document = chanspect.json("goroutines", waits.pid, "--group-by", "stack")
    expected = collections.defaultdict(set)
    for id in still:
        text = waits.texts[id]
        expected[tuple((frame.function, frame.file, frame.line) for frame in text.frames)].add(id)
    of_id = {id: index for index, ids in enumerate(expected.values()) for id in ids}
    for group in document["groups"]:
        # A group has one printed stack; stacks of one text can differ in what is not printed.
        assert len({of_id[id] for id in group["goroutine_ids"] if id in of_id}) <= 1, group
    assert sum(group["count"] for group in document["groups"]) >= len(still)


def channel_rows(chanspect, waits, *filters):
    return chanspect.json("channels", waits.pid, *filters)["channels"]


def waiters(row):
    return row["senders"] + row["receivers"] + row["selects"]


def test_channels_by_number_of_waiters(chanspect, waits):
    known = waits.channels()
    expected = {address for address, (_, rows) in known.items()
                if len({row["id"] for row in rows}) >= 5}
    rows = channel_rows(chanspect, waits, "--min-waiters", 5)
    assert {row["address"] for row in rows} & set(known) == expected
    assert all(waiters(row) >= 5 for row in rows)


def test_channels_by_type(chanspect, waits):
    known = waits.channels()
    rows = channel_rows(chanspect, waits, "--type", "main.box[")
    assert {row["address"] for row in rows} & set(known) == {
        address for address, (wait, _) in known.items() if "main.box[" in wait["elem"]}
    assert rows


def test_channels_by_function(chanspect, waits):
    known = waits.channels()
    rows = channel_rows(chanspect, waits, "--at", "main.recurse")
    assert {row["address"] for row in rows} == {
        address for address, (_, found) in known.items()
        if any(row["name"] == "deep recursion" for row in found)}


@pytest.mark.parametrize("order, key", [
    ("waiters", lambda row: -waiters(row)),
    ("addr", lambda row: int(row["address"], 16)),
    ("age", lambda row: -(row["longest_wait_seconds_at_least"] or -1)),
])
def test_channels_in_order(chanspect, waits, order, key):
    keys = [key(row) for row in channel_rows(chanspect, waits, "--sort", order)]
    assert keys == sorted(keys)


@pytest.mark.parametrize("command", ["channels", "goroutines", "blocked"])
def test_limit(chanspect, waits, command):
    rows = "channels" if command == "channels" else "goroutines"
    document = chanspect.json(command, waits.pid, "--limit", 3)
    assert len(document[rows]) == 3
    assert document["total"] > 3
    assert len(chanspect.tsv(command, waits.pid, "--limit", 3)) == 3
