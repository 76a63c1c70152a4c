"""The page's own events end a dead connection, and a wait."""

import asyncio
from collections.abc import Callable

import js
from everywhere.place import Place

from metafor.channels import Channel, ChannelState, Fixed


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def the_page_hears_of_its_network(place: Place) -> None:
    channel = Channel(
        place.url("echo"), auto_reconnect=True, reconnect_policy=Fixed(1000), transport=place.transport
    )
    errors: list[str] = []
    channel.on_error(lambda error: errors.append(str(error)))
    await channel.connect()
    for target, event in (
        (js, "online"),
        (js, "pageshow"),
        (js.document, "visibilitychange"),
        (js.document, "resume"),
    ):
        js.dispatchEvent(js.Event.new("offline"))
        await until(lambda: channel.state is ChannelState.RECONNECTING)
        assert "the network is gone" in errors.pop()
        assert (channel.retry_in_signal() or 0) > 500
        target.dispatchEvent(js.Event.new(event))
        await until(lambda: channel.is_connected)
        await channel.send("alive")
        await until(lambda: channel.message_signal() == "alive")
    await channel.close()
    js.dispatchEvent(js.Event.new("online"))  # a closed channel does not listen
    await asyncio.sleep(0.05)
    assert channel.state is ChannelState.CLOSED
