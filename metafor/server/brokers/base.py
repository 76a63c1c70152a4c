"""What a hub needs of the thing that carries messages from hub to hub."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Broker", "Deliver", "Envelope"]


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message on its way: ``room`` is None for everybody; ``node`` and ``connection`` say who sent it.

    ``frame`` is what the sender sent, to the character: str for a text frame, bytes for a binary one.
    """

    room: str | None
    frame: str | bytes
    node: str
    connection: int


Deliver = Callable[[Envelope], None]


class Broker(Protocol):
    """Carries envelopes to every node that wants them, the sender's own included.

    Contract: envelopes that one node publishes to one room arrive in the order in which
    `publish` was called, at every subscriber, each at most once. ``deliver`` is called in the event
    loop that called `attach`. Envelopes without a room reach every attached node.
    """

    async def attach(self, node: str, deliver: Deliver) -> None:
        """Begin to hand ``node``'s envelopes to ``deliver``."""

    async def detach(self, node: str) -> None:
        """Forget ``node`` and its subscriptions; nothing is delivered to it any more."""

    async def subscribe(self, node: str, room: str) -> None:
        """From now on ``node`` gets what is sent to ``room``. Returns when that is so."""

    async def unsubscribe(self, node: str, room: str) -> None:
        """``node`` has nobody left in ``room``."""

    async def publish(self, envelope: Envelope) -> None:
        """Hand ``envelope`` on. Returns when it will not be overtaken by a later one."""
