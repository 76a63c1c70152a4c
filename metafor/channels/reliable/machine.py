"""The client's side of the reliable extension as a machine without I/O (`docs/protocol.md`, part two).

Events go in as method calls, actions come out as lists, in the order in which they have to be carried out.
Times are seconds of any steady clock. The machine outlives connections: it holds the session, the
messages on their way, and how far this client has come in each room.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from metafor.channels.errors import DecodeError
from metafor.channels.protocol import LEAVE, Message, from_wire, room_of
from metafor.channels.reliable.events import (
    Action,
    Gap,
    GiveUp,
    Joined,
    Left,
    MemberCame,
    MemberLeft,
    MembersAre,
    Mode,
    ModeIs,
    Refused,
    Replied,
    Requested,
    RetryAfter,
    RoundTrip,
    Send,
    Settled,
    Status,
)
from metafor.channels.reliable.flight import Flight
from metafor.channels.reliable.place import Place, RoomWish
from metafor.channels.reliable.wire import (
    EVERYBODY,
    MAILBOX,
    PROBE_ROOM,
    VERSION,
    ViolationError,
    head_frame,
    hello_frame,
    integer_in,
    split,
    text_in,
)
from metafor.channels.transports.base import Frame, size_of

__all__ = ["ReliableMachine"]

T = TypeVar("T")


class ReliableMachine(Generic[T]):
    """One client. ``T`` is the type of the tickets by which the caller knows its messages.

    ``hello_timeout``: seconds that a server has to show that it knows the extension; ``resume_timeout``:
    the same, once one of this channel did.
    """

    def __init__(
        self,
        *,
        hello_timeout: float = 3.0,
        resume_timeout: float = 10.0,
        new_nonce: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        self.mode = Mode.OFF
        #: Names this client to others, "" before the first welcome.
        self.session = ""
        #: When to call `tick`; None for never.
        self.deadline: float | None = None
        self.flight: Flight[T] = Flight()
        #: Bytes of the longest message that the server takes, 0 if it did not say.
        self.longest = 0
        #: Bytes of the longest presence that it takes, as JSON, 0 if it did not say.
        self.longest_presence = 0
        self._hello_timeout = hello_timeout
        self._resume_timeout = resume_timeout
        self._new_nonce = new_nonce
        self._nonce = ""
        self._token = ""
        self._places: dict[str, Place] = {EVERYBODY: Place(RoomWish())}
        #: Messages to everybody that came before the server answered the hello.
        self._held: list[Action] = []
        self._heard = 0.0
        self._pinged: float | None = None
        self._silence = 0.0
        self._answer_within = 0.0

    # -- connections ----------------------------------------------------------------------------------

    def opened(self, now: float) -> list[Action]:
        """A connection is open: ask."""
        self.mode = Mode.ASKING
        self._held.clear()
        self._nonce = self._new_nonce()
        self._pinged = None
        for place in self._places.values():
            place.forget_parts()
        self.deadline = now + (self._resume_timeout if self._token else self._hello_timeout)
        return [Send(hello_frame(self._nonce, self.session, self._token))]

    def ended(self) -> None:
        """It ended."""
        self.mode = Mode.OFF
        self.deadline = None

    def forget(self) -> list[Action]:
        """The session is lost, or somebody else's now: nothing of it may be used again."""
        self.session = self._token = ""
        return [Settled(ticket, Status.LOST) for ticket in self.flight.abandon()]

    def tick(self, now: float) -> list[Action]:
        """`deadline` has come."""
        if self.deadline is None or now < self.deadline:
            return []
        if self.mode is Mode.ASKING:
            if self._token:
                return [GiveUp(f"no welcome within {self._resume_timeout:g} s")]
            return self._base()
        if self._pinged is not None and self._heard < self._pinged:
            return [GiveUp(f"no answer within {self._answer_within:g} s")]
        quiet_until = self._heard + self._silence
        if quiet_until <= now:
            return [GiveUp(f"nothing heard for {self._silence:g} s")]
        self.deadline = quiet_until
        return []

    def ping(self, now: float, *, doubt: bool = False) -> list[Action]:
        """Measure the round trip; with ``doubt`` the connection is dead unless something comes in time."""
        if self.mode is not Mode.RELIABLE:
            return []
        if doubt:
            self._pinged = now
            self.deadline = now + self._answer_within
        return [Send(head_frame({"type": "_ping", "t": now}))]

    # -- rooms ----------------------------------------------------------------------------------------

    def join(self, room: str, wish: RoomWish | None = None) -> list[Action]:
        """Be in ``room``, now or when there is a connection. `Joined` or `Refused` answers each call."""
        place = self._places.get(room)
        if place is None:
            place = self._places[room] = Place(wish or RoomWish())
        elif wish is not None:
            place.wish = wish
        return self._join(room, place) if self.mode is Mode.RELIABLE else []

    def leave(self, room: str) -> list[Action]:
        """Be in it no more; the position is forgotten."""
        self._places.pop(room, None)
        return [Send(head_frame({"type": LEAVE, "room": room}))] if self.mode is Mode.RELIABLE else []

    @property
    def rooms(self) -> tuple[str, ...]:
        """The rooms that this client is in, or will be, `EVERYBODY` first."""
        return tuple(self._places)

    def has_position(self, room: str) -> bool:
        """Whether the server has said where this client is in ``room``: from there on it misses nothing."""
        place = self._places.get(room)
        return place is not None and bool(place.epoch)

    def wish_of(self, room: str) -> RoomWish | None:
        """How this client is in ``room``, None if it is not."""
        place = self._places.get(room)
        return place.wish if place is not None else None

    def too_long(self, wish: RoomWish) -> str:
        """What to say of a presence that is longer than the server takes, "" of any other."""
        size, longest = size_of(wish.presence or ""), self.longest_presence
        return f"the presence has {size} bytes, and the server takes {longest}" if 0 < longest < size else ""

    # -- messages -------------------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether `send` may be called."""
        return self.mode is Mode.RELIABLE and not self.flight.full

    def send(self, body: Frame, ticket: T, head: str = "") -> Frame:
        """Number a message, and give the frame to hand to the socket. Only when `ready`."""
        return self.flight.launch(body, ticket, head)

    def received(self, frame: Frame, now: float) -> list[Action]:
        """A frame arrived."""
        self._heard = now
        if self.mode is Mode.RELIABLE:
            try:
                head, body = split(frame)
                return self._control(head, now) if body is None else self._message(head, body)
            except (DecodeError, ViolationError) as error:
                return [GiveUp(f"the server broke the reliable extension: {error}")]
        return self._base_frame(frame, now)

    # -- before the answer ----------------------------------------------------------------------------

    def _base_frame(self, frame: Frame, now: float) -> list[Action]:
        message = from_wire(frame)
        data = message.data
        if isinstance(data, dict) and data.get("type") == "_welcome" and data.get("nonce") == self._nonce:
            try:
                if self.mode is Mode.BASE:
                    return self._late_welcome(data)
                return self._welcome(data, now)
            except ViolationError as error:
                return [GiveUp(f"the server's welcome cannot be used: {error}")]
        echoed = isinstance(frame, str) and self._nonce in frame
        if echoed or (isinstance(data, dict) and PROBE_ROOM in (data.get("_room"), room_of(data))):
            return self._base() if self.mode is Mode.ASKING else []
        if self.mode is Mode.ASKING and self._places[EVERYBODY].epoch:
            # If the server knows the extension the log of everybody has this message too.
            self._held.append(message)
            return []
        return [message]

    def _base(self) -> list[Action]:
        """The server does not know the extension. What an earlier one promised is lost, and told."""
        self.mode = Mode.BASE
        self.deadline = None
        actions = self.forget()
        for room, place in self._places.items():
            if place.epoch:
                place.epoch, place.seq = "", 0
                if room != MAILBOX:
                    actions.append(Gap(room or None, None))
        return [*actions, *self._held, ModeIs(Mode.BASE)]

    def _late_welcome(self, welcome: dict[str, Any]) -> list[Action]:
        """The server does know it, only slowly. Begin anew, so that nothing of the base mode is left over."""
        self.session, self._token = text_in(welcome, "session"), text_in(welcome, "token")
        return [GiveUp("the server answered late that it knows the reliable extension")]

    def _welcome(self, welcome: dict[str, Any], now: float) -> list[Action]:
        if integer_in(welcome, "version") != VERSION:
            raise ViolationError("its version was not offered")
        session, token = text_in(welcome, "session"), text_in(welcome, "token")
        received = integer_in(welcome, "received")
        actions: list[Action] = []
        if welcome.get("resumed") is True:
            refused = welcome.get("refused")
            actions += self._settle(received, refused if isinstance(refused, list) else [])
        else:
            actions += self.forget()
        self.session, self._token = session, token
        self.mode = Mode.RELIABLE
        self.flight.window = max(1, integer_in(welcome, "window"))
        self.longest = integer_in(welcome, "bytes") if "bytes" in welcome else 0
        self.longest_presence = integer_in(welcome, "presence_bytes") if "presence_bytes" in welcome else 0
        self._answer_within = _seconds(welcome, "timeout")
        self._silence = _seconds(welcome, "heartbeat") + self._answer_within
        self.deadline = now + self._silence
        actions.append(Send(head_frame({"type": "_ready", "session": session})))
        for room, place in list(self._places.items()):
            actions += self._join(room, place)
        actions += [Send(frame) for frame in self.flight.again()]
        return [*actions, *self.ping(now), RetryAfter(_seconds(welcome, "retry")), ModeIs(Mode.RELIABLE)]

    # -- after it -------------------------------------------------------------------------------------

    def _message(self, head: dict[str, Any], body: Frame) -> list[Action]:
        room, seq = text_in(head, "_room"), integer_in(head, "_seq")
        if not self._advance(room, seq):
            return []
        message = from_wire(body)
        if room == MAILBOX:
            return self._mail(head, message)
        if room and message.room != room:
            message = message._replace(room=room)  # a server may leave _room out
        return [message]

    def _advance(self, room: str, seq: int) -> bool:
        """Move the position; False if the message is of a room that was left, or was here before."""
        place = self._places.get(room)
        if place is None or not place.epoch or seq <= place.seq:
            return False
        if seq > place.seq + 1:
            raise ViolationError(f"message {seq} of room {room!r} came after {place.seq}")
        place.seq = seq
        return True

    def _mail(self, head: dict[str, Any], message: Message) -> list[Action]:
        if "_reply" in head:
            return [Replied(text_in(head, "_reply"), message, head.get("_failed") is True)]
        return [Requested(text_in(head, "_from"), text_in(head, "_request"), message)]

    def _control(self, head: dict[str, Any], now: float) -> list[Action]:
        if "_ack" in head:
            return self._settle(integer_in(head, "_ack"), ())
        if "_nack" in head:
            number = integer_in(head, "_nack")
            code, message = str(head.get("code", "")), str(head.get("message", ""))
            return self._settle(number, (number,), code, message)
        if "skip" in head:
            self._advance(text_in(head, "_room"), integer_in(head, "_seq"))
            return []
        match head.get("type"):
            case "_joined":
                return self._joined(text_in(head, "room"), text_in(head, "epoch"), integer_in(head, "seq"))
            case "_refused":
                room = text_in(head, "room")
                if room in (EVERYBODY, MAILBOX):
                    raise ViolationError(f"it refused the room {room!r}, of which every client may be")
                return self._refuse(room, str(head.get("code", "")), str(head.get("message", "")))
            case "_left":
                return [Left(text_in(head, "room"))]
            case "_members":
                return self._members(text_in(head, "room"), head.get("members"), head)
            case "_member":
                room, member = text_in(head, "room"), text_in(head, "id")
                return [
                    MemberLeft(room, member)
                    if head.get("gone")
                    else MemberCame(room, member, head.get("data"))
                ]
            case "_ping":
                return [Send(head_frame({"type": "_pong", "t": head.get("t")})), *self.ping(now)]
            case "_pong":
                sent = head.get("t")
                return [RoundTrip(now - sent)] if isinstance(sent, (int, float)) and sent <= now else []
            case "_retry":
                return [RetryAfter(_seconds(head, "after"))]
        return []

    def _joined(self, room: str, epoch: str, seq: int) -> list[Action]:
        place = self._places.get(room)
        if place is None:
            return []  # left meanwhile
        if not epoch:
            raise ViolationError(f"the epoch of the room {room!r} has no name")
        had_epoch, had_seq = place.epoch, place.seq
        place.epoch, place.seq = epoch, seq
        actions: list[Action] = []
        if had_epoch and (had_epoch, had_seq) != (epoch, seq) and room != MAILBOX:
            missed = seq - had_seq if had_epoch == epoch and seq > had_seq else None
            actions.append(Gap(room or None, missed))
        return [*actions, Joined(room)]

    def _settle(self, number: int, refused: Any, code: str = "", message: str = "") -> list[Action]:
        if number > self.flight.last:
            raise ViolationError(f"it acknowledged message {number}, which was not sent")
        return [
            Settled(ticket, Status.ACKED)
            if accepted
            else Settled(ticket, Status.REFUSED, code or "server/refused", message)
            for _, ticket, accepted in self.flight.settle(number, refused)
        ]

    def _members(self, room: str, members: object, head: dict[str, Any]) -> list[Action]:
        place = self._places.get(room)
        part = integer_in(head, "part") if "part" in head else 1
        if place is None or not isinstance(members, dict):
            return []
        listed = place.take_part(part, members, more=head.get("more") is True)
        return [] if listed is None else [MembersAre(room, listed)]

    def _refuse(self, room: str, code: str, message: str) -> list[Action]:
        self._places.pop(room, None)
        return [Refused(room, code, message)]

    def _join(self, room: str, place: Place) -> list[Action]:
        if problem := self.too_long(place.wish):
            return self._refuse(room, "server/too-big", problem)
        return [Send(place.join_frame(room))]


def _seconds(head: dict[str, Any], name: str) -> float:
    value = head.get(name, 0)
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= 999_999:
        raise ViolationError(f'"{name}" is no number of seconds')
    return float(value)
