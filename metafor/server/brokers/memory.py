"""The broker of one process: who wants which room, the logs of rooms, sessions and members."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from metafor.server.arguments import check_number, check_whole
from metafor.server.brokers.base import (
    REFUSED,
    Deliver,
    Delivery,
    Envelope,
    Position,
    Replay,
    SessionState,
    TakenOver,
)
from metafor.server.brokers.histories import Histories
from metafor.server.brokers.members import Members

__all__ = ["MemoryBroker"]

#: Sessions that are kept at most: strangers can make as many as they like.
_SESSIONS = 200_000


class MemoryBroker:
    """Carries messages between the room servers of one process that were given the same broker.

    An envelope is delivered before `publish` returns, or to nobody. ``history`` messages (0: none) of a
    room with a log are kept, as long as they take no more than ``history_bytes`` bytes of memory; a single
    one may take more. A log that nobody uses goes after ``history_seconds``, a session after
    ``session_seconds``. All of it goes with the process: clients that come back to another are told so, by
    another epoch and a new session.

    All logs together take ``total_bytes`` at most, so that nobody can fill the memory by writing much to
    many rooms: beyond, first logs go that nobody uses, then the oldest messages of all. A client that
    misses them is told of a gap.

    A message takes some 300 bytes more than its text. Raises `LimitError` for a number that makes no sense.
    """

    def __init__(
        self,
        *,
        history: int = 256,
        history_bytes: int = 4 * 1024 * 1024,
        total_bytes: int = 256 * 1024 * 1024,
        history_seconds: float = 600.0,
        session_seconds: float = 600.0,
        new_epoch: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        check_whole("MemoryBroker", "history", history, zero=True)
        check_whole("MemoryBroker", "history_bytes", history_bytes)
        check_whole("MemoryBroker", "total_bytes", total_bytes)
        check_number("MemoryBroker", "history_seconds", history_seconds)
        check_number("MemoryBroker", "session_seconds", session_seconds)
        self._session_seconds = session_seconds
        self._nodes: dict[str, Deliver] = {}
        self._rooms: dict[str, dict[str, Deliver]] = {}
        self._histories = Histories(
            messages=history,
            room_bytes=history_bytes,
            total_bytes=total_bytes,
            seconds=history_seconds,
            new_epoch=new_epoch,
        )
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
            self._histories.use(room)

    async def unsubscribe(self, node: str, room: str) -> None:
        """See `Broker.unsubscribe`."""
        nodes = self._rooms.get(room, {})
        nodes.pop(node, None)
        if not nodes:
            self._rooms.pop(room, None)
            self._histories.release(room)

    async def publish(self, envelope: Envelope) -> bool:
        """See `Broker.publish`."""
        if envelope.session and not self._claim(envelope.session, envelope.number):
            return False
        self._append(envelope)
        return True

    # -- Logs ------------------------------------------------------------------------------------

    async def position(self, room: str | None) -> Position:
        """See `Broker.position`."""
        return self._histories.end(room)

    async def replay(self, room: str | None, after: Position, limit: int) -> Replay:
        """See `Broker.replay`."""
        return self._histories.replay(room, after, limit)

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
        return SessionState(known.received, tuple(known.refused or ()), bool(known.requests))

    async def claim(self, session: str, number: int, *, refused: bool = False) -> bool:
        """See `Broker.claim`."""
        if not self._claim(session, number):
            return False
        if refused:
            known = self._sessions[session]
            known.refused = known.refused or deque(maxlen=REFUSED)
            known.refused.append(number)
        return True

    async def keep(self, rooms: Iterable[str | None], sessions: Iterable[str]) -> None:
        """See `Broker.keep`. Logs need none: one that a node subscribes to is in use."""
        self._histories.forget_old()
        for session in sessions:
            self._used(session)

    # -- Requests to the server --------------------------------------------------------------------

    async def accept(self, request: Envelope) -> bool:
        """See `Broker.accept`."""
        if self._claim(request.session, request.number):
            self._sessions[request.session].requests[request.number] = request
            return True
        held = self._open(request.session).get(request.number)
        return held is not None and held.node == request.node

    async def answer(self, request: Envelope, reply: Envelope) -> bool:
        """See `Broker.answer`."""
        if self._open(request.session).pop(request.number, None) is None:
            return False
        self._append(reply)
        return True

    async def take_over(self, session: str, node: str) -> TakenOver:
        """See `Broker.take_over`."""
        requests = self._open(session)
        living = self._nodes.keys() - {node}
        free = [number for number, held in requests.items() if held.node not in living]
        for number in free:
            requests[number] = replace(requests[number], node=node)
        return TakenOver([requests[number] for number in free], len(free) < len(requests))

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

    def _append(self, envelope: Envelope) -> None:
        envelope = self._histories.append(envelope)
        self._tell(envelope.room, envelope)

    def _open(self, session: str) -> dict[int, Envelope]:
        """The open requests of ``session``, by number."""
        known = self._sessions.get(session)
        return {} if known is None else known.requests

    def _tell(self, room: str | None, delivery: Delivery) -> None:
        nodes = self._nodes if room is None else self._rooms.get(room, {})
        for deliver in list(nodes.values()):
            deliver(delivery)

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
    refused: deque[int] | None = None
    requests: dict[int, Envelope] = field(default_factory=dict)


def _now() -> float:
    return asyncio.get_running_loop().time()
