"""What a test of reactive code needs: the runs of an effect, and proof that nothing is left behind."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Generic, TypeVar

from metafor.core import create_effect, create_root, set_error_handler, untrack
from metafor.core.nodes import Signal
from metafor.core.owner import Owner
from metafor.core.ownership import label

__all__ = ["Runs", "assert_no_leaks", "collect_errors", "watch"]

T = TypeVar("T")


class Runs(Generic[T]):
    """What :func:`watch` recorded."""

    def __init__(self, fn: Callable[[], T]) -> None:
        #: What ``fn`` gave, run by run.
        self.values: list[T] = []
        #: What it raised, run by run.
        self.errors: list[Exception] = []
        self._stop = create_root(lambda dispose: self._start(fn, dispose))

    def _start(self, fn: Callable[[], T], dispose: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                value = fn()
            except Exception as error:
                self.errors.append(error)
            else:
                self.values.append(value)

        create_effect(run, name="watch")
        return dispose

    @property
    def count(self) -> int:
        """How often it has run since the beginning, or since :meth:`take`."""
        return len(self.values) + len(self.errors)

    @property
    def last(self) -> T:
        """What the last run gave; IndexError when there was none."""
        return self.values[-1]

    def take(self) -> list[T]:
        """Give what was recorded so far, and forget it."""
        taken, self.values = self.values, []
        self.errors = []
        return taken

    def stop(self) -> None:
        """Dispose the effect. A second call does nothing."""
        self._stop()

    def __enter__(self) -> Runs[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def watch(fn: Callable[[], T]) -> Runs[T]:
    """Run ``fn`` in an effect and record what it gives each time; a ``with`` block or ``stop()`` ends it.

    Takes a getter, or any function that reads signals. An exception is recorded, not reported. Example::

        with watch(total) as runs:
            set_price(5)
            assert runs.values == [0, 5]
    """
    return Runs(fn)


@contextmanager
def collect_errors() -> Iterator[list[BaseException]]:
    """Collect the errors that reach the global handler in the block, in place of printing them.

    Example::

        with collect_errors() as errors:
            screen.click(save)
        assert "no connection" in str(errors[0])
    """
    errors: list[BaseException] = []
    previous = set_error_handler(errors.append)
    try:
        yield errors
    finally:
        set_error_handler(previous)


@contextmanager
def assert_no_leaks() -> Iterator[None]:
    """Fail with AssertionError, naming them, if owners, computations or signals made in the block outlive it.

    What the test itself still holds counts too: drop it, or make it before the block. Example::

        with assert_no_leaks():
            screen = render(Chat)
            screen.dispose()
            del screen
    """
    gc.collect()
    before = {id(one) for one in _reactive_objects()}
    yield
    gc.collect()
    left = Counter(_describe(one) for one in _reactive_objects() if id(one) not in before)
    if left:
        what = ", ".join(f"{count} × {name}" for name, count in left.most_common(10))
        raise AssertionError(f"leaked {sum(left.values())} reactive objects: {what}")


def _reactive_objects() -> list[Any]:
    return [one for one in gc.get_objects() if isinstance(one, (Owner, Signal))]


def _describe(one: Any) -> str:
    if isinstance(one, Signal):
        return f"signal {one.name or untrack(lambda: repr(one.peek()))[:40]}"
    return f"{type(one).__name__.lower()} {label(one)}{'' if one.disposed else ' (not disposed)'}"
