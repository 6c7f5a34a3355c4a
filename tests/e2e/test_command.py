"""The command as scripts and people meet it: exit codes, files, pipes, colors, refusals."""

import json
import os
import pty
import re
import shutil
import subprocess
import time

import pytest

from go_target import GoTarget, build

OK, FAILED, USAGE, CANNOT_READ = 0, 1, 2, 3

COMMANDS = ["overview", "channels", "channel", "nth", "blocked", "goroutines", "stack"]


@pytest.fixture(scope="module")
def hello(last_release):
    with GoTarget(build("hello", last_release)) as target:
        target.channel = target.ready.split()[-1]
        yield target


def words(command, target):
    """The command line of each command on this target."""
    if command == "overview":
        return [target.pid]
    if command == "channel":
        return ["channel", target.pid, target.channel]
    return [command, target.pid]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("format", ["text", "json", "tsv"])
def test_every_command_in_every_format(chanspect, hello, command, format):
    arguments = words(command, hello)
    if format == "json":
        document = chanspect.json(*arguments)
        assert document["target"]["pid"] == hello.pid
        assert document["schema"] == "chanspect/1"
        assert document["command"] == command
    elif format == "tsv":
        assert chanspect.tsv(*arguments)
    else:
        run = chanspect.run(*arguments)
        assert run.out.endswith(b"\n") and b"\x1b" not in run.out
        if command not in ("stack",):
            assert b"hello" in run.out


def test_overview_says_who_it_is_and_what_is_worst(chanspect, hello, last_release):
    text = chanspect.text(hello.pid)
    for word in (f"pid {hello.pid}", f"go{last_release}", hello.channel, "main.stuck", "main.go:"):
        assert word in text, (word, text)


def test_target_by_name(chanspect, tmp_path, last_release):
    # A name of its own: other tests run the same program at the same time.
    binary = tmp_path / f"named-{os.getpid()}"
    shutil.copy(build("hello", last_release), binary)
    with GoTarget(str(binary)) as target:
        document = chanspect.json("channels", binary.name)
        assert document["target"]["pid"] == target.pid


def test_ps_lists_it(chanspect, hello, last_release):
    rows = {row["pid"]: row for row in chanspect.json("ps")["processes"]}
    assert rows[hello.pid]["go_version"] == f"go{last_release}"
    assert rows[hello.pid]["goroutines"] >= 2
    assert rows[hello.pid]["access"] == "yes"
    assert os.getpid() not in rows
    assert str(hello.pid) in [line["pid"] for line in chanspect.tsv("ps")]


@pytest.mark.parametrize("arguments, code", [
    ([], USAGE),
    (["chanels", "1"], USAGE),
    (["channels"], USAGE),
    (["channels", "PID", "--no-such-option"], USAGE),
    (["channels", "PID", "--older-than", "banana"], USAGE),
    (["channels", "PID", "--format", "xml"], USAGE),
    (["channel", "PID", "0x1234"], USAGE),
    (["channel", "PID", "banana"], USAGE),
    (["nth", "PID", "99"], USAGE),
    (["nth", "PID", "0"], USAGE),
    (["nth", "PID", "1", "--frame", "99"], USAGE),
    (["stack", "PID", "987654321"], USAGE),
    (["goroutines", "PID", "--state", "sleepy"], USAGE),
    (["channels", "PID", "--watch", "0s"], USAGE),
    (["channels", "4194305"], CANNOT_READ),
    (["channels", "no-such-program-anywhere"], CANNOT_READ),
    (["channels", "1"], None),
    (["--help"], OK),
    (["channels", "--help"], OK),
    (["--version"], OK),
])
def test_exit_codes(chanspect, hello, arguments, code):
    given = [hello.pid if word == "PID" else word for word in arguments]
    run = chanspect.run(*given, check=False)
    if code is None:
        assert run.code == CANNOT_READ
    else:
        assert run.code == code, str(run)
    if run.code in (USAGE, CANNOT_READ):
        assert run.out == b"" and run.err, str(run)
    else:
        assert run.out and run.err == b"", str(run)


def test_a_process_that_is_not_go(chanspect):
    sleeper = subprocess.Popen(["sleep", "60"])
    try:
        run = chanspect.run("channels", sleeper.pid, check=False)
        assert run.code == CANNOT_READ
        assert b"Go" in run.err and str(sleeper.pid).encode() in run.err
    finally:
        sleeper.kill()
        sleeper.wait()


def test_a_process_that_has_ended(chanspect):
    ended = subprocess.Popen(["true"])
    ended.wait()
    run = chanspect.run("channels", ended.pid, check=False)
    assert run.code == CANNOT_READ and str(ended.pid).encode() in run.err


