"""Everything that can be wrong from outside: a named error each, and the channel stays usable."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from metafor.channels import (
    Channel,
    ChannelConnectionError,
    ChannelState,
    ChannelUrlError,
    CloseArgumentError,
    DecodeError,
    EncodeError,
    QueueFullError,
)
from metafor.channels.protocol import decode

from .place import Place, Run

IN_A_PAGE = sys.platform == "emscripten"


def scenario(function: Callable[[Place], Awaitable[None]]) -> Run:
    function.is_scenario = True  # type: ignore[attr-defined]
    return function


class Told:
    """A channel and what it told."""

    def __init__(self, place: Place, path: str, **options: Any) -> None:
        self.channel = Channel(place.url(path), transport=place.transport, **options)
        self.messages: list[Any] = []
        self.errors: list[Any] = []
        self.channel.on_message(self.messages.append)
        self.channel.on_error(self.errors.append)

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0.005)

    async def still_usable(self) -> None:
        """It connects again, and closes."""
        await self.channel.connect()
        assert self.channel.state is ChannelState.OPEN
        await self.channel.close()
        assert self.channel.state is ChannelState.CLOSED


async def raises(kind: type[BaseException], awaitable: Awaitable[object]) -> Any:
    try:
        await awaitable
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


@scenario
async def a_wrong_scheme_and_a_url_that_is_none(place: Place) -> None:
    for url in ("ftp://127.0.0.1/", "mailto:a@b", "ws://[", "ws://127.0.0.1:99999/", "ws://"):
        channel = Channel(url, auto_reconnect=True, transport=place.transport)
        for _ in range(2):  # at once, and each time
            error = await raises(ChannelUrlError, asyncio.wait_for(channel.connect(), 5))
            assert isinstance(error, ValueError)
            assert error.next_step, url
            assert channel.state is ChannelState.CLOSED
    channel = Channel(lambda: "ftp://127.0.0.1/", transport=place.transport)
    await raises(ChannelUrlError, channel.connect())


@scenario
async def subprotocols_that_are_none(place: Place) -> None:
    for protocols in (["a b"], ["a", "a"], [""]):
        try:
            Channel(place.url("echo"), protocols=protocols, transport=place.transport)
        except ChannelUrlError:
            continue
        raise AssertionError(protocols)


@scenario
async def close_codes_and_reasons_that_no_websocket_takes(place: Place) -> None:
    told = Told(place, "echo")
    await told.channel.connect()
    for arguments in ((1001,), (999,), (5000,), ("1000",), (1000, "é" * 62), (1000, b"bytes")):
        error = await raises(CloseArgumentError, told.channel.close(*arguments))
        assert isinstance(error, ValueError)
        assert error.next_step
        assert told.channel.is_connected
    await told.channel.send("still here")
    await told.until(lambda: told.messages == ["still here"])
    await told.channel.close(3000, "é" * 61)
    await told.still_usable()


@scenario
async def a_message_above_the_servers_limit(place: Place) -> None:
    told = Told(place, "small", auto_reconnect=True)
    await told.channel.connect()
    receipt = await told.channel.send("x" * 2000)
    await told.until(lambda: told.errors)
    (error,) = told.errors
    assert isinstance(error, ChannelConnectionError)
    assert (error.close_code, error.reason, error.clean, error.retry_in) == (1009, "too long", True, None)
    assert told.channel.state is ChannelState.CLOSED  # fatal: ruling 3
    assert receipt.status() == "unconfirmed"
    await told.still_usable()


@scenario
async def a_message_above_the_queues_limit(place: Place) -> None:
    told = Told(place, "echo", auto_reconnect=True, queue_bytes=1000, queue_messages=2)
    error = await raises(QueueFullError, told.channel.send("x" * 1001))
    assert "1000 bytes" in str(error)
    await told.channel.send("a")
    await told.channel.send("b")
    await raises(QueueFullError, told.channel.send("c"))
    await told.channel.connect()
    await told.until(lambda: told.messages == ["a", "b"])
    await told.channel.close()


@scenario
async def payloads_that_have_no_form_on_the_wire(place: Place) -> None:
    told = Told(place, "echo")
    await told.channel.connect()
    circle: list[Any] = []
    circle.append(circle)
    for payload in ({"a": {1}}, [float("nan")], circle, "\ud800", {"type": "_join", "room": "r"}):
        error = await raises(EncodeError, told.channel.send(payload))
        assert isinstance(error, ValueError)
    for room in ("", 5):
        await raises(EncodeError, told.channel.join(room))  # type: ignore[arg-type]
    await told.channel.send("after")
    await told.until(lambda: told.messages == ["after"])
    await told.channel.close()


@scenario
async def json_that_is_not_and_json_that_kills(place: Place) -> None:
    told = Told(place, "hostile")
    await told.channel.connect()
    hostile = ["[" * 20_000 + "]" * 20_000, '{"a":' * 20_000, "1" * 5000, "[1,", "NaN"]
    await told.until(lambda: len(told.messages) == len(hostile))
    assert told.messages == hostile  # parsed if it is JSON, otherwise raw
    for text in hostile:
        try:
            decode(text)
        except DecodeError:
            continue
        raise AssertionError(text[:20])
    await told.channel.send({"alive": True})
    await told.until(lambda: told.messages[-1] == {"alive": True})
    assert told.errors == []
    await told.channel.close()


@scenario
async def invalid_utf8_and_broken_frames_from_the_server(place: Place) -> None:
    for path, code in (("not_utf8", 1007), ("broken", 1002)):
        told = Told(place, path, auto_reconnect=True)
        connecting = asyncio.ensure_future(told.channel.connect())
        await told.until(lambda told=told: told.errors)  # type: ignore[misc]
        error = told.errors[0]
        assert isinstance(error, ChannelConnectionError)
        # A page is not told why its browser gave the connection up.
        assert error.close_code in ((1006, code) if IN_A_PAGE else (code,)), error.close_code
        assert told.channel.state is not ChannelState.CLOSED  # a violation that we found is retried: ruling 3
        await told.channel.close()
        await asyncio.gather(connecting, return_exceptions=True)


@scenario
async def a_server_that_speaks_http(place: Place) -> None:
    told = Told(place, "http")
    error = await raises(ChannelConnectionError, told.channel.connect())
    assert not isinstance(error, ChannelUrlError)
    assert (error.attempt, error.retry_in, error.clean) == (1, None, False)
    assert error.next_step
    assert IN_A_PAGE or "HTTP status 200" in str(error)
    await raises(ChannelConnectionError, told.channel.connect())
    assert told.channel.state is ChannelState.CLOSED


@scenario
async def a_port_where_nobody_listens(place: Place) -> None:
    channel = Channel(f"ws://127.0.0.1:{place.refused}/", transport=place.transport)
    error = await raises(ChannelConnectionError, channel.connect())
    assert error.next_step == "check the URL and that the server is running"
    assert channel.state is ChannelState.CLOSED
