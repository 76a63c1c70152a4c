"""Signals: values that can be watched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from metafor.core import graph
from metafor.core.equality import Equals
from metafor.core.nodes import Getter, Signal

__all__ = ["Setter", "create_signal", "is_getter"]

T = TypeVar("T")


class Setter(Generic[T]):
    """What writes a signal: ``set(value)`` stores, ``set.update(fn)`` maps the value.

    Example::

        def reset(number: Setter[int]) -> None:
            number(0)
    """

    __slots__ = ("_signal",)

    def __init__(self, signal: Signal[T]) -> None:
        self._signal = signal

    def __call__(self, value: T) -> None:
        """Store ``value``, a callable too, and run what depends on it at the end of the batch.

        Nothing happens when both values are immutable scalars and equal (ruling 12). Raises
        WriteInMemoError when a memo is computing (ruling 13).
        """
        graph.write(self._signal, value)

    def update(self, fn: Callable[[T], T]) -> None:
        """Store ``fn(old)``; ``fn`` runs untracked. Example: ``set_count.update(lambda n: n + 1)``."""
        graph.write(self._signal, graph.run_tracking(lambda: fn(self._signal._value), False))


def create_signal(value: T, *, equals: Equals = None, name: str | None = None) -> tuple[Getter[T], Setter[T]]:
    """Create a signal and give its getter and its setter.

    Takes the first ``value``; ``equals``, a function of (old, new) that says when a write changes
    nothing, or False for never (default: immutable scalars by value, see :mod:`metafor.core.equality`);
    ``name``, for messages. Needs no owner and no event loop. Example::

        count, set_count = create_signal(0)
        set_count(count() + 1)
        set_count.update(lambda n: n * 2)
    """
    signal = Signal(value, equals, name)
    return signal, Setter(signal)


def is_getter(value: object) -> bool:
    """Tell whether ``value`` is a getter: a signal, a memo, a resource, a deferred value or a live prop.

    Example::

        shown = title() if is_getter(title) else title
    """
    return isinstance(value, Getter)
