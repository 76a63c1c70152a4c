"""Members of rooms: who is shown to others, and who is told of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, Final

from metafor.channels.protocol import encode
from metafor.channels.reliable.wire import EVERYBODY, MAILBOX, head_frame
from metafor.server.brokers.base import MemberChange
from metafor.server.close_codes import TRY_AGAIN_LATER
from metafor.server.errors import BrokerUnavailableError
from metafor.server.hub import byte_length
from metafor.server.parcel import Parcel
from metafor.server.reliable.flow import allowance, offer, send_counted, until_read
from metafor.server.reliable.host import Host
from metafor.server.reliable.peer import Peer, Place
from metafor.server.reliable.rooms import Rooms

__all__ = ["Presence"]

#: Bytes of members in one part of a list.
_PART: Final = 64 * 1024
#: Changes that are kept while a list is on its way; after more of them it begins anew.
_CHANGES: Final = 1000


class Presence:
    """Keeps the broker's members up to date, and brings their changes to those who want to know.

    A peer that has to be told who is there is served by a task of its own, one room after the other.
    """

    def __init__(self, host: Host, rooms: Rooms, seconds: float) -> None:
        self._host = host
        self._rooms = rooms
        self._seconds = seconds

    def refusal(self, room: str, head: dict[str, Any]) -> str | None:
        """The answer to a join that brings more than a member may show of itself."""
        allowed = self._host.hub.limits.presence_bytes
        if "presence" not in head or room in (EVERYBODY, MAILBOX):
            return None
        if byte_length(encode(head["presence"])) <= allowed:
            return None
        message = f"presence may have {allowed} bytes of JSON"
        return head_frame({"type": "_refused", "room": room, "code": "server/too-big", "message": message})

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
            self._list_later(peer, room)

    async def left(self, peer: Peer, room: str, place: Place | None) -> None:
        """The peer left ``room``, where it had ``place``."""
        if place is not None and place.presence is not None:
            await self._host.broker.remove_member(room, peer.session)

    async def renew(self, peer: Peer) -> None:
        """The peer is still there."""
        for room, place in list(peer.places.items()):
            if place.presence is not None:
                await self._host.broker.set_member(room, peer.session, place.presence, self._seconds)

    def gone(self, peer: Peer) -> None:
        """Its connection ended: tell it nothing any more."""
        if peer.lister is not None:
            peer.lister.cancel()

    def behind(self, inner: str | None) -> None:
        """Changes may have been missed: tell those who want to know the whole list."""
        for peer, room in self._rooms.peers(inner):
            if peer.places[room].members:
                self._list_later(peer, room)

    def changed(self, change: MemberChange) -> None:
        """The broker brought a change."""
        parcel: Parcel | None = None
        for peer, room in self._rooms.peers(change.room):
            place = peer.places[room]
            if place.changes is not None:
                place.changes.pop(change.member, None)
                place.changes[change.member] = change
                if len(place.changes) > _CHANGES:
                    place.changes.clear()
                    self._list_later(peer, room)
            elif place.members and room not in peer.unlisted:
                if parcel is None:
                    parcel = Parcel(_told(change))
                offer(self._host, peer, parcel)

    # -- lists ----------------------------------------------------------------------------------------

    def _list_later(self, peer: Peer, room: str) -> None:
        peer.unlisted[room] = None
        if peer.lister is None:
            peer.lister = asyncio.get_running_loop().create_task(self._list_all(peer))

    async def _list_all(self, peer: Peer) -> None:
        try:
            while peer.unlisted:
                room, _ = peer.unlisted.popitem(last=False)
                place = peer.places.get(room)
                if place is not None and place.members:
                    await self._list(peer, room, place)
        except BrokerUnavailableError:
            if self._host.broker.up:  # else it will be back, and this is done again
                self._host.end(peer.connection, TRY_AGAIN_LATER, "the broker is away")
        finally:
            peer.unlisted.clear()
            peer.lister = None

    async def _list(self, peer: Peer, room: str, place: Place) -> None:
        """Send the list, then what changed while it was on its way; or stop, if that is no use any more."""
        changes = place.changes = {}
        try:
            members = await self._host.broker.members(room)
            for frame in _parts(room, members, min(_PART, self._host.hub.limits.queue_bytes // 8)):
                if not await self._may_send(peer, room, place):
                    return
                send_counted(self._host, peer, frame)
            while changes:
                if not await self._may_send(peer, room, place):
                    return
                if changes:
                    send_counted(self._host, peer, _told(changes.pop(next(iter(changes)))))
        finally:
            place.changes = None

    async def _may_send(self, peer: Peer, room: str, place: Place) -> bool:
        """Wait until the peer may be sent more; gives whether it still wants this list."""
        while not allowance(self._host, peer):
            await until_read(self._host, peer)
        return peer.places.get(room) is place and place.members and room not in peer.unlisted


def _parts(room: str, members: Mapping[str, str], most: int) -> Iterator[str]:
    """The frames that tell ``members``, each with about ``most`` bytes of them."""
    part, size, items = 1, 0, list[str]()
    for member, data in members.items():
        item = f"{encode(member)}:{data}"
        size += byte_length(item)
        if items and size > most:
            yield _part(room, f',"part":{part},"more":true', items)
            part, size, items = part + 1, byte_length(item), []
        items.append(item)
    yield _part(room, f',"part":{part}' if part > 1 else "", items)


def _part(room: str, which: str, items: list[str]) -> str:
    return f'{{"type":"_members","room":{encode(room)}{which},"members":{{{",".join(items)}}}}}'


def _told(change: MemberChange) -> str:
    about = f'{{"type":"_member","room":{encode(change.room)},"id":{encode(change.member)}'
    return about + (',"gone":true}' if change.data is None else f',"data":{change.data}}}')
