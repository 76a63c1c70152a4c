"""What a hub needs of the thing that carries messages from hub to hub, and keeps them for a while.

Four things live in a broker, so that every server process sees the same: the *log* of each room (the last
messages, numbered), the *sessions* of clients (which of their messages have been dealt with), their
*requests* to the server that are not answered, and the *members* of rooms. `docs/protocol.md` says what
they are for. All but the members concern clients of the reliable extension alone: a room has a log from the
first `Broker.position` or `Broker.replay` on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

__all__ = [
    "REFUSED",
    "Behind",
    "Broker",
    "Deliver",
    "Delivery",
    "Envelope",
    "MemberChange",
    "Position",
    "Replay",
    "SessionState",
    "TakenOver",
]


#: Refused numbers of a session that are remembered: as many as may be on their way.
REFUSED: Final = 256


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message on its way: ``room`` is None for everybody; ``node`` and ``connection`` say who sent it.

    ``frame`` is what the sender sent, to the character: str for a text frame, bytes for a binary one.

    From a client of the reliable extension ``session`` names the sender's session and ``number`` the
    message in it (from 1). ``head`` is JSON text that travels with the message and that no broker reads.
    ``epoch`` and ``seq`` are set by the broker: the message's place in the log of its room, if that has one.
    """

    room: str | None
    frame: str | bytes
    node: str
    connection: int
    session: str = ""
    number: int = 0
    head: str = ""
    epoch: str = ""
    seq: int = 0

    def said_by(self, session: str, number: int) -> Envelope:
        """The same, as message ``number`` of ``session``."""
        return Envelope(self.room, self.frame, self.node, self.connection, session, number, self.head)

    def placed(self, epoch: str, seq: int) -> Envelope:
        """The same, with its place in the log."""
        sender = self.node, self.connection, self.session, self.number
        return Envelope(self.room, self.frame, *sender, self.head, epoch, seq)


@dataclass(frozen=True, slots=True)
class MemberChange:
    """``member`` of ``room`` came, or has other ``data`` now (JSON text); None: it left."""

    room: str
    member: str
    data: str | None


@dataclass(frozen=True, slots=True)
class Behind:
    """Messages and changes of members in ``room`` (None: those to everybody) may have been missed.

    Whoever needs them all has to ask `Broker.replay` and `Broker.members`.
    """

    room: str | None


Delivery = Envelope | MemberChange | Behind
Deliver = Callable[[Delivery], None]


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the log of a room: after message ``seq`` (0: at the beginning) of the log ``epoch``."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Replay:
    """``messages`` follow ``start`` without a gap. ``complete``: and there are no more at the moment.

    ``start`` is the position that was asked for, or, if that cannot be served, the oldest that can.
    """

    start: Position
    messages: Sequence[Envelope]
    complete: bool


@dataclass(frozen=True, slots=True)
class SessionState:
    """All messages up to ``received`` have been dealt with; of the last ones, ``refused`` were not taken.

    ``requests``: whether some of them are requests to the server that are not answered.
    """

    received: int = 0
    refused: tuple[int, ...] = ()
    requests: bool = False


@dataclass(frozen=True, slots=True)
class TakenOver:
    """Open requests that a node has now, oldest first. ``elsewhere``: nodes that live have others."""

    requests: Sequence[Envelope] = ()
    elsewhere: bool = False


@runtime_checkable
class Broker(Protocol):
    """Carries envelopes to every node that wants them, the sender's own included, and keeps the logs.

    Contract: envelopes that one node publishes to one room arrive in the order in which
    `publish` was called, at every subscriber, each at most once. ``deliver`` is called in the event
    loop that called `attach`. Envelopes without a room reach every attached node.

    In a room with a log the order is that of ``seq``, the same for all; what a node may have missed
    (a broker that was away) is announced by `Behind`. A log holds at least as many messages as the broker was
    told to keep. It goes, with its epoch, some time after it was last used; a broker that cannot be sure
    that a log is whole begins another epoch.
    """

    @property
    def up(self) -> bool:
        """Whether it can be reached, as far as is known; if not, calls raise `BrokerUnavailableError`."""

    async def attach(self, node: str, deliver: Deliver) -> None:
        """Begin to hand ``node``'s envelopes to ``deliver``."""

    async def detach(self, node: str) -> None:
        """Forget ``node`` and its subscriptions; nothing is delivered to it any more."""

    async def subscribe(self, node: str, room: str) -> None:
        """From now on ``node`` gets what is sent to ``room``. Returns when that is so."""

    async def unsubscribe(self, node: str, room: str) -> None:
        """``node`` has nobody left in ``room``."""

    async def publish(self, envelope: Envelope) -> bool:
        """Hand ``envelope`` on. Returns when it will not be overtaken by a later one.

        With a ``session``: unless message ``number`` of it was dealt with before; then nothing happens,
        and the answer is False. Looking, appending to the log, and remembering the number are one atomic
        step, also among processes. A session sends its numbers in order, but leaves out those of `claim`.
        """

    # -- Logs ------------------------------------------------------------------------------------

    async def position(self, room: str | None) -> Position:
        """The end of the log of ``room``, which begins now if there is none."""

    async def replay(self, room: str | None, after: Position, limit: int) -> Replay:
        """At most ``limit`` (1 and more) messages that follow ``after``, in order."""

    # -- Sessions --------------------------------------------------------------------------------

    async def open_session(self, session: str, proof: str) -> None:
        """Remember a new session. ``proof`` is what `resume_session` has to bring."""

    async def resume_session(self, session: str, proof: str) -> SessionState | None:
        """What is known of ``session``; None if it is unknown, or ``proof`` another."""

    async def claim(self, session: str, number: int, *, refused: bool = False) -> bool:
        """Remember that a message that is published nowhere was dealt with; False if it had been before.

        ``refused`` numbers are remembered as such, the last `REFUSED` at least.
        """

    async def keep(self, rooms: Iterable[str | None], sessions: Iterable[str]) -> None:
        """These logs and sessions are in use. Called about every 30 seconds for all that are."""

    # -- Requests to the server --------------------------------------------------------------------

    async def accept(self, request: Envelope) -> bool:
        """Remember a request that ``request.node`` is about to work on, until it is answered.

        Gives whether it is that node's to answer: False if message ``number`` of the session was dealt with
        before, or another node has it. Looking, remembering the number and remembering the request are one
        atomic step; the same call again changes nothing and gives the same, while the request is open.
        """

    async def answer(self, request: Envelope, reply: Envelope) -> bool:
        """As `publish` of ``reply``, if ``request`` is open, and close it, in one atomic step; else False."""

    async def take_over(self, session: str, node: str) -> TakenOver:
        """The open requests of ``session`` that ``node`` has, or whose node is gone: ``node`` has them now.

        A node is gone when it was detached, or its process has not been seen for some seconds.
        """

    # -- Members ---------------------------------------------------------------------------------

    async def set_member(self, room: str, member: str, data: str, seconds: float) -> None:
        """``member`` is in ``room`` for ``seconds`` from now, with ``data`` (JSON text).

        Nodes that subscribed to the room get a `MemberChange` when it comes, when its data are others
        than before, and when it goes because the time is over or by `remove_member`.
        """

    async def remove_member(self, room: str, member: str) -> None:
        """``member`` is in ``room`` no more. One that is not there changes nothing."""

    async def members(self, room: str) -> Mapping[str, str]:
        """The members of ``room`` and their data, in the order in which they came."""
