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
    """Root of the core's errors."""

    code = "core/error"


class CycleError(CoreError):
    """A computation needs its own result; the message prints the path (ruling 18)."""

    code = "core/cycle"


class WriteInMemoError(CoreError):
    """A memo wrote to a signal while it computed (ruling 13)."""

    code = "core/write-in-memo"


class NoOwnerError(CoreError):
    """Something that lives as long as its owner was made where there is no owner."""

    code = "core/no-owner"


class BatchError(CoreError):
    """A batch was left in another turn of the event loop than it was entered in (ruling 17)."""

    code = "core/batch"


class ThreadError(CoreError):
    """The graph was used from another thread than the one it belongs to (ruling 21)."""

    code = "core/thread"


class FetchCancelledError(CoreError):
    """The task that fetched a resource was cancelled by somebody else than the resource."""

    code = "core/fetch-cancelled"


class StoreError(CoreError):
    """A store was given something that it cannot hold or do."""

    code = "core/store"


class PendingReadError(CoreError):
    """A resource without a value was read by an event handler, a mount or a dispose callback."""

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
