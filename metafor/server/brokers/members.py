"""Who is in which room, for a broker that has everything in one process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from metafor.server.brokers.base import MemberChange

__all__ = ["Members"]


class Members:
    """Members of rooms, each for a limited time; ``tell(room, change)`` is called for every change."""

    def __init__(self, tell: Callable[[str, MemberChange], None]) -> None:
        self._tell = tell
        self._rooms: dict[str, dict[str, str]] = {}
        self._ends: dict[tuple[str, str], asyncio.TimerHandle] = {}

    def of(self, room: str) -> Mapping[str, str]:
        """The members of ``room`` and their data."""
        return dict(self._rooms.get(room, {}))

    def set(self, room: str, member: str, data: str, seconds: float) -> None:
        """See `Broker.set_member`."""
        members = self._rooms.setdefault(room, {})
        before = members.get(member)
        members[member] = data
        if (end := self._ends.get((room, member))) is not None:
            end.cancel()
        later = asyncio.get_running_loop().call_later
        self._ends[room, member] = later(seconds, self.remove, room, member)
        if before != data:
            self._tell(room, MemberChange(room, member, data))

    def remove(self, room: str, member: str) -> None:
        """See `Broker.remove_member`."""
        if (end := self._ends.pop((room, member), None)) is None:
            return
        end.cancel()
        members = self._rooms[room]
        del members[member]
        if not members:
            del self._rooms[room]
        self._tell(room, MemberChange(room, member, None))

    def stop(self) -> None:
        """Nobody listens any more: forget all, and leave no timer."""
        for end in self._ends.values():
            end.cancel()
        self._ends.clear()
        self._rooms.clear()
