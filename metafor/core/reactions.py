"""Memos and effects, and the sections in which they do or do not track."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import CoroutineType, TracebackType
from typing import Any, TypeVar, overload

from metafor.core import graph
from metafor.core.equality import Equals
from metafor.core.errors import BatchError
from metafor.core.graph import Effect, Getter, Memo

__all__ = ["batch", "create_effect", "create_memo", "track", "untrack"]

T = TypeVar("T")


def create_memo(fn: Callable[[], T], *, equals: Equals = None, name: str | None = None) -> Getter[T]:
    """Create a cached, lazy computation and give its getter.

    ``fn`` runs when the memo is first read and again when it is read after a signal or memo that it
    read has changed; readers of the memo run again only if its value is not equal to the last one
    (``equals`` as for :func:`create_signal`). ``fn`` must not write signals (WriteInMemoError). An
    exception is kept and raised to every reader until a source changes. The current owner disposes the
    memo, which keeps its last value; without an owner it lives as long as what it reads. Example::

        total = create_memo(lambda: sum(item.price for item in cart()))
    """
    return Memo(fn, equals, name)


def create_effect(fn: Callable[[], object], *, name: str | None = None) -> None:
    """Run ``fn`` now and again whenever something it read has changed, until its owner is disposed.

    "Now" is the end of the open batch or component body, else at once. What ``fn`` creates is disposed
    before its next run. A returned value is ignored; a coroutine is tracked up to its first ``await``,
    and the rest is a task that the next run cancels (ruling 14). An exception goes to the nearest error
    boundary and stops nothing else. Without an owner the effect lives as long as what it reads. Example::

        create_effect(lambda: print("count is", count()))
    """
    graph.start_effect(Effect(fn, name))


def track(fn: Callable[[], T]) -> T:
    """Run ``fn`` with tracking on and give its value; outside any observer it simply reads.

    Inside :func:`untrack`, it makes the running effect or memo depend on what ``fn`` reads. Example::

        state = track(lambda: channel.state_signal())
    """
    return graph.run_tracking(fn, True)


def untrack(fn: Callable[[], T]) -> T:
    """Run ``fn`` without tracking and give its value.

    The running effect or memo does not depend on what ``fn`` reads; what ``fn`` creates belongs to it all the
    same, and a memo still may not write. Example::

        create_effect(lambda: print(count(), untrack(lambda: total())))
    """
    return graph.run_tracking(fn, False)


@overload
def batch() -> _Batch: ...
@overload
def batch(fn: Callable[[], T]) -> T: ...
def batch(fn: Callable[[], Any] | None = None) -> Any:
    """Put writes together: effects run once, when the outermost batch ends. Reads are current at once.

    ``batch(fn)`` gives ``fn``'s value; ``with batch():`` is the same for a block. Effects run also when
    the section raises; then the error passes on (ruling 17). A batch is a synchronous section: a block
    left in another turn of the event loop raises BatchError, and so does a coroutine function given as
    ``fn``. Example::

        with batch():
            set_first("Ada")
            set_last("Lovelace")
    """
    if fn is None:
        return _Batch()
    graph.enter_batch()
    try:
        value = fn()
        if type(value) is CoroutineType:
            value.close()
            raise BatchError(
                "batch() was given a coroutine function, which would write after the batch has ended",
                next_step="await first, then put the writes into `with batch():`",
            )
        return value
    finally:
        graph.leave_batch()


class _Batch:
    """The block form of :func:`batch`; it notices when an ``await`` stands in it."""

    __slots__ = ("_guard", "_lost")

    def __enter__(self) -> None:
        self._lost = False
        self._guard: asyncio.Handle | None = None
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            pass
        else:
            # Runs only if the block is still open when the loop gets its turn.
            self._guard = loop.call_soon(self._left_open)
        graph.enter_batch()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._guard is not None:
            self._guard.cancel()
        if not self._lost:
            graph.leave_batch()
        elif error is None:
            raise BatchError(
                "a batch was left in another turn of the event loop than it was entered in",
                next_step="do not await inside `with batch():`; await first, then write in one batch",
            )

    def _left_open(self) -> None:
        self._lost = True
        graph.leave_batch()
