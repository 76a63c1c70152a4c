"""The snippets of the specification that use a `Channel`, run as they stand, section by section."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from metafor.channels import Channel, ChannelMessageError, ChannelState, Fixed
from metafor.core import create_effect, create_root, create_signal, on_dispose, on_mount
from tests.spec.document import snippet
from tests.spec.page import APP, Page, connected, decoded, until
from tests.spec.servers import LoopbackServer

# -- Basic Usage -----------------------------------------------------------------------------------


def test_basic_usage_from_creating_to_closing(app: LoopbackServer) -> None:
    page = Page()
    snippet("Basic Usage/Creating a Channel").run_sync(page)
    assert page["channel"].url == APP
    snippet("Basic Usage/Connecting").run_sync(page)
    assert page.lines == ["Connected!"]
    assert page["channel"].state is ChannelState.CLOSED  # its event loop has ended (ruling 43)

    async def rest() -> None:
        await page["channel"].connect()
        await snippet("Basic Usage/Receiving Messages").run(page)
        await snippet("Basic Usage/Sending Messages").run(page)
        await page.printed(
            "Connected!",
            "Received: {'type': 'message', 'text': 'Hello'}",
            "Received: Hello, World!",
            "Received: b'Binary data'",
        )
        await snippet("Basic Usage/Closing Connection").run(page)
        assert page["channel"].state is ChannelState.CLOSED

    asyncio.run(rest())
    assert app.received == ['{"type":"message","text":"Hello"}', "Hello, World!", b"Binary data"]


# -- Connection Management -------------------------------------------------------------------------


async def test_connection_management(app: LoopbackServer) -> None:
    async with connected() as (_, page):
        await snippet("Connection Management/Connection States").run(page)
        await snippet("Connection Management/State Properties").run(page)
        assert page.lines == ["Connected", "Current state: open", "Channel is connected"]
        assert page["ready_state"] == 1


async def test_connection_management_state_is_reactive(app: LoopbackServer) -> None:
    seen: list[ChannelState] = []
    async with connected() as (channel, _):
        create_root(lambda _: create_effect(lambda: seen.append(channel.state_signal())))
    assert seen == [ChannelState.OPEN, ChannelState.CLOSING, ChannelState.CLOSED]


# -- Sending Messages ------------------------------------------------------------------------------


async def test_sending_messages(app: LoopbackServer) -> None:
    async with connected() as (_, page):
        await snippet("Sending Messages/Basic Sending").run(page)
        await snippet("Sending Messages/Sending to Rooms").run(page)
        await until(lambda: len(app.received) == 5)
    assert app.received[:3] == ['{"text":"Hello"}', "Hello, World!", b"Binary data"]
    in_room = {"_room": "chat-room", "text": "Hello"}
    assert [json.loads(message) for message in app.received[3:]] == [in_room, in_room]


async def test_sending_messages_message_types(app: LoopbackServer) -> None:
    async with connected() as (channel, _):
        for message in ({"a": 1}, "text", b"\x00", 3.5, None):
            await channel.send(message)
        await until(lambda: len(app.received) == 5)
    assert app.received == ['{"a":1}', "text", b"\x00", "3.5", "None"]


# -- Receiving Messages ----------------------------------------------------------------------------


async def test_receiving_messages(app: LoopbackServer) -> None:
    async with connected() as (channel, page):
        await snippet("Receiving Messages/General Message Handler").run(page)
        app.say('{"a": 1}')
        app.say("plain")
        await page.printed("Received JSON: {'a': 1}", "Received: plain")
        channel.clear_handlers()
        page.lines.clear()
        await snippet("Receiving Messages/Multiple Handlers").run(page)
        await snippet("Receiving Messages/Removing Handlers").run(page)
        app.say("x")
        await page.printed("Handler 1: x", "Handler 2: x")


# -- Rooms and Topics ------------------------------------------------------------------------------


async def test_rooms_and_topics(app: LoopbackServer) -> None:
    async with connected() as (channel, page):
        await snippet("Rooms and Topics/Joining Rooms").run(page)
        await snippet("Rooms and Topics/Checking Room Membership").run(page)
        assert page.lines == ["In chat-room-1", "Joined rooms: ['chat-room-1', 'notifications']"]
        page.lines.clear()
        await snippet("Rooms and Topics/Room-Specific Handlers").run(page)
        await snippet("Rooms and Topics/Sending to Rooms").run(page)
        await page.printed(
            "Chat: {'_room': 'chat-room-1', 'text': 'Hello room!'}",
            "Chat: {'_room': 'chat-room-1', 'text': 'Hello'}",
        )
        await snippet("Rooms and Topics/Leaving Rooms").run(page)
        assert channel.get_rooms() == ["notifications"]
        await until(lambda: len(app.received) == 5)
    join, leave = (
        json.loads(snippet("Server-Side Protocol/Room Management Messages", number).code) for number in (0, 1)
    )
    assert decoded(app)[:2] == [{**join, "room": "chat-room-1"}, {**join, "room": "notifications"}]
    assert decoded(app)[-1] == {**leave, "room": "chat-room-1"}


async def test_server_side_protocol_messages_with_room_metadata(app: LoopbackServer) -> None:
    message = json.loads(snippet("Server-Side Protocol/Messages with Room Metadata").code)
    async with connected() as (channel, _):
        await channel.send({"text": "Hello", "user": "alice"}, room="room-name")
        await until(lambda: app.received)
    assert decoded(app) == [message]


# -- Event Handlers --------------------------------------------------------------------------------


async def test_event_handlers_connection_events(app: LoopbackServer) -> None:
    page = Page(channel=Channel(APP))
    await snippet("Event Handlers/Connection Events").run(page)
    await page["channel"].connect()
    app.cut()
    await until(lambda: len(page.lines) == 3)
    assert page.lines[0] == "Connected!"
    assert page.lines[1].startswith("Error: the connection to ws://localhost:8000/ws ended")
    assert page.lines[2] == "Disconnected!"


async def test_event_handlers_message_events(app: LoopbackServer) -> None:
    async with connected() as (_, page):
        await snippet("Event Handlers/Message Events").run(page)
        app.say('{"_room": "room-name"}')
        await page.printed("Message: {'_room': 'room-name'}", "Room message: {'_room': 'room-name'}")


async def test_event_handlers_management_with_the_name_it_needs(app: LoopbackServer) -> None:
    async with connected() as (channel, page):
        called: list[Any] = []
        page["my_handler"] = called.append  # ruling 9
        channel.on_message(called.append)
        channel.on_room_message("room-name", called.append)
        await snippet("Event Handlers/Handler Management").run(page)
        channel.on_message(page.lines.append)
        app.say('{"_room": "room-name"}')
        await until(lambda: page.lines)
        assert called == []


# -- Error Handling --------------------------------------------------------------------------------


async def test_error_handling(app: LoopbackServer, reported: list[BaseException]) -> None:
    page = Page(channel=Channel("ws://unknown:8000"))
    await snippet("Error Handling/Error Handler").run(page)
    await snippet("Error Handling/Try-Catch for Operations").run(page)
    connection_error, failed, to_send = page.lines
    assert connection_error.startswith("Connection error: no connection to ws://unknown:8000")
    assert failed.startswith("Failed to connect: no connection to ws://unknown:8000")
    assert to_send.startswith("Failed to send: the message was not sent")
    page.lines.clear()
    page["handle_error"](ChannelMessageError("m"))
    page["handle_error"](LookupError("other"))
    assert page.lines == ["Message error: m [channels/message]", "Error: other"]
    assert reported == []


# -- Auto-Reconnect --------------------------------------------------------------------------------


async def test_auto_reconnect_behavior(app: LoopbackServer) -> None:
    async with connected(auto_reconnect=True, reconnect_policy=Fixed(0.05)) as (channel, _):
        channel.on_error(lambda error: None)
        await channel.join("a")
        await until(lambda: len(app.received) == 1)
        app.cut()
        await until(lambda: channel.state is ChannelState.RECONNECTING)
        await channel.send("sent while disconnected")
        await until(lambda: len(app.received) == 3)
        assert channel.attempt_signal() == 0
    assert app.received == ['{"type":"_join","room":"a"}'] * 2 + ["sent while disconnected"]


async def test_auto_reconnect_configuration(app: LoopbackServer) -> None:
    page = Page(Channel=Channel)
    await snippet("Auto-Reconnect/Configuration").run(page)
    channel = page["channel"]
    channel.on_error(lambda error: None)
    await channel.connect()
    app.cut()
    await until(lambda: channel.state is ChannelState.RECONNECTING)
    assert 1.8 <= channel.retry_in_signal() <= 2.2
    await channel.close()


async def test_auto_reconnect_manual_reconnection(app: LoopbackServer) -> None:
    page = Page(Channel=Channel)
    await snippet("Auto-Reconnect/Manual Reconnection").run(page)
    channel = page["channel"]
    channel.on_error(lambda error: None)
    await channel.connect()
    app.cut()
    await until(lambda: not channel.is_connected)
    await until(lambda: len(app.received) == 2)  # after the two seconds of the recipe
    assert [message["room"] for message in decoded(app)] == ["room1", "room2"]
    channel.clear_handlers()
    await channel.close()


# -- Best Practices --------------------------------------------------------------------------------


async def test_best_practices_1_always_clean_up(app: LoopbackServer) -> None:
    page = Page(on_mount=on_mount, on_dispose=on_dispose)

    def component(dispose: Callable[[], None]) -> Callable[[], None]:
        page["channel"] = Channel(APP)
        snippet("Best Practices/1. Always Clean Up").run_sync(page)
        return dispose

    dispose = create_root(component)
    channel = page["channel"]
    await until(lambda: channel.is_connected)
    dispose()
    await until(lambda: channel.state is ChannelState.CLOSED)


async def test_best_practices_2_use_auto_reconnect(app: LoopbackServer) -> None:
    page = Page(Channel=Channel, url=APP)
    await snippet("Best Practices/2. Use Auto-Reconnect for Production").run(page)
    await page["channel"].connect()
    await page["channel"].close()


async def test_best_practices_3_connection_state(app: LoopbackServer) -> None:
    whole = snippet("Best Practices/3. Handle Connection State in UI")
    python, template = whole.code.split("# In template\n")
    assert "<Show when=@{is_connected}" in template  # tested in a real page
    page = Page(create_signal=create_signal, channel=Channel(APP))
    exec(compile(python, whole.section, "exec"), page)
    assert page["is_connected"]() is False
    await page["channel"].connect()
    assert page["is_connected"]() is True
    await page["channel"].close()
    assert page["is_connected"]() is False


async def test_best_practices_4_queue_messages(app: LoopbackServer) -> None:
    page = Page(channel=Channel(APP))
    await snippet("Best Practices/4. Queue Messages When Disconnected").run(page)
    await page["safe_send"]("x")
    assert page.lines == ["Not connected, message not sent"]
    await page["channel"].connect()
    await page["safe_send"]("x")
    await until(lambda: app.received == ["x"])
    await page["channel"].close()


@pytest.mark.parametrize("auto", [False, True])
async def test_best_practices_6_rejoin_rooms(app: LoopbackServer, auto: bool) -> None:
    """Ruling 6: the automatic and the manual rejoin together send one join."""
    channel = Channel(APP, auto_reconnect=auto, reconnect_policy=Fixed(0.05))
    channel.on_error(lambda error: None)
    await snippet("Best Practices/6. Rejoin Rooms After Reconnect").run(Page(channel=channel))
    await channel.connect()
    await until(lambda: len(app.received) == 2)
    app.cut()
    await until(lambda: not channel.is_connected)
    await channel.connect()
    await until(lambda: len(app.received) == 4)
    await asyncio.sleep(0.05)
    assert [message["room"] for message in decoded(app)] == ["room1", "room2"] * 2
    await channel.close()


async def test_best_practices_7_handle_errors_gracefully(app: LoopbackServer) -> None:
    shown: list[str] = []
    logged: list[str] = []
    page = Page(  # ruling 9
        channel=Channel(APP),
        message="Hello",
        console=SimpleNamespace(error=logged.append),
        show_error_to_user=shown.append,
        ChannelMessageError=ChannelMessageError,
    )
    await snippet("Best Practices/7. Handle Errors Gracefully").run(page)
    assert shown == ["Failed to send message"]
    await page["channel"].connect()
    app.cut()
    await until(lambda: logged)
    assert logged[0].startswith("Channel error: the connection to")


# -- API Reference ---------------------------------------------------------------------------------


def test_api_reference_the_constructor_as_it_is_written() -> None:
    written = re.findall(r"(\w+): .+?(?: = ([\w.]+))?,?\n", snippet("API Reference/Channel Class").code)
    parameters = list(inspect.signature(Channel).parameters.values())[: len(written)]
    assert [parameter.name for parameter in parameters] == [name for name, _ in written]
    defaults = [repr(p.default) if p.default is not p.empty else "" for p in parameters]
    assert defaults == [default for _, default in written]


API_NAMES = """
connect send send_to close join leave is_in_room get_rooms on_open on_close on_message on_error
on_room_message remove_handler clear_handlers
state ready_state is_connected is_connecting
state_signal ready_state_signal
"""


def test_api_reference_every_name_exists() -> None:
    channel = Channel(APP)
    assert [name for name in API_NAMES.split() if not hasattr(channel, name)] == []
