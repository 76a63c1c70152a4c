"""What goes wrong in a test of a component."""

from __future__ import annotations

from metafor.errors import MetaforError

__all__ = ["QueryError", "ScreenError", "WaitError"]


class ScreenError(MetaforError):
    """Root of the errors of a `Screen`."""

    code = "testing/error"


class QueryError(ScreenError, LookupError):
    """A query did not find exactly the one element that it asked for."""

    code = "testing/query"


class WaitError(ScreenError, TimeoutError):
    """What was waited for did not come about in time."""

    code = "testing/wait"
