"""An event loop in a thread of its own: servers and proxies for tests that are not asynchronous."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, Self, TypeVar

__all__ = ["Background"]

T = TypeVar("T")


class Background:
    """A context manager; what was entered is left, last first, when it ends.

    Example::

        with Background() as background:
            url = background.enter(server(echo))
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._stack = AsyncExitStack()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:  # its end cancels what still runs
            runner.run(self._stop.wait())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.run(self._stack.aclose())
        finally:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run ``coroutine`` there to its end, and give its result or raise its error."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def enter(self, manager: AbstractAsyncContextManager[T]) -> T:
        """Enter ``manager`` there, until the end."""
        return self.run(self._stack.enter_async_context(manager))

    def call(self, function: Callable[..., object], *args: Any) -> None:
        """Call ``function`` there, soon."""
        self._loop.call_soon_threadsafe(function, *args)
