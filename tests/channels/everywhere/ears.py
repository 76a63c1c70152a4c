"""A listener that remembers, and knows the rules of `SocketListener`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from metafor.channels import ChannelConnectionError
from metafor.channels.transports.base import Close, Frame, Socket

from .place import Place

__all__ = ["Ears"]


@dataclass
class Ears:
    events: list[Any] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    calling: bool = False
    fell: int = 0

    def note(self, *event: Any) -> None:
        assert not self.calling, "the listener was called from inside a call to the socket"
        assert not self.has_ended(), "the listener was called after the end"
        self.events.append(event)
        self.changed.set()

    def opened(self, protocol: str) -> None:
        assert not self.events
        self.note("opened", protocol)

    def received(self, frames: Sequence[Frame]) -> None:
        assert frames
        self.note("received", list(frames))

    def buffer_fell(self) -> None:
        assert not self.calling
        self.fell += 1
        self.changed.set()

    def closed(self, close: Close) -> None:
        self.note("closed", close)

    def failed(self, error: ChannelConnectionError) -> None:
        raise AssertionError("a transport raises instead")

    def has_events(self) -> bool:
        return bool(self.events)

    def has_ended(self) -> bool:
        return bool(self.events) and self.events[-1][0] == "closed"

    @property
    def frames(self) -> list[Frame]:
        return [frame for kind, *rest in self.events if kind == "received" for frame in rest[0]]

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    def open(self, place: Place, path: str, protocols: Sequence[str] = ()) -> Socket:
        self.calling = True
        try:
            return place.transport.open(place.url(path), protocols, self)
        finally:
            self.calling = False

    async def opened_at(self, place: Place, path: str, protocols: Sequence[str] = ()) -> Socket:
        """A socket that is open."""
        socket = self.open(place, path, protocols)
        await self.until(self.has_events)
        return socket
