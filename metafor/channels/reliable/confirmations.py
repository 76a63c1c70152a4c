"""Who waits until the server confirmed a join or a leave."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection

__all__ = ["Confirmations"]


class Confirmations:
    """For each room a queue of what the server has been asked, each with those who wait for the answer.

    The server answers what is asked about one room in order. What was not answered when a connection
    ended is asked again as one: be in the room, or not at all.
    """

    def __init__(self) -> None:
        self._asked: dict[str, deque[list[asyncio.Future[None]]]] = {}

    def asked(self, room: str) -> None:
        """The server was asked something about ``room``."""
        self._asked.setdefault(room, deque()).append([])

    def asked_again(self, room: str) -> None:
        """After a reconnect the server was asked to let this client into ``room``, once."""
        if not self._asked.get(room):
            self.asked(room)

    def open(self, room: str) -> bool:
        """Whether an answer about ``room`` is to come."""
        return room in self._asked

    async def wait(self, room: str) -> None:
        """Wait for the answer to what was asked last, or will be asked; raises what `answered` was given."""
        waiter = asyncio.get_running_loop().create_future()
        groups = self._asked.setdefault(room, deque())
        if not groups:
            groups.append([])
        groups[-1].append(waiter)
        await waiter

    def answered(self, room: str, error: Exception | None = None) -> bool:
        """The server answered the oldest question about ``room``. Gives whether somebody waited for it."""
        groups = self._asked.get(room)
        if not groups:
            return False
        group = groups.popleft()
        if not groups:
            del self._asked[room]
        return _tell(group, error)

    def ended(self, wanted: Collection[str]) -> None:
        """The connection ended. Leaves are done with it; joins will be asked again."""
        for room, groups in list(self._asked.items()):
            waiting = [waiter for group in groups for waiter in group]
            if room in wanted:
                self._asked[room] = deque([waiting])
            else:
                del self._asked[room]
                _tell(waiting, None)

    def all_answered(self, error: Exception | None = None) -> None:
        """There will be no further answers."""
        groups = [group for asked in self._asked.values() for group in asked]
        self._asked.clear()
        for group in groups:
            _tell(group, error)


def _tell(group: list[asyncio.Future[None]], error: Exception | None) -> bool:
    waiting = [waiter for waiter in group if not waiter.done() and not waiter.get_loop().is_closed()]
    for waiter in waiting:
        if error is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(error)
    return bool(waiting)
