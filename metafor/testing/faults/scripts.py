"""What can go wrong in a `Cable`, as scripts for `FaultProxy`: one is called for each connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Literal

from metafor.testing.faults.cable import Cable, Way

__all__ = [
    "Script",
    "accept_then_close",
    "black_hole",
    "close_after",
    "delay",
    "fragment",
    "in_turn",
    "reset_after",
    "slow_handshake",
    "throttle",
]

Script = Callable[[Cable], Awaitable[None]]
#: From client to server, from server to client, or both.
Direction = Literal["up", "down", "both"]


def reset_after(seconds: float) -> Script:
    """Reset the connection (TCP RST) ``seconds`` after it was opened."""

    async def script(cable: Cable) -> None:
        await cable.opened()
        await asyncio.sleep(seconds)
        cable.reset()

    return script


def close_after(seconds: float) -> Script:
    """End TCP in order (FIN) ``seconds`` after it was opened, without a close frame."""

    async def script(cable: Cable) -> None:
        await cable.opened()
        await asyncio.sleep(seconds)
        cable.close()

    return script


def black_hole(seconds: float = 0.0, direction: Direction = "both") -> Script:
    """Pass nothing on any more, and tell nobody, from ``seconds`` after it was opened: a half-open link."""
    ways = _choose(direction)

    async def script(cable: Cable) -> None:
        await cable.opened()
        await asyncio.sleep(seconds)
        for way in ways(cable):
            way.hold()

    return script


async def accept_then_close(cable: Cable) -> None:
    """Accept the TCP connection and end it at once; the server never hears of it."""
    cable.close()


def slow_handshake(seconds: float) -> Script:
    """Let the client wait ``seconds`` for the server's first byte."""

    async def script(cable: Cable) -> None:
        cable.down.hold()
        await asyncio.sleep(seconds)
        cable.down.release()

    return script


def delay(seconds: float, direction: Direction = "both") -> Script:
    """Let every byte take ``seconds`` for its way, and the order as it is."""
    ways = _choose(direction)

    async def script(cable: Cable) -> None:
        for way in ways(cable):
            way.delay = seconds

    return script


def fragment(size: int = 1, direction: Direction = "both") -> Script:
    """Pass bytes on in pieces of at most ``size``."""
    if size < 1:
        raise ValueError(f"size must be a number of bytes from 1, not {size!r}")

    ways = _choose(direction)

    async def script(cable: Cable) -> None:
        for way in ways(cable):
            way.fragment = size

    return script


def throttle(rate: float, direction: Direction = "both") -> Script:
    """Pass at most ``rate`` bytes per second on, in pieces of a twentieth of a second."""
    if not rate > 0:
        raise ValueError(f"rate must be bytes per second, more than 0, not {rate!r}")

    ways = _choose(direction)

    async def script(cable: Cable) -> None:
        for way in ways(cable):
            way.rate = rate
            way.fragment = max(1, int(rate / 20))

    return script


def in_turn(*scripts: Script | None) -> Script:
    """The first connection gets the first script, and so on; the last is for all that follow.

    None is a connection to which nothing happens. Example: ``in_turn(accept_then_close, None)``.
    """
    if not scripts:
        raise ValueError("in_turn() needs a script")
    coming: Iterator[Script | None] = iter(scripts)
    last = scripts[-1]

    async def script(cable: Cable) -> None:
        chosen = next(coming, last)
        if chosen is not None:
            await chosen(cable)

    return script


def _choose(direction: Direction) -> Callable[[Cable], list[Way]]:
    """The ways of a cable that ``direction`` means; ValueError if it means none."""
    names = {"up": ("up",), "down": ("down",), "both": ("up", "down")}.get(direction)
    if names is None:
        raise ValueError(f"direction must be 'up', 'down' or 'both', not {direction!r}")
    return lambda cable: [getattr(cable, name) for name in names]
