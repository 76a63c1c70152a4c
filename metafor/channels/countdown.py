"""Counts the wait before the next attempt down, second by second, and notices a machine that slept."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

__all__ = ["Countdown"]

#: Seconds by which the clock of the wall may run ahead of the loop's before we believe in a sleep.
_SLEPT = 5.0


class Countdown:
    """Sets a signal to the seconds that are left: as given, then at each whole second, None at the end.

    ``woke`` is called when the wall clock ran ahead of the event loop's: timers stand still while a
    machine sleeps, and an attempt that was due long ago should not wait any longer.
    """

    def __init__(
        self,
        set_seconds: Callable[[float | None], None],
        woke: Callable[[], None],
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._set = set_seconds
        self._woke = woke
        self._wall = wall
        self._timer: asyncio.TimerHandle | None = None
        self._wait: tuple[int, float] | None = None
        self._due = 0.0
        self._ahead = 0.0

    def update(self, number: int, seconds: float | None) -> None:
        """There is a wait of ``seconds``, the ``number``-th, or None; the same wait again changes nothing."""
        wait = None if seconds is None else (number, seconds)
        if wait == self._wait:
            return
        self._wait = wait
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._set(seconds)
        if seconds is not None:
            loop = asyncio.get_running_loop()
            self._due = loop.time() + seconds
            self._ahead = self._wall() - loop.time()
            self._tick_at(math.ceil(seconds) - 1)

    def _tick_at(self, left: int) -> None:
        self._timer = None
        if left >= 1:
            self._timer = asyncio.get_running_loop().call_at(self._due - left, self._tick, left)

    def _tick(self, left: int) -> None:
        self._set(float(left))
        self._tick_at(left - 1)
        if self._wall() - asyncio.get_running_loop().time() - self._ahead > _SLEPT:
            self._woke()
