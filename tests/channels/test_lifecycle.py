"""Channels and the owners that made them; `use_channel`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from metafor.channels import (
    Backoff,
    Channel,
    ChannelConnectionError,
    ChannelDisposedError,
    ChannelState,
    Fixed,
    Heartbeat,
    use_channel,
)
from metafor.channels.transports.memory import MemoryTransport
from metafor.core import (
    NoOwnerError,
    catch_error,
    create_effect,
    create_root,
    create_signal,
    get_owner,
    on_dispose,
    on_mount,
)
from metafor.testing.virtual_time import in_virtual_time
from tests.channels.network import echo, open_channel, turns


def rooted(make: Callable[[], Channel]) -> tuple[Channel, Callable[[], None]]:
    return create_root(lambda dispose: (make(), dispose))


@in_virtual_time
async def test_a_channel_made_under_an_owner_closes_with_it() -> None:
    transport = MemoryTransport(echo)
    channel, dispose = rooted(lambda: Channel("ws://t", transport=transport))
    closed: list[int] = []
    channel.on_close(lambda: closed.append(1))
    await channel.connect()
    dispose()
    await turns()
    assert channel.state is ChannelState.CLOSED
    assert transport.peers[0].client_closed == (1000, "Normal closure")
    assert closed == [1]
    with pytest.raises(ChannelDisposedError):
        await channel.connect()


@in_virtual_time
async def test_a_disposed_owner_hears_of_no_message() -> None:
    transport = MemoryTransport(echo)
    channel, dispose = rooted(lambda: Channel("ws://t", transport=transport))
    received: list[Any] = []
    channel.on_message(received.append)
    channel.stream.subscribe(received.append)
    await channel.connect()
    await transport.peers[0].send("x")
    dispose()
    await turns()
    assert received == []
    assert channel.message_signal() is None


@in_virtual_time
async def test_a_handler_that_disposes_its_owner_gets_no_further_message() -> None:
    transport = MemoryTransport(echo)
    channel, dispose = rooted(lambda: Channel("ws://t", transport=transport))
    received: list[Any] = []
    channel.on_message(received.append)
    channel.on_message(lambda msg: dispose())
    await channel.connect()
    await transport.peers[0].send("a", "b")
    await turns()
    assert received == ["a"]


@in_virtual_time
async def test_the_explicit_form_of_the_specification() -> None:
    transport = MemoryTransport(echo)
    received: list[Any] = []

    def component() -> Channel:
        channel = Channel("ws://t", auto_reconnect=True, transport=transport)
        channel.on_message(received.append)
        on_mount(lambda: asyncio.create_task(channel.connect()))
        on_dispose(lambda: asyncio.create_task(channel.close()))
        return channel

    channel, dispose = rooted(component)
    await turns()
    assert channel.is_connected
    await channel.send("x")
    await turns()
    assert received == ["x"]
    dispose()
    await turns()
    assert channel.state is ChannelState.CLOSED
    assert asyncio.all_tasks() == {asyncio.current_task()}


@in_virtual_time
async def test_use_channel_connects_on_mount_and_closes_on_dispose() -> None:
    transport = MemoryTransport(echo)
    channel, dispose = rooted(lambda: use_channel("ws://t", transport=transport))
    assert transport.peers[0].url == "ws://t"
    await turns()
    assert channel.is_connected
    dispose()
    await turns()
    assert channel.state is ChannelState.CLOSED


@in_virtual_time
async def test_use_channel_reconnects_unless_told_not_to(reported: list[BaseException]) -> None:
    for options, attempts in [({}, 2), ({"auto_reconnect": False}, 1)]:
        transport = MemoryTransport()
        _, dispose = rooted(lambda t=transport, o=options: use_channel("ws://t", transport=t, **o))  # type: ignore[misc]
        await turns()
        transport.peers[0].refuse()
        await asyncio.sleep(2)
        assert len(transport.peers) == attempts
        assert len(reported) == 1
        assert isinstance(reported.pop(), ChannelConnectionError)
        dispose()


@in_virtual_time
async def test_use_channel_leaves_errors_to_on_error_where_there_is_one() -> None:
    transport = MemoryTransport()
    channel, dispose = rooted(lambda: use_channel("ws://t", transport=transport, auto_reconnect=False))
    errors: list[BaseException] = []
    channel.on_error(errors.append)
    await turns()
    transport.peers[0].refuse()
    await turns()
    assert len(errors) == 1
    dispose()


@in_virtual_time
async def test_disposing_while_connecting_makes_no_noise() -> None:
    transport = MemoryTransport()
    channel, dispose = rooted(lambda: use_channel("ws://t", transport=transport))
    await turns()
    dispose()
    await asyncio.sleep(100)
    assert channel.state is ChannelState.CLOSED
    assert len(transport.peers) == 1


def test_use_channel_needs_an_owner() -> None:
    with pytest.raises(NoOwnerError, match="use_channel"):
        use_channel("ws://t")


@in_virtual_time
async def test_an_effect_that_runs_again_closes_the_channel_of_its_last_run() -> None:
    transport = MemoryTransport(echo)
    url, set_url = create_signal("ws://a")
    create_root(lambda _: create_effect(lambda: use_channel(url(), transport=transport) and None))
    await turns()
    set_url("ws://b")
    await turns()
    assert [(peer.url, peer.ended) for peer in transport.peers] == [("ws://a", True), ("ws://b", False)]


@in_virtual_time
async def test_handlers_run_under_the_owner_of_the_channel() -> None:
    transport = MemoryTransport(echo)
    caught: list[BaseException] = []
    owners: list[object] = []

    def component() -> Channel:
        channel = Channel("ws://t", transport=transport)
        owners.append(get_owner())
        channel.on_open(lambda: owners.append(get_owner()))
        channel.on_message(lambda msg: 1 / 0)
        return channel

    channel, dispose = create_root(lambda dispose: (catch_error(component, caught.append), dispose))
    assert channel is not None
    await channel.connect()
    await transport.peers[0].send("x")
    await turns()
    assert owners[0] is owners[1] is not None
    assert [type(error) for error in caught] == [ZeroDivisionError]
    dispose()
    await turns()


@in_virtual_time
async def test_ruling_44_an_outage_is_no_business_of_the_error_boundary(
    reported: list[BaseException],
) -> None:
    transport = MemoryTransport()
    boundary: list[BaseException] = []

    def component() -> Channel:
        return use_channel("ws://t", transport=transport, auto_reconnect=False)

    _, dispose = create_root(lambda dispose: (catch_error(component, boundary.append), dispose))
    await turns()
    transport.peers[0].refuse()
    await turns()
    assert [type(error) for error in reported] == [ChannelConnectionError]
    assert boundary == []
    dispose()


@in_virtual_time
async def test_a_last_word_is_sent_before_the_channel_closes() -> None:
    transport = MemoryTransport()

    def component() -> Channel:
        channel = Channel("ws://t", transport=transport)

        async def goodbye() -> None:
            await channel.send("bye")

        on_dispose(goodbye)
        return channel

    channel, dispose = rooted(component)
    connecting = asyncio.create_task(channel.connect())
    await turns(1)
    transport.peers[0].accept()
    await connecting
    dispose()
    assert transport.peers[0].received == ["bye"]
    await turns()
    assert channel.state is ChannelState.CLOSED


# -- a component and the channel of another ----------------------------------------------------------


def component(setup: Callable[[], object]) -> Callable[[], None]:
    """Run ``setup`` under an owner of its own, and give what ends it."""

    def start(dispose: Callable[[], None]) -> Callable[[], None]:
        setup()
        return dispose

    return create_root(start)


@in_virtual_time
async def test_handlers_end_with_the_component_that_registered_them() -> None:
    channel, peer = await open_channel()
    heard: list[Any] = []
    owners: list[Any] = []

    def setup() -> None:
        channel.on_message(heard.append)
        channel.on_room_message("r", heard.append)
        channel.on_open(lambda: heard.append("open"))
        channel.on_message(lambda message: owners.append(get_owner()))
        owners.append(get_owner())

    dispose = component(setup)
    channel.on_message(heard.append)
    await peer.send('{"_room": "r"}')
    await turns()
    assert heard == [{"_room": "r"}] * 3
    assert owners[1] is owners[0]
    dispose()
    await peer.send("x")
    await turns()
    assert heard[3:] == ["x"]  # the one that nobody owns
    await channel.close()


@in_virtual_time
async def test_a_component_can_take_its_handler_back_itself() -> None:
    channel, peer = await open_channel()
    heard: list[Any] = []

    def setup() -> None:
        for _ in range(3):
            channel.on_message(heard.append)
            assert channel.remove_handler(heard.append)
        owner: Any = get_owner()
        assert owner._last is None  # nothing stays with the owner

    component(setup)
    await peer.send("x")
    await turns()
    assert heard == []
    await channel.close()


@in_virtual_time
async def test_what_a_mount_registers_after_an_await_stays_as_long_as_the_component() -> None:
    channel, peer = await open_channel()
    heard: list[Any] = []
    mine: list[Channel] = []

    async def setup() -> None:
        await asyncio.sleep(1)
        channel.on_message(heard.append)
        channel.bind_rooms(lambda: "r")
        channel.stream.subscribe(lambda message: heard.append(message.data))
        mine.append(Channel("ws://t", transport=MemoryTransport(echo)))
        await mine[0].connect()

    dispose = component(lambda: on_mount(setup))
    await asyncio.sleep(2)
    await peer.send("x")
    await turns()
    assert heard == ["x", "x"]
    assert channel.get_rooms() == ["r"]
    assert mine[0].is_connected
    dispose()
    await peer.send("y")
    await turns()
    assert heard == ["x", "x"]
    assert channel.get_rooms() == []
    assert mine[0].state is ChannelState.CLOSED
    await channel.close()


# -- shared channels ---------------------------------------------------------------------------------


def used(transport: MemoryTransport, heard: list[Any], **options: Any) -> tuple[Channel, Callable[[], None]]:
    def start(dispose: Callable[[], None]) -> tuple[Channel, Callable[[], None]]:
        channel = use_channel("ws://t", shared=True, transport=transport, **options)
        channel.on_message(heard.append)
        return channel, dispose

    return create_root(start)


@in_virtual_time
async def test_two_components_share_one_channel_that_closes_with_the_last() -> None:
    transport = MemoryTransport(echo)
    first_heard: list[Any] = []
    second_heard: list[Any] = []
    first, dispose_first = used(transport, first_heard)
    second, dispose_second = used(transport, second_heard)
    assert first is second
    await turns()
    assert len(transport.peers) == 1
    await transport.peers[0].send("both")
    await turns()
    dispose_first()
    await transport.peers[0].send("second")
    await turns()
    assert first_heard == ["both"]
    assert second_heard == ["both", "second"]
    assert first.is_connected
    dispose_second()
    await turns()
    assert first.state is ChannelState.CLOSED
    assert transport.peers[0].client_closed == (1000, "Normal closure")
    with pytest.raises(ChannelDisposedError):
        await first.connect()


@in_virtual_time
async def test_after_the_last_a_shared_channel_is_made_anew() -> None:
    transport = MemoryTransport(echo)
    first, dispose = used(transport, [])
    await turns()
    dispose()
    second, dispose = used(transport, [])
    await turns()
    assert second is not first
    assert second.is_connected
    second.dispose()  # by hand: the next user gets another
    third, dispose_third = used(transport, [])
    await turns()
    dispose()
    await turns()
    assert third.is_connected
    dispose_third()
    await turns()
    assert third.state is ChannelState.CLOSED


@in_virtual_time
async def test_who_shares_a_channel_must_want_the_same() -> None:
    transport = MemoryTransport(echo)
    _, dispose = used(transport, [], history=5)
    with pytest.raises(ValueError, match="shared with other options: history=5, not 6"):
        used(transport, [], history=6)
    own, dispose_own = rooted(lambda: use_channel("ws://t", transport=transport))
    shared, dispose_again = used(transport, [], history=5)
    assert own is not shared
    dispose()
    await turns()
    assert shared.is_connected
    for end in (dispose_own, dispose_again):
        end()
    await turns()
    assert shared.state is ChannelState.CLOSED


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"reconnect_policy": Backoff(cap=5)}, {"reconnect_policy": Backoff(cap=5)}),
        ({}, {"history": 200}),
        ({"auto_reconnect": True, "queue_policy": "error"}, {}),
        ({"reconnect_delay": 2}, {"reconnect_policy": Fixed(2)}),
        ({"heartbeat": Heartbeat("ping")}, {"heartbeat": Heartbeat("ping")}),
    ],
)
@in_virtual_time
async def test_options_that_mean_the_same_are_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    transport = MemoryTransport(echo)
    channels, ends = zip(used(transport, [], **one), used(transport, [], **other), strict=True)
    assert channels[0] is channels[1]
    with pytest.raises(ValueError, match="reconnect_policy="):  # which is no Backoff (ruling 2)
        used(transport, [], reconnect_delay=1.0)
    for end in ends:
        end()
    await turns()


@in_virtual_time
async def test_a_failed_first_connect_is_tried_again_by_the_next_component(
    reported: list[BaseException],
) -> None:
    transport = MemoryTransport()
    channel, dispose = used(transport, [], auto_reconnect=False)
    await turns()
    transport.peers[0].refuse()
    await turns()
    assert len(reported) == 1
    _, dispose_second = used(transport, [], auto_reconnect=False)
    await turns()
    transport.peers[1].accept()
    await turns()
    assert channel.is_connected
    dispose()
    dispose_second()
    await turns()
