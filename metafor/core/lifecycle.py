"""Owners, and what happens at the beginning and the end of their life."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from metafor.core import graph
from metafor.core.errors import NoOwnerError
from metafor.core.owner import Owner

__all__ = [
    "create_root",
    "get_owner",
    "lasting_owner",
    "mounting",
    "on_dispose",
    "on_mount",
    "run_with_owner",
    "when_disposed",
]

T = TypeVar("T")

# While a component is being set up, its mounts wait here until its children have queued theirs.
_collected: list[Callable[[], None]] | None = None


def create_root(fn: Callable[[Callable[[], None]], T]) -> T:
    """Run ``fn(dispose)`` under an owner of its own and give its value.

    The root is detached: it inherits context and error boundary from the current owner, but only
    ``dispose()`` ends it. It is no batch (ruling 11). An error of ``fn`` passes to the caller, and what
    had been created is disposed. Example::

        def start(dispose):
            create_effect(lambda: print(count()))
            return dispose

        stop = create_root(start)
    """
    root = Owner(graph.current_owner(), "root")
    try:
        return graph.run_owned(root, lambda: fn(lambda: graph.dispose(root)))
    except BaseException:
        graph.dispose(root)
        raise


def get_owner() -> Owner | None:
    """Give the current owner: also after an ``await`` in a task that was started under it.

    None where nothing owns what is created. Example, to create something later, from a callback::

        owner = get_owner()
        loop.call_later(1.0, lambda: run_with_owner(owner, show_hint))
    """
    return graph.current_owner()


def run_with_owner(owner: Owner | None, fn: Callable[[], T]) -> T:
    """Run ``fn`` untracked, with ``owner`` owning what it creates, and give its value.

    Takes None for "nobody". Under an owner that is disposed, what ``fn`` creates is inert. An exception
    passes to the caller. Example::

        stop_when_done = run_with_owner(owner, lambda: create_root(start))
    """
    return graph.run_owned(owner, fn)


def on_dispose(fn: Callable[[], Any]) -> None:
    """Call ``fn`` once, when the current owner is disposed or its effect runs again.

    Callbacks run last in first out, after the owner's children are gone. ``fn`` may be a coroutine
    function, or return an awaitable: it is held until it is done. Under an owner that is already
    disposed ``fn`` runs at once, so that what came late is still released. Raises NoOwnerError where
    there is no owner. Example::

        on_dispose(lambda: asyncio.create_task(channel.close()))
    """
    owner = graph.current_owner()
    if owner is None:
        raise NoOwnerError(
            "on_dispose() was called where nothing owns it",
            next_step="call it in a component, an effect or create_root",
        )
    if owner.disposed:
        graph.settle_result(graph.run_owned(owner, fn))
    elif owner._cleanups is None:
        owner._cleanups = [fn]
    else:
        owner._cleanups.append(fn)


def lasting_owner() -> Owner | None:
    """Give the current owner, or where that is a task's, which ends with it, the owner of the task."""
    owner = graph.current_owner()
    while owner is not None and owner.is_task:
        owner = owner.parent
    return owner


def when_disposed(fn: Callable[[], Any]) -> Callable[[], None]:
    """Call ``fn`` when `lasting_owner` is disposed, as its child; the function returned takes that back.

    For what comes and goes while its owner stays: of what was taken back, nothing is kept.
    """
    owner = lasting_owner()
    if owner is None:
        return lambda: None
    scope = Owner(owner, "subscription")
    scope._cleanups = [fn]
    if owner.disposed:
        graph.dispose(scope)
    else:
        owner._adopt(scope)

    def take_back() -> None:
        scope._cleanups = None
        graph.dispose(scope)

    return take_back


def on_mount(fn: Callable[[], Any]) -> None:
    """Call ``fn`` when the component's nodes are in the document; children before parents.

    Under an owner that is mounted already, or outside any component, ``fn`` runs at the end of the
    current flush (ruling 20). A coroutine is owned: disposing the component cancels it. Any other
    awaitable that ``fn`` returns is held until it is done (ruling 44). A component that is disposed
    before it was mounted never calls ``fn``. Example::

        on_mount(lambda: asyncio.create_task(channel.connect()))
    """
    owner = graph.current_owner()

    def run() -> None:
        if owner is None or not owner.disposed:
            try:
                graph.run_owned(owner, lambda: _own_result(fn(), owner))
            except (Exception, graph.Pending) as raised:
                graph.report_error(raised, owner)

    if _collected is not None:
        _collected.append(run)
    else:
        graph.schedule_mount(run)


def _own_result(result: object, owner: Owner | None) -> None:
    from collections.abc import Coroutine

    if owner is not None and isinstance(result, Coroutine):
        from metafor.core.tasks import spawn

        spawn(result)
    else:
        graph.settle_result(result)


@contextmanager
def mounting() -> Iterator[None]:
    """A component's set-up: its ``on_mount`` callbacks are queued after those of its children."""
    global _collected
    outer, _collected = _collected, []
    try:
        yield
    finally:
        mine, _collected = _collected, outer
        if mine:
            graph.enter_batch()
            for mount in mine:
                graph.schedule_mount(mount)
            graph.leave_batch()
