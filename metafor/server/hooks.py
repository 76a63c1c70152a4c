"""What an application may say about who comes, where they go, and what they send.

Three hooks, plain functions or coroutine functions, each given to `RoomServer` by its name:

- ``on_connect(handshake)``: who is it? Gives the identity, a str or an `Identity`, or None for nobody
  in particular.
- ``on_join(client, room)``: may they join?
- ``on_send(client, room, message)``: may they say that, there (``room`` is None: to everybody, or as a
  request or its answer to another member)?
  ``message`` is parsed if it is JSON, else str or bytes. Another message returned goes in its place.

Each refuses by raising `Refuse` with a reason that the client gets to read, or by returning False. None
and True accept. A hook that fails in any other way is logged and refuses too, without telling the client
why. Frames of one connection are asked about one after the other, in their order.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from metafor.server.close_codes import POLICY_VIOLATION, check_code

__all__ = [
    "Client",
    "Handshake",
    "Hook",
    "Identity",
    "OnConnect",
    "OnJoin",
    "OnRequest",
    "OnSend",
    "Refuse",
    "ask",
    "call",
]


class Refuse(Exception):
    """Raised by a hook to say no.

    ``reason`` is told to the client. ``code`` is what ``on_connect`` closes with: by default 1008, after
    which a `Channel` does not try again (ruling 3); give 1013 where trying again may help, or one of the
    application's own (3000 to 4999). ``reason`` may be an exception, whose text it is then. Raises
    `CloseCodeError` for a code that no close frame may have.

    Example::

        raise Refuse("the token has expired", code=4001)
    """

    def __init__(self, reason: str | Exception = "refused", *, code: int = POLICY_VIOLATION) -> None:
        self.reason = str(reason)
        self.code = check_code(code)
        super().__init__(self.reason)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a client is: ``name`` tells clients apart, ``data`` is the application's own (roles, a tenant…)."""

    name: str
    data: Any = None


@dataclass(frozen=True, slots=True)
class Handshake:
    """The request that opened a WebSocket.

    ``headers`` have lower-case names; of repeated ones the last is kept. ``query`` is what stands
    behind the ``?``, undecoded. ``address`` is the peer's, or None where the server does not say.
    """

    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    subprotocols: tuple[str, ...] = ()
    address: str | None = None


@dataclass(eq=False, slots=True)
class Client:
    """One connection, as hooks see it. ``number`` is unique here; ``identity`` is its name, or None.

    ``data`` is what `Identity` brought; the application may put there what it likes.
    """

    number: int
    identity: str | None = None
    data: Any = None


Hook = Callable[..., Any]
OnConnect = Callable[[Handshake], Any | Awaitable[Any]]
OnJoin = Callable[[Client, str], Any | Awaitable[Any]]
OnRequest = Callable[[Client, Any], Any | Awaitable[Any]]
OnSend = Callable[[Client, str | None, Any], Any | Awaitable[Any]]


async def call(hook: Hook, *about: object) -> Any:
    """What ``hook`` gives, a plain function or a coroutine function."""
    answer = hook(*about)
    return await answer if inspect.isawaitable(answer) else answer


async def ask(hook: Hook, *about: object) -> Any:
    """What ``hook`` says; raises `Refuse` when it said no."""
    answer = await call(hook, *about)
    if answer is False:
        raise Refuse
    return answer
