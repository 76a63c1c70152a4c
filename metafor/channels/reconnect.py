"""When to try again after a connection ended or could not be made (rulings 1 to 3).

A policy is any object with `ReconnectPolicy.next_delay`; `Backoff` is the default, `Fixed` what an
explicit ``reconnect_delay`` means. How many attempts there may be is not the policy's business but
``max_reconnect_attempts``'.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Protocol

from metafor.channels.transports.base import Close

__all__ = ["FATAL_CODES", "Backoff", "Fixed", "Outage", "ReconnectPolicy"]

#: Close codes by which a server says that the same again would end the same (ruling 3).
FATAL_CODES = frozenset({1002, 1003, 1007, 1008, 1009, 1010})


@dataclass(frozen=True, slots=True)
class Outage:
    """What a policy knows when it is asked.

    ``attempt`` counts the attempts made since the last open (0: none yet); ``step`` those since a
    connection last stayed up for 5 seconds, so that a server that accepts and closes at once is
    not hammered. ``fatal``: the server closed with one of `FATAL_CODES`.
    """

    attempt: int
    step: int
    close: Close
    fatal: bool


class ReconnectPolicy(Protocol):
    """Decides on the wait before the next attempt."""

    def next_delay(self, outage: Outage) -> float | None:
        """Seconds to wait, or None to give up.

        Called once for each socket that ended. A server's own hint is a lower bound on the answer.
        """


class Backoff:
    """Doubling waits with jitter: ``initial`` × ``factor``ᵏ before attempt k, at most ``cap`` seconds,
    times a random factor from 1 - ``jitter`` to 1 + ``jitter``. Gives up after a fatal close.

    Example::

        Channel(url, auto_reconnect=True, reconnect_policy=Backoff(initial=0.5, cap=60.0))
    """

    def __init__(
        self,
        initial: float = 1.0,
        *,
        factor: float = 2.0,
        cap: float = 20.0,
        jitter: float = 0.5,
        rng: random.Random | None = None,
    ) -> None:
        self.initial = _seconds("initial", initial)
        self.cap = _seconds("cap", cap)
        if not (math.isfinite(factor) and factor >= 1):
            raise ValueError(f"factor must be a number from 1, not {factor!r}")
        self.factor = factor
        self.jitter = _fraction("jitter", jitter)
        self._rng = rng or random.Random()

    def next_delay(self, outage: Outage) -> float | None:
        """See `ReconnectPolicy.next_delay`."""
        if outage.fatal:
            return None
        try:
            wait = min(self.cap, self.initial * self.factor**outage.step)
        except OverflowError:  # thousands of attempts later
            wait = self.cap
        return wait * self._rng.uniform(1 - self.jitter, 1 + self.jitter)


class Fixed:
    """The same wait each time: ``delay`` seconds, ± the fraction ``jitter``. Gives up after a fatal close.

    Example::

        Channel(url, auto_reconnect=True, reconnect_policy=Fixed(0.05))
    """

    def __init__(self, delay: float, *, jitter: float = 0.1, rng: random.Random | None = None) -> None:
        self.delay = _seconds("delay", delay)
        self.jitter = _fraction("jitter", jitter)
        self._rng = rng or random.Random()

    def next_delay(self, outage: Outage) -> float | None:
        """See `ReconnectPolicy.next_delay`."""
        if outage.fatal:
            return None
        return self.delay * self._rng.uniform(1 - self.jitter, 1 + self.jitter)


def _seconds(name: str, value: float) -> float:
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"{name} must be a number of seconds from 0, not {value!r}")
    return float(value)


def _fraction(name: str, value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError(f"{name} must be a fraction from 0 to 1, not {value!r}")
    return float(value)
