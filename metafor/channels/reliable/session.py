"""The inside of a `Channel` with ``reliable=True``: the machine of the extension at work on a connection."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from metafor.channels.connection import ChannelState, Connection
from metafor.channels.endpoint import Endpoint
from metafor.channels.errors import (
    ChannelConnectionError,
    ChannelError,
    EncodeError,
    NotReliableError,
    RefusedError,
)
from metafor.channels.handlers import Handlers
from metafor.channels.heartbeat import Heartbeat
from metafor.channels.outbox import Marks
from metafor.channels.protocol import Message, encode
from metafor.channels.queue import SendQueue
from metafor.channels.receipts import Receipt, ReceiptStatus
from metafor.channels.reliable.confirmations import Confirmations
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
from metafor.channels.reliable.machine import ReliableMachine
from metafor.channels.reliable.outbox import AddressedReceipt, ReliableOutbox
from metafor.channels.reliable.place import RoomWish
from metafor.channels.reliable.presence import Members
from metafor.channels.reliable.requests import Requests
from metafor.channels.reliable.wire import EVERYBODY, MAILBOX, RESUMED_ELSEWHERE
from metafor.channels.session import Session
from metafor.channels.transports.base import Close, Frame
from metafor.core import batch, hold, report_error, run_with_owner

__all__ = ["ReliableSession"]


class ReliableSession(Session):
    """A `Session` that asks each server whether it takes part, and is an ordinary one where it does not."""

    outbox: ReliableOutbox

    def __init__(
        self,
        connection: Connection,
        endpoint: Endpoint,
        queue: SendQueue[Receipt],
        marks: Marks,
        *,
        keep: bool,
        history: int,
        heartbeat: Heartbeat | None = None,
    ) -> None:
        super().__init__(connection, endpoint, queue, marks, keep=True, history=history, heartbeat=heartbeat)
        self.machine: ReliableMachine[Receipt] = ReliableMachine()
        self.outbox = ReliableOutbox(self.link, self.signals, queue, marks, self.machine, self._settle)
        self.requests = Requests(self.outbox, self.failed)
        self._confirmations = Confirmations()
        self._members: dict[str, Members] = {}
        self._connecting: set[asyncio.Future[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._deadline: float | None = None  # of the timer; a page's handles do not tell it

    # -- what the channel is asked for ----------------------------------------------------------------

    async def connect(self) -> None:
        """See `Session.connect`; returns when it is known what the server can, and it will miss nothing."""
        await super().connect()
        while not self._known:
            if self.link.state is ChannelState.CLOSED:
                raise ChannelConnectionError(
                    f"the channel to {self._endpoint.address} was closed before the server had answered",
                    next_step="call connect() again",
                )
            waiter = asyncio.get_running_loop().create_future()
            self._connecting.add(waiter)
            try:
                await waiter
            finally:
                self._connecting.discard(waiter)

    def cancel_waiters(self) -> None:
        """See `Session.cancel_waiters`."""
        super().cancel_waiters()
        for waiter in self._connecting:
            waiter.cancel()

    def join_room(self, room: str, wish: RoomWish | None = None) -> None:
        """See `Session.join_room`."""
        _check_room(room)
        before = self.machine.wish_of(room)
        if self.machine.mode is Mode.BASE:
            super().join_room(room)
            self.machine.join(room, wish)
            return
        self._refuse_disposed()
        self.membership.join(room, connected=False)
        self._joined_or_left(room)
        if before is None or (wish is not None and wish != before):
            if wish is None and room in self._members:
                wish = RoomWish(members=True)
            self._ask(room, self.machine.join(room, wish))

    def leave_room(self, room: str) -> None:
        """See `Session.leave_room`."""
        _check_room(room)
        if self.machine.mode is Mode.BASE:
            self.machine.leave(room)
            super().leave_room(room)
            return
        self._refuse_disposed()
        self.membership.leave(room, connected=False)
        self._joined_or_left(room)
        if self.machine.wish_of(room) is not None and not self._ask(room, self.machine.leave(room)):
            self._confirmations.answered(room)  # the server was not asked to let us in
        if (members := self._members.get(room)) is not None:
            members.forget()

    async def confirmed(self, room: str) -> None:
        """See `Session.confirmed`; raises `RefusedError`. Not open, it returns at once (ruling 6)."""
        if self.link.state is ChannelState.OPEN:
            asking = self.machine.mode is Mode.ASKING and self.machine.wish_of(room) is not None
            if asking or self._confirmations.open(room):
                await self._confirmations.wait(room)

    def show_as(self, room: str, presence: object) -> None:
        """See `Session.show_as`."""
        before = self.machine.wish_of(room)
        members = room in self._members or (before is not None and before.members)
        wish = RoomWish(encode(presence), members)
        if self.machine.mode is Mode.BASE:
            raise self._not_reliable()
        if problem := self.machine.too_long(wish):
            raise _refusal(room, "server/too-big", problem)
        self.join_room(room, wish)
        self.bindings.by_hand.add(room)

    def members(self, room: str) -> Members:
        """The members of ``room``, told by the server from the first time they are asked for."""
        members = self._members.get(room)
        if members is None:
            members = self._members[room] = Members(self._owner, self.failed)
            wish = self.machine.wish_of(room)
            if wish is not None:
                self._ask(room, self.machine.join(room, RoomWish(wish.presence, members=True)))
            if self.machine.mode is Mode.BASE:
                self._tell(self._not_reliable())
        return members

    def use_mailbox(self) -> None:
        """Be able to ask and to answer."""
        self._refuse_disposed()
        if self.machine.wish_of(MAILBOX) is None:
            self._ask(MAILBOX, self.machine.join(MAILBOX))
        if self.machine.mode is Mode.BASE:
            self._tell(self._not_reliable())

    @property
    def member_id(self) -> str:
        """See `Channel.member_id`."""
        return self.machine.session

    async def request(self, payload: object, to: str | None, seconds: float) -> Any:
        """See `Channel.request`."""
        if self.machine.mode is Mode.BASE:
            raise self._not_reliable()
        self.use_mailbox()
        return await self.requests.ask(payload, to, seconds)

    # -- what the link tells --------------------------------------------------------------------------

    def received(self, frames: Sequence[Frame]) -> None:
        """See `Session.received`."""
        now = self._now()
        actions: list[Action] = []
        for frame in frames:
            actions += self.machine.received(frame, now)
            if actions and isinstance(actions[-1], GiveUp):
                break
        self._run(actions)

    def network_back(self) -> None:
        """See `Session.network_back`."""
        if self.machine.mode is Mode.RELIABLE:
            self._run(self.machine.ping(self._now(), doubt=True))
        else:
            super().network_back()

    def ended(self, close: Close, error: ChannelConnectionError | None, raised: bool) -> None:
        """See `Session.ended`."""
        self._stop()
        if close.received and close.code == RESUMED_ELSEWHERE:
            self._run(self.machine.forget())
        if close.received or not close.clean:  # else it was our own close, and the server has read all
            self.outbox.on_their_way(ReceiptStatus.QUEUED)
        super().ended(close, error, raised)

    def closed(self) -> None:
        """See `Session.closed`."""
        self._stop()
        super().closed()
        self._confirmations.all_answered(self._not_connected("the server did not confirm"))
        self.requests.fail_all(self._not_connected("the request was not answered"))
        self._wake_connecting()

    # -- inside ---------------------------------------------------------------------------------------

    @property
    def _known(self) -> bool:
        mode = self.machine.mode
        return mode is Mode.BASE or (mode is Mode.RELIABLE and self.machine.has_position(EVERYBODY))

    def _begin(self) -> None:
        self._run(self.machine.opened(self._now()))

    def _stop(self) -> None:
        self.machine.ended()
        self._set_timer()
        self._confirmations.ended({*self.membership.wanted, EVERYBODY, MAILBOX})

    def _ask(self, room: str, actions: list[Action]) -> bool:
        if actions:
            self._confirmations.asked(room)
            self._run(actions)
        return bool(actions)

    def _run(self, actions: Iterable[Action]) -> None:
        """Carry out what the machine decided, in one batch."""
        batch(lambda: self._act_all(actions))

    def _act_all(self, actions: Iterable[Action]) -> None:
        messages: list[Message] = []
        settled = False
        for action in actions:
            if isinstance(action, Message):
                messages.append(action)
                continue
            if isinstance(action, Settled):
                settled = True
                self._settle(action)
                continue
            self._take(messages)
            messages = []
            self._act(action)
        self._take(messages)
        if settled:
            self.outbox.flush()
        self._set_timer()

    def _act(self, action: Action) -> None:
        match action:
            case Send(frame):
                self.link.send(frame)
            case ModeIs(mode):
                self._mode_is(mode)
            case Joined(room):
                self._confirmations.answered(room)
                if room == EVERYBODY:
                    self._wake_connecting()
            case Left(room):
                self._confirmations.answered(room)
            case Refused(room, code, message):
                self._refused(room, code, message)
            case Gap():
                self.signals.set_gap(action)
                run_with_owner(self._owner, lambda: self.on_gap.call(self.failed, action))
            case MembersAre() | MemberCame() | MemberLeft():
                run_with_owner(self._owner, lambda: self.members(action.room).tell(action))
            case Requested():
                run_with_owner(self._owner, lambda: hold(self._answer(action)))
            case Replied():
                self.requests.replied(action)
            case RoundTrip(seconds):
                self.signals.set_latency(seconds)
            case RetryAfter(seconds):
                self.link.connection.retry_hint = seconds
            case GiveUp(problem):
                self.link.network_lost(problem)

    def _mode_is(self, mode: Mode) -> None:
        knew = self.signals.reliable.peek()
        self.signals.set_reliable(mode is Mode.RELIABLE)
        if mode is Mode.RELIABLE:
            for room in self.machine.rooms:
                self._confirmations.asked_again(room)
            self.outbox.on_their_way(ReceiptStatus.SENT)
            self.outbox.flush()
        else:
            self.link.connection.retry_hint = 0.0
            self._miss(told_before=knew is False)
            self._confirmations.all_answered()
            self.requests.fail_all(self._not_reliable())
            super()._begin()
            self._wake_connecting()

    def _miss(self, *, told_before: bool) -> None:
        """The server is an ordinary one: say so to those who count on more."""
        wishes = {room: self.machine.wish_of(room) for room in self.machine.rooms}
        shown = [room for room, wish in wishes.items() if wish is not None and wish.presence is not None]
        waited_for = [self._confirmations.answered(room, self._not_reliable()) for room in shown]
        if (shown or self._members or self.on_request) and not (told_before or any(waited_for)):
            self._tell(self._not_reliable())

    def _settle(self, settled: Settled[Receipt]) -> None:
        receipt, status = settled.ticket, settled.status
        self.outbox.settle(receipt, status)
        if isinstance(receipt, AddressedReceipt) and status is not Status.ACKED:
            unknown = "the session was lost, and nobody knows whether it arrived"
            receipt.gone(unknown if status is Status.LOST else settled.message or settled.code)
        elif status is Status.REFUSED:
            self._tell(
                RefusedError(
                    f"the server refused a message: {settled.message or settled.code}",
                    reason=settled.message,
                    refusal=settled.code,
                )
            )

    def _refused(self, room: str, code: str, message: str) -> None:
        self.membership.leave(room, connected=False)
        self.bindings.by_hand.discard(room)
        self._joined_or_left(room)
        if (members := self._members.get(room)) is not None:
            members.forget()
        error = _refusal(room, code, message)
        if not self._confirmations.answered(room, error):
            self._tell(error)

    def _tell(self, error: ChannelError) -> None:
        """An error that is no handler's: to ``on_error``, else to the global handler."""
        if self.on_error:
            run_with_owner(self._owner, lambda: self.on_error.call(self._report, error))
        else:
            run_with_owner(None, lambda: report_error(error))

    async def _answer(self, request: Requested) -> None:
        try:
            await self.requests.answer(request, self.on_request.last or _nobody_answers)
        except Exception as error:
            self.failed(error)

    def _let_go(self) -> None:
        self.requests.end(self._is_disposed())
        super()._let_go()

    def _handlers_of_rooms(self, room: str | None = None) -> list[Handlers]:
        members = [members for name, members in self._members.items() if room in (None, name)]
        others = [handlers for of_room in members for handlers in (of_room.joined, of_room.left)]
        return super()._handlers_of_rooms(room) + others

    def _wake_connecting(self) -> None:
        for waiter in self._connecting:
            if not waiter.done() and not waiter.get_loop().is_closed():
                waiter.set_result(None)

    def _take(self, messages: list[Message]) -> None:
        if self.machine.mode is Mode.RELIABLE:
            self._hand_out(messages)  # its own heart beats, not the one of the base protocol
        elif messages:
            super()._take(messages)

    def _measure(self) -> None:
        if self.machine.mode is Mode.BASE:
            super()._measure()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _set_timer(self) -> None:
        deadline = self.machine.deadline
        if deadline == self._deadline:
            return
        self._deadline = deadline
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if deadline is not None:
            self._timer = asyncio.get_running_loop().call_at(deadline, self._tick)

    def _tick(self) -> None:
        self._timer = self._deadline = None
        self._run(self.machine.tick(self._now()))

    def _not_reliable(self) -> NotReliableError:
        return NotReliableError(
            f"{self._endpoint.address} does not know the reliable extension: no members, and no requests",
            next_step="use metafor's RoomServer, or another server that speaks docs/protocol.md",
        )


def _check_room(room: str) -> None:
    if room == MAILBOX:
        raise EncodeError("the room U+0000 is this channel's mailbox, which request() uses")


def _refusal(room: str, code: str, message: str) -> RefusedError:
    return RefusedError(
        f"the server refused to let this channel into the room {room!r}: {message or code}",
        reason=message,
        refusal=code,
    )


def _nobody_answers(message: object) -> None:
    raise NotReliableError("this channel answers no requests", next_step="register a handler with on_request")
