"""`RedisBroker`: the contract of `Broker`, kept by Redis."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.connection import parse_url

from metafor.server.arguments import check_kind, check_number, check_whole
from metafor.server.brokers.base import (
    REFUSED,
    Behind,
    Deliver,
    Delivery,
    Envelope,
    Position,
    Replay,
    SessionState,
    TakenOver,
)
from metafor.server.brokers.redis import scripts
from metafor.server.brokers.redis.caller import Caller
from metafor.server.brokers.redis.client import client, end
from metafor.server.brokers.redis.listener import Listener
from metafor.server.brokers.redis.scripts import Script
from metafor.server.brokers.redis.wire import pack, pair, text, unpack, unpack_delivery
from metafor.server.errors import BrokerUnavailableError, ServerError
from metafor.server.logs import write

__all__ = ["RedisBroker"]

#: Members that nobody renewed while Redis was away get this long before they are taken for gone.
_GRACE_SECONDS: Final = 15.0


class RedisBroker:
    """Carries messages between all room servers that name the same Redis (7 or later) and ``prefix``.

    ``url`` is ``redis://…``, ``rediss://…`` (TLS) or ``unix://…``. Messages travel by publish and
    subscribe, logs are streams, members end with their time. ``history`` messages of a room with a log
    are kept, ``history_seconds`` after the last use; a session for ``session_seconds``.

    A lost connection is logged, is seen in `up` (and so in health and metrics), and made anew without end.
    Meanwhile a message without a session raises `BrokerUnavailableError`; everything else, whose
    repetition changes nothing, is repeated for ``patience`` seconds before it does. When Redis is
    back, nodes are told by `Behind` that they may have missed something.

    What many rooms take together is bounded by Redis's own ``maxmemory``, with ``maxmemory-policy
    volatile-lru``: it then gives up logs and sessions that were not used for longest. A client that misses
    one of them is told, by a gap or a new session.

    Every ``sweep_seconds`` it sends away members whose time is over, and says that its nodes live; one that
    did not for five times as long is taken for dead, and others work on the requests that it had.

    0 lost is promised for ``appendonly yes`` and ``appendfsync always`` (ruling 48). With weaker
    persistence each restart of Redis begins new epochs and sessions: clients are told of a gap.

    Raises `ServerError` for a URL that is none, `LimitError` for a number that makes no sense,
    `WrongArgumentError` for what is no str. Example::

        rooms = RoomServer(broker=RedisBroker("redis://localhost"))
    """

    def __init__(
        self,
        url: str = "redis://localhost",
        *,
        prefix: str = "metafor:",
        history: int = 256,
        history_seconds: float = 600.0,
        session_seconds: float = 600.0,
        patience: float = 10.0,
        sweep_seconds: float = 1.0,
    ) -> None:
        check_kind("RedisBroker", "url", url, str)
        check_kind("RedisBroker", "prefix", prefix, str)
        try:
            parse_url(url)
        except ValueError as error:
            raise ServerError(f"{url!r} is no address of a Redis", next_step=str(error)) from None
        check_whole("RedisBroker", "history", history, zero=True)
        for name, value in (("history_seconds", history_seconds), ("session_seconds", session_seconds)):
            check_number("RedisBroker", name, value)
        check_number("RedisBroker", "patience", patience, zero=True)
        check_number("RedisBroker", "sweep_seconds", sweep_seconds)
        self._url = url
        self._prefix = text(prefix)
        self._history = history
        self._log_ms = int(history_seconds * 1000)
        self._session_ms = int(session_seconds * 1000)
        self._patience = patience
        self._sweep_seconds = sweep_seconds
        self._life_seconds = 5 * sweep_seconds
        self._nodes: dict[str, Deliver] = {}
        self._rooms: dict[str, dict[str, Deliver]] = {}
        self._lock = asyncio.Lock()
        self._redis: Redis | None = None
        self._caller: Caller | None = None
        self._listener: Listener | None = None
        self._sweeper: asyncio.Task[None] | None = None
        self._back_at = float("-inf")

    @property
    def up(self) -> bool:
        """See `Broker.up`."""
        return self._listener is None or self._listener.up

    async def attach(self, node: str, deliver: Deliver) -> None:
        """See `Broker.attach`. Raises `BrokerUnavailableError` when Redis cannot be reached."""
        async with self._lock:
            if self._listener is None:
                self._redis = self._redis or client(self._url, self._prefix)
                listener = Listener(self._redis, self._heard, self._back)
                await listener.start([self._channel(None)])
                self._listener = listener
                self._sweeper = asyncio.create_task(self._sweep())
            await self._live(node)
            self._nodes[node] = deliver

    async def detach(self, node: str) -> None:
        """See `Broker.detach`. The last one closes the connections."""
        async with self._lock:
            if self._nodes.pop(node, None) is not None:
                with contextlib.suppress(BrokerUnavailableError):  # then it is forgotten a little later
                    await self._connected().call("DEL", self._key(b"node:", node), again=False)
            for room in [room for room, nodes in self._rooms.items() if node in nodes]:
                await self.unsubscribe(node, room)
            if not self._nodes:
                await self._disconnect()

    async def subscribe(self, node: str, room: str) -> None:
        """See `Broker.subscribe`. While Redis is away it returns at once; `Behind` follows."""
        if (deliver := self._nodes.get(node)) is None:
            return
        nodes = self._rooms.setdefault(room, {})
        nodes[node] = deliver
        if self._listener is not None:
            await self._listener.add(self._channel(room))

    async def unsubscribe(self, node: str, room: str) -> None:
        """See `Broker.unsubscribe`."""
        nodes = self._rooms.get(room)
        if nodes is None:
            return
        nodes.pop(node, None)
        if not nodes:
            del self._rooms[room]
            if self._listener is not None:
                await self._listener.drop(self._channel(room))

    async def publish(self, envelope: Envelope) -> bool:
        """See `Broker.publish`."""
        room, session = envelope.room, envelope.session
        keys = [*self._log_keys(room), self._key(b"session:", session)]
        number = str(envelope.number) if session else ""
        arguments = [
            self._channel(room),
            pack(envelope),
            number,
            self._history,
            self._log_ms,
            self._session_ms,
        ]
        return bool(await self._call(scripts.PUBLISH, keys, arguments, again=bool(session)))

    # -- Logs ------------------------------------------------------------------------------------

    async def position(self, room: str | None) -> Position:
        """See `Broker.position`."""
        arguments = [secrets.token_hex(8), self._log_ms]
        epoch, seq = await self._call(scripts.POSITION, self._log_keys(room), arguments)
        return Position(epoch.decode(), int(seq))

    async def replay(self, room: str | None, after: Position, limit: int) -> Replay:
        """See `Broker.replay`."""
        arguments = [secrets.token_hex(8), self._log_ms, after.epoch, after.seq, limit]
        name, start, end, packed = await self._call(scripts.REPLAY, self._log_keys(room), arguments)
        epoch, first = name.decode(), int(start)
        messages = [unpack(item, epoch, first + 1 + offset) for offset, item in enumerate(packed)]
        return Replay(Position(epoch, first), messages, first + len(messages) == int(end))

    # -- Sessions --------------------------------------------------------------------------------

    async def open_session(self, session: str, proof: str) -> None:
        """See `Broker.open_session`."""
        keys = [self._key(b"generation"), self._key(b"session:", session)]
        await self._call(scripts.OPEN_SESSION, keys, [text(proof), self._session_ms])

    async def resume_session(self, session: str, proof: str) -> SessionState | None:
        """See `Broker.resume_session`."""
        answer = await self._call(scripts.READ_SESSION, self._session_keys(session), [])
        if not answer or not hmac.compare_digest(answer[0], text(proof)):
            return None
        await self.keep((), (session,))
        refused = tuple(int(number) for number in answer[2])
        return SessionState(int(answer[1]), refused, int(answer[3]) > 0)

    async def claim(self, session: str, number: int, *, refused: bool = False) -> bool:
        """See `Broker.claim`."""
        arguments = [number, self._session_ms, REFUSED if refused else 0]
        return bool(await self._call(scripts.CLAIM, self._session_keys(session), arguments))

    async def keep(self, rooms: Iterable[str | None], sessions: Iterable[str]) -> None:
        """See `Broker.keep`."""
        await asyncio.gather(
            *(self._call(scripts.KEEP, self._log_keys(room)[1:], [self._log_ms]) for room in rooms),
            *(self._call(scripts.KEEP, self._session_keys(s)[1:], [self._session_ms]) for s in sessions),
        )

    # -- Requests to the server --------------------------------------------------------------------

    async def accept(self, request: Envelope) -> bool:
        """See `Broker.accept`."""
        arguments = [request.number, self._session_ms, text(request.node), pack(request)]
        return bool(await self._call(scripts.ACCEPT, self._session_keys(request.session)[:2], arguments))

    async def answer(self, request: Envelope, reply: Envelope) -> bool:
        """See `Broker.answer`."""
        keys = [*self._log_keys(reply.room), self._key(b"session:", request.session)]
        arguments = [self._channel(reply.room), pack(reply), request.number, self._history, self._log_ms]
        return bool(await self._call(scripts.ANSWER, keys, arguments))

    async def take_over(self, session: str, node: str) -> TakenOver:
        """See `Broker.take_over`."""
        if asyncio.get_running_loop().time() < self._back_at + self._life_seconds:
            return TakenOver(elsewhere=True)  # others may live who could not say so while Redis was away
        arguments = [text(node), self._key(b"node:")]
        elsewhere, *taken = await self._call(scripts.TAKE_OVER, self._session_keys(session)[:2], arguments)
        requests = [replace(unpack(packed), node=node) for packed in taken]
        return TakenOver(sorted(requests, key=lambda request: request.number), elsewhere > 0)

    # -- Members ---------------------------------------------------------------------------------

    async def set_member(self, room: str, member: str, data: str, seconds: float) -> None:
        """See `Broker.set_member`."""
        keys = [self._key(b"members:", room), self._key(b"ends"), self._key(b"came")]
        arguments = [text(member), text(data), int(seconds * 1000), pair(room, member), self._channel(room)]
        await self._call(scripts.SET_MEMBER, keys, arguments)

    async def remove_member(self, room: str, member: str) -> None:
        """See `Broker.remove_member`."""
        keys = [self._key(b"members:", room), self._key(b"ends")]
        await self._call(scripts.REMOVE_MEMBER, keys, [text(member), pair(room, member), self._channel(room)])

    async def members(self, room: str) -> Mapping[str, str]:
        """See `Broker.members`."""
        caller = self._connected()
        found: dict[bytes, bytes] = await caller.call("HGETALL", self._key(b"members:", room), again=True)
        came = sorted((int(value.partition(b" ")[0]), name, value) for name, value in found.items())
        return {_text(name): _text(value.partition(b" ")[2]) for _, name, value in came}

    # -- How -------------------------------------------------------------------------------------

    def _connected(self) -> Caller:
        if self._redis is None:
            self._redis = client(self._url, self._prefix)
        if self._caller is None:
            self._caller = Caller(self._redis, self._patience)
        return self._caller

    async def _disconnect(self) -> None:
        sweeper, self._sweeper = self._sweeper, None
        await end(sweeper)
        if self._listener is not None:
            await self._listener.stop()
        if self._caller is not None:
            await self._caller.stop()
        if self._redis is not None:
            with contextlib.suppress(Exception):
                await self._redis.aclose()
        self._listener = self._caller = self._redis = None

    async def _call(
        self, script: Script, keys: list[bytes], arguments: list[Any], *, again: bool = True
    ) -> Any:
        words = ("EVALSHA", script.sha, len(keys), *keys, *arguments)
        return await self._connected().call(*words, again=again)

    def _heard(self, data: bytes) -> None:
        delivery = unpack_delivery(data)
        self._tell(delivery.room, delivery)

    def _back(self) -> None:
        self._back_at = asyncio.get_running_loop().time()
        for room in (None, *self._rooms):
            self._tell(room, Behind(room))

    def _tell(self, room: str | None, delivery: Delivery) -> None:
        nodes = self._nodes if room is None else self._rooms.get(room, {})
        for deliver in list(nodes.values()):
            deliver(delivery)

    async def _live(self, node: str) -> None:
        """Say that ``node`` lives, for some seconds from now."""
        words = ("SET", self._key(b"node:", node), "1", "PX", int(self._life_seconds * 1000))
        await self._connected().call(*words, again=True)

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._sweep_seconds)
            with contextlib.suppress(BrokerUnavailableError):  # the listener reports it
                await asyncio.gather(*(self._live(node) for node in list(self._nodes)))
            if not self.up or loop.time() < self._back_at + _GRACE_SECONDS:
                continue
            try:
                prefixes = [self._key(b"members:"), self._key(b"room:")]
                await self._call(scripts.SWEEP, [self._key(b"ends")], prefixes, again=False)
            except BrokerUnavailableError:
                continue  # the listener reports it
            except Exception as error:
                write(logging.ERROR, "failed", step="sweep", error=error)

    # -- Names -----------------------------------------------------------------------------------

    def _key(self, kind: bytes, name: str = "") -> bytes:
        return self._prefix + kind + text(name)

    def _channel(self, room: str | None) -> bytes:
        return self._key(b"all") if room is None else self._key(b"room:", room)

    def _log_keys(self, room: str | None) -> list[bytes]:
        if room is None:
            return [self._key(b"generation"), self._key(b"log"), self._key(b"messages")]
        return [self._key(b"generation"), self._key(b"log:", room), self._key(b"messages:", room)]

    def _session_keys(self, session: str) -> list[bytes]:
        return [self._key(b"generation"), self._key(b"session:", session), self._key(b"refused:", session)]


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogatepass")
