"""How fast one connection may talk: a token bucket, without a clock of its own."""

from __future__ import annotations

__all__ = ["Pace"]


class Pace:
    """Grants ``burst`` messages at once, and ``per_second`` more each second (both more than 0).

    Example::

        pace = Pace(per_second=10, burst=20)
        wait = pace.take(loop.time())  # 0.0, or the seconds to wait before the next message
    """

    __slots__ = ("_burst", "_full_at", "_per_second")

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = burst
        # The moment at which the bucket is full again: one number holds level and time.
        self._full_at = float("-inf")

    def take(self, now: float) -> float:
        """Count a message at ``now`` (seconds of any clock that does not go back).

        Gives the seconds until a message is within the pace again: 0.0 when this one was.
        """
        self._full_at = max(self._full_at, now) + 1 / self._per_second
        return max(0.0, self._full_at - now - self._burst / self._per_second)
