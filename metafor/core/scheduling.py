"""When things run: writes, batches, and the flush at the end of the outermost one."""

from __future__ import annotations

from _thread import get_ident
from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar

from metafor.core.equality import SCALARS, same
from metafor.core.errors import CycleError, Pending, WriteInMemoError
from metafor.core.nodes import RERUN_LIMIT, Computation, Effect, RenderEffect, Signal, _compare
from metafor.core.owner import Owner
from metafor.core.ownership import dispose_tree, label
from metafor.core.propagation import CLEAN, DIRTY, mark, refresh
from metafor.core.reporting import report_error
from metafor.core.section import check_thread, now

__all__ = [
    "dispose",
    "enter_batch",
    "flush",
    "forbid_in_memo",
    "leave_batch",
    "schedule_commit",
    "schedule_mount",
    "start_binding",
    "start_effect",
    "write",
]

T = TypeVar("T")

_by_creation = attrgetter("_seq")


def write(signal: Signal[T], value: T) -> None:
    """Store ``value`` and mark what depends on it; flush unless a batch is open."""
    if now.observer is not None and now.observer._queue is None:
        forbid_in_memo(f"signal {signal.name or '(unnamed)'}")
    if now.thread != get_ident():
        check_thread()
    equals = signal._equals
    old: Any = signal._value
    if equals is None:
        kind = type(value)
        if kind in SCALARS:
            if kind is type(old) and (old == value or (old != old and value != value)):
                return
        elif same(old, value):
            return
    elif equals is not False and _compare(equals, old, value):
        return
    signal._value = value
    if signal._observers:
        mark(signal)
        if not now.batch_depth:
            flush()


def forbid_in_memo(target: str) -> None:
    """Raise WriteInMemoError if a memo computes (ruling 13); ``target`` is what would be written."""
    observer = now.observer
    if observer is not None and observer._queue is None:
        raise WriteInMemoError(
            f"memo {label(observer)} wrote to {target}",
            next_step="a memo only computes: move the write to an effect or an event handler",
        )


# -- flush -----------------------------------------------------------------------------------------


def flush() -> None:
    """Serve the queues until all are empty: bindings, then commits, then mounts, then effects."""
    reruns: dict[Computation, int] | None = None
    now.batch_depth += 1
    try:
        while True:
            if now.bindings:
                _run_queue(now.bindings, reruns)
            elif now.commits:
                _call_all(now.commits)
                continue
            elif now.mounts:
                _call_all(now.mounts)
                continue
            elif now.effects:
                _run_queue(now.effects, reruns)
            else:
                return
            if reruns is None:
                # Whoever runs from here on may have been triggered by this flush itself.
                reruns = {}
    finally:
        now.batch_depth -= 1


def _run_queue(queue: list[Computation], reruns: dict[Computation, int] | None) -> None:
    nodes = queue.copy()
    queue.clear()
    if len(nodes) > 1:
        nodes.sort(key=_by_creation)
    done = 0
    try:
        for node in nodes:
            done += 1
            if node._state <= CLEAN:
                continue
            if (queue or now.bindings) and _is_below_marked(node):
                # What created it is about to run again, and will dispose it.
                queue.append(node)
                continue
            if reruns is not None:
                count = reruns[node] = reruns.get(node, 0) + 1
                if count >= RERUN_LIMIT:
                    _give_up(node)
                    continue
            if node._state == DIRTY:
                node._recompute()
            else:
                refresh(node)
    except BaseException:
        # An interrupt: what has not run waits for the next flush, this node too if it was only checked.
        queue[:0] = nodes[done - 1 :]
        raise


def _is_below_marked(node: Owner) -> bool:
    scope = node.parent
    while scope is not None:
        if isinstance(scope, Computation) and scope._state > CLEAN and scope._queue is not None:
            return True
        scope = scope.parent
    return False


def _give_up(node: Computation) -> None:
    """Let an effect that triggers itself rest until the next change (ruling 18)."""
    for source in node._sources:
        # A source that stayed marked would not pass on that next change.
        if source._state > CLEAN:
            refresh(source)
    node._state = CLEAN
    report_error(
        CycleError(
            f"effect {label(node)} triggered itself {RERUN_LIMIT} times in one flush",
            next_step="do not write what the effect reads, or read it with peek()",
        ),
        node,
    )


def _call_all(queue: list[Callable[[], None]]) -> None:
    calls = queue.copy()
    queue.clear()
    done = 0
    try:
        for call in calls:
            done += 1
            try:
                call()
            except (Exception, Pending) as raised:
                report_error(raised)
    except BaseException:
        queue[:0] = calls[done:]
        raise


def start_effect(node: Effect) -> None:
    """Queue a new effect: it runs at the end of the open batch, at once when there is none."""
    if not node.disposed:
        now.effects.append(node)
        if not now.batch_depth:
            flush()


def start_binding(node: RenderEffect) -> None:
    """Run a new binding now; one that read nothing and owns nothing is dropped (DESIGN §4)."""
    if node.disposed:
        return
    node._recompute()
    if not node._sources and node._last is None and not node._cleanups and node._state == CLEAN:
        node._orphan()


def schedule_commit(commit: Callable[[], None]) -> None:
    """Run ``commit`` once, after the bindings of this flush.

    A host calls it with its first operation, always inside a batch: what is still to come in the
    section belongs to the same commit.
    """
    now.commits.append(commit)


def schedule_mount(mount: Callable[[], None]) -> None:
    """Run ``mount`` after the next commit; at once when no batch is open."""
    now.mounts.append(mount)
    if not now.batch_depth:
        flush()


def enter_batch() -> None:
    """Open a batch: nothing flushes before the matching :func:`leave_batch`."""
    if now.thread != get_ident():
        check_thread()
    now.batch_depth += 1


def leave_batch() -> None:
    """Close a batch; the outermost one flushes."""
    now.batch_depth -= 1
    if not now.batch_depth and (now.bindings or now.commits or now.mounts or now.effects):
        flush()


def dispose(root: Owner) -> None:
    """Dispose ``root``: children first, last created first, then its callbacks, last in first out.

    A second call does nothing. What the callbacks write flushes once, at the end.
    """
    if root.disposed:
        return
    enter_batch()
    try:
        dispose_tree(root, inclusive=True)
    finally:
        leave_batch()
