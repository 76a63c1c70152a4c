"""What connections are told when the server ends them, in the few bytes that a close frame has for it."""

from __future__ import annotations

from metafor.channels.protocol import MAX_REASON, reason_with_retry
from metafor.server.close_codes import SERVICE_RESTART, TRY_AGAIN_LATER

__all__ = ["Goodbyes", "cut"]


class Goodbyes:
    """Gives each client that is asked to come back a time of its own, ``returns_per_second`` of them."""

    def __init__(self, returns_per_second: float) -> None:
        self._returns_per_second = returns_per_second
        self._given = 0

    def worded(self, code: int, reason: str) -> str:
        """The reason, with the next client's time to come back if the code asks it to."""
        if code not in (SERVICE_RESTART, TRY_AGAIN_LATER):
            return cut(reason)
        self._given += 1
        return reason_with_retry((self._given - 1) / self._returns_per_second, reason)


def cut(reason: str) -> str:
    """As much of ``reason`` as a close frame takes."""
    return reason.encode("utf-8", "replace")[:MAX_REASON].decode("utf-8", "ignore")