def test_a_zombie(chanspect, last_release):
    zombie = subprocess.Popen([build("hello", last_release)], stdout=subprocess.PIPE)
    zombie.stdout.readline()
    zombie.kill()
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    run = chanspect.run("channels", zombie.pid, check=False)
    assert run.code == CANNOT_READ and run.err
    zombie.wait()
    zombie.stdout.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_permission_denied_says_what_would_work(chanspect, hello, tmp_path):
    """Another user may not look; the refusal names a command."""
    copy = tmp_path / "chanspect"
    copy.write_bytes(chanspect.binary.read_bytes())
    copy.chmod(0o755)
    for folder in [tmp_path, *tmp_path.parents]:
        if folder.stat().st_uid == 0 and str(folder).startswith("/tmp/"):
            folder.chmod(0o755)
    done = subprocess.run([copy, "channels", str(hello.pid)], user=65534, group=65534,
                          extra_groups=[], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == CANNOT_READ, done.stderr
    assert done.stdout == b""
    assert b"chanspect" in done.stderr and str(hello.pid).encode() in done.stderr
    assert b"try:" in done.stderr, done.stderr


def test_output_file_is_whole_or_not_there(chanspect, hello, tmp_path):
    path = tmp_path / "channels.json"
    run = chanspect.run("channels", hello.pid, "--format", "json", "--output", path)
    assert run.out == b""
    assert json.loads(path.read_text())["command"] == "channels"
    before = path.read_bytes()
    assert chanspect.run("nth", hello.pid, 99, "--output", path, check=False).code == USAGE
    assert path.read_bytes() == before
    other = tmp_path / "other"
    assert chanspect.run("channels", 4194305, "-o", other, check=False).code == CANNOT_READ
    assert list(tmp_path.iterdir()) == [path]
    assert chanspect.run("channels", hello.pid, "-o", tmp_path / "no/such/folder",
                         check=False).code == FAILED


def test_a_full_disk_is_a_failure(chanspect, hello):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([chanspect.binary, "channels", str(hello.pid)], stdout=full,
                              stderr=subprocess.PIPE)
    assert done.returncode == FAILED and done.stderr
    assert chanspect.run("channels", hello.pid, "--output", "/dev/full", check=False).code == FAILED


@pytest.mark.parametrize("format", ["text", "json", "tsv"])
def test_a_reader_that_has_seen_enough(chanspect, last_release, format):
    with GoTarget(build("load", last_release), "-n", "20000") as target:
        command = f"{chanspect.binary} stack {target.pid} --all --format {format}"
        done = subprocess.run(["bash", "-c", f"{command} | head -c 100; exit ${{PIPESTATUS[0]}}"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30)
        assert len(done.stdout) == 100
        assert done.returncode == OK and done.stderr == b"", done


def test_closed_standard_output(chanspect, hello):
    done = subprocess.run(["bash", "-c", f"{chanspect.binary} channels {hello.pid} >&-"],
                          stderr=subprocess.PIPE, timeout=30)
    assert done.returncode in (OK, FAILED)


def on_a_terminal(command, env):
    """What a command prints when standard output is a terminal."""
    master, slave = pty.openpty()
    process = subprocess.Popen(list(map(str, command)), stdout=slave, stderr=subprocess.DEVNULL,
                               stdin=subprocess.DEVNULL, env={**os.environ, **env})
    os.close(slave)
    seen = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        seen += part
    os.close(master)
    assert process.wait() == 0
    return seen


def test_colors(chanspect, hello):
    command = [chanspect.binary, "channels", hello.pid]
    plain_terminal = {"TERM": "xterm-256color", "NO_COLOR": ""}
    assert b"\x1b[" in on_a_terminal(command, plain_terminal)
    assert b"\x1b" not in on_a_terminal(command, {"TERM": "xterm", "NO_COLOR": "1"})
    assert b"\x1b" not in on_a_terminal([*command, "--color", "never"], plain_terminal)
    assert b"\x1b[" in chanspect.run("channels", hello.pid, "--color", "always").out
    assert b"\x1b" not in chanspect.run("channels", hello.pid).out
    assert b"\x1b" not in chanspect.run("channels", hello.pid, "--format", "json", "--color",
                                        "always").out


def test_quiet_and_verbose(chanspect, hello):
    usual = chanspect.text("channels", hello.pid)
    quiet = chanspect.text("channels", hello.pid, "--quiet")
    assert hello.channel in quiet and len(quiet) < len(usual)
    assert f"pid {hello.pid}" in usual and f"pid {hello.pid}" not in quiet
    run = chanspect.run("channels", hello.pid, "-v")
    assert re.search(rb"goroutines +[\d.]+ [um]?s ", run.out + run.err)
    assert len(run.out + run.err) > len(usual)


def test_freeze_says_for_how_long(chanspect, hello):
    frozen = chanspect.json("channels", hello.pid, "--stop", "freeze")["target"]
    assert frozen["stop"] == "freeze" and 0 < frozen["stopped_seconds"] < 0.5
    free = chanspect.json("channels", hello.pid)["target"]
    assert free["stop"] == "none" and not free["stopped_seconds"]
    assert "never stopped" in chanspect.text("channels", hello.pid)


def test_starting_takes_little_time(chanspect, hello):
    times = []
    for _ in range(10):
        start = time.monotonic()
        chanspect.run("channels", hello.pid)
        times.append(time.monotonic() - start)
    assert min(times) < 0.25


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions(chanspect, shell):
    text = chanspect.text("completions", shell)
    for command in ("channels", "nth", "blocked", "--format"):
        assert command.lstrip("-") in text


def test_names_with_odd_bytes_do_not_break_the_screen(chanspect, last_release, tmp_path):
    """A process can call itself anything."""
    odd = tmp_path / "evil\x1b[31m\tname"
    os.link(build("hello", last_release), odd)
    with GoTarget(str(odd)) as target:
        for command in ("channels", "overview"):
            run = chanspect.run(*([target.pid] if command == "overview" else [command, target.pid]))
            assert b"\x1b" not in run.out
        assert chanspect.json("channels", target.pid)["target"]["name"] == odd.name
        chanspect.tsv("ps")
