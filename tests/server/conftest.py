from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator

import pytest

from metafor.server import Broker, MemoryBroker, RedisBroker
from tests.server.redis_server import RedisServer, redis_server

_numbers = itertools.count()


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One Redis for all tests that do not harm it; each takes a prefix of its own."""
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def prefix() -> str:
    return f"test{next(_numbers)}:"


@pytest.fixture(params=["memory", "redis"])
async def broker(request: pytest.FixtureRequest, prefix: str) -> AsyncIterator[Broker]:
    """Each broker in turn, with its defaults."""
    if request.param == "memory":
        yield MemoryBroker()
        return
    server: RedisServer = request.getfixturevalue("redis")
    broker = RedisBroker(server.url, prefix=prefix)
    yield broker
    for node in [*broker._nodes, "nobody"]:
        await broker.detach(node)
