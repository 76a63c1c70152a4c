"""Rooms of the extension: joins from a position, messages in the order of the log, replay of the missed."""

from __future__ import annotations

import asyncio

from metafor.channels.protocol import encode
from metafor.channels.reliable.wire import EVERYBODY, MAILBOX, head_frame, message_frame
from metafor.server.brokers.base import Envelope, Position
from metafor.server.close_codes import TRY_AGAIN_LATER
from metafor.server.errors import BrokerUnavailableError
from metafor.server.hub import RESERVED, Command, Join, Leave, Mistake, Reply
from metafor.server.limits import Limits
from metafor.server.parcel import Parcel
from metafor.server.reliable.flow import allowance, offer, send, send_counted, until_read
from metafor.server.reliable.host import Host
from metafor.server.reliable.peer import Peer, Place, mailbox

__all__ = ["Rooms"]


class Rooms:
    """Which peers are where. A peer that misses something is served by a task of its own (see `flow`)."""

    def __init__(self, host: Host) -> None:
        self._host = host
        #: Peers by the broker's name of the room.
        self._in: dict[str | None, dict[int, tuple[Peer, str]]] = {}

    # -- joins and leaves -----------------------------------------------------------------------------

    async def join(self, peer: Peer, room: str, after: Position | None) -> str | None:
        """Let ``peer`` into ``room``, from ``after`` if it was there before.

        Tells it its position, now or when the replay begins. Gives the frame of a refusal, or None.
        """
        place = peer.places.get(room)
        if place is not None:
            if place.position is not None and place.told:
                send(self._host, peer, _joined(room, place.position))
            return None
        refusal = await self._enter(peer, room)
        if refusal is not None:
            return refusal
        place = peer.places[room] = Place(after)
        inner = peer.inner(room)
        self._in.setdefault(inner, {})[peer.number] = (peer, room)
        if after is None:
            place.position = await self._host.broker.position(inner)
            place.told = True
            send(self._host, peer, _joined(room, place.position))
            place.live = not place.behind
        elif not peer.served:
            # What was missed leaves before the messages that the client may have sent behind its join.
            peer.served = True
            try:
                await self._replay(peer, room, place)
                await asyncio.sleep(0)
            finally:
                peer.served = False
        if peer.places.get(room) is place and not place.live:
            peer.behind[room] = None
        self._serve_later(peer)
        return None

    async def leave(self, peer: Peer, room: str) -> None:
        """Let ``peer`` out of ``room``; one that is not in it changes nothing."""
        place = peer.places.pop(room, None)
        if place is None:
            return
        peer.behind.pop(room, None)
        self._forget(peer, peer.inner(room))
        if room == MAILBOX:
            await self._host.broker.unsubscribe(self._host.hub.node, mailbox(peer.session))
        elif room != EVERYBODY:
            await self._apply(peer, Leave(room))

    async def gone(self, peer: Peer) -> None:
        """The connection ended; the hub has taken it out of its rooms."""
        if peer.worker is not None:
            peer.worker.cancel()
        for room in peer.places:
            self._forget(peer, peer.inner(room))
        if MAILBOX in peer.places and not peer.replaced:
            await self._host.broker.unsubscribe(self._host.hub.node, mailbox(peer.session))

    async def _enter(self, peer: Peer, room: str) -> str | None:
        host = self._host
        if room == EVERYBODY:
            return None
        if room == MAILBOX:
            await host.broker.subscribe(host.hub.node, mailbox(peer.session))
            return None
        command: Command = check_join(room, len(host.hub.rooms_of(peer.number)), host.hub.limits)
        if isinstance(command, Join):
            command = await host.permitted(peer.connection.client, command)
        if isinstance(command, Mistake):
            code = f"server/{command.code}"
            return head_frame({"type": "_refused", "room": room, "code": code, "message": command.message})
        await self._apply(peer, Join(room))
        return None

    async def _apply(self, peer: Peer, command: Command) -> None:
        """Have the hub carry it out, without the replies of the base protocol."""
        actions = self._host.hub.apply(peer.number, command)
        await self._host.perform([action for action in actions if not isinstance(action, Reply)])

    def _forget(self, peer: Peer, inner: str | None) -> None:
        peers = self._in.get(inner, {})
        peers.pop(peer.number, None)
        if not peers:
            self._in.pop(inner, None)

    # -- messages -------------------------------------------------------------------------------------

    @property
    def in_use(self) -> tuple[str | None, ...]:
        """The rooms that peers of this server are in, by the broker's names."""
        return tuple(self._in)

    def peers(self, inner: str | None) -> list[tuple[Peer, str]]:
        """The peers in a room, each with its own name of it."""
        return list(self._in.get(inner, {}).values())

    def deliver(self, envelope: Envelope) -> None:
        """The broker brought a message."""
        parcel: Parcel | None = None
        for peer, room in self.peers(envelope.room):
            place = peer.places[room]
            if not place.takes(envelope):
                if place.behind:
                    self._catch_up(peer, room)
                continue
            if self._skips(peer, envelope):
                send(self._host, peer, _skip(room, envelope))
                continue
            if parcel is None:
                parcel = Parcel(_message(room, envelope))  # one for all: a thousand receivers share it
            offer(self._host, peer, parcel)

    def behind(self, inner: str | None) -> None:
        """Something may have been missed."""
        for peer, room in self.peers(inner):
            place = peer.places[room]
            if place.told:
                place.live = False
                self._catch_up(peer, room)

    def _skips(self, peer: Peer, envelope: Envelope) -> bool:
        return envelope.session == peer.session and not self._host.hub.rules.echo and not envelope.head

    # -- replay ---------------------------------------------------------------------------------------

    def _catch_up(self, peer: Peer, room: str) -> None:
        peer.behind[room] = None
        self._serve_later(peer)

    def _serve_later(self, peer: Peer) -> None:
        if peer.behind and not peer.served:
            peer.served = True
            peer.worker = asyncio.get_running_loop().create_task(self._serve(peer))

    async def _serve(self, peer: Peer) -> None:
        try:
            while peer.behind:
                room = next(iter(peer.behind))
                place = peer.places[room]
                if (place.live or await self._replay(peer, room, place)) and peer.places.get(room) is place:
                    peer.behind.pop(room, None)
                elif not allowance(self._host, peer):
                    await until_read(self._host, peer)
        except BrokerUnavailableError:
            self._host.end(peer.connection, TRY_AGAIN_LATER, "the broker is away")
        finally:
            peer.served = False
            peer.worker = None

    async def _replay(self, peer: Peer, room: str, place: Place) -> bool:
        """Send some of what is missing, as much as the peer may be sent; gives whether that was all."""
        assert place.position is not None
        most = allowance(self._host, peer)
        if not most:
            return False
        place.seen = None
        replay = await self._host.broker.replay(peer.inner(room), place.position, most)
        if peer.places.get(room) is not place:
            return True
        if not place.told or replay.start != place.position:
            place.told, place.position = True, replay.start
            send(self._host, peer, _joined(room, replay.start))
        for envelope in replay.messages:
            if not allowance(self._host, peer):
                return False
            place.position = Position(envelope.epoch, envelope.seq)
            frame = _skip(room, envelope) if self._skips(peer, envelope) else _message(room, envelope)
            send_counted(self._host, peer, frame)
        if replay.complete:
            place.live = not place.behind
        return place.live


def check_join(room: str, rooms: int, limits: Limits) -> Join | Mistake:
    """Whether a connection that is in so many rooms may be in ``room`` too, as far as the limits go."""
    if len(room) > limits.room_name or room.startswith(RESERVED):
        return Mistake("bad-room", f"a room has a name of 1 to {limits.room_name} characters")
    if rooms >= limits.rooms:
        return Mistake("too-many-rooms", f"a connection may be in {limits.rooms} rooms")
    return Join(room)


def _joined(room: str, position: Position) -> str:
    return head_frame({"type": "_joined", "room": room, "epoch": position.epoch, "seq": position.seq})


def _message(room: str, envelope: Envelope) -> str | bytes:
    return message_frame(f'{{"_room":{encode(room)},"_seq":{envelope.seq}{envelope.head}}}', envelope.frame)


def _skip(room: str, envelope: Envelope) -> str:
    return head_frame({"_room": room, "_seq": envelope.seq, "skip": True})
