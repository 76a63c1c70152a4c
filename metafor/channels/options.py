"""What a caller gave, checked, with an error that says what to give instead."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterable
from urllib.parse import urlsplit

from metafor.channels.errors import ChannelUrlError, CloseArgumentError
from metafor.channels.outbox import Marks, SendOptions
from metafor.channels.protocol import MAX_REASON
from metafor.channels.queue import Overflow
from metafor.channels.reconnect import Backoff, Fixed, ReconnectPolicy

__all__ = [
    "DEFAULT_DELAY",
    "address",
    "attempts",
    "closing",
    "count",
    "marks",
    "overflow",
    "policy",
    "seconds",
    "send_options",
    "subprotocols",
]


class _DefaultDelay(float):
    """A `float` that can be told apart from one the caller gave (ruling 2)."""


#: Shown in signatures as the 1.0 of the specification.
DEFAULT_DELAY = _DefaultDelay(1.0)


def policy(reconnect_delay: float, given: ReconnectPolicy | None) -> ReconnectPolicy:
    """The policy that the arguments of ``Channel`` mean (ruling 2); ValueError or TypeError otherwise."""
    if given is not None:
        if isinstance(given, type) or not callable(getattr(given, "next_delay", None)):
            raise TypeError(
                f"reconnect_policy must be an object with next_delay(), for example Backoff(), not {given!r}"
            )
        return given
    if reconnect_delay is DEFAULT_DELAY:
        return Backoff()
    try:
        return Fixed(reconnect_delay)
    except (TypeError, ValueError):
        raise ValueError(f"reconnect_delay must be seconds, from 0, not {reconnect_delay!r}") from None


def attempts(number: int | None) -> int | None:
    """``max_reconnect_attempts``; ValueError if it is neither None nor a count."""
    if number is None or (isinstance(number, int) and number >= 0):
        return number
    raise ValueError(f"max_reconnect_attempts must be None or an int from 0, not {number!r}")


def seconds(name: str, value: float) -> float:
    """A deadline; ValueError if it is not positive and finite."""
    if not (isinstance(value, (int, float)) and math.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be seconds, more than 0, not {value!r}")
    return float(value)


def count(name: str, value: int) -> int:
    """A limit; ValueError if it is no int from 0."""
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{name} must be an int from 0, not {value!r}")
    return value


def overflow(given: str) -> Overflow:
    """``queue_policy``; ValueError if it is none."""
    try:
        return Overflow(given)
    except ValueError:
        names = ", ".join(repr(str(policy)) for policy in Overflow)
        raise ValueError(f"queue_policy must be one of {names}, not {given!r}") from None


def marks(high: int, low: int) -> Marks:
    """``buffer_high`` and ``buffer_low``; ValueError if they are no counts, or crossed."""
    if count("buffer_low", low) > count("buffer_high", high):
        raise ValueError(f"buffer_low must be at most buffer_high ({high}), not {low}")
    return Marks(high, low)


def send_options(ttl: float | None, key: Hashable | None, volatile: bool) -> SendOptions:
    """What ``send()`` was told about one message; ValueError or TypeError for what cannot be meant."""
    if ttl is None and key is None and not volatile:
        return _ORDINARY
    hash(key)
    return SendOptions(None if ttl is None else seconds("ttl", ttl), key, bool(volatile))


_ORDINARY = SendOptions()

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")


def subprotocols(given: str | Iterable[str] | None) -> tuple[str, ...]:
    """Subprotocols as a handshake takes them (RFC 6455, section 4.1): tokens, each once."""
    if given is not None and not isinstance(given, Iterable):
        raise ChannelUrlError(
            f"subprotocols are given as a list of str, not as {given!r}",
            next_step="for example protocols=['chat.v1']",
        )
    names = (given,) if isinstance(given, str) else tuple(given or ())
    for name in names:
        if not isinstance(name, str) or not _TOKEN.match(name):
            raise ChannelUrlError(
                f"{name!r} cannot be a subprotocol",
                next_step="use letters, digits and hyphens, for example protocols=['chat.v1']",
            )
    if len(set(names)) < len(names):
        raise ChannelUrlError(f"a subprotocol is named twice in {list(names)!r}")
    return names


def closing(code: int, reason: str) -> tuple[int, str]:
    """Close code and reason, as far as a browser allows them, on every platform alike."""
    if not isinstance(code, int) or not (code == 1000 or 3000 <= code <= 4999):
        raise CloseArgumentError(
            f"a channel cannot be closed with code {code!r}",
            next_step="use 1000, or a code of your own from 3000 to 4999",
        )
    if not isinstance(reason, str) or len(reason.encode(errors="replace")) > MAX_REASON:
        raise CloseArgumentError(
            f"the reason of a close must be a str of at most {MAX_REASON} bytes in UTF-8",
            next_step="send the long story as a message before you close",
        )
    return code, reason


def address(url: str) -> str:
    """The URL without its secrets, for messages: no user name, password, query or fragment."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        return parts._replace(netloc=host, query="", fragment="").geturl() or "the server"
    except ValueError:
        return "the server"
