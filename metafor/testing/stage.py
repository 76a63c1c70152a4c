"""The event loop in which a screen's component lives (ruling 43)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from metafor.testing.errors import ScreenError
from metafor.testing.virtual_time import VirtualTimeLoop

__all__ = ["Stage"]

T = TypeVar("T")

#: Seconds of virtual time: it passes only when nothing else is ready to run.
_MOMENT = 1e-6


class Stage:
    """Runs what happens on a screen inside an event loop: the one that runs, else one of its own.

    Its own is in virtual time, so that a plain test sees tasks and timers without waiting for them.
    """

    def __init__(self) -> None:
        self._runner = None if _is_running() else asyncio.Runner(loop_factory=VirtualTimeLoop)

    def act(self, action: Callable[[], T]) -> T:
        """Do ``action`` now. On a loop of one's own, all that is ready after it runs before this returns."""
        if self._runner is None or _is_running():
            return action()

        async def act() -> T:
            done = action()
            await asyncio.sleep(_MOMENT)
            return done

        return self._runner.run(act())

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run ``coroutine`` to its end on the loop of one's own."""
        if self._runner is None or _is_running():
            coroutine.close()
            raise ScreenError(
                "run() and advance() need a loop of the screen's own, but this test runs in one",
                next_step="in an `async def` test: `await screen.wait_for(…)`, `await asyncio.sleep(…)`",
            )
        return self._runner.run(coroutine)

    def close(self) -> None:
        """Cancel what still runs on the loop of one's own and close it. A second call does nothing."""
        if self._runner is None:
            return
        if _is_running():  # called by the garbage collector, in the middle of something else
            self._runner.get_loop().close()
        else:
            self._runner.close()
        self._runner = None


def _is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
