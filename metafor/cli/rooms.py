"""``metafor rooms``: the room server by itself."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import sys
from typing import TYPE_CHECKING, Any

import click

from metafor.cli.errors import AppError

if TYPE_CHECKING:
    from metafor.server import RoomServer

__all__ = ["rooms"]


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
@click.option("--max-connections", type=click.IntRange(1), metavar="N", help="In all; by default no limit.")
@click.option("--max-rate", type=click.FloatRange(0, min_open=True), metavar="N", help="Messages per second.")
@click.option("--no-monitor", is_flag=True, help="Do not answer /health and /metrics.")
@click.option("--log", type=click.Choice(["text", "json"]), default="text", show_default=True)
def rooms(server: str | None, host: str, port: int, log: str, **options: Any) -> None:
    """Run a room server by itself, until it is stopped.

    With MODULE:NAME, the RoomServer of a module of yours (hooks and all) instead of one made from the
    options. Health is at /health, Prometheus metrics at /metrics.
    """
    from metafor.cli.serve.address import listen, url_of
    from metafor.server.standalone import serve

    _log(log)
    with contextlib.closing(listen(host, port)) as listener, contextlib.suppress(KeyboardInterrupt):
        url = url_of(listener).replace("http", "ws", 1)

        made = _load(server) if server is not None else _make(**options)
        asyncio.run(
            serve(made, listener=listener, started=lambda: click.echo(f"Rooms on {url}  (Ctrl-C stops it)"))
        )


def _make(
    *,
    redis: str | None,
    origins: tuple[str, ...],
    no_echo: bool,
    drop_room: bool,
    status_replies: bool,
    without_room: Any,
    max_connections: int | None,
    max_rate: float | None,
    no_monitor: bool,
) -> RoomServer:
    from metafor.server import Limits, RoomServer

    broker = None
    if redis is not None:
        try:
            from metafor.server import RedisBroker
        except ImportError:
            raise AppError("--redis needs a package", next_step="pip install 'metafor[redis]'") from None
        broker = RedisBroker(redis)
    return RoomServer(
        echo=not no_echo,
        keep_room=not drop_room,
        status_replies=status_replies,
        without_room=without_room,
        origins=origins or None,
        broker=broker,
        limits=Limits(connections=max_connections, messages_per_second=max_rate),
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
