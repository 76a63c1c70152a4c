"""``docs/reliable.md``: its snippets run as they stand, on a server that is made as the page says."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from metafor.channels import Channel
from metafor.server import MemoryBroker, Reliability, RoomServer
from metafor.server.standalone import listening

PAGE = (Path(__file__).parents[2] / "docs" / "reliable.md").read_text(encoding="utf-8")


def snippets() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


async def run(source: str, names: dict[str, Any]) -> None:
    code = compile(source, "reliable.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    running = eval(code, names)
    if inspect.isawaitable(running):
        await running


async def test_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    client, presence, server = snippets()
    names: dict[str, Any] = {
        "Channel": Channel,
        "MemoryBroker": MemoryBroker,
        "Reliability": Reliability,
        "RoomServer": RoomServer,
        "messages": [],
    }
    await run(server, names)
    async with listening(names["rooms"]) as listens:
        names["url"] = f"ws://127.0.0.1:{listens.sockets[0].getsockname()[1]}/"
        await run(client, names)
        await run(presence, names)
        assert [member.data for member in names["everybody"]()] == [{"name": "Ada"}]
        bob = Channel(names["url"], reliable=True)
        await bob.connect()
        await bob.room("lobby").join(presence={"name": "Bob"})
        async with asyncio.timeout(5):
            while len(names["everybody"]()) < 2:
                await asyncio.sleep(0.01)
        await bob.close()
        await names["channel"].close()
    assert names["messages"] == [{"_room": "general", "text": "Hello"}]
    assert capsys.readouterr().out == "welcome Bob\n"


def test_the_figures_of_the_page_are_those_of_the_code() -> None:
    defaults = Reliability()
    assert f"quiet for at most {defaults.heartbeat:g} s, and after {defaults.timeout:g} s more" in PAGE
    assert f"shown for {defaults.presence_seconds:g} seconds more" in PAGE
    history = inspect.signature(MemoryBroker).parameters["history"].default
    assert f"{history} messages of a room by default" in PAGE
