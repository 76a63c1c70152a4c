"""An event loop whose clock jumps: a test of ten minutes of waiting runs in milliseconds.

Nothing really sleeps. Whenever the loop would wait for its next timer, it sets its clock forward to it
instead, so that the order of events is that of real time, and the same in every run.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

__all__ = ["VirtualTimeLoop", "in_virtual_time"]

T = TypeVar("T")
P = ParamSpec("P")


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An asyncio event loop in virtual time. ``loop.time()`` begins at 0 seconds.

    For code that waits for timers and for other tasks, not for real sockets or threads. Where nothing is
    left that could ever happen, `RuntimeError` is raised instead of waiting for ever.

    Example::

        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            runner.run(asyncio.sleep(3600))  # at once
    """

    def __init__(self) -> None:
        self._clock = 0.0
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        """The virtual time, in seconds."""
        return self._clock


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready: list[tuple[selectors.SelectorKey, int]] = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("deadlock: every task waits, and no timer is set")
            self._loop._clock += max(0.0, timeout)
        return ready


def in_virtual_time(test: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Decorate a coroutine function so that calling it runs it to its end in virtual time.

    Example::

        @in_virtual_time
        async def test_retries_after_two_seconds():
            ...
    """

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            return runner.run(test(*args, **kwargs))

    return run
