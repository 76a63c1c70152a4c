"""What a member shows of itself: any JSON value, as it was when it was given."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from metafor.channels import EncodeError, RefusedError
from metafor.server import Limits
from metafor.testing import in_virtual_time
from tests.channels.reliable.world import World


@in_virtual_time
async def test_a_presence_that_is_no_json_is_refused_at_once_and_changes_nothing() -> None:
    world = World()
    channel = world.channel()
    with pytest.raises(EncodeError, match="set cannot be written as JSON"):
        await channel.room("lobby").join(presence={1, 2})
    assert channel.get_rooms() == []
    async with asyncio.timeout(5):
        await channel.connect()
    await channel.room("lobby").join(presence="Ada")
    with pytest.raises(EncodeError):
        await channel.room("lobby").join(presence=object())
    world.cut(world.open_peers[0])
    await asyncio.sleep(1)
    await channel.send("after the cut")
    async with asyncio.timeout(5):
        await channel.drain()
    assert channel.get_rooms() == ["lobby"]
    await world.close()


@in_virtual_time
async def test_a_presence_that_was_changed_in_place_is_sent_again() -> None:
    world = World()
    ada, bob = await world.connected(), await world.connected()
    seen = bob.room("lobby").members_signal
    await bob.join("lobby")
    me: dict[str, Any] = {"typing": False}
    shown: list[Any] = []
    for presence in (me, me, True, 1):
        await ada.room("lobby").join(presence=presence)
        await asyncio.sleep(0.1)
        shown.append(seen()[0].data)
        me["typing"] = True
    assert repr(shown) == "[{'typing': False}, {'typing': True}, True, 1]"
    await world.close()


@in_virtual_time
async def test_what_is_shown_after_a_reconnect_is_what_was_given() -> None:
    world = World()
    ada, bob = await world.connected(), await world.connected()
    seen = bob.room("lobby").members_signal
    await bob.join("lobby")
    me = {"name": "Ada\n"}
    await ada.room("lobby").join(presence=me)
    me["name"] = "not given yet"
    world.restart()
    await asyncio.sleep(1)
    assert [member.data for member in seen()] == [{"name": "Ada\n"}]
    await world.close()


@in_virtual_time
async def test_a_presence_that_is_too_long_is_refused() -> None:
    world = World(limits=Limits(presence_bytes=10))
    early = world.channel()
    errors: list[Exception] = []
    early.on_error(errors.append)
    await early.room("lobby").join(presence="x" * 9)  # nobody knows yet what the server takes
    await early.connect()
    assert [str(error).split(": ")[1] for error in errors] == [
        "the presence has 11 bytes, and the server takes 10 [channels/refused]"
    ]
    assert early.get_rooms() == []
    ada = await world.connected()
    seen = ada.room("lobby").members_signal
    await ada.room("lobby").join(presence="x" * 8)
    with pytest.raises(RefusedError, match="the presence has 11 bytes") as refused:
        await ada.room("lobby").join(presence="x" * 9)
    assert refused.value.refusal == "server/too-big"
    await asyncio.sleep(1)
    assert [member.data for member in seen()] == ["x" * 8]
    assert ada.get_rooms() == ["lobby"]
    await world.close()


@in_virtual_time
async def test_whoever_is_refused_a_room_knows_nobody_there() -> None:
    allowed = True
    world = World(on_join=lambda client, room: allowed)
    ada = await world.connected()
    seen = ada.room("lobby").members_signal
    await ada.room("lobby").join(presence="Ada")
    await asyncio.sleep(0.1)
    assert len(seen()) == 1
    allowed = False
    world.cut(world.open_peers[0], 0, 0)
    await asyncio.sleep(1)
    assert ada.get_rooms() == []
    assert seen() == []
    await world.close()
