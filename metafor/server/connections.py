"""The connections of a server: how many there are, of whom, and whether one more may come."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from metafor.server.connection import Connection
from metafor.server.limits import Limits

__all__ = ["Connections"]


class Connections(dict[int, Connection]):
    """The connections by their number in the hub; `add` and `drop` keep count. ``limits`` bound them."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self._most = limits.connections
        self._most_of_identity = limits.connections_per_identity
        self._of_identity: Counter[str] = Counter()
        self._arriving = 0
        self._all_gone = asyncio.Event()

    @property
    def full(self) -> bool:
        """Whether there are as many as there may be, those that are `arriving` included."""
        return self._most is not None and len(self) + self._arriving >= self._most

    def full_of(self, identity: str | None) -> bool:
        """Whether ``identity`` has as many as one may have; None is nobody's."""
        most = self._most_of_identity
        return identity is not None and most is not None and self._of_identity[identity] >= most

    @contextmanager
    def arriving(self) -> Iterator[None]:
        """One more is on its way inside the block, and counts."""
        self._arriving += 1
        try:
            yield
        finally:
            self._arriving -= 1

    def add(self, connection: Connection) -> None:
        """Take one in, whatever the limits say."""
        self[connection.number] = connection
        if connection.client.identity is not None:
            self._of_identity[connection.client.identity] += 1

    def drop(self, connection: Connection) -> bool:
        """Let one go. Gives whether it was there."""
        if self.pop(connection.number, None) is None:
            return False
        identity = connection.client.identity
        if identity is not None:
            self._of_identity[identity] -= 1
            if not self._of_identity[identity]:
                del self._of_identity[identity]
        if not self:
            self._all_gone.set()
        return True

    async def wait_until_gone(self, seconds: float) -> bool:
        """Wait until there is none, so many seconds at most. Gives whether there is none."""
        if not self:
            return True
        self._all_gone.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._all_gone.wait()
        except TimeoutError:
            return False
        return True
