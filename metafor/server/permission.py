"""Asking the application's hooks, and what follows from their answers."""

from __future__ import annotations

import logging
from typing import Any

from metafor.server.arguments import check_hook
from metafor.server.close_codes import INTERNAL_ERROR
from metafor.server.hooks import (
    Client,
    Handshake,
    Identity,
    OnConnect,
    OnJoin,
    OnRequest,
    OnSend,
    Refuse,
    ask,
    call,
)
from metafor.server.hub import Command, Join, Mistake, Say, say
from metafor.server.logs import write
from metafor.server.metrics import Metrics

__all__ = ["Permission"]


class Permission:
    """The hooks of one server; each may be None. A hook that fails refuses, and is logged."""

    def __init__(
        self,
        on_connect: OnConnect | None,
        on_join: OnJoin | None,
        on_send: OnSend | None,
        on_request: OnRequest | None,
        metrics: Metrics,
    ) -> None:
        check_hook("RoomServer", "on_connect", on_connect)
        check_hook("RoomServer", "on_join", on_join)
        check_hook("RoomServer", "on_send", on_send)
        check_hook("RoomServer", "on_request", on_request)
        self._on_connect, self._on_join = on_connect, on_join
        self._on_send, self._on_request = on_send, on_request
        self._metrics = metrics
        #: Whether there is anything to ask about what clients do.
        self.asks = on_join is not None or on_send is not None

    async def identify(self, handshake: Handshake) -> Identity | None:
        """Who it is, None for nobody in particular. Raises `Refuse`."""
        if self._on_connect is None:
            return None
        try:
            who = await ask(self._on_connect, handshake)
            if who is None or who is True:
                return None
            if isinstance(who, str):
                return Identity(who)
            if isinstance(who, Identity):
                return who
            raise TypeError(f"on_connect gave {type(who).__name__}, not a str, an Identity or None")
        except Refuse:
            self._metrics.refused["identity"] += 1
            raise
        except Exception as error:
            self._metrics.refused["failed"] += 1
            write(logging.ERROR, "hook failed", hook="on_connect", error=error)
            raise Refuse("internal error", code=INTERNAL_ERROR) from error

    async def permitted(self, client: Client, command: Command) -> Command:
        """``command``, what a hook made of it, or the mistake that it is to ask for it."""
        if isinstance(command, Join) and self._on_join is not None:
            hook = ask(self._on_join, client, command.room)
        elif isinstance(command, Say) and self._on_send is not None:
            hook = ask(self._on_send, client, command.room, command.message)
        else:
            return command
        room = command.room
        try:
            instead = await hook
            if isinstance(command, Join) or instead is None or instead is True:
                return command
            return say(room, instead)
        except Refuse as refusal:
            return Mistake("refused", refusal.reason, room)
        except Exception as error:
            which = "on_join" if isinstance(command, Join) else "on_send"
            write(logging.ERROR, "hook failed", hook=which, connection=client.number, error=error)
            return Mistake("hook-failed", "the server could not decide", room)

    async def answer(self, client: Client, message: Any) -> Any:
        """What ``on_request`` answers. Raises what it raises, and `Refuse` where there is none."""
        if self._on_request is None:
            raise Refuse("this server answers no requests")
        return await call(self._on_request, client, message)  # False is an answer like any other
