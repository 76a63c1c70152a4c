"""A thousand equal messages in one turn: the stream has them all, signals and DOM are told once."""

import asyncio
from typing import Any

import js
from everywhere.place import Place
from prices import Prices

from metafor.channels import Channel, Message
from metafor.dom import mount
from metafor.dom.hosts.browser import BrowserHost

PRICE = {"price": 1}


class Watched:
    """A mounted component, what its channel told, and the crossings into the DOM."""

    def __init__(self, place: Place, path: str) -> None:
        self.channel = Channel(place.url(path), transport=place.transport, history=2000)
        self.streamed: list[Message] = []
        self.told: list[Any] = []
        self.commits = 0
        self.deliveries = 0
        self.channel.stream.subscribe(self.streamed.append)
        self._apply: Any = BrowserHost.apply
        self._received: Any = self.channel._session.received
        self.channel._session.received = self._deliver  # type: ignore[method-assign]

    def __enter__(self) -> "Watched":
        def apply(host: BrowserHost, ops: list[Any]) -> None:
            self.commits += 1
            self._apply(host, ops)

        BrowserHost.apply = apply  # type: ignore[method-assign]
        self._mounted = mount(Prices, "#app", {"channel": self.channel, "told": self.told.append})
        return self

    def __exit__(self, *_: object) -> None:
        BrowserHost.apply = self._apply  # type: ignore[method-assign]
        self._mounted.dispose()

    def _deliver(self, frames: Any) -> None:
        self.deliveries += 1
        self._received(frames)

    def forget(self) -> None:
        self.told.clear()
        self.commits = self.deliveries = 0

    async def until_streamed(self, number: int) -> None:
        async with asyncio.timeout(20):
            while len(self.streamed) < number:
                await asyncio.sleep(0.01)

    @property
    def text(self) -> str:
        return str(js.document.querySelector("#app").textContent)


async def equal_messages_in_one_turn(place: Place) -> None:
    with Watched(place, "wait") as seen:
        await seen.channel.connect()
        native = seen.channel._session.link._socket._socket.socket  # type: ignore[union-attr]
        for repetition in (1, 2):
            seen.forget()
            # A real server cannot be made to send in one turn of the page: its socket is spoken for here.
            js.speak(native, '{"price": 1}', 1000)
            await seen.until_streamed(1000 * repetition)
            assert [message.data for message in seen.streamed] == [PRICE] * 1000 * repetition
            assert seen.deliveries == 1
            assert seen.told == [PRICE]  # notified, for equal messages too
            assert seen.commits == 1
            assert str(1000 * repetition) in seen.text
            assert "{'price': 1}" in seen.text
        await seen.channel.close()


async def equal_messages_from_a_server(place: Place) -> None:
    with Watched(place, "same") as seen:
        await seen.channel.connect()
        seen.forget()
        await seen.channel.send("go")
        await seen.until_streamed(1000)
        assert [message.data for message in seen.streamed] == [PRICE] * 1000
        assert seen.told == [PRICE] * seen.deliveries
        assert seen.commits == seen.deliveries
        assert "1000" in seen.text
        await seen.channel.close()
