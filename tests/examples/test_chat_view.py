"""The chat's components on the memory host, and the colours that they are shown in."""

from __future__ import annotations

import asyncio
import re

import pytest

from metafor.channels import Channel, Fixed
from metafor.channels.transports.memory import MemoryTransport
from metafor.testing import in_virtual_time, render
from tests.examples.conftest import EXAMPLES, Load


def test_a_name_is_asked_for_until_there_is_one(chat: Load) -> None:
    chosen: list[str] = []
    screen = render(chat("welcome").Welcome, on_choose=chosen.append)
    field = screen.one("input")
    screen.type(field, "   ")
    assert screen.fire(screen.one("form"), "submit").defaultPrevented
    assert (chosen, field.getAttribute("aria-invalid")) == ([], "true")
    assert "Enter a name to go on." in screen.text
    screen.type(field, " Ada ")
    screen.fire(screen.one("form"), "submit")
    assert chosen == ["Ada"]


def test_rooms_show_which_is_open_and_what_is_unread(chat: Load) -> None:
    Room = chat("conversation").Room
    rooms = [Room("general", ""), Room("design", "")]
    opened: list[object] = []
    screen = render(chat("rooms").RoomList, rooms=rooms, current=rooms[0], on_open=opened.append)
    general, design = screen.all("button")
    assert (general.getAttribute("aria-current"), design.getAttribute("aria-current")) == ("true", None)
    rooms[1].set_unread(3)
    assert design.textContent == "#design3 unread"
    rooms[1].set_unread(0)
    assert design.textContent == "#design"
    screen.click(design)
    assert opened == [rooms[1]]


def test_a_message_says_who_when_and_what_became_of_it(chat: Load) -> None:
    Message, Room = chat("messages").Message, chat("conversation").Room
    room = Room("general", "")
    again: list[object] = []
    screen = render(chat("log").MessageLog, room=room, on_retry=again.append)
    assert "Nothing was said in general yet" in screen.text
    message = Message("1", 1, 1_700_000_000.0, "Ada Lovelace", "<b>hello</b>")
    room.add([message])
    row = screen.one("li")
    assert row.textContent == f"ALAda Lovelace{message.clock}<b>hello</b>"
    room.mark(["1"], "waiting")
    assert row.textContent.endswith("Waiting to be sent")
    room.mark(["1"], "failed")
    screen.click(screen.one("button", "Send again"))
    assert again == [message]
    room.mark(["1"], "delivered")
    assert screen.one("li") is row
    assert row.textContent.endswith("<b>hello</b>")


CSS = (EXAMPLES / "chat" / "assets" / "chat.css").read_text(encoding="utf-8")

#: Text and the ground that it stands on.
PAIRS = [
    *((text, ground) for text in ("text", "muted") for ground in ("ground", "side", "raised")),
    ("text", "hover"),
    ("accent-text", "accent-soft"),
    ("warn-text", "warn-ground"),
    ("problem", "ground"),
    ("problem", "raised"),
    ("problem", "side"),
    ("white", "accent"),
    ("white", "accent-strong"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(scheme: str) -> None:
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    colours = {"white": "#ffffff", **dict(re.findall(r"--([\w-]+): (#\w{6});", blocks[scheme == "dark"]))}
    weak = {
        pair: round(ratio, 2)
        for pair in PAIRS
        if (ratio := contrast(colours[pair[0]], colours[pair[1]])) < 4.5
    }
    assert weak == {}
    # The border of a field and the ring of focus are no text: 3 : 1.
    for line in ("field-line", "accent-text"):
        for ground in ("ground", "raised", "side"):
            assert contrast(colours[line], colours[ground]) >= 3, (line, ground)


def test_initials_stand_out_from_every_avatar() -> None:
    avatars = re.findall(r"\.colour-\d \{ background: (#\w{6}); \}", CSS)
    assert len(avatars) == 8
    assert [colour for colour in avatars if contrast("#ffffff", colour) < 4.5] == []


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@in_virtual_time
async def test_the_banner_counts_down_and_tries_at_once_when_told_to(chat: Load) -> None:
    transport = MemoryTransport()
    channel = Channel(
        "ws://test", auto_reconnect=True, reconnect_policy=Fixed(30, jitter=0), transport=transport
    )
    channel.on_error(lambda error: None)
    with render(chat("connection").ConnectionBanner, channel=channel) as screen:
        assert screen.text == "Connecting…"
        connecting = asyncio.create_task(channel.connect())
        (await transport.attempt(0)).accept()
        await connecting
        assert screen.text == ""
        transport.peers[0].cut()
        await asyncio.sleep(0.5)
        await channel.send("waits")
        told = "Connection lost. Reconnecting… Next attempt in 30 s. 1 message is waiting."
        assert screen.text.startswith(told)
        await asyncio.sleep(10)
        assert "Next attempt in 20 s." in screen.text
        screen.click(screen.one("button"))
        (await transport.attempt(1)).accept()
        await asyncio.sleep(0.1)
        assert screen.text == ""
        assert transport.peers[1].received == ["waits"]
        await channel.close()
