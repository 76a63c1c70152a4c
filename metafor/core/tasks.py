"""Coroutines and the owner tree.

A coroutine that metafor starts runs at once, up to its first ``await``, like a plain function: an
event handler can still call ``preventDefault()``, an async effect still tracks what it reads
(rulings 14 and 30). The rest runs as an ordinary asyncio task.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from metafor.core import graph
from metafor.core.errors import NoOwnerError
from metafor.core.owner import Owner

__all__ = ["hold", "spawn", "start_task"]

T = TypeVar("T")

# asyncio itself keeps only weak references to tasks.
_held: set[asyncio.Future[Any]] = set()


class _TaskScope(Owner):
    """The node of an owned task: disposing it cancels the task."""

    __slots__ = ("_task",)
    is_task = True

    def __init__(self, parent: Owner) -> None:
        super().__init__(parent, "task")
        self._task: asyncio.Task[Any] | None = None
        parent._adopt(self)

    def _release(self) -> None:
        task, self._task = self._task, None
        if task is not None and not task.done():
            task.cancel()


def start_task(coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Start ``coroutine`` now, up to its first ``await``; give the task that runs the rest.

    The task is held until it is done and is not cancelled by anybody; an exception goes to the nearest
    error boundary of the current owner, else to the global handler. Must be called in a running loop,
    else RuntimeError (the coroutine is closed). Example::

        start_task(save(draft()))
    """
    task = _start_eagerly(coroutine)
    _hold_until_done(task, graph.current_owner())
    return task


def spawn(coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Like :func:`start_task`, but the current owner owns the task and cancels it when it is disposed.

    Raises NoOwnerError where there is no owner. Example, in a component::

        spawn(poll_prices())
    """
    owner = graph.current_owner()
    if owner is None or owner.disposed:
        coroutine.close()
        raise NoOwnerError(
            "spawn() needs an owner that is alive, to cancel the task with it",
            next_step="call it in a component, an effect or create_root, or use asyncio.create_task()",
        )
    scope = _TaskScope(owner)
    try:
        task = graph.run_in_owner(scope, lambda: _start_eagerly(coroutine))
    except BaseException:
        graph.dispose(scope)
        raise
    scope._task = task
    if scope.disposed:
        task.cancel()
    task.add_done_callback(lambda _: graph.dispose(scope))
    _hold_until_done(task, owner)
    return task


def hold(awaitable: Awaitable[object]) -> None:
    """Keep ``awaitable`` until it is done and report its exception (ruling 44); it is not cancelled.

    A coroutine is started; a task or future is only kept. Needs a running loop. Example::

        hold(asyncio.create_task(save(draft())))
    """
    if isinstance(awaitable, Coroutine):
        start_task(awaitable)
        return
    _hold_until_done(asyncio.ensure_future(awaitable), graph.current_owner())


def _hold_until_done(task: asyncio.Future[Any], owner: Owner | None) -> None:
    if task in _held:
        return
    _held.add(task)

    def done(future: asyncio.Future[Any]) -> None:
        _held.discard(future)
        if not future.cancelled():
            error = future.exception()
            if error is not None:
                graph.report_error(error, owner)

    task.add_done_callback(done)


def _start_eagerly(coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        coroutine.close()
        raise
    if sys.version_info >= (3, 12):
        return asyncio.Task(coroutine, loop=loop, eager_start=True)
    return _first_step(coroutine, loop)


def _first_step(coroutine: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> asyncio.Task[T]:
    """Python 3.11 has no eager tasks: take the first step by hand, in the name of the task to be."""
    from asyncio.tasks import _enter_task, _leave_task

    started = _Started(coroutine)
    task = loop.create_task(started)
    outer = asyncio.current_task(loop)
    if outer is not None:
        _leave_task(loop, outer)
    _enter_task(loop, task)
    try:
        started.first_step()
    finally:
        _leave_task(loop, task)
        if outer is not None:
            _enter_task(loop, outer)
    return task


class _Started(Coroutine[Any, Any, T]):
    """A coroutine whose first step has been taken: the task's first step gets what came of it."""

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine = coroutine
        self._first: Callable[[], Any] | None = None

    def first_step(self) -> None:
        """Run up to the first ``await``; nothing is raised here."""
        try:
            awaited = self._coroutine.send(None)
        except BaseException as raised:
            ended = raised

            def end() -> Any:
                raise ended

            self._first = end
        else:
            self._first = lambda: awaited

    def send(self, value: Any) -> Any:
        first, self._first = self._first, None
        return first() if first is not None else self._coroutine.send(value)

    def throw(self, *error: Any) -> Any:
        # Cancelled before its next step: the coroutine waits where it is, and its `finally` must run.
        self._first = None
        return self._coroutine.throw(*error)

    def close(self) -> None:
        self._coroutine.close()

    def __await__(self) -> Any:
        raise TypeError("a started coroutine belongs to its task")
