"""Signs of life: a message that the server answers, where a page can see neither ping nor pong."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from metafor.channels.options import seconds
from metafor.channels.protocol import Message, to_wire
from metafor.channels.transports.base import Frame

__all__ = ["Heart", "Heartbeat", "check_heartbeat"]


#: Seconds by which a timer may fire late before the loop must have been held up.
_LATE = 1.0


@dataclass(frozen=True)
class Heartbeat:
    """How a channel asks a quiet server whether it is there, for ``Channel(heartbeat=…)``.

    When nothing has arrived for ``interval`` seconds, ``message`` is sent; when nothing at all arrives
    within ``timeout`` seconds after that, the connection is dead: it is given up, and ``auto_reconnect``
    does its work. The server must answer ``message`` with anything, as an echo server does.

    Where ``answer`` is given (None is not), messages equal to it are taken for the answer: they are shown
    to nobody, `Channel.latency_signal` is measured with them, and what was sent before the question is
    known to have arrived: its receipts stay ``sent`` whatever happens later. Such a question is sent every
    ``interval`` seconds, to a server that talks all the time too.

    Raises `EncodeError` or ValueError for what cannot be meant. Example::

        Channel(url, auto_reconnect=True, heartbeat=Heartbeat({"type": "ping"}, answer={"type": "pong"}))
    """

    message: Any
    answer: Any = None
    interval: float = 25.0
    timeout: float = 10.0

    def __post_init__(self) -> None:
        to_wire(self.message)
        seconds("interval", self.interval)
        seconds("timeout", self.timeout)


def check_heartbeat(given: object) -> Heartbeat | None:
    """``heartbeat`` of a channel; TypeError if it is neither None nor a `Heartbeat`."""
    if given is None or isinstance(given, Heartbeat):
        return given
    raise TypeError(f"heartbeat must be a Heartbeat, for example Heartbeat('ping'), not {given!r}")


class Heart:
    """Beats while a connection is open. It has one timer, which the messages that arrive do not touch.

    ``send`` gets the question and whether its answer can be told from other messages; ``answered`` is
    called for each such answer, in the order of the questions, with the seconds that it took.
    """

    def __init__(
        self,
        rhythm: Heartbeat,
        send: Callable[[Frame, bool], object],
        answered: Callable[[float], None],
        dead: Callable[[str], None],
    ) -> None:
        self._rhythm = rhythm
        self._frame = to_wire(rhythm.message)
        self._send = send
        self._answered = answered
        self._dead = dead
        self._timer: asyncio.TimerHandle | None = None
        self._heard = 0.0
        self._beaten = 0.0  # the start, or the last question
        #: Whether a question is out; the timer is its deadline.
        self._asking = False
        #: Whether nothing has arrived since.
        self._silent = False
        #: When the questions were sent that have no answer yet.
        self._open_questions: deque[float] = deque()

    @property
    def measures(self) -> bool:
        """Whether answers can be told from other messages, so that the round trip is known."""
        return self._rhythm.answer is not None

    def start(self) -> None:
        """A connection is open."""
        self.stop()
        self._heard = self._beaten = asyncio.get_running_loop().time()
        self._timer_at(self._heard + self._rhythm.interval)

    def stop(self) -> None:
        """It ended."""
        self._asking = self._silent = False
        self._open_questions.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def ask(self) -> None:
        """Send the question now, unless one is out already, or there is no connection."""
        if self._timer is None or self._asking:
            return
        self._timer.cancel()
        self._asking = self._silent = True
        self._beaten = now = asyncio.get_running_loop().time()
        self._timer_at(now + self._rhythm.timeout)
        if self.measures:
            self._open_questions.append(now)
        self._send(self._frame, self.measures)

    def heard(self, messages: list[Message]) -> list[Message]:
        """Messages arrived; returns them without the answers."""
        self._heard = asyncio.get_running_loop().time()
        self._silent = False
        if not self.measures:
            return messages
        others = [message for message in messages if message.data != self._rhythm.answer]
        for _ in range(min(len(messages) - len(others), len(self._open_questions))):
            self._answered(self._heard - self._open_questions.popleft())
        return others

    def _timer_at(self, when: float) -> None:
        self._timer = asyncio.get_running_loop().call_at(when, self._fired, when)

    def _fired(self, due: float) -> None:
        now = asyncio.get_running_loop().time()
        if self._silent:
            if now - due > _LATE:
                # The loop was held up, or the page asleep: what came meanwhile has its turn first.
                self._timer_at(now)
                return
            self._timer = None
            self._dead(f"no answer to the heartbeat within {self._rhythm.timeout:g} s")
            return
        self._asking = False
        next_question = (self._beaten if self.measures else self._heard) + self._rhythm.interval
        if next_question <= now:
            self.ask()
        else:
            self._timer_at(next_question)
