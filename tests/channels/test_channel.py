"""`Channel` on the network in memory, in virtual time: arguments, states, closing, errors."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest

from metafor.channels import (
    Backoff,
    Channel,
    ChannelConnectionError,
    ChannelState,
    ChannelUrlError,
    CloseArgumentError,
    Fixed,
    NotConnectedError,
)
from metafor.channels.transports.memory import MemoryTransport
from metafor.core import create_effect, create_root, track
from metafor.testing.virtual_time import in_virtual_time
from tests.channels.network import echo, open_channel, turns

# -- the specification's signatures ----------------------------------------------------------------


def test_the_constructor_has_the_signature_of_the_specification() -> None:
    parameters = inspect.signature(Channel).parameters
    positional = [name for name, p in parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert positional == ["url", "protocols", "auto_reconnect", "reconnect_delay", "max_reconnect_attempts"]
    defaults = [parameters[name].default for name in positional[1:]]
    assert defaults == [None, False, 1.0, None]
    assert str(parameters["reconnect_delay"].default) == "1.0"


def test_close_has_the_defaults_of_the_specification() -> None:
    parameters = inspect.signature(Channel.close).parameters
    assert (parameters["code"].default, parameters["reason"].default) == (1000, "Normal closure")


@pytest.mark.parametrize(
    "options",
    [
        {"reconnect_delay": -1},
        {"reconnect_delay": "soon"},
        {"max_reconnect_attempts": -1},
        {"max_reconnect_attempts": 1.5},
        {"connect_timeout": 0},
        {"close_timeout": float("inf")},
        {"history": -1},
        {"queue_messages": None},
        {"queue_bytes": 1.5},
        {"protocols": ["not a token"]},
        {"protocols": ["twice", "twice"]},
        {"protocols": [3]},
        {"protocols": 5},
        {"reconnect_policy": Backoff},
        {"reconnect_policy": "fast"},
        {"heartbeat": "ping"},
        {"transport": "tcp"},
    ],
)
def test_arguments_that_cannot_be_meant_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError), match=r"must be|cannot be|named twice|are given as"):
        Channel("ws://test", **options)


def test_the_url_is_a_str() -> None:
    with pytest.raises(TypeError, match="url"):
        Channel(b"ws://test")  # type: ignore[arg-type]


def test_bad_subprotocols_are_a_channel_error_too() -> None:
    with pytest.raises(ChannelUrlError, match="cannot be a subprotocol"):
        Channel("ws://test", protocols=["a b"])


# -- states ----------------------------------------------------------------------------------------


@in_virtual_time
async def test_states_properties_and_signals_go_together() -> None:
    transport = MemoryTransport()
    channel = Channel("ws://test", transport=transport)
    seen: list[tuple[ChannelState, int]] = []
    create_root(
        lambda _: create_effect(lambda: seen.append((channel.state_signal(), channel.ready_state_signal())))
    )
    assert (channel.state, channel.ready_state, channel.is_connected, channel.is_connecting) == (
        ChannelState.CLOSED,
        3,
        False,
        False,
    )
    connecting = asyncio.create_task(channel.connect())
    await turns()
    assert (channel.state, channel.ready_state, channel.is_connecting) == (ChannelState.CONNECTING, 0, True)
    transport.peers[0].accept()
    await connecting
    assert (channel.state, channel.ready_state, channel.is_connected) == (ChannelState.OPEN, 1, True)
    assert track(lambda: channel.state_signal()) is ChannelState.OPEN
    closing = asyncio.create_task(channel.close())
    await asyncio.sleep(0)
    assert (channel.state, channel.ready_state) == (ChannelState.CLOSING, 2)
    await closing
    assert (channel.state, channel.ready_state) == (ChannelState.CLOSED, 3)
    assert seen == [
        (ChannelState.CLOSED, 3),
        (ChannelState.CONNECTING, 0),
        (ChannelState.OPEN, 1),
        (ChannelState.CLOSING, 2),
        (ChannelState.CLOSED, 3),
    ]


@pytest.mark.parametrize("name", ["state", "ready_state", "is_connected", "is_connecting", "stream", "url"])
def test_ruling_8_properties_are_read_only(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(Channel("ws://test"), name, 1)


@in_virtual_time
async def test_concurrent_connects_share_one_socket() -> None:
    transport = MemoryTransport(echo)
    channel = Channel("ws://test", transport=transport)
    await asyncio.gather(*(channel.connect() for _ in range(5)))
    await channel.connect()
    assert len(transport.peers) == 1
    await channel.close()


@in_virtual_time
async def test_the_subprotocol_that_the_server_chose() -> None:
    transport = MemoryTransport(echo)
    channel = Channel("ws://test", protocols=["chat.v2", "chat.v1"], transport=transport)
    await channel.connect()
    assert transport.peers[0].protocols == ("chat.v2", "chat.v1")
    assert channel.protocol == "chat.v2"
    await channel.close()


@in_virtual_time
async def test_the_handshake_has_ten_seconds() -> None:
    channel = Channel("ws://test", transport=MemoryTransport())
    with pytest.raises(ChannelConnectionError, match="no answer within 10 s"):
        await channel.connect()
    assert asyncio.get_running_loop().time() == 10
    assert channel.state is ChannelState.CLOSED


# -- close() ---------------------------------------------------------------------------------------


@in_virtual_time
async def test_close_says_code_and_reason() -> None:
    channel, peer = await open_channel()
    await channel.close(3000, "bye")
    assert peer.client_closed == (3000, "bye")


@in_virtual_time
async def test_close_of_a_dead_link_returns_at_its_deadline() -> None:
    channel, peer = await open_channel(close_timeout=2)
    peer.silent = True
    await asyncio.gather(channel.close(), channel.close())
    assert asyncio.get_running_loop().time() == 2
    assert (channel.state, peer.ended) == (ChannelState.CLOSED, True)


@in_virtual_time
async def test_close_returns_from_every_state() -> None:
    async def check(channel: Channel) -> None:
        await channel.close()
        assert channel.state is ChannelState.CLOSED
        await channel.close()

    await check(Channel("ws://test"))
    await check((await open_channel())[0])

    transport = MemoryTransport()
    channel = Channel("ws://test", auto_reconnect=True, transport=transport)
    channel.on_error(lambda error: None)
    connecting = asyncio.create_task(channel.connect())
    await turns()
    await check(channel)
    with pytest.raises(ChannelConnectionError, match=r"close\(\) was called"):
        await connecting

    connecting = asyncio.create_task(channel.connect())
    await turns()
    transport.peers[-1].refuse()
    await turns()
    assert channel.state is ChannelState.RECONNECTING
    await check(channel)
    with pytest.raises(ChannelConnectionError, match=r"close\(\) was called"):
        await connecting


@in_virtual_time
async def test_close_leaves_no_timer_and_no_task() -> None:
    loop: Any = asyncio.get_running_loop()
    for channel in [(await open_channel())[0], (await open_channel(auto_reconnect=True))[0]]:
        await channel.close()
    assert [handle for handle in loop._scheduled if not handle.cancelled()] == []
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize("code", [999, 1001, 1006, 2999, 5000, "1000"])
@in_virtual_time
async def test_close_takes_only_codes_that_a_browser_takes(code: Any) -> None:
    channel, peer = await open_channel()
    with pytest.raises(CloseArgumentError, match="3000 to 4999"):
        await channel.close(code)
    assert channel.is_connected
    assert peer.client_closed is None
    await channel.close()


@in_virtual_time
async def test_the_reason_of_a_close_has_at_most_123_bytes() -> None:
    channel, _ = await open_channel()
    with pytest.raises(CloseArgumentError, match="123 bytes"):
        await channel.close(reason="ä" * 62)
    await channel.close(reason="ä" * 61)


@in_virtual_time
async def test_connect_after_close_works() -> None:
    transport = MemoryTransport(echo)
    channel = Channel("ws://test", transport=transport)
    for _ in range(3):
        await channel.connect()
        await channel.close()
    assert len(transport.peers) == 3


@in_virtual_time
async def test_connect_while_closing_opens_again() -> None:
    transport = MemoryTransport(echo)
    channel = Channel("ws://test", transport=transport)
    await channel.connect()
    closing = asyncio.create_task(channel.close())
    await asyncio.sleep(0)
    await channel.connect()
    assert closing.done()
    assert channel.is_connected
    assert len(transport.peers) == 2
    await channel.close()


@in_virtual_time
async def test_cancelling_a_waiter_is_safe() -> None:
    transport = MemoryTransport()
    channel = Channel("ws://test", transport=transport)
    connecting = asyncio.create_task(channel.connect())
    await turns()
    connecting.cancel()
    await turns()
    assert connecting.cancelled()
    transport.peers[0].accept()
    await turns()
    assert channel.is_connected
    closing = asyncio.create_task(channel.close())
    await asyncio.sleep(0)
    closing.cancel()
    await turns()
    assert channel.state is ChannelState.CLOSED


# -- messages about errors -------------------------------------------------------------------------


@in_virtual_time
async def test_errors_do_not_show_the_secrets_of_a_url() -> None:
    transport = MemoryTransport()
    channel = Channel("wss://user:pw@example.org/ws?token=secret#x", transport=transport)
    connecting = asyncio.create_task(channel.connect())
    await turns()
    transport.peers[0].refuse()
    with pytest.raises(ChannelConnectionError) as caught:
        await connecting
    assert "wss://example.org/ws" in str(caught.value)
    for secret in ("secret", "pw", "user"):
        assert secret not in str(caught.value) + repr(channel)


@in_virtual_time
async def test_error_signal_holds_the_last_error_until_the_next_open() -> None:
    transport = MemoryTransport()
    channel = Channel("ws://test", auto_reconnect=True, reconnect_policy=Fixed(1), transport=transport)
    channel.on_error(lambda error: None)
    connecting = asyncio.create_task(channel.connect())
    await turns()
    transport.peers[0].refuse("full house")
    await turns()
    error = channel.error_signal()
    assert isinstance(error, ChannelConnectionError)
    assert "full house" in str(error)
    assert error.retry_in == channel.retry_in_signal()
    assert channel.attempt_signal() == 1
    await asyncio.sleep(1.2)
    transport.peers[1].accept()
    await connecting
    assert (channel.error_signal(), channel.retry_in_signal(), channel.attempt_signal()) == (None, None, 0)
    await channel.close()


@pytest.mark.parametrize("auto", [False, True])
@in_virtual_time
async def test_a_next_step_does_not_advise_what_is_done_already(auto: bool) -> None:
    channel, peer = await open_channel(auto_reconnect=auto)
    errors: list[Any] = []
    channel.on_error(errors.append)
    await peer.close(1008)
    await turns()
    assert channel.state is ChannelState.CLOSED
    assert "call connect()" in errors[0].next_step
    if auto:
        await channel.send("waits")
        with pytest.raises(NotConnectedError) as failed:
            await channel.drain()
    else:
        with pytest.raises(NotConnectedError) as failed:
            await channel.send("nowhere")
        with pytest.raises(NotConnectedError) as joined:
            await channel.join("nowhere")
        assert joined.value.next_step == failed.value.next_step
    assert "connect()" in failed.value.next_step
    for error in (errors[0], failed.value):
        assert ("auto_reconnect=True" in error.next_step) is not auto


@in_virtual_time
async def test_a_transport_that_raises_is_a_connection_error() -> None:
    class Broken:
        def open(self, *args: object) -> Any:
            raise RuntimeError("no wires")

    with pytest.raises(ChannelConnectionError, match="no wires"):
        await Channel("ws://test", transport=Broken()).connect()
