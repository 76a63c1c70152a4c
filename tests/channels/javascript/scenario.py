"""What must hold of a `Channel` in Pyodide; run by ``run.mjs``, not collected by pytest."""

# ruff: noqa: F704, PT017

import asyncio
import sys
from typing import Any

import js

from metafor.channels import Channel, ChannelConnectionError, ChannelState, ChannelUrlError, Fixed

URL = f"ws://127.0.0.1:{js.port}/"


#: A list that nests very deep. It is kept: Pyodide does not survive its destruction either.
KEPT: list[Any] = []


class Watched:
    def __init__(self, **options: Any) -> None:
        self.channel = Channel(options.pop("url", URL), **options)
        self.messages: list[Any] = []
        self.errors: list[Any] = []
        self.closed = 0
        self.channel.on_message(self.messages.append)
        self.channel.on_error(self.errors.append)
        self.channel.on_close(self.on_close)

    def on_close(self) -> None:
        self.closed += 1

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(10):
            while not condition(self):
                await asyncio.sleep(0.005)


async def messages_go_there_and_back() -> None:
    w = Watched(protocols=[])
    await w.channel.connect()
    assert (w.channel.state, w.channel.ready_state) == (ChannelState.OPEN, 1)
    sent = [{"a": [1, None, "ü"]}, "Hello, World!", b"\x00\xff", "", b"", 5, "🎈" * 1000]
    for message in sent:
        assert (await w.channel.send(message)).status() == "sent"
    await w.until(lambda w: len(w.messages) == len(sent))
    assert w.messages == sent
    await w.channel.close()
    assert w.closed == 1


async def messages_of_a_turn_cross_in_one_call() -> None:
    w = Watched()
    await w.channel.connect()
    before = js.counts.calls
    await w.channel.send("burst 1000")
    await w.until(lambda w: len(w.messages) == 1000)
    assert w.messages == list(range(1000))
    assert js.counts.calls - before < 200, js.counts.calls - before
    await w.channel.close(3001, "bye")


async def the_last_words_come_before_the_close() -> None:
    w = Watched()
    await w.channel.connect()
    await w.channel.send("close 4001")
    await w.until(lambda w: w.closed)
    assert w.messages == ["last words"]
    (error,) = w.errors
    assert (error.close_code, error.reason, error.clean) == (4001, "as asked", True)
    assert w.channel.state is ChannelState.CLOSED


async def a_cut_connection_comes_back_with_rooms_and_messages() -> None:
    w = Watched(auto_reconnect=True, reconnect_policy=Fixed(0.5))
    await w.channel.connect()
    await w.channel.join("r")
    await w.channel.send("cut")
    await w.until(lambda w: w.channel.state is ChannelState.RECONNECTING)
    w.messages.clear()
    assert (await w.channel.send("meanwhile")).status() == "queued"
    await w.until(lambda w: len(w.messages) == 2)
    assert w.messages == [{"type": "_join", "room": "r"}, "meanwhile"]
    await w.channel.close()


async def refused_and_impossible_addresses() -> None:
    with_refused = Watched(url="ws://127.0.0.1:1/")
    try:
        await with_refused.channel.connect()
    except ChannelConnectionError as error:
        assert not isinstance(error, ChannelUrlError)
    else:
        raise AssertionError("a refused port connected")
    for url in ("ftp://x", "ws://[", "relative"):
        try:
            await Channel(url, auto_reconnect=True).connect()
        except ChannelUrlError as error:
            assert error.next_step
        else:
            raise AssertionError(f"{url} connected")


async def closing_while_connecting_returns_at_once() -> None:
    w = Watched()
    connecting = asyncio.ensure_future(w.channel.connect())
    await asyncio.sleep(0)
    assert w.channel.is_connecting
    await w.channel.close()
    try:
        await connecting
    except ChannelConnectionError:
        pass
    assert w.channel.state is ChannelState.CLOSED


async def hostile_json_leaves_the_interpreter_alive() -> None:
    w = Watched()
    await w.channel.connect()
    hostile = ["[" * 20_000 + "]" * 20_000, "1" * 5000]
    for text in hostile:
        await w.channel.send(text)
    await w.until(lambda w: len(w.messages) == 2)
    assert w.messages == hostile
    deep = KEPT
    for _ in range(30_000):
        deep.append([])
        deep = deep[0]
    try:
        await w.channel.send(KEPT)
    except ValueError:
        pass
    await w.channel.close()


async def receipts_and_the_brake() -> None:
    w = Watched(buffer_high=1 << 20, buffer_low=1 << 16)
    await w.channel.connect()
    first = await w.channel.send(b"x" * (8 << 20))  # returns when it has left
    assert not w.channel.congested_signal()
    await w.channel.send("small")
    await w.channel.drain()
    await w.channel.close()  # answered: all was read
    assert first.status() == "sent"
    await w.channel.connect()
    last = await w.channel.send("close 4001")
    await w.until(lambda w: w.closed == 2)
    assert last.status() == "unconfirmed"


async def the_page_says_that_its_network_is_gone_and_back() -> None:
    w = Watched(url=lambda: URL, auto_reconnect=True, reconnect_policy=Fixed(1000))
    await w.channel.connect()
    js.dispatchEvent(js.Event.new("offline"))
    assert w.channel.state is ChannelState.RECONNECTING
    assert "network" in str(w.errors[-1])
    js.dispatchEvent(js.Event.new("online"))
    await w.until(lambda w: w.channel.is_connected)
    await w.channel.close()


async def time_operators_need_no_thread() -> None:
    from reactivex import operators as ops

    w = Watched()
    received: list[Any] = []
    w.channel.stream.pipe(ops.map(lambda m: m.data), ops.debounce(0.05)).subscribe(received.append)
    await w.channel.connect()
    await w.channel.send("burst 10")
    await w.until(lambda w: received)
    assert received == [9]
    await w.channel.close()


async def ruling_40_a_foreign_chain_is_told_about_the_scheduler() -> None:
    import reactivex

    import metafor.rx

    try:
        reactivex.timer(1.0).subscribe(print)
    except metafor.rx.NoThreadsError as error:
        assert "metafor.rx.scheduler()" in str(error)
    else:
        raise AssertionError("a thread was started")


async def no_proxy_is_left() -> None:
    for _ in range(20):
        w = Watched()
        await w.channel.connect()
        await w.channel.close()
    await asyncio.sleep(0.1)
    assert js.counts.proxies == 0, js.counts.proxies


async def main() -> None:
    assert sys.platform == "emscripten"
    for check in (
        messages_go_there_and_back,
        messages_of_a_turn_cross_in_one_call,
        the_last_words_come_before_the_close,
        a_cut_connection_comes_back_with_rooms_and_messages,
        refused_and_impossible_addresses,
        closing_while_connecting_returns_at_once,
        hostile_json_leaves_the_interpreter_alive,
        receipts_and_the_brake,
        the_page_says_that_its_network_is_gone_and_back,
        time_operators_need_no_thread,
        ruling_40_a_foreign_chain_is_told_about_the_scheduler,
        no_proxy_is_left,
    ):
        await check()
        print("passed", check.__name__)


await main()  # type: ignore[top-level-await]
