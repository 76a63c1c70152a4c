"""URLs and subprotocols that are made anew for each attempt."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from metafor.channels import (
    Channel,
    ChannelConnectionError,
    ChannelState,
    ChannelTimeoutError,
    ChannelUrlError,
    Fixed,
)
from metafor.channels.transports.memory import MemoryTransport
from metafor.testing.virtual_time import in_virtual_time
from tests.channels.network import echo, turns


@pytest.mark.parametrize("asynchronous", [False, True])
@in_virtual_time
async def test_a_fresh_token_for_each_attempt(asynchronous: bool) -> None:
    numbers = itertools.count()

    def url() -> str:
        return f"ws://test/?token={next(numbers)}"

    async def later() -> str:
        await asyncio.sleep(0.5)
        return url()

    transport = MemoryTransport(echo)
    channel = Channel(
        later if asynchronous else url,
        auto_reconnect=True,
        reconnect_policy=Fixed(1, jitter=0),
        transport=transport,
    )
    channel.on_error(lambda error: None)
    assert channel.url == ""
    await channel.connect()
    transport.peers[0].cut()
    await asyncio.sleep(2)
    assert [peer.url for peer in transport.peers] == ["ws://test/?token=0", "ws://test/?token=1"]
    assert channel.url == "ws://test/?token=1"
    assert "token" not in repr(channel)
    received: list[Any] = []
    channel.on_message(received.append)
    await channel.send("through the real socket")
    await channel.drain()
    await turns()
    assert received == ["through the real socket"]
    await channel.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def a_list() -> list[str]:
    return ["b", "a"]


@pytest.mark.parametrize("protocols", [lambda: ["b", "a"], a_list])
@pytest.mark.parametrize("asynchronous", [False, True])
@in_virtual_time
async def test_subprotocols_likewise(protocols: Any, asynchronous: bool) -> None:
    async def url() -> str:
        return "ws://test"

    transport = MemoryTransport(echo)
    channel = Channel(url if asynchronous else "ws://test", protocols, transport=transport)
    await channel.connect()
    assert transport.peers[0].protocols == ("b", "a")
    assert channel.protocol == "b"
    await channel.close()


@pytest.mark.parametrize("asynchronous", [False, True])
@in_virtual_time
async def test_a_function_that_raises_is_an_attempt_that_failed(asynchronous: bool) -> None:
    calls: list[int] = []

    def url() -> str:
        calls.append(1)
        if len(calls) < 3:
            raise OSError("no token today")
        return "ws://test"

    async def later() -> str:
        return url()

    channel = Channel(
        later if asynchronous else url,
        auto_reconnect=True,
        reconnect_policy=Fixed(1),
        transport=MemoryTransport(echo),
    )
    errors: list[Exception] = []
    channel.on_error(errors.append)
    await channel.connect()
    assert len(errors) == 2
    assert all("no token today" in str(error) for error in errors)
    await channel.close()


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize(("what", "value"), [("url", 5), ("protocols", ["not a token"])])
@in_virtual_time
async def test_what_cannot_be_meant_is_fatal(asynchronous: bool, what: str, value: Any) -> None:
    async def later() -> Any:
        return value

    given: dict[str, Any] = {"url": "ws://test", what: later if asynchronous else lambda: value}
    channel = Channel(auto_reconnect=True, transport=MemoryTransport(echo), **given)
    with pytest.raises(ChannelUrlError):
        await channel.connect()
    assert channel.state is ChannelState.CLOSED


@in_virtual_time
async def test_the_deadline_of_the_connection_covers_the_function() -> None:
    async def never() -> str:
        await asyncio.Event().wait()
        return ""

    channel = Channel(never, connect_timeout=3, transport=MemoryTransport(echo))
    with pytest.raises(ChannelTimeoutError):
        await channel.connect()
    assert asyncio.get_running_loop().time() == 3
    await turns()
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize("after", [0, 1, 3])
@in_virtual_time
async def test_closing_while_the_function_is_asked(after: int) -> None:
    async def slow() -> str:
        await asyncio.sleep(5)
        return "ws://test"

    transport = MemoryTransport(echo)
    channel = Channel(slow, transport=transport)
    connecting = asyncio.create_task(channel.connect())
    await turns(1 + after)
    assert channel.is_connecting
    await channel.close()
    with pytest.raises(ChannelConnectionError):
        await connecting
    await turns()
    assert transport.peers == []
    assert asyncio.all_tasks() == {asyncio.current_task()}


@in_virtual_time
async def test_a_function_that_is_cancelled_inside_is_an_attempt_that_failed() -> None:
    async def cancelled() -> str:
        raise asyncio.CancelledError

    channel = Channel(cancelled, transport=MemoryTransport(echo))
    with pytest.raises(ChannelConnectionError, match="cancelled"):
        await channel.connect()


@in_virtual_time
async def test_a_coroutine_is_asked_for_outside_any_tracking() -> None:
    from metafor.core import create_effect, create_root, create_signal

    token, set_token = create_signal("a")
    runs: list[int] = []
    channel = Channel(lambda: f"ws://test/{token()}", transport=MemoryTransport(echo))

    async def connect() -> None:
        runs.append(1)
        await channel.connect()

    create_root(lambda _: create_effect(connect))
    await turns()
    set_token("b")
    await turns()
    assert runs == [1]
    assert channel.url == "ws://test/a"
    await channel.close()
