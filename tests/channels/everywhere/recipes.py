"""The recipes of ``docs/channels.md``, used as a component would, and what stays of them: nothing."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from metafor.channels import Channel, ChannelState
from metafor.core import create_effect, create_root

from .place import Place

__all__ = ["RECIPES"]

Doc = dict[str, Any]
RECIPES: dict[str, Callable[[Place, Doc], Awaitable[None]]] = {}


def recipe(function: Callable[[Place, Doc], Awaitable[None]]) -> Callable[[Place, Doc], Awaitable[None]]:
    RECIPES[function.__name__] = function
    return function


class Timers:
    """What was scheduled for later on the running loop, and neither ran nor was cancelled."""

    def __init__(self) -> None:
        self._loop: Any = asyncio.get_running_loop()
        self._waiting: dict[object, asyncio.Handle] = {}

    @property
    def alive(self) -> list[asyncio.Handle]:
        # Of call_later and call_at one calls the other, so that a handle may be here twice.
        handles = {id(handle): handle for handle in self._waiting.values()}
        return [handle for handle in handles.values() if not handle.cancelled()]

    @contextmanager
    def watched(self) -> Iterator[Timers]:
        later, at = self._loop.call_later, self._loop.call_at

        def call_later(delay: float, callback: Callable[..., Any], *args: Any, **options: Any) -> Any:
            return self._note(later, delay, callback, args, options)

        def call_at(when: float, callback: Callable[..., Any], *args: Any, **options: Any) -> Any:
            return self._note(at, when, callback, args, options)

        self._loop.call_later, self._loop.call_at = call_later, call_at
        try:
            yield self
        finally:
            del self._loop.call_later, self._loop.call_at

    def _note(self, schedule: Any, when: float, callback: Any, args: Any, options: Any) -> Any:
        key = object()

        def run() -> None:
            self._waiting.pop(key, None)
            callback(*args)

        handle = self._waiting[key] = schedule(when, run, **options)
        return handle


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


@contextmanager
def used(
    place: Place, make: Callable[[Channel], Any], path: str = "echo"
) -> Iterator[tuple[Channel, Any, Any]]:
    """A component with a channel of its own and what ``make`` makes of it; gives what ends it, too."""

    def component(dispose: Callable[[], None]) -> tuple[Channel, Any, Callable[[], None]]:
        channel = Channel(place.url(path), transport=place.transport)
        return channel, make(channel), dispose

    yield create_root(component)


async def released(timers: Timers, channel: Channel, dispose: Callable[[], None]) -> weakref.ref[Channel]:
    """Dispose, and see that nothing goes on; whether the channel is garbage is for who holds it no more."""
    dispose()
    await until(lambda: channel.state is ChannelState.CLOSED)
    await until(lambda: len(timers.alive) <= 1)  # the timer of this very loop of waiting
    await asyncio.sleep(0)
    assert channel.stream._observers == ()
    assert all(inbox.stream._observers == () for inbox in channel._session._room_inboxes.values())
    return weakref.ref(channel)


async def run(
    place: Place, make: Callable[[Channel], Any], use: Callable[[Channel, Any], Awaitable[None]]
) -> None:
    timers = Timers()

    async def life() -> weakref.ref[Channel]:
        with used(place, make) as (channel, made, dispose):
            await channel.connect()
            await use(channel, made)
            return await released(timers, channel, dispose)

    with timers.watched():
        ghost = await life()
        await asyncio.sleep(0.05)
        assert timers.alive == []
    for _ in range(10):
        gc.collect()
        if ghost() is None:
            break
        await asyncio.sleep(0.02)
    assert ghost() is None, "something still holds the channel"


@recipe
async def throttle_to_a_frame(place: Place, doc: Doc) -> None:
    seen: list[Any] = []

    def make(channel: Channel) -> Any:
        price = doc["latest_price"](channel)
        create_effect(lambda: seen.append(price()))
        return price

    async def use(channel: Channel, price: Any) -> None:
        began = time.monotonic()
        for number in range(150):
            await channel.send({"price": number})
            await asyncio.sleep(0.003)  # else they come in one turn, which is one change anyhow
        await until(lambda: price.peek() == 149)
        elapsed = time.monotonic() - began
        assert seen[0] is None
        assert seen[-1] == 149
        assert len(seen) <= elapsed * 60 + 5, (len(seen), elapsed)

    await run(place, make, use)
    assert seen[-1] == 149


@recipe
async def buffer(place: Place, doc: Doc) -> None:
    async def use(channel: Channel, average: Any) -> None:
        for number in (1, 2, 3, 6):
            await channel.send({"price": number})
        await until(lambda: average.peek() is not None)
        assert average.peek() == 3
        await channel.send({"price": 10})
        await until(lambda: average.peek() == 10)

    await run(place, lambda channel: doc["average_price"](channel, 0.5), use)


@recipe
async def combine_rooms(place: Place, doc: Doc) -> None:
    async def use(channel: Channel, spread: Any) -> None:
        await channel.send_to("bid", {"price": 10})
        await channel.send_to("elsewhere", {"price": 1})
        await channel.send_to("ask", {"price": 12})
        await until(lambda: spread.peek() == 2)
        await channel.send_to("bid", {"price": 11.5})
        await until(lambda: spread.peek() == 0.5)

    await run(place, doc["spread"], use)


@recipe
async def request_and_reply(place: Place, doc: Doc) -> None:
    ask = doc["ask"]

    def answer(channel: Channel) -> None:
        """The echo server plays the other side: it sends back our questions, and our answers to them."""

        async def reply(message: Any) -> None:
            if isinstance(message, dict) and "question" in message:
                await channel.send({"answer_to": message["id"], "text": f"{message['question']}!"})

        channel.on_message(reply)

    async def use(channel: Channel, _: Any) -> None:
        answers = await asyncio.gather(*(ask(channel, {"question": f"q{n}"}) for n in range(5)))
        assert [answer["text"] for answer in answers] == [f"q{n}!" for n in range(5)]
        try:
            await ask(channel, {"nobody": "answers"}, timeout=0.05)
        except TimeoutError:
            pass
        else:
            raise AssertionError("an answer came")
        assert channel.stream._observers == ()

    await run(place, answer, use)
