"""Codes with which a WebSocket is closed (RFC 6455, section 7.4, and IANA's registry)."""

from __future__ import annotations

from typing import Final

from metafor.server.errors import CloseCodeError

__all__ = [
    "INTERNAL_ERROR",
    "MESSAGE_TOO_BIG",
    "POLICY_VIOLATION",
    "SERVICE_RESTART",
    "TRY_AGAIN_LATER",
    "check_code",
]

POLICY_VIOLATION: Final = 1008
MESSAGE_TOO_BIG: Final = 1009
INTERNAL_ERROR: Final = 1011
SERVICE_RESTART: Final = 1012
TRY_AGAIN_LATER: Final = 1013

#: Those that may stand in a close frame. 1004 means nothing, 1005, 1006 and 1015 are only ever reported.
_SENDABLE: Final = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015), *range(3000, 5000)})


def check_code(code: int) -> int:
    """Give ``code``; raises `CloseCodeError` unless it may stand in a close frame."""
    if isinstance(code, bool) or code not in _SENDABLE:
        raise CloseCodeError(
            f"{code!r} is no code to close a WebSocket with",
            next_step="use one of the application's own, 3000 to 4999, or 1000 to 1003 or 1007 to 1014",
        )
    return code
