"""A room server and channels in one process, over a network in memory that can be cut at any frame."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from metafor.channels import Channel, Fixed
from metafor.channels.transports.memory import MemoryPeer, MemoryTransport
from metafor.server import Envelope, Limits, MemoryBroker, RoomServer
from metafor.server.connection import Connection
from metafor.server.hooks import Client, Handshake, Refuse


class World:
    """Everything that is sent goes through the event loop, so that a cut finds frames on their way."""

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.rooms = RoomServer(**options)
        self.transport = MemoryTransport(self._serve)
        self.identity: str | None = None
        self.channels: list[Channel] = []

    def channel(self, **options: Any) -> Channel:
        options = {"reliable": True, "reconnect_policy": Fixed(0.05, jitter=0)} | options
        channel = Channel("ws://test", transport=self.transport, **options)
        channel.on_error(lambda error: None)
        self.channels.append(channel)
        return channel

    async def connected(self, **options: Any) -> Channel:
        channel = self.channel(**options)
        await channel.connect()
        return channel

    @property
    def open_peers(self) -> list[MemoryPeer]:
        return [peer for peer in self.transport.peers if peer.accepted and not peer.ended]

    def cut(self, peer: MemoryPeer, arrive: int | None = None, back: int | None = None) -> None:
        """End a connection; of what is on its way so many frames still arrive (None: all)."""
        unread = []
        while not peer._unread.empty():
            unread.append(peer._unread.get_nowait())
        for frame in unread[:arrive]:
            peer._unread.put_nowait(frame)
        peer._unread.put_nowait(None)  # nothing that is sent from now on arrives
        if back is not None:
            del peer._undelivered[back:]
        peer.cut()

    def restart(self, broker: MemoryBroker | None = None) -> None:
        """The process is another; what it kept is lost unless the broker is the same."""
        for peer in self.open_peers:
            self.cut(peer, 0, 0)
        self.rooms = RoomServer(**(self.options | ({"broker": broker} if broker else {})))

    async def close(self) -> None:
        for channel in self.channels:
            await channel.close()
        await asyncio.sleep(1)
        await self.rooms.close()

    async def _serve(self, peer: MemoryPeer) -> None:
        rooms = self.rooms
        try:
            connection = await rooms.admit(Handshake("/"), lambda *given: ServerSide(*given, peer))
        except Refuse as refusal:
            await peer.close(refusal.code, refusal.reason)
            return
        try:
            async for frame in peer:
                if not await rooms.receive(connection, frame):
                    break
        finally:
            await rooms.leave(connection)
            if connection._ending is not None:
                await peer.close(*connection._ending)


class ServerSide(Connection):
    """The shell of the network in memory."""

    def __init__(self, client: Client, limits: Limits, peer: MemoryPeer) -> None:
        super().__init__(client, limits)
        self._peer = peer
        self._scheduled = False

    def _wake(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._scheduled = False
        frames = [parcel.frame for parcel in self._queue]
        self._queue.clear()
        self._queued_bytes = 0
        if frames and not self._peer.ended:
            _at_once(self._peer.send(*frames))
        if self._ending is not None:
            _at_once(self._peer.close(*self._ending))

    def _cut(self) -> None:
        self._wake()


def _at_once(coroutine: Any) -> None:
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("it waited")


class SlowBroker(MemoryBroker):
    """A broker to which every message takes its time, and from which every answer does."""

    def __init__(self, rng: random.Random, **options: Any) -> None:
        super().__init__(**options)
        self._rng = rng

    async def publish(self, envelope: Envelope) -> bool:
        await asyncio.sleep(self._rng.choice((0, 0, 0.001, 0.02)))
        taken = await super().publish(envelope)
        await asyncio.sleep(self._rng.choice((0, 0, 0.001, 0.02)))
        return taken

    async def position(self, room: str | None) -> Any:
        await asyncio.sleep(self._rng.choice((0, 0.01)))
        position = await super().position(room)
        await asyncio.sleep(self._rng.choice((0, 0.01)))
        return position

    async def replay(self, room: str | None, after: Any, limit: int) -> Any:
        await asyncio.sleep(self._rng.choice((0, 0.01)))
        replay = await super().replay(room, after, limit)
        await asyncio.sleep(self._rng.choice((0, 0.01)))
        return replay


class Overheard:
    """What the broker carried, as another server on it sees it."""

    def __init__(self) -> None:
        self.frames: list[Any] = []

    def __call__(self, delivery: Any) -> None:
        if isinstance(delivery, Envelope):
            self.frames.append(json.loads(delivery.frame))


async def overhear(broker: MemoryBroker, *rooms: str) -> Overheard:
    overheard = Overheard()
    await broker.attach("overhearing", overheard)
    for room in rooms:
        await broker.subscribe("overhearing", room)
    return overheard


@contextmanager
def collected(channel: Channel) -> Iterator[list[Any]]:
    """Everything that handlers are told, gaps among the messages."""
    told: list[Any] = []
    channel.on_message(told.append)
    channel.on_gap(told.append)
    yield told
    channel.remove_handler(told.append)
