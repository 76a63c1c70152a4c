"""Registered callbacks: called in order, each on its own, removable at any time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from metafor.core import Owner, hold, run_with_owner
from metafor.core.lifecycle import lasting_owner, when_disposed

__all__ = ["Handlers"]

H = TypeVar("H", bound=Callable[..., Any])


class Handlers:
    """The handlers of one event. A function that was added twice is called twice.

    They are called under ``owner``, which the caller of `call` sees to; a handler that is added under
    another owner is called under that one, and is removed when that one is disposed.
    """

    __slots__ = ("_handlers", "_owner")

    def __init__(self, owner: Owner | None = None) -> None:
        self._owner = owner
        # A tuple, replaced on change: a call iterates over it while handlers come and go.
        self._handlers: tuple[Callable[..., Any], ...] = ()

    def __bool__(self) -> bool:
        return bool(self._handlers)

    @property
    def last(self) -> Callable[..., Any] | None:
        """The handler that was added last, or None."""
        return self._handlers[-1] if self._handlers else None

    def add(self, handler: H) -> H:
        """Register ``handler``, and return it, so that this works as a decorator; TypeError if it is none."""
        if not callable(handler):
            raise TypeError(f"a handler must be callable, not {handler!r}")
        owner = lasting_owner()
        added: Callable[..., Any] = handler
        if owner is not None and owner is not self._owner:
            added = _Guest(handler, owner)
            added.take_back = when_disposed(lambda: self._drop(added))
        self._handlers = (*self._handlers, added)
        return handler

    def remove(self, handler: Callable[..., Any]) -> bool:
        """Remove ``handler`` wherever it is registered here; False if it is not."""
        removed = [added for added in self._handlers if _as_given(added) == handler]
        for added in removed:
            self._drop(added)
        return bool(removed)

    def clear(self) -> None:
        """Remove all."""
        for added in self._handlers:
            self._drop(added)

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

    def _drop(self, gone: Callable[..., Any]) -> None:
        self._handlers = tuple(added for added in self._handlers if added is not gone)
        if isinstance(gone, _Guest):
            gone.take_back()


class _Guest:
    """A handler that belongs to another owner than the channel does."""

    __slots__ = ("_owner", "handler", "take_back")

    def __init__(self, handler: Callable[..., Any], owner: Owner) -> None:
        self.handler = handler
        self.take_back: Callable[[], None] = lambda: None
        self._owner = owner

    def __call__(self, *args: object) -> object:
        return run_with_owner(self._owner, lambda: self.handler(*args))


def _as_given(added: Callable[..., Any]) -> Callable[..., Any]:
    return added.handler if isinstance(added, _Guest) else added
