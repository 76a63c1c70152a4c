"""The specification's clients against our own server, and that server beside the specification's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import ClientConnection, connect

from metafor.server import RoomServer
from tests.server.shells import serving
from tests.spec.conftest import Lead
from tests.spec.room_server import RoomServerApp
from tests.spec.sections import client
from tests.spec.sections.world import SCENARIOS, World

CLIENTS = {name: one for name, one in SCENARIOS.items() if one.run.__module__ == client.__name__}


@pytest.fixture
def ours(world: World, lead: Lead) -> Iterator[World]:
    """As `world`, with a `RoomServer` where the application's server was."""
    with RoomServerApp() as app:
        lead("localhost", 8000, app.port)
        yield World(app, lead, world.servers)


@pytest.mark.parametrize("name", [name for name, one in CLIENTS.items() if not one.is_script])
async def test_section(name: str, ours: World) -> None:
    await SCENARIOS[name].run(ours)


@pytest.mark.parametrize("name", [name for name, one in CLIENTS.items() if one.is_script])
def test_section_as_a_script(name: str, ours: World) -> None:
    SCENARIOS[name].run(ours)


#: Who says what, one after the other.
STORY = [
    (0, {"type": "_join", "room": "news"}),
    (0, {"type": "_join", "room": "news"}),
    (1, {"type": "_join", "room": "news"}),
    (0, {"_room": "news", "text": "Hello", "n": [1, {"a": None}]}),
    (1, {"_room": "news", "text": "Hi"}),
    (0, {"_room": "empty", "text": "to nobody"}),
    (2, {"_room": "news", "text": "from outside"}),
    (1, {"type": "_leave", "room": "news"}),
    (1, {"type": "_leave", "room": "news"}),
    (0, {"_room": "news", "text": "alone"}),
    (2, {"type": "_join", "room": "news"}),
    (0, {"_room": "news", "text": "again"}),
]


async def play(url: str) -> list[list[object]]:
    """What each of three clients hears of the story, in order."""
    heard: list[list[object]] = [[], [], []]
    async with connect(url) as alice, connect(url) as bob, connect(url) as carol:
        everyone = (alice, bob, carol)
        for line, (who, message) in enumerate(STORY):
            await everyone[who].send(json.dumps(message))
            heard[who] += await until_answered(everyone[who], f"mark {line}")
        for who, listener in enumerate(everyone):
            heard[who] += await until_answered(listener, f"end {who}")
    return heard


async def until_answered(client: ClientConnection, mark: str) -> list[object]:
    """What comes before the answer to a join of the room ``mark``: all that was said before has arrived."""
    await client.send(json.dumps({"type": "_join", "room": mark}))
    heard: list[object] = []
    async with asyncio.timeout(10):
        while (message := json.loads(await client.recv())) != {"status": "joined", "room": mark}:
            heard.append(message)
    return heard


async def test_our_server_does_as_the_example_server(servers: dict[str, int]) -> None:
    example = await play(f"ws://127.0.0.1:{servers['python rooms']}/")
    async with serving(RoomServer(echo=False, status_replies=True), "standalone") as address:
        ours = await play(f"ws://{address}/")
    assert ours == example
    assert [len(heard) for heard in example] == [4, 5, 2]
