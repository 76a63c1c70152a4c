"""Registered callbacks: called in order, each on its own, removable at any time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from metafor.core import hold

__all__ = ["Handlers"]

H = TypeVar("H", bound=Callable[..., Any])


class Handlers:
    """The handlers of one event. A function that was added twice is called twice."""

    __slots__ = ("_handlers",)

    def __init__(self) -> None:
        # A tuple, replaced on change: a call iterates over it while handlers come and go.
        self._handlers: tuple[Callable[..., Any], ...] = ()

    def __bool__(self) -> bool:
        return bool(self._handlers)

    def add(self, handler: H) -> H:
        """Register ``handler``, and return it, so that this works as a decorator; TypeError if it is none."""
        if not callable(handler):
            raise TypeError(f"a handler must be callable, not {handler!r}")
        self._handlers = (*self._handlers, handler)
        return handler

    def remove(self, handler: Callable[..., Any]) -> bool:
        """Remove ``handler`` wherever it is registered here; False if it is not."""
        before = len(self._handlers)
        self._handlers = tuple(other for other in self._handlers if other != handler)
        return len(self._handlers) < before

    def clear(self) -> None:
        """Remove all."""
        self._handlers = ()

    def call(self, failed: Callable[[Exception], None], *args: object) -> None:
        """Call each with ``args``; what one raises goes to ``failed`` and stops nothing.

        An awaitable that a handler returns is held until it is done (ruling 44). A handler that an
        earlier one removed is not called any more.
        """
        handlers = self._handlers
        for handler in handlers:
            if handlers is not self._handlers and handler not in self._handlers:
                continue
            try:
                result = handler(*args)
                if result is not None and hasattr(result, "__await__"):
                    hold(result)
            except Exception as error:
                failed(error)
