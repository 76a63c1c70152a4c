"""The broker of one process: who wants which room, the logs of rooms, sessions and members."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

from metafor.server.brokers.base import (
    Deliver,
    Delivery,
    Envelope,
    Position,
    Replay,
    SessionState,
)
from metafor.server.brokers.members import Members

__all__ = ["MemoryBroker"]

#: Refused numbers of a session that are remembered: as many as may be on their way (see `Broker.claim`).
_REFUSED = 256
#: Logs that nobody uses, and sessions, that are kept at most: strangers can make as many as they like.
_IDLE_LOGS = 10_000
_SESSIONS = 200_000


class MemoryBroker:
    """Carries messages between the room servers of one process that were given the same broker.

    An envelope is delivered before `publish` returns, or to nobody. ``history`` messages of a room with
    a log are kept, as long as they have no more than ``history_bytes`` bytes (the newest is kept
    always). A log that nobody uses goes after ``history_seconds``, a session after ``session_seconds``.
    All of it goes with the process: clients that come back to another are told so, by another epoch and
    a new session.
    """

    def __init__(
        self,
        *,
        history: int = 256,
        history_bytes: int = 4 * 1024 * 1024,
        history_seconds: float = 600.0,
        session_seconds: float = 600.0,
        new_epoch: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        self._history = history
        self._history_bytes = history_bytes
        self._history_seconds = history_seconds
        self._session_seconds = session_seconds
        self._new_epoch = new_epoch
        self._nodes: dict[str, Deliver] = {}
        self._rooms: dict[str, dict[str, Deliver]] = {}
        self._logs: dict[str | None, _Log] = {}
        #: Logs that no node subscribes to, and since when, longest first.
        self._idle: OrderedDict[str | None, float] = OrderedDict()
        #: The one used last is last.
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._members = Members(self._tell)

    @property
    def up(self) -> bool:
        """See `Broker.up`."""
        return True

    async def attach(self, node: str, deliver: Deliver) -> None:
        """See `Broker.attach`."""
        self._nodes[node] = deliver

    async def detach(self, node: str) -> None:
        """See `Broker.detach`."""
        self._nodes.pop(node, None)
        for room in [room for room, nodes in self._rooms.items() if node in nodes]:
            await self.unsubscribe(node, room)
        if not self._nodes:
            self._members.stop()

    async def subscribe(self, node: str, room: str) -> None:
        """See `Broker.subscribe`."""
        if (deliver := self._nodes.get(node)) is not None:
            self._rooms.setdefault(room, {})[node] = deliver
            self._idle.pop(room, None)

    async def unsubscribe(self, node: str, room: str) -> None:
        """See `Broker.unsubscribe`."""
        nodes = self._rooms.get(room, {})
        nodes.pop(node, None)
        if not nodes:
            self._rooms.pop(room, None)
            if room in self._logs:
                self._idle[room] = _now()

    async def publish(self, envelope: Envelope) -> bool:
        """See `Broker.publish`."""
        if envelope.session and not self._claim(envelope.session, envelope.number):
            return False
        if (log := self._logs.get(envelope.room)) is not None:
            envelope = log.append(envelope, self._history, self._history_bytes)
        self._tell(envelope.room, envelope)
        return True

    # -- Logs ------------------------------------------------------------------------------------

    async def position(self, room: str | None) -> Position:
        """See `Broker.position`."""
        return self._log(room).end

    async def replay(self, room: str | None, after: Position, limit: int) -> Replay:
        """See `Broker.replay`."""
        log = self._log(room)
        start = after if log.start.seq <= after.seq <= log.end.seq and after.epoch == log.epoch else log.start
        first = start.seq - log.start.seq
        messages = list(islice(log.messages, first, first + limit))
        return Replay(start, messages, start.seq + len(messages) == log.end.seq)

    # -- Sessions --------------------------------------------------------------------------------

    async def open_session(self, session: str, proof: str) -> None:
        """See `Broker.open_session`."""
        oldest_allowed = _now() - self._session_seconds
        sessions = self._sessions
        while sessions and (
            len(sessions) >= _SESSIONS or next(iter(sessions.values())).used < oldest_allowed
        ):
            sessions.popitem(last=False)
        self._sessions[session] = _Session(proof, _now())

    async def resume_session(self, session: str, proof: str) -> SessionState | None:
        """See `Broker.resume_session`."""
        known = self._used(session)
        if known is None or not hmac.compare_digest(known.proof.encode(), proof.encode()):
            return None
        return SessionState(known.received, tuple(known.refused))

    async def claim(self, session: str, number: int, *, refused: bool = False) -> bool:
        """See `Broker.claim`."""
        if not self._claim(session, number):
            return False
        if refused:
            self._sessions[session].refused.append(number)
        return True

    async def keep(self, rooms: Iterable[str | None], sessions: Iterable[str]) -> None:
        """See `Broker.keep`. Logs need none: one that a node subscribes to is in use."""
        for session in sessions:
            self._used(session)

    # -- Members ---------------------------------------------------------------------------------

    async def set_member(self, room: str, member: str, data: str, seconds: float) -> None:
        """See `Broker.set_member`."""
        self._members.set(room, member, data, seconds)

    async def remove_member(self, room: str, member: str) -> None:
        """See `Broker.remove_member`."""
        self._members.remove(room, member)

    async def members(self, room: str) -> Mapping[str, str]:
        """See `Broker.members`."""
        return self._members.of(room)

    # -- How -------------------------------------------------------------------------------------

    def _tell(self, room: str | None, delivery: Delivery) -> None:
        nodes = self._nodes if room is None else self._rooms.get(room, {})
        for deliver in list(nodes.values()):
            deliver(delivery)

    def _log(self, room: str | None) -> _Log:
        oldest_allowed = _now() - self._history_seconds
        idle = self._idle
        while idle and (len(idle) > _IDLE_LOGS or next(iter(idle.values())) < oldest_allowed):
            del self._logs[idle.popitem(last=False)[0]]
        if room in self._idle:
            self._idle[room] = _now()
            self._idle.move_to_end(room)
        if (log := self._logs.get(room)) is None:
            log = self._logs[room] = _Log(self._new_epoch())
            if room is not None and room not in self._rooms:
                self._idle[room] = _now()
        return log

    def _used(self, session: str) -> _Session | None:
        known = self._sessions.get(session)
        if known is not None:
            known.used = _now()
            self._sessions.move_to_end(session)
        return known

    def _claim(self, session: str, number: int) -> bool:
        known = self._used(session)
        if known is None:  # it was forgotten while its connection was busy elsewhere
            known = self._sessions[session] = _Session("", _now())
        if number <= known.received:
            return False
        known.received = number
        return True


@dataclass(slots=True)
class _Session:
    proof: str
    used: float
    received: int = 0
    refused: deque[int] = field(default_factory=lambda: deque(maxlen=_REFUSED))


class _Log:
    """The last messages of one room."""

    __slots__ = ("bytes", "end", "epoch", "messages")

    def __init__(self, epoch: str) -> None:
        self.epoch = epoch
        self.end = Position(epoch, 0)
        self.messages: deque[Envelope] = deque()
        self.bytes = 0

    @property
    def start(self) -> Position:
        """The oldest position that can be served."""
        return Position(self.epoch, self.end.seq - len(self.messages))

    def append(self, envelope: Envelope, most: int, most_bytes: int) -> Envelope:
        """Keep the message, and give it with its place."""
        self.end = Position(self.epoch, self.end.seq + 1)
        envelope = envelope.placed(self.epoch, self.end.seq)
        self.messages.append(envelope)
        self.bytes += len(envelope.frame)
        while len(self.messages) > most or (self.bytes > most_bytes and len(self.messages) > 1):
            self.bytes -= len(self.messages.popleft().frame)
        return envelope


def _now() -> float:
    return asyncio.get_running_loop().time()
