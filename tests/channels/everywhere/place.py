"""Where a scenario runs, and the list of all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from metafor.channels.transports.base import Transport

__all__ = ["Place", "Run", "scenarios"]


@dataclass(frozen=True)
class Place:
    """A transport, and the address of the server: a path names what the server does (see ``server.py``)."""

    transport: Transport
    address: str
    #: A port on which nobody listens.
    refused: int = 9

    def url(self, path: str) -> str:
        return f"{self.address}/{path}"


Run = Callable[[Place], Awaitable[None]]


def scenarios(module: object) -> dict[str, Run]:
    """The scenarios of a module: its coroutine functions that take a place."""
    found = {name: value for name, value in vars(module).items() if getattr(value, "is_scenario", False)}
    assert found
    return found
