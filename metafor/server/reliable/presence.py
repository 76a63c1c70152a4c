"""Members of rooms: who is shown to others, and who is told of them."""

from __future__ import annotations

from typing import Any

from metafor.channels.protocol import decode, encode
from metafor.channels.reliable.wire import EVERYBODY, MAILBOX
from metafor.server.brokers.base import MemberChange
from metafor.server.reliable.host import Host
from metafor.server.reliable.peer import Peer, Place
from metafor.server.reliable.rooms import Rooms, send

__all__ = ["Presence"]


class Presence:
    """Keeps the broker's members up to date, and brings their changes to those who want to know."""

    def __init__(self, host: Host, rooms: Rooms, seconds: float) -> None:
        self._host = host
        self._rooms = rooms
        self._seconds = seconds

    async def wish(self, peer: Peer, room: str, head: dict[str, Any]) -> None:
        """A join of ``room`` says whether to show the peer, and whether to tell it of others."""
        place = peer.places.get(room)
        if place is None or room in (EVERYBODY, MAILBOX):
            return
        before, place.presence = place.presence, encode(head["presence"]) if "presence" in head else None
        if place.presence is not None:
            await self._host.broker.set_member(room, peer.session, place.presence, self._seconds)
        elif before is not None:
            await self._host.broker.remove_member(room, peer.session)
        place.members = head.get("members") is True
        if place.members:
            await self._list(peer, room, place)

    async def left(self, peer: Peer, room: str, place: Place | None) -> None:
        """The peer left ``room``, where it had ``place``."""
        if place is not None and place.presence is not None:
            await self._host.broker.remove_member(room, peer.session)

    async def renew(self, peer: Peer) -> None:
        """The peer is still there."""
        for room, place in list(peer.places.items()):
            if place.presence is not None:
                await self._host.broker.set_member(room, peer.session, place.presence, self._seconds)

    async def behind(self, inner: str | None) -> None:
        """Changes may have been missed: tell those who want to know the whole list."""
        for peer, room in self._rooms.peers(inner):
            place = peer.places[room]
            if place.members:
                await self._list(peer, room, place)

    def changed(self, change: MemberChange) -> None:
        """The broker brought a change."""
        for peer, room in self._rooms.peers(change.room):
            place = peer.places[room]
            if place.changes is not None:
                place.changes.append(change)
            elif place.members:
                send(self._host, peer, _told(change))

    async def _list(self, peer: Peer, room: str, place: Place) -> None:
        """Send the list, then what changed while it was on its way."""
        place.changes = []
        try:
            members = await self._host.broker.members(room)
        finally:
            changes, place.changes = place.changes or [], None
        data = ",".join(f"{encode(member)}:{data}" for member, data in members.items())
        send(self._host, peer, f'{{"type":"_members","room":{encode(room)},"members":{{{data}}}}}')
        for change in changes:
            send(self._host, peer, _told(change))


def _told(change: MemberChange) -> str:
    head: dict[str, Any] = {"type": "_member", "room": change.room, "id": change.member}
    return encode(head | ({"gone": True} if change.data is None else {"data": decode(change.data)}))
