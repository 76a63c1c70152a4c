"""The server's side of the reliable extension (`docs/protocol.md`, part two), for all its connections.

It does no I/O but through its host and the broker. The frames of one connection come one after the
other, each when the one before has been dealt with.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from typing import Any

from metafor.channels.errors import DecodeError, EncodeError
from metafor.channels.protocol import decode, encode
from metafor.channels.reliable.wire import (
    RESUMED_ELSEWHERE,
    VERSION,
    VIOLATION,
    ViolationError,
    head_frame,
    integer_in,
    split,
    text_in,
)
from metafor.server.brokers.base import Behind, Delivery, Envelope, MemberChange, Position, SessionState
from metafor.server.close_codes import TRY_AGAIN_LATER
from metafor.server.connection import Connection
from metafor.server.errors import BrokerUnavailableError
from metafor.server.hub import Command, Mistake, Say, TooBig, meaning, parse
from metafor.server.reliable.flow import has_read, send
from metafor.server.reliable.host import Host
from metafor.server.reliable.peer import Peer, mailbox
from metafor.server.reliable.presence import Presence
from metafor.server.reliable.reliability import Reliability
from metafor.server.reliable.requests import Requests
from metafor.server.reliable.rooms import Rooms

__all__ = ["ReliableService"]

#: Characters of the name of a request.
_NAME = 64


class ReliableService:
    """All connections that speak the extension. ``new_secret`` makes session names and tokens."""

    def __init__(
        self,
        host: Host,
        reliability: Reliability,
        new_secret: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self.reliability = reliability
        #: By the number of their connection.
        self.peers: dict[int, Peer] = {}
        self._host = host
        self._new_secret = new_secret
        self._by_session: dict[str, Peer] = {}
        self._rooms = Rooms(host)
        self._requests = Requests(host)
        self._presence = Presence(host, self._rooms, reliability.presence_seconds)
        self._sweeper: asyncio.Task[None] | None = None

    # -- what the server tells ------------------------------------------------------------------------

    async def greets(self, connection: Connection, frame: str | bytes) -> bool:
        """Whether ``frame``, a join of `PROBE_ROOM`, is a hello; if so, it is answered."""
        message = decode(frame) if isinstance(frame, str) else None  # it was parsed before, so it can be
        hello = message.get("hello") if isinstance(message, dict) else None
        if not isinstance(hello, dict) or not isinstance(hello.get("nonce"), str):
            return False
        versions = hello.get("versions")
        if not isinstance(versions, list) or VERSION not in versions:
            return False
        if connection.number in self.peers:  # a session for each would be a way to fill the memory
            self._host.end(connection, VIOLATION, "a connection says hello once")
            return True
        try:
            await self._welcome(connection, hello)
        except BrokerUnavailableError:
            self._host.end(connection, TRY_AGAIN_LATER, "the broker is away")
        return True

    async def receive(self, peer: Peer, frame: str | bytes) -> bool:
        """A frame of a connection that was welcomed; False if it is one of the base protocol yet."""
        peer.heard = _now()
        if not peer.ready:
            if not self._is_ready(peer, frame):
                return False
            peer.ready = True
            return True
        if peer.replaced:
            return True
        try:
            head, body = split(frame)
            if body is None:
                await self._control(peer, head)
            else:
                await self._message(peer, head, body)
        except (DecodeError, EncodeError, ViolationError) as error:
            self._host.end(peer.connection, VIOLATION, f"the frame breaks the protocol: {error}")
        except BrokerUnavailableError:
            # What is not acknowledged is sent again, on the next connection.
            self._host.end(peer.connection, TRY_AGAIN_LATER, "the broker is away")
        return True

    def deliver(self, delivery: Delivery) -> None:
        """The broker brought something."""
        match delivery:
            case Envelope():
                self._rooms.deliver(delivery)
            case MemberChange():
                self._presence.changed(delivery)
            case Behind(room):
                self._rooms.behind(room)
                self._presence.behind(room)

    async def gone(self, number: int) -> None:
        """The connection ended."""
        peer = self.peers.pop(number, None)
        if peer is None:
            return
        self._presence.gone(peer)
        peer.gone = True
        if self._by_session.get(peer.session) is peer:
            del self._by_session[peer.session]
        if not self.peers and self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        if not peer.replaced:
            try:
                await self._presence.renew(peer)  # from now on its time runs
            except BrokerUnavailableError:
                pass  # it is shown for the rest of the time that it had
        await self._rooms.gone(peer)

    async def close(self, seconds: float) -> None:
        """Nobody is connected any more: wait so long for requests that are being worked on."""
        await self._requests.close(seconds)

    # -- sessions -------------------------------------------------------------------------------------

    async def _welcome(self, connection: Connection, hello: dict[str, Any]) -> None:
        broker, offer = self._host.broker, self.reliability
        session, token = hello.get("session"), hello.get("token")
        state: SessionState | None = None
        if isinstance(session, str) and isinstance(token, str) and len(session) <= 64:
            state = await broker.resume_session(session, _proof(token, connection.client.identity))
        resumed = state is not None
        if state is None:
            session, token = self._new_secret(), self._new_secret()
            await broker.open_session(session, _proof(token, connection.client.identity))
            state = SessionState()
        assert isinstance(session, str)
        if (older := self._by_session.get(session)) is not None:
            older.replaced = True
            self._host.end(older.connection, RESUMED_ELSEWHERE, "the session was resumed elsewhere")
        peer = Peer(connection, session, state.received, _now())
        self.peers[connection.number] = self._by_session[session] = peer
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().create_task(self._sweep())
        welcome = {
            "type": "_welcome",
            "version": VERSION,
            "nonce": hello.get("nonce"),
            "session": session,
            "token": token,
            "resumed": resumed,
            "received": state.received,
            "refused": list(state.refused)[-offer.window :],
            "window": offer.window,
            "heartbeat": offer.heartbeat,
            "timeout": offer.timeout,
            "bytes": self._host.hub.limits.message_bytes,
            "presence_bytes": self._host.hub.limits.presence_bytes,
            "retry": offer.retry,
        }
        send(self._host, peer, encode(welcome))
        if state.requests:
            self._requests.resume(peer)

    def _is_ready(self, peer: Peer, frame: str | bytes) -> bool:
        if not isinstance(frame, str):
            return False
        try:
            message = decode(frame)
        except DecodeError:
            return False
        return (
            isinstance(message, dict)
            and message.get("type") == "_ready"
            and message.get("session") == peer.session
        )

    # -- messages -------------------------------------------------------------------------------------

    async def _message(self, peer: Peer, head: dict[str, Any], body: str | bytes) -> None:
        number = integer_in(head, "_id")
        if number > peer.received + 1:
            raise ViolationError(f"message {number} came after {peer.received}")
        if number == peer.received + 1:
            command = parse(body, self._host.hub.limits)
            if isinstance(command, TooBig):
                # To close would be no answer: the client would come back, and send it again.
                mistake = Mistake("too-big", f"a message may have {command.allowed} bytes")
                if "_reply" in head:
                    await self._fail_reply(peer, head, mistake)
                await self._refuse(peer, number, mistake)
            elif "_request" in head or "_reply" in head:
                await self._addressed(peer, head, body, number)
            else:
                await self._said(peer, await self._vetted(peer, command), number)
            peer.received = number
        self._acknowledge(peer)

    async def _vetted(self, peer: Peer, command: Command) -> Say | Mistake:
        if isinstance(command, Say):
            command = await self._host.permitted(peer.connection.client, command)
        if isinstance(command, (Say, Mistake)):
            return command
        return Mistake("bad-frame", "joins and leaves have no body")

    async def _said(self, peer: Peer, command: Say | Mistake, number: int) -> None:
        if isinstance(command, Mistake):
            await self._refuse(peer, number, command)
            return
        envelope = self._host.hub.envelope(peer.number, command)
        await self._host.broker.publish(envelope.said_by(peer.session, number))

    async def _refuse(self, peer: Peer, number: int, mistake: Mistake) -> None:
        await self._host.broker.claim(peer.session, number, refused=True)
        code = f"server/{mistake.code}"
        send(self._host, peer, encode({"_nack": number, "code": code, "message": mistake.message}))

    async def _addressed(self, peer: Peer, head: dict[str, Any], body: str | bytes, number: int) -> None:
        """A request or a reply."""
        asks = "_request" in head
        name = _name_in(head, "_request" if asks else "_reply")
        if asks and "_to" not in head:
            if self._requests.too_much(peer, body):
                await self._refuse(
                    peer, number, Mistake("busy", "too much is being worked on for this client")
                )
            else:
                await self._requests.take(peer, name, body, number)
            return
        room = mailbox(text_in(head, "_to"))
        # Who may say something to everybody may say it to one, and who may not may not.
        command = await self._vetted(peer, Say(None, body, meaning(body)))
        if isinstance(command, Mistake):
            if not asks:
                await self._fail_reply(peer, head, command)
            await self._refuse(peer, number, command)
            return
        kind = "_request" if asks else "_reply"
        failed = ',"_failed":true' if head.get("_failed") is True else ""
        to = f',"{kind}":{encode(name)},"_from":{encode(peer.session)}{failed}'
        await self._host.broker.publish(self._mail(room, command.frame, to, peer.session, number))

    async def _fail_reply(self, peer: Peer, head: dict[str, Any], mistake: Mistake) -> None:
        """A reply goes nowhere: whoever waits for it is told, before anybody forgets that it was refused."""
        name, room = _name_in(head, "_reply"), mailbox(text_in(head, "_to"))
        to = f',"_reply":{encode(name)},"_from":{encode(peer.session)},"_failed":true'
        why = f"the answer was refused: {mistake.message}"
        await self._host.broker.publish(self._mail(room, why, to))

    def _mail(self, room: str, frame: str | bytes, head: str, session: str = "", number: int = 0) -> Envelope:
        return Envelope(room, frame, self._host.hub.node, 0, session, number, head)

    def _acknowledge(self, peer: Peer) -> None:
        """Acknowledge when the frames at hand have been dealt with: one answer for all of them."""
        if not peer.ack_is_due:
            peer.ack_is_due = True
            asyncio.get_running_loop().call_soon(self._send_ack, peer)

    def _send_ack(self, peer: Peer) -> None:
        peer.ack_is_due = False
        if peer.number in self.peers and not peer.replaced:
            send(self._host, peer, f'{{"_ack":{peer.received}}}')

    # -- frames without body --------------------------------------------------------------------------

    async def _control(self, peer: Peer, head: dict[str, Any]) -> None:
        match head.get("type"):
            case "_join":
                await self._join(peer, head)
            case "_leave":
                room = text_in(head, "room")
                await self._leave(peer, room)
                send(self._host, peer, head_frame({"type": "_left", "room": room}))
            case "_ping":
                send(self._host, peer, head_frame({"type": "_pong", "t": head.get("t")}))
            case "_pong":
                has_read(peer, head.get("t"))
            case None:
                raise ViolationError("it has neither a type nor a body")

    async def _join(self, peer: Peer, head: dict[str, Any]) -> None:
        room = text_in(head, "room")
        after = Position(text_in(head, "epoch"), integer_in(head, "seq")) if "epoch" in head else None
        refusal = self._presence.refusal(room, head)
        if refusal is not None:
            await self._leave(peer, room)  # whoever is refused is outside
        else:
            refusal = await self._rooms.join(peer, room, after)
        if refusal is not None:
            send(self._host, peer, refusal)
        else:
            await self._presence.wish(peer, room, head)

    async def _leave(self, peer: Peer, room: str) -> None:
        await self._presence.left(peer, room, peer.places.get(room))
        await self._rooms.leave(peer, room)

    # -- time -----------------------------------------------------------------------------------------

    async def _sweep(self) -> None:
        """Ask the quiet for a sign of life, end the dead, and keep in the broker what is in use."""
        offer = self.reliability
        step = min(offer.heartbeat, offer.timeout, offer.presence_seconds) / 4
        renewed = kept = _now()
        while True:
            await asyncio.sleep(step)
            now = _now()
            for peer in list(self.peers.values()):
                if now - peer.heard >= offer.heartbeat + offer.timeout:
                    self._host.end(peer.connection, TRY_AGAIN_LATER, "nothing was heard any more")
                elif max(now - peer.spoken, now - peer.heard) >= offer.heartbeat:
                    send(self._host, peer, head_frame({"type": "_ping", "t": "heartbeat"}))
            try:
                if now - renewed >= offer.presence_seconds / 3:
                    renewed = now
                    for peer in list(self.peers.values()):
                        await self._presence.renew(peer)
                if now - kept >= 30:
                    kept = now
                    await self._host.broker.keep(self._rooms.in_use, list(self._by_session))
            except BrokerUnavailableError:
                continue  # it is reported where messages are concerned


def _proof(token: str, identity: str | None) -> str:
    """What the broker remembers in place of the token: bound to the identity, and of no use to a thief."""
    who = "" if identity is None else f"={identity}"
    return hashlib.sha256(f"{token}\n{who}".encode("utf-8", "surrogatepass")).hexdigest()


def _name_in(head: dict[str, Any], field: str) -> str:
    """The asker's name for a request, which is kept with it."""
    name = text_in(head, field)
    if len(name) > _NAME:
        raise ViolationError(f'"{field}" has more than {_NAME} characters')
    return name


def _now() -> float:
    return asyncio.get_running_loop().time()
