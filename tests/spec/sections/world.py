"""What a scenario finds around it: servers, a way to lead addresses to them, and names for snippets."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from metafor.channels import Channel

__all__ = [
    "APP",
    "SCENARIOS",
    "App",
    "Names",
    "Scenario",
    "World",
    "connected",
    "decoded",
    "scenario",
    "until",
]

#: Where the document's snippets find the application's server.
APP = "ws://localhost:8000/ws"

F = TypeVar("F", bound=Callable[..., Any])


class App(Protocol):
    """The application's server: it keeps rooms as the document's does, and sends to the sender too."""

    @property
    def received(self) -> list[str | bytes]:
        """Every message that it got, in order."""

    async def cut(self) -> None:
        """End every connection without a close frame."""

    async def say(self, text: str) -> None:
        """Send to everybody."""


@dataclass
class World:
    """The servers, and ``lead(host, port, to)``, which takes connections to (host, port) to loopback."""

    app: App
    lead: Callable[[str, int, int], None]
    #: Ports of the document's own servers: "python echo", "node echo", "python rooms"; with " tls" behind
    #: the name, the same server over TLS.
    servers: dict[str, int]


@dataclass(frozen=True)
class Scenario:
    """A test. ``says``: the sentences of the document that it shows to be true."""

    name: str
    run: Callable[[World], Any]
    says: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_script(self) -> bool:
        """Whether it calls ``asyncio.run`` itself."""
        return not inspect.iscoroutinefunction(self.run)


SCENARIOS: dict[str, Scenario] = {}


def scenario(*says: str) -> Callable[[F], F]:
    """Register a function that takes a `World`. It is named after the section whose text it runs."""

    def register(function: F) -> F:
        name = function.__name__
        assert name not in SCENARIOS
        SCENARIOS[name] = Scenario(name, function, says)
        return function

    return register


async def until(condition: Callable[[], object]) -> None:
    """Wait, for at most 10 s."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


class Names(dict[str, Any]):
    """The names that a snippet finds, and the lines that it prints."""

    def __init__(self, **names: Any) -> None:
        super().__init__(names)
        self.lines: list[str] = []
        self["print"] = lambda *words: self.lines.append(" ".join(map(str, words)))
        self.setdefault("asyncio", asyncio)

    async def printed(self, *lines: str) -> None:
        await until(lambda: len(self.lines) >= len(lines))
        assert self.lines == list(lines), self.lines


@asynccontextmanager
async def connected(**options: Any) -> AsyncIterator[tuple[Channel, Names]]:
    channel = Channel(APP, **options)
    await channel.connect()
    yield channel, Names(channel=channel)
    await channel.close()


def decoded(app: App) -> list[Any]:
    return [json.loads(message) for message in app.received]
