"""What the extension needs of the room server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from metafor.server.brokers.base import Broker
from metafor.server.connection import Connection
from metafor.server.hooks import Client
from metafor.server.hub import Action, Command, Hub
from metafor.server.parcel import Parcel

__all__ = ["Host"]


@dataclass(frozen=True, slots=True)
class Host:
    """The side of `RoomServer` that the extension sees."""

    #: Where logs, sessions and members are.
    broker: Broker
    #: Who is in which room here.
    hub: Hub
    #: Gives the command, or what the application's hooks made of it.
    permitted: Callable[[Client, Command], Awaitable[Command]]
    #: What the application answers to a request; may raise anything.
    answer: Callable[[Client, Any], Awaitable[Any]]
    #: Does what the hub says.
    perform: Callable[[list[Action]], Awaitable[None]]
    #: Sends, or cuts the connection if it has fallen too far behind.
    offer: Callable[[Connection, Parcel], None]
    #: Closes after what is queued, with code and reason.
    end: Callable[[Connection, int, str], None]
