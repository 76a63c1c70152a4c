"""The broker of one process: a table of who wants which room."""

from __future__ import annotations

from metafor.server.brokers.base import Deliver, Envelope

__all__ = ["MemoryBroker"]


class MemoryBroker:
    """Carries messages between the room servers of one process that were given the same broker.

    It keeps nothing: an envelope is delivered before `publish` returns, or to nobody.
    """

    def __init__(self) -> None:
        self._nodes: dict[str, Deliver] = {}
        self._rooms: dict[str, dict[str, Deliver]] = {}

    async def attach(self, node: str, deliver: Deliver) -> None:
        """See `Broker.attach`."""
        self._nodes[node] = deliver

    async def detach(self, node: str) -> None:
        """See `Broker.detach`."""
        self._nodes.pop(node, None)
        for room in [room for room, nodes in self._rooms.items() if node in nodes]:
            await self.unsubscribe(node, room)

    async def subscribe(self, node: str, room: str) -> None:
        """See `Broker.subscribe`."""
        if (deliver := self._nodes.get(node)) is not None:
            self._rooms.setdefault(room, {})[node] = deliver

    async def unsubscribe(self, node: str, room: str) -> None:
        """See `Broker.unsubscribe`."""
        nodes = self._rooms.get(room, {})
        nodes.pop(node, None)
        if not nodes:
            self._rooms.pop(room, None)

    async def publish(self, envelope: Envelope) -> None:
        """See `Broker.publish`."""
        nodes = self._nodes if envelope.room is None else self._rooms.get(envelope.room, {})
        for deliver in list(nodes.values()):
            deliver(envelope)
