"""One room as a reliable channel is in it: how it wants to be there, how far it has come, who else is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from metafor.channels.protocol import JOIN
from metafor.channels.reliable.wire import head_frame

__all__ = ["Place", "RoomWish"]


@dataclass(frozen=True, slots=True)
class RoomWish:
    """How to be in a room: what others see of this client, and whether it is told who else is there.

    ``presence`` is the JSON text of the data that others see, None for somebody whom nobody sees: text, so
    that it can be written whenever it has to be, and is the same when it says the same.
    """

    presence: str | None = None
    members: bool = False


@dataclass(slots=True)
class Place:
    """How far this client has come in the log of a room; ``epoch`` is empty before the server said."""

    wish: RoomWish
    epoch: str = ""
    seq: int = 0
    #: Members of a list that is not complete yet, and the number of its last part, 0 before the first.
    _listed: dict[str, Any] = field(default_factory=dict)
    _part: int = 0

    def join_frame(self, room: str) -> str:
        """The frame that joins ``room`` as is wished, from where this client has come."""
        head: dict[str, Any] = {"type": JOIN, "room": room}
        if self.epoch:
            head |= {"epoch": self.epoch, "seq": self.seq}
        if self.wish.members:
            head["members"] = True
        frame = head_frame(head)
        if self.wish.presence is not None:
            frame = f'{frame[:-1]},"presence":{self.wish.presence}}}'
        return frame

    def take_part(self, part: int, members: Mapping[str, Any], more: bool) -> dict[str, Any] | None:
        """A part of a list of members came; gives the whole list when it is complete.

        A part that does not follow the one before is of a list that is not to be completed any more.
        """
        if part == 1:
            self._listed = {}
        elif part != self._part + 1:
            return None
        self._part = part
        self._listed |= members
        if more:
            return None
        listed = self._listed
        self.forget_parts()
        return listed

    def forget_parts(self) -> None:
        """No further part will come."""
        self._listed, self._part = {}, 0
