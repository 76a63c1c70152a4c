"""The graph algorithm: push-mark, pull-compute. ``docs/reactivity.md`` explains it with pictures.

Three rules carry it:

1. A write *pushes* a mark (:func:`mark`). Direct observers become ``DIRTY``, those behind a memo
   ``CHECK`` ("perhaps"). Effects that get their first mark are queued. Nothing is computed.
2. A read *pulls* (:func:`refresh`). A memo that is marked first brings its sources up to date, in order,
   and computes only if one of them really changed. Nobody can see two sources from different moments.
3. The end of the outermost batch flushes (:mod:`metafor.core.scheduling`): bindings, commit, mounts,
   effects, until nothing is left.

States of a node::

    CLEAN ──write above──▶ CHECK ──read──▶ CHECKING ──a source changed──▶ DIRTY ──▶ RUNNING ──▶ CLEAN
      └──────────────────direct write─────────────────────────────────────▶┘
                                           CHECKING ──none changed──▶ CLEAN

An edge is kept twice: the observer holds its sources in a list in the order of reading, the source
holds its observers in a tuple as long as there is one, as nearly always, then in a dict (insertion
order, O(1) removal). While a computation runs, ``_cursor`` walks the list of its last run; as long as the
reads repeat, nothing is allocated. From the first read that differs on, sources are collected in
``_fresh``, and what is left of the old list is unsubscribed at the end. ``_mark`` on a source holds the
number of the last run that read it, so that a repeated read costs one comparison.

Marking and checking are loops, not recursion: a chain of 100,000 memos updates on a small stack.
"""

from __future__ import annotations

from _thread import get_ident
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from metafor.core.disposal import dispose_tree
from metafor.core.errors import CycleError
from metafor.core.ownership import label
from metafor.core.section import THREADED, check_thread, now

if TYPE_CHECKING:
    from metafor.core.nodes import Computation

__all__ = [
    "CHECK",
    "CHECKING",
    "CLEAN",
    "DIRTY",
    "RUNNING",
    "cycle",
    "drop_stale",
    "execute",
    "link",
    "mark",
    "refresh",
    "subscribe",
    "unlink",
]

# A node may be marked while it is checked or runs: then it is checked or run again.
RUNNING, CLEAN, CHECK, CHECKING, DIRTY = -1, 0, 1, 2, 3
_NOTHING_NEW = (CLEAN, CHECKING)

#: Nested computations up to this depth pull what they read as they read it, so that a source which
#: is no longer read is not computed. Deeper, known sources are brought up to date first, by a loop.
_NESTING_LIMIT = 64


# -- edges -----------------------------------------------------------------------------------------


def subscribe(source: Any, node: Computation) -> None:
    """Add an edge: ``node`` reads ``source``, and its last run did not read it at this place."""
    if THREADED and now.thread != get_ident():
        check_thread()
    fresh = node._fresh
    if fresh is None:
        node._fresh = [source]
    else:
        fresh.append(source)
    # link() spelled out: this runs once for each binding of a page.
    observers = source._observers
    if not observers:
        source._observers = (node,)
    elif type(observers) is dict:
        observers[node] = None
    else:
        link(source, node)


def link(source: Any, node: Computation) -> None:
    """Add ``node`` to the observers of ``source``, if it is none yet."""
    observers = source._observers
    if not observers:
        source._observers = (node,)
    elif type(observers) is dict:
        observers[node] = None
    elif observers[0] is not node:
        source._observers = {observers[0]: None, node: None}


def unlink(source: Any, node: Computation) -> None:
    """Take ``node`` from the observers of ``source``, if it is one."""
    observers = source._observers
    if type(observers) is dict:
        observers.pop(node, None)
    elif observers and observers[0] is node:
        source._observers = ()


def drop_stale(node: Computation) -> None:
    """After a run: keep the sources it read, unsubscribe from those it did not read again."""
    cursor, fresh, sources = node._cursor, node._fresh, node._sources
    if fresh is None:
        stale = sources[cursor:]
        node._sources = sources[:cursor]
    else:
        node._fresh = None
        if node.disposed:
            stale = fresh
        elif not sources:
            node._sources = fresh
            return
        else:
            stale = sources[cursor:]
            sources[cursor:] = fresh
    kept = set(map(id, node._sources))
    for source in stale:
        if id(source) not in kept:
            unlink(source, node)


