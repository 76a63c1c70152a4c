"""Running the origin under uvicorn until somebody stops it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import click
import uvicorn

from metafor.cli.app import load_app
from metafor.cli.build.site import Builder
from metafor.cli.runtime.find import Runtime
from metafor.cli.serve.address import listen, url_of
from metafor.cli.serve.live import LiveSite
from metafor.cli.serve.watch import watch
from metafor.cli.serve.web import CHANGES, make_web
from metafor.server import RoomServer

__all__ = ["serve"]

#: Seconds that open connections get to end after Ctrl-C.
SHUTDOWN_SECONDS = 1


def serve(directory: Path, runtime: Runtime, *, host: str, port: int, reload: bool) -> None:
    """Serve the app in ``directory`` until SIGINT or SIGTERM.

    The URL is printed once the server listens. With ``reload``, an app with mistakes is served all
    the same: its page shows them, and reloads when they are mended; without, they are raised.
    Raises `AppError`, `AddressError`, `BuildError`.
    """
    app = load_app(directory)
    with contextlib.closing(listen(host, port)) as listener, contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(app.root, runtime, listener, reload=reload))


async def _serve(root: Path, runtime: Runtime, listener: socket.socket, *, reload: bool) -> None:
    live = LiveSite(Builder(root, runtime, changes=CHANGES if reload else None))
    if live.failure is not None and not reload:
        raise live.failure
    if live.problems is not None:
        _complain(live.problems)
    rooms = RoomServer(origins=["self"])  # pages of other origins stay out of the rooms of whoever develops
    stop = asyncio.Event()

    async def close() -> None:
        stop.set()
        await asyncio.gather(live.close(), rooms.close())

    config = uvicorn.Config(
        make_web(live, rooms, reload=reload),
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    url = url_of(listener)
    server = _Server(
        config,
        started=lambda: click.echo(f"Serving {root.name} on {url}  (Ctrl-C stops it)"),
        closing=close,
    )
    watching = asyncio.create_task(_watch(root, live, stop)) if reload else None
    try:
        await server.serve(sockets=[listener])
    finally:
        stop.set()
        if watching is not None:
            await watching


class _Server(uvicorn.Server):
    """Says when it listens, and lets long-lived connections go before it waits for them."""

    def __init__(
        self, config: uvicorn.Config, *, started: Callable[[], object], closing: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(config)
        self._on_started = started
        self._on_closing = closing

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SHUTDOWN_SECONDS):
                await self._on_closing()
        await super().shutdown(sockets)


async def _watch(root: Path, live: LiveSite, stop: asyncio.Event) -> None:
    def report(paths: list[str]) -> None:
        names = ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
        if live.problems is None:
            click.echo(f"{names} changed: reloaded")
        else:
            click.echo(f"{names} changed:")
            _complain(live.problems)

    try:
        await watch(root, live, stop, report)
    except OSError as error:
        click.echo(f"Changes are not noticed: {error}. Restart the server after an edit.", err=True)


def _complain(problems: str) -> None:
    click.echo(f"\n{problems}\n", err=True)
