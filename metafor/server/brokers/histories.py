"""The logs of rooms, for a broker that has everything in one process."""

from __future__ import annotations

import asyncio
import heapq
import sys
from collections import OrderedDict, deque
from collections.abc import Callable
from itertools import islice
from typing import Final

from metafor.server.brokers.base import Envelope, Position, Replay

__all__ = ["Histories"]

#: Logs that nobody uses that are kept at most: strangers can make as many as they like.
_IDLE_LOGS: Final = 10_000
#: Bytes of an envelope beside those of its texts.
_ENVELOPE: Final = 250


class Histories:
    """The last messages of each room that has a log.

    A log holds ``messages`` at most, and no more than ``room_bytes`` unless it is a single message; one that
    nobody uses goes after ``seconds``. All together hold ``total_bytes`` at most: beyond, first logs go that
    nobody uses, those not used for longest first, then the oldest messages of the others.
    """

    def __init__(
        self,
        *,
        messages: int,
        room_bytes: int,
        total_bytes: int,
        seconds: float,
        new_epoch: Callable[[], str],
    ) -> None:
        self._messages = messages
        self._room_bytes = room_bytes
        self._total_bytes = total_bytes
        self._seconds = seconds
        self._new_epoch = new_epoch
        self._logs: dict[str | None, _Log] = {}
        #: Rooms with a log that nobody uses, and since when, longest first.
        self._idle: OrderedDict[str | None, float] = OrderedDict()
        self._used: set[str | None] = {None}
        self._bytes = 0
        #: Messages so far, in all logs: which is older.
        self._count = 0

    def __len__(self) -> int:
        return len(self._logs)

    @property
    def bytes(self) -> int:
        """What all of them take in memory, about."""
        return self._bytes

    def use(self, room: str) -> None:
        """Somebody is in ``room``: its log is kept."""
        self._used.add(room)
        self._idle.pop(room, None)

    def release(self, room: str) -> None:
        """Nobody is in ``room`` any more: the time of its log runs."""
        self._used.discard(room)
        if room in self._logs:
            self._idle[room] = _now()
            self._idle.move_to_end(room)

    def append(self, envelope: Envelope) -> Envelope:
        """Keep a message, if its room has a log, and give it with its place."""
        log = self._logs.get(envelope.room)
        if log is None:
            return envelope
        before = log.bytes
        self._count += 1
        envelope = log.append(envelope, self._count)
        while len(log.messages) > self._messages or (log.bytes > self._room_bytes and len(log.messages) > 1):
            log.drop_oldest()
        self._bytes += log.bytes - before
        if self._bytes > self._total_bytes:
            self._shrink()
        return envelope

    def end(self, room: str | None) -> Position:
        """The end of the log of ``room``, which begins now if there is none."""
        return self._log(room).end

    def replay(self, room: str | None, after: Position, limit: int) -> Replay:
        """See `Broker.replay`."""
        log = self._log(room)
        start = after if log.start.seq <= after.seq <= log.end.seq and after.epoch == log.epoch else log.start
        first = start.seq - log.start.seq
        messages = [kept.envelope for kept in islice(log.messages, first, first + limit)]
        return Replay(start, messages, start.seq + len(messages) == log.end.seq)

    def forget_old(self) -> None:
        """Let go of the logs that nobody has used for too long."""
        oldest_allowed = _now() - self._seconds
        idle = self._idle
        while idle and (len(idle) > _IDLE_LOGS or next(iter(idle.values())) < oldest_allowed):
            self._drop_longest_idle()

    # -- How -------------------------------------------------------------------------------------

    def _log(self, room: str | None) -> _Log:
        self.forget_old()
        if room in self._idle:
            self._idle[room] = _now()
            self._idle.move_to_end(room)
        if (log := self._logs.get(room)) is None:
            log = self._logs[room] = _Log(self._new_epoch())
            if room not in self._used:
                self._idle[room] = _now()
        return log

    def _drop_longest_idle(self) -> None:
        room, _ = self._idle.popitem(last=False)
        self._bytes -= self._logs.pop(room).bytes

    def _shrink(self) -> None:
        while self._idle and self._bytes > self._total_bytes:
            self._drop_longest_idle()
        if self._bytes <= self._total_bytes:
            return
        # Somewhat more than must go, so that not every message looks through all logs.
        goal = self._total_bytes - self._total_bytes // 16
        oldest = [(log.messages[0].count, log) for log in self._logs.values() if log.messages]
        heapq.heapify(oldest)
        while oldest and self._bytes > goal:
            _, log = oldest[0]
            self._bytes -= log.drop_oldest()
            if log.messages:
                heapq.heapreplace(oldest, (log.messages[0].count, log))
            else:
                heapq.heappop(oldest)


class _Log:
    """The last messages of one room."""

    __slots__ = ("bytes", "end", "epoch", "messages")

    def __init__(self, epoch: str) -> None:
        self.epoch = epoch
        self.end = Position(epoch, 0)
        self.messages: deque[_Kept] = deque()
        self.bytes = 0

    @property
    def start(self) -> Position:
        """The oldest position that can be served."""
        return Position(self.epoch, self.end.seq - len(self.messages))

    def append(self, envelope: Envelope, count: int) -> Envelope:
        """Keep the message, and give it with its place."""
        self.end = Position(self.epoch, self.end.seq + 1)
        kept = _Kept(envelope.placed(self.epoch, self.end.seq), count)
        self.messages.append(kept)
        self.bytes += kept.bytes
        return kept.envelope

    def drop_oldest(self) -> int:
        """Forget one message; gives its bytes."""
        size = self.messages.popleft().bytes
        self.bytes -= size
        return size


class _Kept:
    """One message of a log, what it takes in memory, and its number among those of all logs."""

    __slots__ = ("bytes", "count", "envelope")

    def __init__(self, envelope: Envelope, count: int) -> None:
        self.envelope = envelope
        self.count = count
        self.bytes = sys.getsizeof(envelope.frame) + sys.getsizeof(envelope.head) + _ENVELOPE


def _now() -> float:
    return asyncio.get_running_loop().time()
