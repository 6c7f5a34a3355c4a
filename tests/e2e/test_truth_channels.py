"""Channels and their queues against what the program says of them."""

import collections

import pytest

from conftest import Waits
from go_target import at_least

COMMANDS = {"chan_send": "senders", "chan_receive": "receivers", "select": "selects"}


def counts(rows):
    """How many goroutines are in sends, receives and selects on a channel."""
    counted = collections.Counter()
    for id, kind in {(row["id"], row["kind"]) for row in rows}:
        counted[COMMANDS[kind]] += 1
    return counted


def is_known_as_timer(waits, wait, waiters):
    """Before 1.23 a channel does not know its timer, and a stopped timer is not the runtime's."""
    return bool(wait.get("timer")) and (
        at_least(waits.release, 23) or waiters[0]["name"] != "stopped Timer")


def test_channels_with_their_fields_and_waiters(chanspect, waits, stop):
    rows = {row["address"]: row
            for row in chanspect.json("channels", waits.pid, "--stop", stop)["channels"]}
    for address, (wait, waiters) in waits.channels().items():
        row = rows[address]
        about = (wait, waiters, row)
        assert row["settled"] and not row["closed"], about
        assert row["elem_type"] == wait["elem"], about
        # len and cap of a timer's channel are 0 to the program from 1.23 on; its buffer holds 1.
        if wait.get("timer"):
            assert row["capacity"] == 1, about
            assert row["timer"] == is_known_as_timer(waits, wait, waiters), about
        else:
            assert (row["length"], row["capacity"]) == (wait["len"], wait["cap"]), about
            assert not row["timer"], about
        expected = counts(waiters)
        assert {name: row[name] for name in COMMANDS.values()} == {
            name: expected[name] for name in COMMANDS.values()}, about
        assert row["oldest_goroutine"] == min(waiter["id"] for waiter in waiters), about


def test_no_channel_that_nobody_waits_on(chanspect, waits):
    rows = chanspect.json("channels", waits.pid)["channels"]
    known = set(waits.channels())
    others = [row for row in rows if row["address"] not in known]
    # The moving ones, and what goroutines of the standard library wait on.
    assert len(others) <= 8, others
    for row in others:
        assert row["senders"] + row["receivers"] + row["selects"] >= 1
        assert not row["closed"]


def test_tsv_says_the_same_as_json(chanspect, waits):
    rows = {row["address"]: row for row in chanspect.json("channels", waits.pid)["channels"]}
    lines = {line["channel_addr"]: line for line in chanspect.tsv("channels", waits.pid)}
    for address in waits.channels():
        row, line = rows[address], lines[address]
        for name in ("elem_type", "length", "capacity", "senders", "receivers", "selects",
                     "at_site", "sites", "oldest_goroutine"):
            assert line[name] == str(row[name]), (name, row, line)
        site = row["site"]
        assert (line["function"], line["file"], line["line"]) == (
            site["function"], site["file"], str(site["line"]))


def test_commonest_site(chanspect, waits):
    rows = {row["address"]: row for row in chanspect.json("channels", waits.pid)["channels"]}
    blocked = {row["id"]: row for row in chanspect.json("blocked", waits.pid)["goroutines"]}
    for address, (_, waiters) in waits.channels().items():
        sites = collections.Counter()
        for id in {row["id"] for row in waiters}:
            site = blocked[id]["top_user_frame"]
            sites[(site["function"], site["file"], site["line"])] += 1
        row = rows[address]
        said = row["site"]
        place = (said["function"], said["file"], said["line"])
        assert sites[place] == max(sites.values()) == row["at_site"], (row, sites)
        assert row["sites"] == len(sites), (row, sites)


@pytest.fixture
def draining(release):
    program = Waits(release)
    yield program
    program.target.kill()


