"""The errors of the reactive core."""

from __future__ import annotations

from metafor.errors import MetaforError

__all__ = [
    "BatchError",
    "CoreError",
    "CycleError",
    "NoOwnerError",
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
