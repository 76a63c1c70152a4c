"""The sections about the client, as they stand. Each scenario is named after its section."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from metafor.channels import Channel, ChannelMessageError, ChannelState, Fixed, Receipt
from metafor.core import create_effect, create_root, create_signal, on_dispose, on_mount

from .document import snippet
from .world import APP, Names, World, connected, decoded, scenario, until

# -- Basic Usage -----------------------------------------------------------------------------------


@scenario()
def basic_usage_from_creating_to_closing(world: World) -> None:
    page = Names()
    snippet("Basic Usage/Creating a Channel").run_sync(page)
    assert page["channel"].url == APP
    snippet("Basic Usage/Connecting").run_sync(page)
    assert page.lines == ["Connected!"]
    if sys.platform != "emscripten":  # a page's event loop never ends
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
    assert world.app.received == ['{"type":"message","text":"Hello"}', "Hello, World!", b"Binary data"]


# -- Connection Management -------------------------------------------------------------------------


@scenario(
    "Channels track connection state reactively:",
)
async def connection_management(world: World) -> None:
    async with connected() as (_, page):
        await snippet("Connection Management/Connection States").run(page)
        await snippet("Connection Management/State Properties").run(page)
        assert page.lines == ["Connected", "Current state: open", "Channel is connected"]
        assert page["ready_state"] == 1


@scenario()
async def connection_management_state_is_reactive(world: World) -> None:
    seen: list[ChannelState] = []
    async with connected() as (channel, _):
        create_root(lambda _: create_effect(lambda: seen.append(channel.state_signal())))
    assert seen == [ChannelState.OPEN, ChannelState.CLOSING, ChannelState.CLOSED]


# -- Sending Messages ------------------------------------------------------------------------------


@scenario()
async def sending_messages(world: World) -> None:
    async with connected() as (_, page):
        await snippet("Sending Messages/Basic Sending").run(page)
        await snippet("Sending Messages/Sending to Rooms").run(page)
        await until(lambda: len(world.app.received) == 5)
    assert world.app.received[:3] == ['{"text":"Hello"}', "Hello, World!", b"Binary data"]
    in_room = {"_room": "chat-room", "text": "Hello"}
    assert [json.loads(message) for message in world.app.received[3:]] == [in_room, in_room]


@scenario(
    "Channels automatically handle different message types:",
    "- **Dictionary**: Serialized to JSON",
    "- **String**: Sent as text",
    "- **Bytes**: Sent as binary",
    "- **Other types**: Converted to string",
)
async def sending_messages_message_types(world: World) -> None:
    async with connected() as (channel, _):
        for message in ({"a": 1}, "text", b"\x00", 3.5, None):
            await channel.send(message)
        await until(lambda: len(world.app.received) == 5)
    assert world.app.received == ['{"a":1}', "text", b"\x00", "3.5", "None"]


# -- Receiving Messages ----------------------------------------------------------------------------


@scenario(
    "You can register multiple handlers:",
)
async def receiving_messages(world: World) -> None:
    async with connected() as (channel, page):
        await snippet("Receiving Messages/General Message Handler").run(page)
        await world.app.say('{"a": 1}')
        await world.app.say("plain")
        await page.printed("Received JSON: {'a': 1}", "Received: plain")
        channel.clear_handlers()
        page.lines.clear()
        await snippet("Receiving Messages/Multiple Handlers").run(page)
        await snippet("Receiving Messages/Removing Handlers").run(page)
        await world.app.say("x")
        await page.printed("Handler 1: x", "Handler 2: x")


# -- Rooms and Topics ------------------------------------------------------------------------------


@scenario(
    "Rooms allow you to organize messages into channels/topics, similar to Socket.IO.",
    "If your server includes room metadata in messages, you can use room-specific handlers:",
    "The client sends special messages for room management:",
    "**Join Room:**",
    "**Leave Room:**",
)
async def rooms_and_topics(world: World) -> None:
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
        await until(lambda: len(world.app.received) == 5)
    join, leave = (
        json.loads(snippet("Server-Side Protocol/Room Management Messages", number).code) for number in (0, 1)
    )
    assert decoded(world.app)[:2] == [{**join, "room": "chat-room-1"}, {**join, "room": "notifications"}]
    assert decoded(world.app)[-1] == {**leave, "room": "chat-room-1"}


@scenario(
    "When sending to a room, messages include room metadata:",
)
async def server_side_protocol_messages_with_room_metadata(world: World) -> None:
    message = json.loads(snippet("Server-Side Protocol/Messages with Room Metadata").code)
    async with connected() as (channel, _):
        await channel.send({"text": "Hello", "user": "alice"}, room="room-name")
        await until(lambda: world.app.received)
    assert decoded(world.app) == [message]


# -- Event Handlers --------------------------------------------------------------------------------


@scenario()
async def event_handlers_connection_events(world: World) -> None:
    page = Names(channel=Channel(APP))
    await snippet("Event Handlers/Connection Events").run(page)
    await page["channel"].connect()
    await world.app.cut()
    await until(lambda: len(page.lines) == 3)
    assert page.lines[0] == "Connected!"
    assert page.lines[1].startswith("Error: the connection to ws://localhost:8000/ws ended")
    assert page.lines[2] == "Disconnected!"


@scenario()
async def event_handlers_message_events(world: World) -> None:
    async with connected() as (_, page):
        await snippet("Event Handlers/Message Events").run(page)
        await world.app.say('{"_room": "room-name"}')
        await page.printed("Message: {'_room': 'room-name'}", "Room message: {'_room': 'room-name'}")


@scenario()
async def event_handlers_management_with_the_name_it_needs(world: World) -> None:
    async with connected() as (channel, page):
        called: list[Any] = []
        page["my_handler"] = called.append  # ruling 9
        channel.on_message(called.append)
        channel.on_room_message("room-name", called.append)
        await snippet("Event Handlers/Handler Management").run(page)
        channel.on_message(page.lines.append)
        await world.app.say('{"_room": "room-name"}')
        await until(lambda: page.lines)
        assert called == []


# -- Error Handling --------------------------------------------------------------------------------


@scenario()
async def error_handling(world: World) -> None:
    page = Names(channel=Channel("ws://unknown:8000"))
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


# -- Auto-Reconnect --------------------------------------------------------------------------------


@scenario(
    "- Automatically reconnects on disconnect",
    "- Rejoins all previously joined rooms",
    "- Resends queued messages (if sent while disconnected)",
    "- Resets attempt counter on successful connection",
)
async def auto_reconnect_behavior(world: World) -> None:
    async with connected(auto_reconnect=True, reconnect_policy=Fixed(0.05)) as (channel, _):
        channel.on_error(lambda error: None)
        await channel.join("a")
        await until(lambda: len(world.app.received) == 1)
        await world.app.cut()
        await until(lambda: channel.state is ChannelState.RECONNECTING)
        await channel.send("sent while disconnected")
        await until(lambda: len(world.app.received) == 3)
        assert channel.attempt_signal() == 0
    assert world.app.received == ['{"type":"_join","room":"a"}'] * 2 + ["sent while disconnected"]


@scenario()
async def auto_reconnect_configuration(world: World) -> None:
    page = Names(Channel=Channel)
    await snippet("Auto-Reconnect/Configuration").run(page)
    channel = page["channel"]
    channel.on_error(lambda error: None)
    await channel.connect()
    await world.app.cut()
    await until(lambda: channel.state is ChannelState.RECONNECTING)
    assert 1.8 <= channel.retry_in_signal() <= 2.2
    await channel.close()


@scenario()
async def auto_reconnect_manual_reconnection(world: World) -> None:
    page = Names(Channel=Channel)
    await snippet("Auto-Reconnect/Manual Reconnection").run(page)
    channel = page["channel"]
    channel.on_error(lambda error: None)
    await channel.connect()
    await world.app.cut()
    await until(lambda: not channel.is_connected)
    await until(lambda: len(world.app.received) == 2)  # after the two seconds of the recipe
    assert [message["room"] for message in decoded(world.app)] == ["room1", "room2"]
    channel.clear_handlers()
    await channel.close()


# -- Best Practices --------------------------------------------------------------------------------


@scenario()
async def best_practices_1_always_clean_up(world: World) -> None:
    page = Names(on_mount=on_mount, on_dispose=on_dispose)

    def component(dispose: Callable[[], None]) -> Callable[[], None]:
        page["channel"] = Channel(APP)
        snippet("Best Practices/1. Always Clean Up").run_sync(page)
        return dispose

    dispose = create_root(component)
    channel = page["channel"]
    await until(lambda: channel.is_connected)
    dispose()
    await until(lambda: channel.state is ChannelState.CLOSED)


@scenario()
async def best_practices_2_use_auto_reconnect(world: World) -> None:
    page = Names(Channel=Channel, url=APP)
    await snippet("Best Practices/2. Use Auto-Reconnect for Production").run(page)
    await page["channel"].connect()
    await page["channel"].close()


@scenario()
async def best_practices_3_connection_state(world: World) -> None:
    whole = snippet("Best Practices/3. Handle Connection State in UI")
    python, template = whole.code.split("# In template\n")
    assert "<Show when=@{is_connected}" in template  # tested in a real page
    page = Names(create_signal=create_signal, channel=Channel(APP))
    exec(compile(python, whole.section, "exec"), page)
    assert page["is_connected"]() is False
    await page["channel"].connect()
    assert page["is_connected"]() is True
    await page["channel"].close()
    assert page["is_connected"]() is False


@scenario(
    "With `auto_reconnect=True`, messages are automatically queued. Otherwise:",
)
async def best_practices_4_queue_messages(world: World) -> None:
    page = Names(channel=Channel(APP))
    await snippet("Best Practices/4. Queue Messages When Disconnected").run(page)
    await page["safe_send"]("x")
    assert page.lines == ["Not connected, message not sent"]
    queue = Channel(APP, auto_reconnect=True)
    receipt = await queue.send("waits")
    assert (receipt.status(), queue.queued_signal()) == ("queued", 1)
    queue.dispose()
    await page["channel"].connect()
    await page["safe_send"]("x")
    await until(lambda: world.app.received == ["x"])
    await page["channel"].close()


@scenario("With `auto_reconnect=True`, rooms are automatically rejoined. Otherwise:")
async def best_practices_6_rejoin_rooms(world: World) -> None:
    """Ruling 6: the automatic and the manual rejoin together send one join."""
    for auto in (False, True):
        await rejoin_rooms(world, auto)


async def rejoin_rooms(world: World, auto: bool) -> None:
    begun = len(world.app.received)
    channel = Channel(APP, auto_reconnect=auto, reconnect_policy=Fixed(0.05))
    channel.on_error(lambda error: None)
    await snippet("Best Practices/6. Rejoin Rooms After Reconnect").run(Names(channel=channel))
    await channel.connect()
    await until(lambda: len(world.app.received) == begun + 2)
    await world.app.cut()
    await until(lambda: not channel.is_connected)
    await channel.connect()
    await until(lambda: len(world.app.received) == begun + 4)
    await asyncio.sleep(0.05)
    assert [message["room"] for message in decoded(world.app)[begun:]] == ["room1", "room2"] * 2
    await channel.close()


@scenario()
async def best_practices_7_handle_errors_gracefully(world: World) -> None:
    shown: list[str] = []
    logged: list[str] = []
    page = Names(  # ruling 9
        channel=Channel(APP),
        message="Hello",
        console=SimpleNamespace(error=logged.append),
        show_error_to_user=shown.append,
        ChannelMessageError=ChannelMessageError,
    )
    await snippet("Best Practices/7. Handle Errors Gracefully").run(page)
    assert shown == ["Failed to send message"]
    await page["channel"].connect()
    await world.app.cut()
    await until(lambda: logged)
    assert logged[0].startswith("Channel error: the connection to")


# -- API Reference ---------------------------------------------------------------------------------


@scenario()
async def api_reference_the_constructor_as_it_is_written(world: World) -> None:
    written = re.findall(r"(\w+): .+?(?: = ([\w.]+))?,?\n", snippet("API Reference/Channel Class").code)
    parameters = list(inspect.signature(Channel).parameters.values())[: len(written)]
    assert [parameter.name for parameter in parameters] == [name for name, _ in written]
    defaults = [repr(p.default) if p.default is not p.empty else "" for p in parameters]
    assert defaults == [default for _, default in written]


@scenario(
    "- `async connect() -> None` - Connect to WebSocket server",
    '- `async close(code=1000, reason="Normal closure") -> None` - Close connection',
    "- `state: ChannelState` - Current connection state",
    "- `ready_state: int` - WebSocket readyState",
    "- `is_connected: bool` - Whether connected",
    "- `is_connecting: bool` - Whether connecting",
    "- `state_signal` - Reactive state signal",
    "- `ready_state_signal` - Reactive readyState signal",
)
async def api_reference_connection(world: World) -> None:
    channel = Channel(APP)
    seen: list[tuple[ChannelState, int]] = []

    def look() -> None:
        seen.append((channel.state_signal(), channel.ready_state_signal()))
        assert seen[-1] == (channel.state, channel.ready_state)
        assert channel.is_connected is (channel.state is ChannelState.OPEN)
        assert channel.is_connecting is (channel.state is ChannelState.CONNECTING)

    dispose = create_root(lambda dispose: (create_effect(look), dispose)[1])
    assert inspect.iscoroutinefunction(Channel.connect)
    assert await channel.connect() is None  # type: ignore[func-returns-value]
    closing = inspect.signature(Channel.close).parameters
    assert [closing[name].default for name in ("code", "reason")] == [1000, "Normal closure"]
    assert await channel.close() is None  # type: ignore[func-returns-value]
    dispose()
    closed, connecting = (ChannelState.CLOSED, 3), (ChannelState.CONNECTING, 0)
    assert seen == [closed, connecting, (ChannelState.OPEN, 1), (ChannelState.CLOSING, 2), closed]


@scenario(
    "- `async send(message, room=None) -> None` - Send a message",
    "- `async send_to(room, message) -> None` - Send message to room",
    "- `async join(room: str) -> None` - Join a room",
    "- `async leave(room: str) -> None` - Leave a room",
    "- `is_in_room(room: str) -> bool` - Check room membership",
    "- `get_rooms() -> List[str]` - Get all joined rooms",
)
async def api_reference_messages_and_rooms(world: World) -> None:
    async with connected() as (channel, _):
        assert await channel.join("r") is None  # type: ignore[func-returns-value]
        assert channel.is_in_room("r") is True
        assert channel.get_rooms() == ["r"]
        # "-> None": each statement works as it is written. The value that nobody is told of here is the
        # receipt, which says what becomes of the message (docs/channels.md).
        for sending in (
            channel.send("m"),
            channel.send({"n": 1}, room="r"),
            channel.send_to("r", {"n": 1}),
        ):
            assert isinstance(await sending, Receipt)
        assert await channel.leave("r") is None  # type: ignore[func-returns-value]
        assert channel.is_in_room("r") is False
        assert channel.get_rooms() == []
        await until(lambda: len(world.app.received) == 5)
    in_room = {"_room": "r", "n": 1}
    join, leave = ({"type": kind, "room": "r"} for kind in ("_join", "_leave"))
    assert world.app.received[1] == "m"
    assert [json.loads(text) for text in (*world.app.received[:1], *world.app.received[2:])] == [
        join,
        in_room,
        in_room,
        leave,
    ]


@scenario(
    "- `on_open(handler) -> Callable` - Register open handler",
    "- `on_close(handler) -> Callable` - Register close handler",
    "- `on_message(handler) -> Callable` - Register message handler",
    "- `on_error(handler) -> Callable` - Register error handler",
    "- `on_room_message(room, handler) -> Callable` - Register room handler",
    "- `remove_handler(handler) -> bool` - Remove a handler",
    "- `clear_handlers() -> None` - Clear all handlers",
)
async def api_reference_handlers(world: World) -> None:
    channel = Channel(APP)
    called: list[str] = []

    def noting(name: str) -> Callable[..., None]:
        return lambda *_: called.append(name)

    handlers = {name: noting(name) for name in ("open", "close", "message", "error", "room")}
    assert channel.on_open(handlers["open"]) is handlers["open"]
    assert channel.on_close(handlers["close"]) is handlers["close"]
    assert channel.on_message(handlers["message"]) is handlers["message"]
    assert channel.on_error(handlers["error"]) is handlers["error"]
    assert channel.on_room_message("r", handlers["room"]) is handlers["room"]
    await channel.connect()
    await world.app.say('{"_room": "r"}')
    await until(lambda: len(called) == 3)
    await world.app.cut()
    await until(lambda: len(called) == 5)
    assert called == ["open", "message", "room", "error", "close"]
    assert channel.remove_handler(handlers["room"]) is True
    assert channel.remove_handler(handlers["room"]) is False
    assert channel.clear_handlers() is None  # type: ignore[func-returns-value]
    await channel.connect()
    await channel.close()
    assert len(called) == 5
