"""While channels are made, closed and fought over at full speed: not one row that was never true."""

import subprocess

import pytest

NORMAL, NIGHTLY = 300, 10000


@pytest.mark.parametrize("stop_mode", ["none", "freeze"])
def test_no_row_that_was_never_true(pytestconfig, nightly, release, stop_mode):
    captures = NIGHTLY if nightly else NORMAL
    done = subprocess.run([pytestconfig.getoption("--storm-capture"), release, str(captures), stop_mode],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=60 + captures)
    print(done.stdout)
    assert done.returncode == 0, done.stdout
