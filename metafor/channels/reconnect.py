"""When to try again after a connection ended or could not be made (rulings 1 to 3).

A policy is any object with `ReconnectPolicy.next_delay`; `Backoff` is the default, `Fixed` what an
explicit ``reconnect_delay`` means. How many attempts there may be is not the policy's business but
``max_reconnect_attempts``'.
"""

from __future__ import annotations

import random
import sys
from dataclasses import KW_ONLY, dataclass, field
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


@dataclass(frozen=True)
class Backoff:
    """Doubling waits with jitter: ``initial`` × ``factor``ᵏ before attempt k, at most ``cap`` seconds,
    times a random factor from 1 - ``jitter`` to 1 + ``jitter``. Gives up after a fatal close.

    Policies with the same numbers are equal. ``rng`` replaces the source of chance. Raises ValueError for
    what cannot be meant.

    Example::

        Channel(url, auto_reconnect=True, reconnect_policy=Backoff(initial=0.5, cap=60.0))
    """

    initial: float = 1.0
    _: KW_ONLY
    factor: float = 2.0
    cap: float = 20.0
    jitter: float = 0.5
    rng: random.Random | None = field(default=None, repr=False)
    _rng: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check("initial", self.initial, "a number of seconds from 0")
        _check("cap", self.cap, "a number of seconds from 0")
        _check("factor", self.factor, "a number from 1", least=1)
        _check("jitter", self.jitter, "a fraction from 0 to 1", most=1)
        object.__setattr__(self, "_rng", self.rng or random.Random())

    def next_delay(self, outage: Outage) -> float | None:
        """See `ReconnectPolicy.next_delay`."""
        if outage.fatal:
            return None
        try:
            wait = min(self.cap, self.initial * self.factor**outage.step)
        except OverflowError:  # thousands of attempts later
            wait = self.cap
        return wait * self._rng.uniform(1 - self.jitter, 1 + self.jitter)


@dataclass(frozen=True)
class Fixed:
    """The same wait each time: ``delay`` seconds, ± the fraction ``jitter``. Gives up after a fatal close.

    Policies with the same numbers are equal. ``rng`` replaces the source of chance. Raises ValueError for
    what cannot be meant.

    Example::

        Channel(url, auto_reconnect=True, reconnect_policy=Fixed(0.05))
    """

    delay: float
    _: KW_ONLY
    jitter: float = 0.1
    rng: random.Random | None = field(default=None, repr=False)
    _rng: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check("delay", self.delay, "a number of seconds from 0")
        _check("jitter", self.jitter, "a fraction from 0 to 1", most=1)
        object.__setattr__(self, "_rng", self.rng or random.Random())

    def next_delay(self, outage: Outage) -> float | None:
        """See `ReconnectPolicy.next_delay`."""
        if outage.fatal:
            return None
        return self.delay * self._rng.uniform(1 - self.jitter, 1 + self.jitter)


def _check(name: str, value: float, what: str, *, least: float = 0, most: float = sys.float_info.max) -> None:
    if not (isinstance(value, (int, float)) and least <= value <= most):
        raise ValueError(f"{name} must be {what}, not {value!r}")
