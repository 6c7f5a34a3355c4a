"""Options and fixtures of the tests that look at the tool from outside.

    /usr/bin/python3 -m pytest tests/e2e --chanspect=build/chanspect [--nightly] [--releases=1.19,1.27.4]
"""

import json
import os
import pathlib
import sys

import jsonschema
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import go_target  # noqa: E402
import stack_text  # noqa: E402
from tool import Chanspect  # noqa: E402

SCHEMA = go_target.ROOT / "docs/schema/chanspect-1.schema.json"


def pytest_addoption(parser):
    parser.addoption("--chanspect", default=str(go_target.ROOT / "build/chanspect"))
    parser.addoption("--storm-capture", default=str(go_target.ROOT / "build/storm_capture"))
    parser.addoption("--nightly", action="store_true", help="all releases and the long runs")
    parser.addoption("--releases", default="", help="only these, with commas between")


def releases_of(config):
    if config.getoption("--releases"):
        return config.getoption("--releases").split(",")
    return go_target.ALL_RELEASES if config.getoption("--nightly") else go_target.SAMPLE


def pytest_generate_tests(metafunc):
    if "release" in metafunc.fixturenames:
        metafunc.parametrize("release", releases_of(metafunc.config), scope="session")


@pytest.fixture(scope="session")
def nightly(pytestconfig):
    return pytestconfig.getoption("--nightly")


@pytest.fixture(scope="session")
def chanspect(pytestconfig):
    binary = pathlib.Path(pytestconfig.getoption("--chanspect")).resolve()
    assert os.access(binary, os.X_OK), f"no chanspect at {binary}"
    schema = json.loads(SCHEMA.read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    validator.check_schema(schema)

    def schema_check(document):
        for error in validator.iter_errors(document):
            at = "/".join(map(str, error.absolute_path))
            raise AssertionError(f"not of the schema at {at}: {error.message[:1000]}")

    return Chanspect(binary, schema_check)


@pytest.fixture(params=["none", "freeze"])
def stop(request):
    return request.param


@pytest.fixture(scope="session")
def last_release():
    return go_target.ALL_RELEASES[-1]


class Waits:
    """The program of every kind of wait, with what it says of itself."""

    def __init__(self, release, *flags, arguments=()):
        self.release = release
        self.target = go_target.GoTarget(go_target.build("waits", release, *flags), *arguments)
        self.pid = self.target.pid
        self.rows = {row["id"]: row for row in self.target.ask_json("truth")}
        self.stack = self.target.ask("stack")
        self.texts = stack_text.paragraphs(self.stack)

    def still(self, *kinds):
        """The rows of goroutines that stay where they are, of the given kinds or all."""
        return [row for row in self.rows.values()
                if not row.get("moves") and (not kinds or row["kind"] in kinds)]

    def channels(self):
        """By address: the wait, and the rows that have it."""
        found = {}
        for row in self.still():
            for wait in row.get("waits", []):
                if "direction" in wait:
                    found.setdefault(wait["object"], (wait, []))[1].append(row)
        return found


@pytest.fixture(scope="session")
def waits(release):
    program = Waits(release)
    yield program
    program.target.kill()