# -- push ------------------------------------------------------------------------------------------


def mark(source: Any) -> None:
    """Mark what depends on ``source``, whose value has changed; queue the effects among it."""
    behind: list[Any] = []
    for node in source._observers:
        state = node._state
        if state != DIRTY:
            node._state = DIRTY
            if state < CHECK:
                if node._queue is not None:
                    node._queue.append(node)
                elif node._observers:
                    behind.append(node)
                    if node._last is not None:
                        now.owning.append(node)
    while behind:
        for node in behind.pop()._observers:
            state = node._state
            if state < CHECK:
                node._state = CHECK
                if node._queue is not None:
                    node._queue.append(node)
                elif node._observers:
                    behind.append(node)
                    if node._last is not None:
                        now.owning.append(node)
            elif state == CHECKING:
                node._state = CHECK


# -- pull ------------------------------------------------------------------------------------------


def refresh(target: Computation) -> None:
    """Bring a marked node up to date: its sources first, then itself if one of them changed.

    A loop with a stack of its own::

        target ─▶ source ─▶ source ─▶ …      down: along the first source that is marked
        target ◀─ source ◀─ source ◀─ …      up: compute where a source changed, else all clear
    """
    if THREADED and now.thread != get_ident():
        check_thread()
    node = target
    shallow = len(now.running) < _NESTING_LIMIT
    if shallow and node._state != CHECK:
        # DIRTY; or CHECKING, when a source of this node computes and reads it: it cannot wait for that.
        node._recompute()
        return
    waiting: list[tuple[Computation, Iterator[Any], bool]] = []
    must = node._state != CHECK
    node._state = CHECKING
    sources = iter(node._sources)
    try:
        while True:
            below: Any = None
            for source in sources:
                state = source._state
                if state in _NOTHING_NEW:
                    # CHECKING is the kept error of a circle: nothing new comes from there.
                    continue
                if state == RUNNING:
                    # Whether this is a circle shows when the node reads, in this run, what it read before.
                    must = True
                    break
                if shallow and state == DIRTY:
                    source._recompute()
                    if node._state == DIRTY:
                        break
                    continue
                below = source
                break
            if below is not None:
                waiting.append((node, sources, must))
                node, sources, must = below, iter(below._sources), below._state == DIRTY
                node._state = CHECKING
                continue
            state = node._state
            if state != CLEAN:
                if must or state == DIRTY:
                    node._recompute()
                elif state == CHECKING:
                    node._state = CLEAN
                else:
                    # Marked again while it was checked: by a callback that disposal ran.
                    node._state = CHECKING
                    sources = iter(node._sources)
                    continue
            if not waiting:
                return
            node, sources, must = waiting.pop()
            if shallow and node._state == DIRTY:
                sources = iter(())
    except BaseException:
        # Interrupted: nobody may take what was not finished for checked.
        waiting.append((node, sources, must))
        for unfinished, _, dirty in waiting:
            if unfinished._state == CHECKING:
                unfinished._state = DIRTY if dirty else CHECK
        raise


def execute(node: Computation, then: Callable[[object], None] | None = None) -> Any:
    """Run the function of ``node``, tracked, as owner of what it creates; ``then`` gets the result."""
    if node._last is not None or node._cleanups:
        node._leave_run()
        dispose_tree(node, inclusive=False)
    if node._context is not None:
        node._context = None
    run, observer, owner = now.run, now.observer, now.owner
    now.run = now.runs = now.runs + 1
    now.observer = now.owner = node
    node._state = RUNNING
    node._cursor = 0
    if not node._sources:
        node._fresh = []
    now.running.append(node)
    try:
        value = node._fn()
        if then is not None:
            then(value)
        return value
    except RecursionError:
        # It may have come before the first read: what the node read last time must still wake it.
        node._cursor = len(node._sources)
        raise
    finally:
        del now.running[-1]
        now.run, now.observer, now.owner = run, observer, owner
        if node._fresh is not None or node._cursor != len(node._sources):
            drop_stale(node)


def cycle(node: Computation) -> CycleError:
    """The error of a node that is read while it runs; it prints the circle (ruling 18)."""
    running = now.running
    path = [*running[running.index(node) :], node]
    return CycleError(
        "a computation needs its own result: " + " -> ".join(map(label, path)),
        next_step="break the circle: one of them must not read the other, or read it with peek()",
    )
