"""Who else is in a room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from metafor.channels.handlers import Handlers
from metafor.channels.reliable.events import MemberCame, MemberLeft, MembersAre
from metafor.core import Owner, create_signal

__all__ = ["Member", "Members"]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a room: ``id`` is theirs alone, ``data`` what they gave as ``presence``."""

    id: str
    data: Any


class Members:
    """The members of one room, as the server tells of them.

    ``joined`` and ``left`` are the handlers to call; those who are there when the list first comes have not
    just come. A list that comes later, after an outage, is told as the difference.
    """

    def __init__(self, owner: Owner | None, failed: Callable[[Exception], None]) -> None:
        nobody: list[Member] = []
        self.signal, self._set = create_signal(nobody, equals=False, name="room.members")
        self.joined = Handlers(owner)
        self.left = Handlers(owner)
        self._failed = failed
        self._known: dict[str, Member] | None = None

    def tell(self, change: MembersAre | MemberCame | MemberLeft) -> None:
        """The server told of them."""
        match change:
            case MembersAre(_, members):
                self._replace(members)
            case MemberCame(_, name, data):
                self._came(name, data)
            case MemberLeft(_, name):
                self._went(name)

    def forget(self) -> None:
        """This client left the room: it knows nothing of it any more."""
        self._known = None
        self._set([])

    def _replace(self, members: Mapping[str, Any]) -> None:
        before, now = self._known, {name: Member(name, data) for name, data in members.items()}
        self._known = now
        self._set(list(now.values()))
        if before is not None:
            for name in [name for name in before if name not in now]:
                self.left.call(self._failed, before[name])
            for name in [name for name in now if name not in before]:
                self.joined.call(self._failed, now[name])

    def _came(self, name: str, data: Any) -> None:
        if self._known is None:
            return  # the list comes first
        new = name not in self._known
        member = self._known[name] = Member(name, data)
        self._set(list(self._known.values()))
        if new:
            self.joined.call(self._failed, member)

    def _went(self, name: str) -> None:
        if self._known is not None and (member := self._known.pop(name, None)) is not None:
            self._set(list(self._known.values()))
            self.left.call(self._failed, member)
