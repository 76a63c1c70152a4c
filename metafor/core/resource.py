"""Resources: values that are fetched, and what can be said while they are not there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar, overload

from metafor.core.errors import Pending
from metafor.core.nodes import Getter, RenderEffect, Signal
from metafor.core.ownership import run_tracking
from metafor.core.scheduling import enter_batch, leave_batch, start_binding, write
from metafor.core.tasks import spawn

__all__ = ["Resource", "create_resource"]

T = TypeVar("T")
S = TypeVar("S")

_UNSET: Any = object()


@overload
def create_resource(fetcher: Callable[[], Awaitable[T]], *, initial: T | None = None) -> Resource[T]: ...
@overload
def create_resource(
    fetcher: Callable[[S], Awaitable[T]], source: Callable[[], S | None], initial: T | None = None
) -> Resource[T]: ...
@overload
def create_resource(fetcher: Callable[[], T], *, initial: T | None = None) -> Resource[T]: ...
@overload
def create_resource(
    fetcher: Callable[[S], T], source: Callable[[], S | None], initial: T | None = None
) -> Resource[T]: ...
def create_resource(
    fetcher: Callable[..., Any], source: Callable[[], Any] | None = None, initial: Any = None
) -> Resource[Any]:
    """Fetch a value now, and again whenever ``source`` changes; give its :class:`Resource`.

    ``fetcher`` is a coroutine function, or a plain one that gives the value or an awaitable. It runs
    untracked; with ``source``, a getter or a function that reads signals, it gets ``source()``, and nothing
    is fetched while that is None. ``initial`` is what ``r()`` gives until the first value is there. The next
    fetch cancels the one that is under way, and so does the end of the owner. Example, in a component::

        user = create_resource(fetch_user, user_id)
        create_effect(lambda: print("busy" if user.loading() else user()))
    """
    resource: Resource[Any] = Resource(initial)
    start_binding(_Fetch(resource, fetcher, source))
    return resource


class Resource(Getter[T], Generic[T]):
    """A fetched value (ruling 21). Calling it gives the value; see :meth:`__call__`.

    Made by :func:`create_resource`. All that it tells is tracked, and value, error and loading change in one
    moment. Example::

        label = create_memo(lambda: "…" if user.loading() else str(user.error() or user.latest()))
    """

    __slots__ = ("_again", "_error", "_initial", "_loading", "_settled", "_value")

    def __init__(self, initial: T | None) -> None:
        self._initial = initial
        self._value: T = _UNSET
        self._error: Exception | None = None
        #: Counts the fetches that have ended: what reading the value depends on.
        self._settled = Signal(0, False, "resource")
        self._loading = Signal(False, None, "resource.loading")
        self._again = Signal(0, False, "resource.refetch")

    def __call__(self) -> T:
        """Give the latest value, tracked, also while a newer one is fetched.

        Raises the error of the last fetch if that failed. Before there is a value gives ``initial``; without
        one the reader is suspended: the nearest binding, memo or effect stops here and runs again when the
        value has arrived, and the nearest ``<Suspense>`` shows its fallback.
        """
        self._settled()
        if self._error is not None:
            raise self._error
        if self._value is not _UNSET:
            return self._value
        if self._initial is not None:
            return self._initial
        raise Pending(self._settled)

    def peek(self) -> T:
        """Like calling it, untracked; it suspends too."""
        return run_tracking(self, False)

    def latest(self) -> T | None:
        """Give the latest value, else ``initial``, else None; tracked. It neither raises nor suspends."""
        self._settled()
        return self._value if self._value is not _UNSET else self._initial

    def loading(self) -> bool:
        """Tell whether a fetch is under way; tracked."""
        return self._loading()

    def error(self) -> Exception | None:
        """Give the error of the last fetch, None if it succeeded; tracked."""
        self._settled()
        return self._error

    def refetch(self) -> None:
        """Fetch again with the present source, cancelling a fetch that is under way."""
        write(self._again, 0)

    def _succeed(self, value: T) -> None:
        self._settle(value, None)

    def _fail(self, error: Exception) -> None:
        self._settle(_UNSET, error)

    def _settle(self, value: T, error: Exception | None) -> None:
        enter_batch()
        try:
            if value is not _UNSET:
                self._value = value
            self._error = error
            write(self._settled, self._settled.peek() + 1)
            write(self._loading, False)
        finally:
            leave_batch()

    def __repr__(self) -> str:
        return f"<Resource {'loading' if self._loading.peek() else repr(self._error or self._value)}>"


class _Fetch(RenderEffect):
    """Fetches when the source changes. Owns the task, so that the next run cancels it."""

    __slots__ = ("_fetcher", "_number", "_resource", "_source")

    def __init__(
        self, resource: Resource[Any], fetcher: Callable[..., Any], source: Callable[[], Any] | None
    ) -> None:
        super().__init__(self._run, "resource")
        self._resource = resource
        self._fetcher = fetcher
        self._source = source
        self._number = 0

    def _run(self) -> None:
        self._resource._again()
        # A fetch that does not heed its cancellation must not overwrite a newer one.
        self._number += 1
        if self._source is None:
            run_tracking(lambda: self._start(()), False)
            return
        value = self._source()
        if value is None:
            write(self._resource._loading, False)
        else:
            run_tracking(lambda: self._start((value,)), False)

    def _start(self, arguments: tuple[Any, ...]) -> None:
        resource, number = self._resource, self._number
        try:
            fetched = self._fetcher(*arguments)
        except Exception as error:
            resource._fail(error)
            return
        if not hasattr(fetched, "__await__"):
            resource._succeed(fetched)
            return
        write(resource._loading, True)

        async def finish() -> None:
            try:
                value = await fetched
            except asyncio.CancelledError:
                if self.disposed or self._number != number:
                    raise
                resource._fail(_cancelled())
            except Exception as error:
                if self._number == number:
                    resource._fail(error)
            else:
                if self._number == number and not self.disposed:
                    resource._succeed(value)

        try:
            spawn(finish())
        except RuntimeError as error:
            # No event loop runs.
            if hasattr(fetched, "close"):
                fetched.close()
            resource._fail(error)

    def _release(self) -> None:
        super()._release()
        self._number += 1
        write(self._resource._loading, False)


def _cancelled() -> Exception:
    from metafor.core.errors import FetchCancelledError

    return FetchCancelledError(
        "the fetch of a resource was cancelled from outside",
        next_step="call refetch() to try again",
    )