def test_queues_in_the_order_in_which_the_runtime_wakes_them(chanspect, draining):
    said = {}
    channels = {wait["object"] for _, (wait, _) in draining.channels().items()}
    for stop in ("none", "freeze"):
        for address in channels:
            document = chanspect.json("channel", draining.pid, address, "--stop", stop)
            said[stop, address] = document["channel"]
    queues = draining.target.ask_json("drain")
    assert len(queues) == 3
    for queue in queues:
        assert len(queue["order"]) >= 75
        for stop in ("none", "freeze"):
            channel = said[stop, queue["channel"]]
            mine, other = ("senders", "receivers") if queue["senders"] else ("receivers", "senders")
            waiters = channel[mine]["waiters"]
            assert [waiter["goroutine"]["id"] for waiter in waiters] == queue["order"], queue
            assert channel[mine]["total"] == len(queue["order"])
            assert channel[other]["total"] == channel["unordered"]["total"] == 0
            for waiter in waiters:
                truth = draining.rows[waiter["goroutine"]["id"]]
                assert waiter["select"] == (truth["kind"] == "select")
                assert waiter["direction"] == mine[:-1].replace("sender", "send").replace(
                    "receiver", "receive")


def test_a_channel_whole(chanspect, waits):
    turned = next(row for row in waits.still() if row["name"] == "send to turned full buffer")
    address = turned["waits"][0]["object"]
    channel = chanspect.json("channel", waits.pid, address)["channel"]
    assert channel["address"] == address
    assert (channel["length"], channel["capacity"], channel["elem_size"]) == (5, 5, 1)
    assert (channel["send_index"], channel["receive_index"]) == (3, 3)
    assert channel["lock"] == 0 and not channel["closed"]
    text = chanspect.text("channel", waits.pid, address)
    for word in (address, "uint8", "sendx", "recvx", "sendq", str(turned["id"])):
        assert word in text, (word, text)


def test_one_channel_twice_in_a_select(chanspect, waits):
    twice = next(row for row in waits.still() if row["name"] == "select, same channel twice")
    channel = chanspect.json("channel", waits.pid, twice["waits"][0]["object"])["channel"]
    assert [waiter["goroutine"]["id"] for waiter in channel["receivers"]["waiters"]] == 2 * [
        twice["id"]]
    both = next(row for row in waits.still() if row["name"] == "select, both ends")
    channel = chanspect.json("channel", waits.pid, both["waits"][0]["object"])["channel"]
    assert channel["receivers"]["total"] == channel["senders"]["total"] == 1


def stuck(waits):
    """The channels that nth counts: not those of timers."""
    return {address: waiters for address, (wait, waiters) in waits.channels().items()
            if not is_known_as_timer(waits, wait, waiters)}


@pytest.mark.parametrize("order", ["oldest", "age", "address", "waiters"])
def test_nth_counts_through_all_stuck_channels(chanspect, waits, order):
    channels = stuck(waits)
    keys = []
    seen = []
    # The channels of moving goroutines come and go: walk a stretch beyond their number.
    for n in range(1, 21):
        channel = chanspect.json("nth", waits.pid, n, "--order", order)["channel"]
        address = channel["address"]
        seen.append(address)
        if address not in channels:
            continue
        ids = {row["id"] for row in channels[address]}
        keys.append({"oldest": min(ids), "age": 0, "address": int(address, 16),
                     "waiters": -len(ids)}[order])
    assert len(keys) >= 15
    assert keys == sorted(keys)
    if order != "age":
        expected = {"oldest": lambda item: min(row["id"] for row in item[1]),
                    "address": lambda item: int(item[0], 16),
                    "waiters": lambda item: -len({row["id"] for row in item[1]})}[order]
        first = sorted(map(expected, channels.items()))[:len(keys)]
        assert keys == first


def test_nth_by_oldest_is_the_default_and_shows_goroutine_and_stack(chanspect, waits):
    explicit = chanspect.json("nth", waits.pid, 1, "--order", "oldest")
    default = chanspect.json("nth", waits.pid, 1)
    assert explicit["channel"]["address"] == default["channel"]["address"]
    address = default["channel"]["address"]
    channels = stuck(waits)
    if address in channels:
        text = chanspect.text("nth", waits.pid, 1)
        oldest = waits.texts[min(row["id"] for row in channels[address])]
        assert address in text and f"goroutine {oldest.id} " in text
        assert f"{oldest.site().file}:{oldest.site().line}" in text


def test_nth_beyond_the_last_says_how_many_there_are(chanspect, waits):
    run = chanspect.run("nth", waits.pid, 100000, check=False)
    assert run.code == 2
    assert b"Traceback" not in run.err and run.err
