"""When things run: writes, batches, and the flush at the end of the outermost one."""

from __future__ import annotations

from _thread import get_ident
from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar

from metafor.core.disposal import dispose_tree
from metafor.core.equality import SCALARS, same
from metafor.core.errors import CycleError, Pending, WriteInMemoError
from metafor.core.nodes import RERUN_LIMIT, Computation, Effect, Memo, RenderEffect, Signal, _compare
from metafor.core.owner import Owner
from metafor.core.ownership import label, note_writer
from metafor.core.propagation import CHECK, CLEAN, DIRTY, mark, refresh
from metafor.core.reporting import report_error
from metafor.core.section import THREADED, check_thread, now, owner_var

__all__ = [
    "dispose",
    "drop_if_static",
    "enter_batch",
    "flush",
    "forbid_in_memo",
    "leave_batch",
    "run_batch",
    "schedule_commit",
    "schedule_mount",
    "start_binding",
    "start_effect",
    "write",
]

T = TypeVar("T")

#: Rounds of one flush after which it is held never to end: everybody triggers somebody new.
ROUND_LIMIT = 100_000

_by_creation = attrgetter("_seq")


def write(signal: Signal[T], value: T) -> None:
    """Store ``value`` and mark what depends on it; flush unless a batch is open."""
    observer = now.observer
    if observer is not None and observer._queue is None:
        forbid_in_memo(f"signal {signal.name or '(unnamed)'}")
    if THREADED and now.thread != get_ident():
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
    observers = signal._observers
    if observers:
        # mark() spelled out, as long as there are only bindings and effects to queue, as nearly always.
        for node in observers:
            if node._state >= CHECK or node._queue is None:
                mark(signal)
                break
            node._state = DIRTY
            node._queue.append(node)
        if not now.batch_depth:
            flush()
        elif now.flushing:
            note_writer(now.owner)


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
    rounds = 0
    now.batch_depth += 1
    now.flushing = True
    try:
        while True:
            rounds += 1
            if rounds > ROUND_LIMIT:
                _abandon()
                return
            if now.owning:
                _refresh_creators(reruns)
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
                now.owning.clear()
                return
            if reruns is None:
                # Whoever runs from here on may have been triggered by this flush itself.
                reruns = {}
    finally:
        now.flushing = False
        now.batch_depth -= 1
        if now.writers:
            now.writers.clear()


def _refresh_creators(reruns: dict[Computation, int] | None) -> None:
    """Bring those memos up to date that created what waits in a queue, and that are about to be read.

    Their run disposes what they created for a state that is over: that must not see the new one.
    """
    marked = set(now.owning)
    now.owning.clear()
    creators = set()
    for node in (*now.bindings, *now.effects):
        scope = node.parent
        while scope is not None:
            if scope in marked:
                creators.add(scope)
            scope = scope.parent
    try:
        for memo in sorted(marked, key=_by_creation):
            # By now it may have been read, disposed, or left by its last observer.
            if memo._state <= CLEAN or not memo._observers:
                continue
            if reruns is not None and _is_restless(memo, reruns):
                assert isinstance(memo, Memo)
                _refresh_sources(memo)
                memo._give_up(RERUN_LIMIT)
            elif memo in creators:
                refresh(memo)
            else:
                # What it created may still be marked in this flush.
                now.owning.append(memo)
    except BaseException:
        now.owning.extend(marked)
        raise


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
            if (queue or now.bindings or now.owning) and _is_below_marked(node):
                # What created it is about to run again, and will dispose it.
                queue.append(node)
                continue
            if reruns is not None and now.writers and _is_restless(node, reruns):
                _give_up(node, first=reruns[node] == RERUN_LIMIT)
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
        if (
            isinstance(scope, Computation)
            and scope._state > CLEAN
            and (scope._queue is not None or scope._observers)
        ):
            return True
        scope = scope.parent
    return False


def _is_restless(node: Computation, reruns: dict[Computation, int]) -> bool:
    """Count a run that follows a write of the node itself; whether there have been too many (ruling 18)."""
    if node not in now.writers:
        # Others trigger it. However often they do, it closes no circle.
        return False
    now.writers.discard(node)
    count = reruns[node] = reruns.get(node, 0) + 1
    return count >= RERUN_LIMIT


def _refresh_sources(node: Computation) -> None:
    """For a node that will not run: a source that stayed marked would not pass on the next change."""
    for source in node._sources:
        if source._state > CLEAN:
            refresh(source)


def _give_up(node: Computation, first: bool) -> None:
    """Let an effect that triggers itself rest until the next change (ruling 18)."""
    _refresh_sources(node)
    node._state = CLEAN
    if not first:
        # What handled the report has triggered it once more.
        return
    report_error(
        CycleError(
            f"effect {label(node)} triggered itself {RERUN_LIMIT} times in one flush",
            next_step="do not write what the effect reads, or read it with peek()",
        ),
        node,
    )


def _abandon() -> None:
    """End a flush that does not end by itself, the page as it is; what waits rests until its next change."""
    waiting = sorted((*now.bindings, *now.effects), key=_by_creation)
    for node in waiting:
        _refresh_sources(node)
        node._state = CLEAN
    now.bindings.clear()
    now.effects.clear()
    now.mounts.clear()
    now.owning.clear()
    _call_all(now.commits)
    report_error(
        CycleError(
            f"a flush did not end after {ROUND_LIMIT} rounds; the last one was for "
            + (", ".join(map(label, waiting[:5])) or "on_mount()"),
            next_step="let no effect create or trigger a new one each time it runs",
        )
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
    """Run a new binding now; one that read nothing and owns nothing is dropped."""
    if node.disposed:
        return
    node._recompute()
    drop_if_static(node)


def drop_if_static(node: RenderEffect) -> None:
    """Forget a binding after its first run, if that read nothing and left nothing to own."""
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
    if THREADED and now.thread != get_ident():
        check_thread()
    now.batch_depth += 1


def leave_batch() -> None:
    """Close a batch; the outermost one flushes."""
    now.batch_depth -= 1
    if not now.batch_depth and (now.bindings or now.commits or now.mounts or now.effects or now.owning):
        flush()


def run_batch(owner: Owner | None, fn: Callable[..., object], *arguments: Any) -> None:
    """Run ``fn`` as one batch, untracked, with ``owner`` as current owner; an error goes to its boundary.

    It is enter_batch(), run_owned() and leave_batch() in one: each event of a page comes through here.
    """
    if THREADED and now.thread != get_ident():
        check_thread()
    now.batch_depth += 1
    run, observer, outer = now.run, now.observer, now.owner
    try:
        now.run, now.observer, now.owner = 0, None, owner
        token = owner_var.set(owner)
        try:
            fn(*arguments)
        finally:
            owner_var.reset(token)
            now.run, now.observer, now.owner = run, observer, outer
    except (Exception, Pending) as raised:
        report_error(raised, owner)
    finally:
        leave_batch()


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
