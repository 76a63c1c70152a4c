"""Signals: values that can be watched."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from metafor.core import graph
from metafor.core.equality import Equals
from metafor.core.nodes import Getter, Signal

__all__ = ["Setter", "create_signal", "is_getter"]

T = TypeVar("T")


class Setter(partial[None], Generic[T]):
    """What writes a signal: ``set(value)`` stores, ``set.update(fn)`` maps the value.

    ``set(value)`` stores ``value``, a callable too, and runs what depends on it at the end of the batch.
    Nothing happens when both values are immutable scalars and equal (ruling 12). Raises WriteInMemoError
    when a memo is computing (ruling 13). Example::

        def reset(number: Setter[int]) -> None:
            number(0)
    """

    # The function that writes, with the signal filled in: Python calls that twice as fast as an object with a
    # __call__ of its own.
    __slots__ = ()

    if TYPE_CHECKING:

        def __new__(cls, write: Callable[[Signal[T], T], None], signal: Signal[T]) -> Setter[T]: ...

        def __call__(self, value: T) -> None: ...

    def __get__(self, instance: object, owner: type | None = None) -> Setter[T]:
        # From Python 3.14 on a partial that stands in a class becomes a method; a setter stays what it is.
        return self

    def update(self, fn: Callable[[T], T]) -> None:
        """Store ``fn(old)``; ``fn`` runs untracked. Example: ``set_count.update(lambda n: n + 1)``."""
        signal: Signal[Any] = self.args[0]
        graph.write(signal, graph.run_tracking(lambda: fn(signal._value), False))

    def __repr__(self) -> str:
        return f"<Setter of {self.args[0]!r}>"


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
    return signal, Setter(graph.write, signal)


def is_getter(value: object) -> bool:
    """Tell whether ``value`` is a getter: a signal, a memo, a resource, a deferred value or a live prop.

    Example::

        shown = title() if is_getter(title) else title
    """
    return isinstance(value, Getter)
