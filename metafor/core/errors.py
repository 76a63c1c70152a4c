"""The errors of the reactive core."""

from __future__ import annotations

from typing import Any

from metafor.errors import MetaforError

__all__ = [
    "BatchError",
    "CoreError",
    "CycleError",
    "FetchCancelledError",
    "NoOwnerError",
    "Pending",
    "PendingReadError",
    "StoreError",
    "ThreadError",
    "WriteInMemoError",
]


class CoreError(MetaforError):
    """Root of the core's errors: ``except CoreError`` takes each of them.

    Example::

        try:
            reconcile(state, await fetch_state())
        except CoreError as error:
            print(error.code, error.next_step)
    """

    code = "core/error"


class CycleError(CoreError):
    """A computation needs its own result; the message prints the path (ruling 18).

    Raised by the read that closes the circle; reported for an effect that triggers itself 100 times in one
    flush, and for a flush that does not end. Break the circle, or read with ``peek()``. Example::

        a = create_memo(lambda: b(), name="a")
        b = create_memo(lambda: a(), name="b")
        a()  # CycleError: … a -> b -> a
    """

    code = "core/cycle"


class WriteInMemoError(CoreError):
    """A memo wrote to a signal or a store while it computed (ruling 13); nothing was written.

    Write in an effect or an event handler. Example::

        create_memo(lambda: set_count(1))()  # WriteInMemoError
    """

    code = "core/write-in-memo"


class NoOwnerError(CoreError):
    """Something that lives as long as its owner was made where there is no owner.

    Raised by ``on_dispose``, ``provide_context`` and ``spawn``, and by a memo that was disposed before its
    first read. Call them in a component, an effect or ``create_root``. Example::

        run_with_owner(None, lambda: on_dispose(print))  # NoOwnerError
    """

    code = "core/no-owner"


class BatchError(CoreError):
    """A batch was left in another turn of the event loop than it was entered in (ruling 17).

    Raised at the end of the block, which ended as a batch at its first ``await``; and by ``batch(fn)`` for a
    coroutine function. Await first, then write in one batch. Example::

        with batch():
            set_query(await fetch_name())  # BatchError
    """

    code = "core/batch"


class ThreadError(CoreError):
    """The graph was used from another thread than the one it belongs to (ruling 21); nothing was changed.

    Raised by writes, by reads that compute or track, and by whatever creates a memo or an effect. Example::

        await asyncio.to_thread(set_count, 1)  # ThreadError
        loop.call_soon_threadsafe(set_count, 1)  # from the thread: right
    """

    code = "core/thread"


class FetchCancelledError(CoreError):
    """The task that fetched a resource was cancelled by somebody else than the resource.

    It is what ``resource.error()`` gives then, and what reading raises; ``refetch()`` tries again. Example::

        if isinstance(user.error(), FetchCancelledError):
            user.refetch()
    """

    code = "core/fetch-cancelled"


class StoreError(CoreError):
    """A store was given something that it cannot hold or do.

    Raised by ``create_store`` for what is no dict, list or mutable dataclass, by ``reconcile`` for data of
    another type, and for structures nested too deep for Python. Example::

        create_store(5)  # StoreError: use create_signal()
    """

    code = "core/store"


class PendingReadError(CoreError):
    """A resource without a value was read by an event handler, a mount or a dispose callback.

    None of them can wait for it. Reported, not raised. Read ``latest()`` there, or give ``create_resource()``
    an ``initial`` value. Example::

        on_mount(lambda: print(user()))  # PendingReadError
    """

    code = "core/pending-read"


class Pending(BaseException):
    """A value is not there yet: a resource that loads for the first time was read (ruling 21).

    Not an error, hence no Exception: ``except Exception`` in a user's code lets it pass. The nearest
    binding, memo or effect catches it and runs again when ``source`` changes. User code neither raises
    nor catches it.
    """

    def __init__(self, source: Any) -> None:
        super().__init__("this value is still loading; show it inside <Suspense>, or read .latest()")
        #: The node that changes when the value arrives.
        self.source = source
