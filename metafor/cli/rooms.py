"""``metafor rooms``: the room server by itself."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import sys
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from metafor.cli.errors import AppError
from metafor.server.limits import Limits

if TYPE_CHECKING:
    from metafor.server import RoomServer
    from metafor.server.brokers.base import Broker

__all__ = ["rooms"]

_LIMITS: Final = Limits()
_WHOLE: Final = click.IntRange(1)
_FRACTION: Final = click.FloatRange(0, min_open=True)


@click.command()
@click.argument("server", required=False, metavar="[MODULE:NAME]")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0: any free one."
)
@click.option("--redis", metavar="URL", help="Share rooms with other servers: redis://HOST:PORT/DATABASE.")
@click.option(
    "--origin", "origins", multiple=True, metavar="ORIGIN", help="A page that may connect; by default any."
)
@click.option("--no-echo", is_flag=True, help="Do not send a message back to its sender.")
@click.option("--drop-room", is_flag=True, help="Leave _room out of messages (Socket.IO style).")
@click.option("--status-replies", is_flag=True, help='Answer joins with {"status": "joined"}.')
@click.option(
    "--without-room",
    type=click.Choice(["broadcast", "echo"]),
    default="broadcast",
    show_default=True,
    help="Who gets a message without a room: everybody, or its sender.",
)
@click.option(
    "--history",
    default=256,
    show_default=True,
    type=_WHOLE,
    metavar="N",
    help="Messages of each room that are kept for reliable clients that were away.",
)
@click.option(
    "--history-seconds",
    default=600,
    show_default=True,
    type=_WHOLE,
    metavar="SECONDS",
    help="How long they are kept after the last one left the room.",
)
@click.option(
    "--session-seconds",
    default=600,
    show_default=True,
    type=_WHOLE,
    metavar="SECONDS",
    help="How long a reliable client may be away and still go on where it was.",
)
@click.option("--max-connections", "connections", type=_WHOLE, metavar="N", help="In all; by default any.")
@click.option(
    "--max-rooms",
    "rooms",
    default=_LIMITS.rooms,
    show_default=True,
    type=_WHOLE,
    metavar="N",
    help="Rooms of one connection.",
)
@click.option(
    "--max-message",
    "message_bytes",
    default=_LIMITS.message_bytes,
    show_default=True,
    type=_WHOLE,
    metavar="BYTES",
    help="The longest message; a longer one ends its connection.",
)
@click.option(
    "--max-rate",
    "messages_per_second",
    type=_FRACTION,
    metavar="N",
    help="Messages per second of one connection, which is read no faster; by default any.",
)
@click.option(
    "--burst",
    default=_LIMITS.burst,
    show_default=True,
    type=_WHOLE,
    metavar="N",
    help="With --max-rate: messages that may come at once.",
)
@click.option(
    "--max-queue",
    "queue_bytes",
    default=_LIMITS.queue_bytes,
    show_default=True,
    type=_WHOLE,
    metavar="BYTES",
    help="What may wait for a client that reads slowly; beyond, it is cut.",
)
@click.option(
    "--returns",
    "returns_per_second",
    default=_LIMITS.returns_per_second,
    show_default=True,
    type=_FRACTION,
    metavar="N",
    help="Clients per second that are asked to come back when the server stops.",
)
@click.option("--no-monitor", is_flag=True, help="Do not answer /health and /metrics.")
@click.option(
    "--log", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How lines look."
)
@click.pass_context
def rooms(
    context: click.Context, /, server: str | None, host: str, port: int, log: str, **options: Any
) -> None:
    """Run a room server by itself, until it is stopped.

    With MODULE:NAME, the RoomServer of a module of yours (hooks, limits and all) instead of one made from
    the options. Health is at /health, Prometheus metrics at /metrics.
    """
    if server is not None:
        _refuse_options(context, server, options)
    from metafor.cli.serve.address import listen, url_of
    from metafor.server.standalone import serve

    _log(log)
    with contextlib.closing(listen(host, port)) as listener, contextlib.suppress(KeyboardInterrupt):
        url = url_of(listener).replace("http", "ws", 1)

        made = _load(server) if server is not None else _make(**options)
        asyncio.run(
            serve(made, listener=listener, started=lambda: click.echo(f"Rooms on {url}  (Ctrl-C stops it)"))
        )


def _refuse_options(context: click.Context, /, server: str, options: dict[str, Any]) -> None:
    """A server that is made already takes no options: better said than ignored."""
    given = {name for name in options if context.get_parameter_source(name) is not ParameterSource.DEFAULT}
    for parameter in context.command.params:
        if parameter.name in given:
            raise AppError(
                f"{parameter.opts[0]} says how a RoomServer is made, and {server} is one already",
                next_step=f"say it where {server} is made",
            )


def _make(
    *,
    redis: str | None,
    origins: tuple[str, ...],
    no_echo: bool,
    drop_room: bool,
    status_replies: bool,
    without_room: Any,
    no_monitor: bool,
    history: int,
    history_seconds: int,
    session_seconds: int,
    **limits: Any,
) -> RoomServer:
    from metafor.server import MemoryBroker, RoomServer

    kept: dict[str, Any] = {
        "history": history,
        "history_seconds": history_seconds,
        "session_seconds": session_seconds,
    }
    broker: Broker
    if redis is None:
        broker = MemoryBroker(**kept)
    else:
        try:
            from metafor.server import RedisBroker
        except ImportError:
            raise AppError("--redis needs a package", next_step="pip install 'metafor[redis]'") from None
        broker = RedisBroker(redis, **kept)
    return RoomServer(
        echo=not no_echo,
        keep_room=not drop_room,
        status_replies=status_replies,
        without_room=without_room,
        origins=origins or None,
        broker=broker,
        limits=Limits(**limits),
        monitor=not no_monitor,
    )


def _load(name: str) -> RoomServer:
    from metafor.server import RoomServer

    module, _, attribute = name.partition(":")
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found = getattr(importlib.import_module(module), attribute or "rooms")
    except (ImportError, AttributeError, ValueError) as error:
        raise AppError(
            f"there is no {name}: {error}", next_step="name it as MODULE:NAME, as in chat:rooms"
        ) from None
    if not isinstance(found, RoomServer):
        raise AppError(
            f"{name} is a {type(found).__name__}, not a RoomServer", next_step="name the RoomServer itself"
        )
    return found


def _log(form: str) -> None:
    from metafor.server import JsonFormatter

    handler = logging.StreamHandler()
    handler.setFormatter(
        JsonFormatter() if form == "json" else logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler])
