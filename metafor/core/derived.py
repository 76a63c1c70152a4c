"""Signals derived from others in a way that a memo cannot: selectors and deferred values."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from metafor.core.errors import Pending
from metafor.core.nodes import Getter, Memo, RenderEffect, Signal
from metafor.core.ownership import current_owner, run_tracking
from metafor.core.propagation import mark, subscribe
from metafor.core.reactions import create_memo
from metafor.core.scheduling import dispose, start_binding, write
from metafor.core.section import now

__all__ = ["Deferred", "create_deferred", "create_selector"]

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

_SWEEP_MARGIN = 64


def create_selector(source: Callable[[], K | None]) -> Callable[[K], bool]:
    """Give ``is_selected(key)``: whether ``source()`` equals ``key``, tracked by key.

    A change of the selection wakes the readers of two keys, the old one and the new, however many there
    are: choosing one of 10,000 rows costs two. ``source`` is a getter or a function that reads signals; keys
    are hashable. ``is_selected`` itself is current at once; a memo that uses it is, inside a batch, brought
    up to date when the batch ends. Lives as long as the current owner. Example::

        is_selected = create_selector(selected_id)
        create_memo(lambda: "danger" if is_selected(row.id) else "")
    """
    return _Selector(source)


class _Selector(Generic[K]):
    __slots__ = ("_keys", "_shown", "_source", "_sweep_at")

    def __init__(self, source: Callable[[], K | None]) -> None:
        self._keys: dict[K, Signal[None]] = {}
        #: Number of keys at which those that nobody reads any more are forgotten.
        self._sweep_at = _SWEEP_MARGIN
        self._source: Getter[K | None] = (
            source if isinstance(source, Getter) else Memo(source, name="selector")
        )
        self._shown = self._source.peek()
        follow = _Follow(self._follow, self._end, "selector")
        # Before every other binding: readers of the keys are marked when their turn comes.
        follow._seq = 0
        start_binding(follow)

    def __call__(self, key: K) -> bool:
        """Tell whether ``key`` is selected now."""
        run = now.run
        if run:
            node = self._keys.get(key)
            if node is not None:
                node()
            else:
                if len(self._keys) >= self._sweep_at:
                    self._sweep()
                node = self._keys[key] = Signal(None, False, "selector.key")
                # Its first read, spelled out: this runs once for each row of a list.
                node._mark = run
                subscribe(node, now.observer)  # type: ignore[arg-type]  # there is one while a run tracks
        source = self._source
        return bool((source._value if type(source) is Signal else source.peek()) == key)

    def _sweep(self) -> None:
        self._keys = {key: node for key, node in self._keys.items() if node._observers}
        self._sweep_at = max(_SWEEP_MARGIN, 2 * len(self._keys))

    def _end(self) -> None:
        # With its owner gone it keeps what was selected last.
        self._source = Signal(self._shown)

    def _follow(self) -> None:
        selected, shown = self._source(), self._shown
        if selected != shown:
            self._shown = selected
            for key in (shown, selected):
                node = self._keys.get(key)  # type: ignore[arg-type]
                if node is not None and node._observers:
                    # No write: whoever wrote the selection is noted as the one that triggers its readers.
                    mark(node)


def create_deferred(source: Callable[[], T], *, delay: float = 0.0) -> Getter[T]:
    """Give a getter that follows ``source`` later: when the event loop has its next turn.

    For what is expensive and may lag: typing stays quick while the list that it filters follows. It has the
    present value at once; a change is taken over ``delay`` seconds later (0: in the loop's next turn), and
    changes in between are taken over together. Without a running loop it follows at once. Lives as long as
    the current owner. Example::

        shown = create_deferred(query)
        rows = create_memo(lambda: search(shown()))
    """
    return Deferred(source, delay)


class Deferred(Getter[T]):
    """See :func:`create_deferred`."""

    __slots__ = ("_delay", "_latest", "_timer", "_value")

    def __init__(self, source: Callable[[], T], delay: float) -> None:
        self._delay = delay
        self._timer: asyncio.TimerHandle | asyncio.Handle | None = None
        self._latest = create_memo(source, name="deferred")
        self._value: Signal[Any] = Signal(self._latest.peek(), None, "deferred")
        owner = current_owner()
        follow = _Follow(self._follow, self._stop, "deferred")
        start_binding(follow)
        if owner is not None and owner.disposed:
            dispose(follow)

    def __call__(self) -> T:
        return self._value()  # type: ignore[no-any-return]

    def peek(self) -> T:
        return self._value.peek()  # type: ignore[no-any-return]

    def _follow(self) -> None:
        self._latest()
        if self._timer is not None:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            run_tracking(self._take_over, False)
            return
        self._timer = loop.call_later(self._delay, self._take_over)

    def _take_over(self) -> None:
        self._timer = None
        try:
            latest = self._latest.peek()
        except (Exception, Pending):
            # It has been reported, or is waited for, since it came: the last value stays.
            return
        write(self._value, latest)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _Follow(RenderEffect):
    """Follows until it is disposed, not until its next run: then it calls ``stop``."""

    __slots__ = ("_stop",)

    def __init__(self, fn: Callable[[], None], stop: Callable[[], None], name: str) -> None:
        # First: under an owner that is gone it ends at once.
        self._stop = stop
        super().__init__(fn, name)

    def _release(self) -> None:
        super()._release()
        self._stop()
