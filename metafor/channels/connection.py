"""The life of a connection as a state machine without I/O.

Events go in as method calls, actions come out as a list; nothing here knows a socket, a clock or an
event loop, so that all of it runs in a test in virtual time. `metafor.channels.link` carries it out.

::

                connect()                    socket_opened
    CLOSED ────────────────▶ CONNECTING ────────────────────▶ OPEN
      ▲ ▲                      │  ▲   │                        │ │
      │ │    ended, no retry   │  │   │ ended, retry           │ │ close()
      │ └──────────────────────┘  │   ▼                        │ ▼
      │                 timer RETRY RECONNECTING ◀─────────────┘ CLOSING
      │                            │           ended, retry      │
      └────────────────────────────┴─────────────────────────────┘
                 close()                  socket_closed, timer CLOSE

"Ended" is ``socket_closed``, or the timer CONNECT while CONNECTING. From OPEN, "ended, no retry" leads
to CLOSED too. Every socket has a generation number, and only the current one is listened to: what a
socket says after it ended or was given up changes nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, StrEnum

from metafor.channels.errors import ChannelConnectionError, ChannelTimeoutError, NotConnectedError
from metafor.channels.protocol import retry_after
from metafor.channels.reconnect import FATAL_CODES, Outage, ReconnectPolicy
from metafor.channels.transports.base import Close

__all__ = [
    "Action",
    "ChannelState",
    "CloseSocket",
    "Closed",
    "Connection",
    "DropSocket",
    "Ended",
    "OpenSocket",
    "Opened",
    "Settled",
    "StartTimer",
    "StopTimer",
    "Timer",
]

#: Close codes after which nothing is wrong: normal, going away, none given (RFC 6455, section 7.4.1).
NORMAL_CODES = frozenset({1000, 1001, 1005})


class ChannelState(StrEnum):
    """Where a channel is in its life."""

    CLOSED = "closed"
    CONNECTING = "connecting"
    OPEN = "open"
    CLOSING = "closing"
    #: Waiting for the next attempt; there is no socket.
    RECONNECTING = "reconnecting"

    @property
    def ready_state(self) -> int:
        """The ``readyState`` of a native WebSocket: 0 to 3, and 3 where there is no socket."""
        return _READY_STATES.get(self, 3)


_READY_STATES = {ChannelState.CONNECTING: 0, ChannelState.OPEN: 1, ChannelState.CLOSING: 2}


class Timer(Enum):
    """What a deadline is for; at most one of each kind runs."""

    CONNECT = "connect"
    RETRY = "retry"
    CLOSE = "close"


# -- Actions: what the caller must do, in this order -------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenSocket:
    """Open a socket and report its events with this generation."""

    generation: int


@dataclass(frozen=True, slots=True)
class CloseSocket:
    """Begin the closing handshake of the current socket."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class DropSocket:
    """Detach the current socket and let it go without waiting."""


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Call `Connection.timer_fired` with ``timer`` in so many seconds."""

    timer: Timer
    seconds: float


@dataclass(frozen=True, slots=True)
class StopTimer:
    """Forget that timer."""

    timer: Timer


@dataclass(frozen=True, slots=True)
class Opened:
    """Tell the user that the channel is open."""


@dataclass(frozen=True, slots=True)
class Ended:
    """Tell the user that a socket ended (ruling 5: also one that never opened), and with what error."""

    close: Close
    error: ChannelConnectionError | None


@dataclass(frozen=True, slots=True)
class Settled:
    """Answer everybody who waits in ``connect()``: open, or this error.

    It comes before `Opened` and `Ended`: who begins to wait in a handler of those waits for the next.
    """

    error: ChannelConnectionError | None


@dataclass(frozen=True, slots=True)
class Closed:
    """Answer everybody who waits in ``close()``."""


Action = OpenSocket | CloseSocket | DropSocket | StartTimer | StopTimer | Opened | Ended | Settled | Closed


class Connection:
    """The machine. ``policy`` None means that nothing is ever tried again.

    ``max_attempts`` bounds the attempts to reconnect since the last open (None: no bound; ruling 1).
    ``connect_timeout`` and ``close_timeout`` are seconds. ``stable_after``: a connection that stayed up
    for so many seconds puts the policy's ``step`` back to 0.
    """

    def __init__(
        self,
        policy: ReconnectPolicy | None = None,
        *,
        max_attempts: int | None = None,
        connect_timeout: float = 10.0,
        close_timeout: float = 5.0,
        stable_after: float = 5.0,
    ) -> None:
        self._policy = policy
        self._max_attempts = max_attempts
        self._connect_timeout = connect_timeout
        self._close_timeout = close_timeout
        self._stable_after = stable_after

        self.state = ChannelState.CLOSED
        #: Where the connection leads, for messages.
        self.address = "the server"
        #: Attempts to reconnect since the last open, a running or awaited one included.
        self.attempt = 0
        #: Seconds that were set for the wait that is on, else None.
        self.retry_in: float | None = None
        #: Seconds that the server asked to wait should this connection end without a word about it.
        self.retry_hint = 0.0
        self._not_before = 0.0  # the server asked for it
        self._generation = 0
        self._live = False  # is there a socket of this generation that we listen to?
        self._step = 0
        self._opened_at: float | None = None
        self._connect_again = False

    def listens_to(self, generation: int) -> bool:
        """Whether a socket of this generation is the current one; anything older is stale."""
        return self._live and generation == self._generation

    # -- what the user wants ------------------------------------------------------------------------

    def connect(self) -> list[Action]:
        """``connect()`` was called; ``Settled`` will answer it (at once if the channel is open)."""
        match self.state:
            case ChannelState.CLOSED:
                self.attempt = self._step = 0
                return self._open_socket()
            case ChannelState.OPEN:
                return [Settled(None)]
            case ChannelState.CLOSING:
                self._connect_again = True
                return []
            case _:
                return []  # on its way already; it keeps to its waits

    def close(self, code: int = 1000, reason: str = "") -> list[Action]:
        """``close()`` was called; ``Closed`` will answer it within ``close_timeout``."""
        match self.state:
            case ChannelState.CLOSED:
                return [Closed()]
            case ChannelState.OPEN:
                self.state = ChannelState.CLOSING
                return [CloseSocket(code, reason), StartTimer(Timer.CLOSE, self._close_timeout)]
            case ChannelState.CLOSING:
                again, self._connect_again = self._connect_again, False
                return [Settled(self._closed_by_user())] if again else []
            case ChannelState.CONNECTING:
                self._live = False
                self.state = ChannelState.CLOSED
                settled = Settled(self._closed_by_user())
                return [StopTimer(Timer.CONNECT), DropSocket(), settled, Ended(Close(), None), Closed()]
            case ChannelState.RECONNECTING:
                self.state = ChannelState.CLOSED
                self.retry_in = None
                return [StopTimer(Timer.RETRY), Settled(self._closed_by_user()), Closed()]

    def reconnect_now(self) -> list[Action]:
        """``reconnect_now()`` was called: the wait is over. Without a wait it means nothing."""
        if self.state is not ChannelState.RECONNECTING:
            return []
        return [StopTimer(Timer.RETRY), *self._open_socket()]

    # -- what the network and the clock say -----------------------------------------------------------

    def socket_opened(self, generation: int, now: float) -> list[Action]:
        """The socket's handshake succeeded, at ``now`` (seconds of any steady clock)."""
        if not self.listens_to(generation) or self.state is not ChannelState.CONNECTING:
            return []
        self.state = ChannelState.OPEN
        self.attempt = 0
        self._opened_at = now
        return [StopTimer(Timer.CONNECT), Settled(None), Opened()]

    def socket_closed(
        self, generation: int, close: Close, now: float, *, cause: ChannelConnectionError | None = None
    ) -> list[Action]:
        """The socket ended, or could not be made.

        A ``cause`` is an error that no further attempt can mend, for example a URL that is none.
        """
        if not self.listens_to(generation):
            return []
        return self._ended(close, now, cause=cause)

    def timer_fired(self, timer: Timer, now: float) -> list[Action]:
        """A deadline passed."""
        match timer, self.state:
            case Timer.RETRY, ChannelState.RECONNECTING:
                return self._open_socket()
            case Timer.CONNECT, ChannelState.CONNECTING:
                problem = f"no answer within {self._connect_timeout:g} s"
                return [DropSocket(), *self._ended(Close(problem=problem), now, timed_out=True)]
            case Timer.CLOSE, ChannelState.CLOSING:
                problem = f"the closing handshake was not answered within {self._close_timeout:g} s"
                return [DropSocket(), *self._ended(Close(problem=problem), now)]
        return []

    def network_back(self, now: float) -> list[Action]:
        """The network may be back: no more waiting, unless the server had asked for it."""
        return self.reconnect_now() if now >= self._not_before else []

    def network_lost(self, now: float, problem: str) -> list[Action]:
        """The connection is dead, whatever the socket believes."""
        if self.state is not ChannelState.OPEN:
            return []
        return [DropSocket(), *self._ended(Close(problem=problem), now)]

    def not_connected(self, what: str) -> NotConnectedError:
        """The error that ``what`` was not done, because there is no connection."""
        next_step = "await channel.connect() first"
        if self._policy is None:
            next_step += ", or use auto_reconnect=True to let it wait"
        message = f"{what}: the channel to {self.address} is {self.state}"
        return NotConnectedError(message, next_step=next_step)

    def forget(self) -> None:
        """The event loop is gone, and every socket, timer and waiter with it (ruling 43)."""
        self.state = ChannelState.CLOSED
        self.retry_in = None
        self._live = self._connect_again = False

    # -- inside ---------------------------------------------------------------------------------------

    def _open_socket(self) -> list[Action]:
        self.state = ChannelState.CONNECTING
        self.retry_in = None
        self._opened_at = None
        self._generation += 1
        self._live = True
        return [StartTimer(Timer.CONNECT, self._connect_timeout), OpenSocket(self._generation)]

    def _ended(
        self,
        close: Close,
        now: float,
        *,
        timed_out: bool = False,
        cause: ChannelConnectionError | None = None,
    ) -> list[Action]:
        """The current socket is no more: decide what comes next."""
        self._live = False
        if self.state is ChannelState.CLOSING:
            self.state = ChannelState.CLOSED
            actions: list[Action] = [StopTimer(Timer.CLOSE), Ended(close, None)]
            if self._connect_again:
                self._connect_again = False
                return [*actions, Closed(), *self.connect()]
            return [*actions, Closed()]

        was_open = self._opened_at is not None
        if self._opened_at is not None and now - self._opened_at >= self._stable_after:
            self._step = 0
        delay, gave_up = (None, "") if cause else self._next_delay(close)
        self.retry_in = delay
        self._not_before = now + self._hint(close)

        if was_open and close.code in NORMAL_CODES:
            error = None
        else:
            error = cause or self._error(close, was_open, timed_out, delay, gave_up)
        actions = [] if was_open else [StopTimer(Timer.CONNECT)]
        if delay is None:
            self.state = ChannelState.CLOSED
            if not was_open:
                actions.append(Settled(error))
            return [*actions, Ended(close, error), Closed()]
        self.state = ChannelState.RECONNECTING
        self.attempt += 1
        self._step += 1
        return [*actions, StartTimer(Timer.RETRY, delay), Ended(close, error)]

    def _next_delay(self, close: Close) -> tuple[float | None, str]:
        """The wait before the next attempt, or None and why there is none."""
        if self._policy is None:
            return None, ""
        if self._max_attempts is not None and self.attempt >= self._max_attempts:
            return None, f"gave up after {self._max_attempts} attempts to reconnect"
        fatal = close.received and close.code in FATAL_CODES
        try:
            delay = self._policy.next_delay(Outage(self.attempt, self._step, close, fatal))
        except Exception as error:
            return None, f"the reconnect policy raised {error!r}"
        if delay is None or not math.isfinite(delay):
            return None, "the server refuses for good" if fatal else "the reconnect policy gave up"
        return max(0.0, delay, self._hint(close)), ""

    def _error(
        self, close: Close, was_open: bool, timed_out: bool, delay: float | None, gave_up: str
    ) -> ChannelConnectionError:
        what = f"the connection to {self.address} ended" if was_open else f"no connection to {self.address}"
        why = close.problem
        if not why and (was_open or close.code != 1006):
            why = "without a close frame" if close.code == 1006 else f"close code {close.code}"
        if close.reason:
            why += f", reason {close.reason!r}"
        message = "; ".join(filter(None, (f"{what}: {why}" if why else what, gave_up)))
        if delay is not None:
            next_step = f"the next attempt is in {delay:.2f} s"
        elif was_open:
            next_step = "call connect() to open it again"
            if self._policy is None:
                next_step += ", or use auto_reconnect=True"
        else:
            next_step = "check the URL and that the server is running"
        kind = ChannelTimeoutError if timed_out else ChannelConnectionError
        return kind(
            message,
            next_step=next_step,
            close_code=close.code,
            reason=close.reason,
            clean=close.clean,
            attempt=0 if was_open else self.attempt + 1,
            retry_in=delay,
        )

    def _hint(self, close: Close) -> float:
        """The seconds that the server asked to wait."""
        asked = close.retry_after
        if asked is None and close.received:
            asked = retry_after(close.reason)
        return self.retry_hint if asked is None else asked

    def _closed_by_user(self) -> ChannelConnectionError:
        return ChannelConnectionError(f"close() was called before the connection to {self.address} was open")
