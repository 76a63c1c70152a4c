"""Signs of life: a message that the server answers, where a page can see neither ping nor pong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from metafor.channels.options import seconds
from metafor.channels.protocol import Message, to_wire
from metafor.channels.transports.base import Frame

__all__ = ["Heart", "Heartbeat"]


@dataclass(frozen=True)
class Heartbeat:
    """How a channel asks a quiet server whether it is there, for ``Channel(heartbeat=…)``.

    When nothing has arrived for ``interval`` seconds, ``message`` is sent; when nothing at all arrives
    within ``timeout`` seconds after that, the connection is dead: it is given up, and ``auto_reconnect``
    does its work. The server must answer ``message`` with anything, as an echo server does.

    Where ``answer`` is given (None is not), messages equal to it are taken for the answer: they are shown
    to nobody, `Channel.latency_signal` is measured with them, and what was sent before the question is
    known to have arrived: its receipts stay ``sent`` whatever happens later.

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


class Heart:
    """Beats while a connection is open. It has one timer, which the messages that arrive do not touch."""

    def __init__(
        self,
        rhythm: Heartbeat,
        send: Callable[[Frame], object],
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
        self._asked: float | None = None

    def start(self) -> None:
        """A connection is open."""
        self.stop()
        self._heard = asyncio.get_running_loop().time()
        self._timer_at(self._heard + self._rhythm.interval)

    def stop(self) -> None:
        """It ended."""
        self._asked = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def ask(self) -> None:
        """Send the question now, unless one is out already."""
        if self._timer is None or self._asked is not None:
            return
        self._timer.cancel()
        self._asked = asyncio.get_running_loop().time()
        self._timer_at(self._asked + self._rhythm.timeout)
        self._send(self._frame)

    def heard(self, messages: list[Message]) -> list[Message]:
        """Messages arrived; returns them without the answers."""
        self._heard = asyncio.get_running_loop().time()
        answer = self._rhythm.answer
        if answer is None:
            return messages
        others = [message for message in messages if message.data != answer]
        if len(others) < len(messages) and self._asked is not None:
            asked, self._asked = self._asked, None
            self._answered(self._heard - asked)
        return others

    def _timer_at(self, when: float) -> None:
        self._timer = asyncio.get_running_loop().call_at(when, self._fired)

    def _fired(self) -> None:
        asked, self._asked = self._asked, None
        if asked is not None and self._heard < asked:
            self._timer = None
            self._dead(f"no answer to the heartbeat within {self._rhythm.timeout:g} s")
        elif self._heard + self._rhythm.interval <= asyncio.get_running_loop().time():
            self.ask()
        else:
            self._timer_at(self._heard + self._rhythm.interval)
