"""The application's server, controlled from a page."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

from metafor.channels import Channel

__all__ = ["RemoteApp"]


class RemoteApp:
    """An `App` in another process, behind its ``/control``."""

    def __init__(self, url: str) -> None:
        self.received: list[str | bytes] = []
        self._control = Channel(url)
        self._done: asyncio.Queue[None] = asyncio.Queue()
        self._control.on_message(self._heard)

    async def reset(self) -> None:
        """Begin anew: nobody is connected, nothing was received."""
        await self._control.connect()
        await self._command("reset")
        self.received.clear()

    async def cut(self) -> None:
        """See `App.cut`."""
        await self._command("cut")

    async def say(self, text: str) -> None:
        """See `App.say`."""
        await self._command("say", text)

    async def _command(self, *command: str) -> None:
        await self._control.send(list(command))
        await asyncio.wait_for(self._done.get(), 10)

    def _heard(self, message: list[Any]) -> None:
        match message:
            case ["done"]:
                self._done.put_nowait(None)
            case ["text", text]:
                self.received.append(text)
            case ["bytes", encoded]:
                self.received.append(base64.b64decode(encoded))
