"""The current owner, and sections that run under one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from metafor.core.owner import Owner
from metafor.core.section import now, owner_var

__all__ = [
    "current_owner",
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
