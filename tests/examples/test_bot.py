"""``examples/bot``: counts every vote once, also while its connection is cut."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from metafor.channels import Channel, Fixed
from metafor.server import RoomServer
from metafor.testing.faults import FaultProxy
from tests.examples.conftest import Load, _importable
from tests.server.shells import serving

BOT = Path(__file__).parents[2] / "examples" / "bot"


@pytest.fixture
def bot(monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """The modules of ``examples/bot``."""
    with _importable("bot", monkeypatch) as load:
        yield load


class Voter:
    """Somebody in the room."""

    def __init__(self, url: str) -> None:
        self.channel = Channel(url, reliable=True)
        self.heard: asyncio.Queue[str] = asyncio.Queue()
        self.channel.on_message(self._hear)

    def _hear(self, message: Any) -> None:
        if message["from"] == "tally":
            self.heard.put_nowait(message["text"])

    async def say(self, text: str) -> None:
        await self.channel.send_to("general", {"from": "ada", "text": text})

    async def next(self) -> str:
        async with asyncio.timeout(20):
            return await self.heard.get()


async def test_votes_are_counted_once_each(bot: Load) -> None:
    async with serving(RoomServer(), "standalone") as address, FaultProxy(f"ws://{address}/") as proxy:
        ada = Voter(f"ws://{address}/")
        await ada.channel.connect()
        await ada.channel.join("general")
        channel = Channel(proxy.url, reliable=True, reconnect_policy=Fixed(0.02))
        channel.on_error(lambda error: None)
        tally = bot("tally").Tally(channel, "general")
        await channel.connect()
        await tally.start()
        for number in range(1, 41):
            await ada.say("+1 tea")
            if number % 10 == 0:
                proxy.reset()
            assert await ada.next() == f"tea: {number}"
        await ada.say("+1 coffee")
        await ada.say("+1 ")
        await ada.say("hello")
        await ada.say("?")
        assert [await ada.next() for _ in range(2)] == ["coffee: 1", "tea: 40, coffee: 1"]
        await ada.channel.close()
        await channel.close()


async def test_as_a_program() -> None:
    async with serving(RoomServer(), "standalone") as address:
        ada = Voter(f"ws://{address}/")
        await ada.channel.connect()
        await ada.channel.join("general")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(BOT / "main.py"),
            f"ws://{address}/",
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            assert process.stdout is not None
            assert await asyncio.wait_for(process.stdout.readline(), 20) == b"Counting in general\n"
            await ada.say("+1 tea")
            assert await ada.next() == "tea: 1"
            process.terminate()
        finally:
            await process.wait()
            process._transport.close()  # type: ignore[attr-defined]
            await ada.channel.close()
