"""The proxy: accepts on loopback, and runs a script for each connection."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from urllib.parse import urlsplit

from metafor.testing.faults.cable import Cable
from metafor.testing.faults.listening import end_listening
from metafor.testing.faults.scripts import Script

__all__ = ["FaultProxy"]


class FaultProxy:
    """A TCP proxy on loopback between a client under test and the server at ``target``.

    ``target`` is a URL with host and port, for example ``"ws://127.0.0.1:8000/ws"``; what is spoken on top
    of TCP does not matter. `url` is the same with the proxy's own address. ``script`` says what happens to
    a connection: a coroutine function that is called with each new `Cable`, before a byte was passed on
    (None: nothing happens). It may be replaced at any time for the connections that follow.

    An async context manager; on exit everything that is open is reset. Errors of a script are raised
    there. Example::

        async def cut_in_the_third_second(cable):
            await cable.opened()
            await asyncio.sleep(2)
            cable.reset()

        async with FaultProxy(url, cut_in_the_third_second) as proxy:
            await Channel(proxy.url).connect()
    """

    def __init__(self, target: str, script: Script | None = None) -> None:
        parts = urlsplit(target)
        if parts.hostname is None or parts.port is None:
            raise ValueError(f"target must be a URL with a host and a port, not {target!r}")
        self._parts = parts
        self._to = (parts.hostname, parts.port)
        self.script = script
        #: The port on 127.0.0.1; the same until the end, also over `refuse` and `accept`.
        self.port = 0
        #: The connections that are open now, oldest first.
        self.cables: list[Cable] = []
        #: How many connections were accepted so far.
        self.accepted = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = False
        self._failures: list[BaseException] = []

    @property
    def url(self) -> str:
        """The target's URL, through this proxy."""
        return self._parts._replace(netloc=f"127.0.0.1:{self.port}").geturl()

    async def accept(self) -> None:
        """Listen (again); once the context has ended, nothing is listened to any more."""
        if self._server is None and not self._ended:
            server = await asyncio.start_server(self._accepted, "127.0.0.1", self.port)
            if self._ended:  # meanwhile
                server.close()
                return
            self._server = server
            self.port = server.sockets[0].getsockname()[1]

    def refuse(self) -> None:
        """Stop listening: new connections are refused by the system. Those that are open stay."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def reset(self) -> None:
        """Reset all connections that are open."""
        for cable in list(self.cables):
            cable.reset()

    async def __aenter__(self) -> FaultProxy:
        self._ended = False
        self._failures.clear()
        await self.accept()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = True
        server, self._server = self._server, None
        try:
            if server is not None:
                await end_listening(server)
            await asyncio.sleep(0)  # who is cancelled before the first step does not clean up
        finally:
            self.reset()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await asyncio.sleep(0)  # what was reset closes its socket a turn later
        if self._failures and error is None:
            raise self._failures[0]

    # No coroutine function: a connection is known from when it is accepted, not from when its task begins.
    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        cable = Cable(self.accepted, reader, writer)
        self.accepted += 1
        if self._ended:  # it had been on its way
            cable.reset()
            return
        self.cables.append(cable)
        task = asyncio.create_task(self._pass_on(cable, writer, self.script))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, cable: Cable, writer: asyncio.StreamWriter, script: Script | None) -> None:
        playing = None if script is None else asyncio.create_task(self._play(script, cable))
        try:
            await asyncio.sleep(0)  # the script has the first word
            if not cable.ended:
                await cable._run(*self._to)
        except OSError:
            pass  # no server there: the client sees its connection end
        except asyncio.CancelledError:
            cable.reset()
        finally:
            if not cable.ended:
                cable.close()
            try:
                if playing is not None:
                    playing.cancel()
                    await asyncio.gather(playing, return_exceptions=True)
                with suppress(OSError):
                    await writer.wait_closed()
            finally:
                self.cables.remove(cable)

    async def _play(self, script: Script, cable: Cable) -> None:
        try:
            await script(cable)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._failures.append(error)
            cable.reset()
