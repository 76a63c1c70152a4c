"""Bad input on CPython; ``e2e/test_channels.py`` runs the same in pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from metafor.channels.transports.cpython import CPythonTransport
from tests.channels.everywhere import bad_input
from tests.channels.everywhere.place import Place, scenarios
from tests.channels.everywhere.server import HOSTILE, PathServer
from tests.channels.loopback import free_port

SCENARIOS = scenarios(bad_input)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with PathServer() as server:
        yield Place(CPythonTransport(), f"ws://127.0.0.1:{server.port}", refused=free_port())


@pytest.mark.parametrize("name", SCENARIOS)
async def test_bad_input(name: str, place: Place) -> None:
    await SCENARIOS[name](place)


def test_the_hostile_texts_are_those_that_the_scenario_expects() -> None:
    assert [len(text) for text in HOSTILE] == [40_000, 100_000, 5000, 3, 3]
