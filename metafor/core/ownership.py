"""The current owner, sections that run under one, and the walk that disposes a subtree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from metafor.core.errors import Pending
from metafor.core.owner import Owner
from metafor.core.section import now, owner_var

__all__ = [
    "current_owner",
    "dispose_tree",
    "label",
    "note_writer",
    "run_in_owner",
    "run_owned",
    "run_tracking",
    "settle_result",
    "shift_owner",
    "swap_owner",
]

T = TypeVar("T")


def current_owner() -> Owner | None:
    """The owner of what is created now: that of the running section, else the one of this task."""
    owner = now.owner
    if owner is None:
        return owner_var.get()
    if not owner.kept:
        owner.kept = True  # type: ignore[misc]  # of a trial it is no class variable
    return owner


def run_owned(owner: Owner | None, fn: Callable[..., T], *arguments: Any) -> T:
    """Run ``fn`` untracked with ``owner`` as current owner, in this section and in tasks it starts."""
    run, observer, outer = now.run, now.observer, now.owner
    now.run, now.observer, now.owner = 0, None, owner
    token = owner_var.set(owner)
    try:
        return fn(*arguments)
    finally:
        owner_var.reset(token)
        now.run, now.observer, now.owner = run, observer, outer


def run_in_owner(owner: Owner, fn: Callable[[], T]) -> T:
    """Run ``fn`` with ``owner`` as current owner and tracking left as it is."""
    outer, now.owner = now.owner, owner
    token = owner_var.set(owner)
    try:
        return fn()
    finally:
        owner_var.reset(token)
        now.owner = outer


def swap_owner(owner: Owner | None) -> Owner | None:
    """Make ``owner`` the current one and give the one before, which the caller must put back.

    For sections that start no tasks; :func:`run_in_owner` is for those that run a user's code.
    """
    outer, now.owner = now.owner, owner
    return outer


def shift_owner(owner: Owner | None) -> None:
    """Go on under another owner, in this section and in tasks it starts.

    Only inside :func:`run_owned`, whose end puts back what was before it: for many owners in a row.
    """
    now.owner = owner
    owner_var.set(owner)


def run_tracking(fn: Callable[[], T], tracking: bool) -> T:
    """Run ``fn`` with tracking switched on (for the computation that runs) or off."""
    outer = now.run
    if not tracking:
        now.run = 0
    elif not outer and now.observer is not None:
        # A run number of its own: marks left by the part that ran before untrack stay valid.
        now.run = now.runs = now.runs + 1
    try:
        return fn()
    finally:
        now.run = outer


def dispose_tree(root: Owner, inclusive: bool) -> None:
    """Dispose what is under ``root``, and ``root`` itself if ``inclusive``: a loop, not recursion.

    Children go before their parent, the last created first; then the parent's callbacks, last in first
    out. A callback may create more, which goes too.
    """
    run, observer, owner = now.run, now.observer, now.owner
    now.run, now.observer = 0, None
    try:
        node = root
        while True:
            last = node._last
            if last is not None:
                node = last
                continue
            if node is root and not inclusive:
                if not node._cleanups:
                    return
                _run_cleanups(node)
                continue
            parent = node.parent
            # A callback may have disposed an owner above from inside this walk: release once.
            first = not node.disposed
            node.disposed = True
            if node._cleanups:
                _run_cleanups(node)
            if first:
                node._release()
            if node is root:
                node._orphan()
                return
            assert parent is not None
            if parent._last is node:
                # _orphan() of a last child, as nearly always, spelled out.
                before = parent._last = node._prev
                if before is not None:
                    before._next = node._prev = None
            else:
                node._orphan()
            node = parent
    finally:
        now.run, now.observer, now.owner = run, observer, owner


def _run_cleanups(node: Owner) -> None:
    now.owner = node
    while node._cleanups:
        callback = node._cleanups.pop()
        try:
            settle_result(callback())
        except (Exception, Pending) as raised:
            from metafor.core.reporting import report_error

            report_error(raised, node)
    node._cleanups = None


def note_writer(scope: Owner | None) -> None:
    """Remember, while a flush runs, that ``scope`` may have triggered others (ruling 18)."""
    if now.flushing:
        while scope is not None:
            now.writers.add(scope)
            scope = scope.parent


def settle_result(result: object) -> None:
    """Take care of what a callback returned: an awaitable is held until it is done (ruling 44)."""
    if result is not None and hasattr(result, "__await__"):
        from metafor.core.tasks import hold

        hold(result)


def label(owner: Owner) -> str:
    """The name an error message gives an owner: its own, else its function's qualified name."""
    if owner.name:
        return owner.name
    fn = getattr(owner, "_fn", None)
    return str(getattr(fn, "__qualname__", type(owner).__name__.lower()))
