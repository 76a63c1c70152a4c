"""What becomes of requests and answers that cannot be delivered."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

import pytest

from metafor.channels import (
    Channel,
    ChannelDisposedError,
    EncodeError,
    NotConnectedError,
    QueueFullError,
    RequestFailedError,
    RequestTimeoutError,
)
from metafor.server import Limits
from metafor.testing import in_virtual_time
from tests.channels.reliable.world import World


def world_that_hears(**options: Any) -> tuple[World, list[Any]]:
    heard: list[Any] = []

    def answer(client: Any, message: Any) -> str:
        heard.append(message)
        return "paid"

    return World(on_request=answer, **options), heard


async def outcomes(channel: Channel, number: int, **options: Any) -> Counter[str]:
    asked = (channel.request(item, **options) for item in range(number))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    return Counter(answer if isinstance(answer, str) else type(answer).__name__ for answer in answers)


@in_virtual_time
async def test_a_request_that_was_not_sent_in_time_is_never_sent() -> None:
    world, heard = world_that_hears()
    channel = world.channel()
    with pytest.raises(RequestTimeoutError, match="waited for the connection") as failed:
        await channel.request("pay 5 EUR", timeout=2)
    assert "on_request" not in failed.value.next_step
    cancelled = asyncio.create_task(channel.request("pay 6 EUR"))
    await asyncio.sleep(1)
    assert channel.queued_signal() == 1
    cancelled.cancel()
    await asyncio.sleep(0)
    assert channel.queued_signal() == 0
    await channel.connect()
    assert await channel.request("pay 7 EUR") == "paid"
    assert heard == ["pay 7 EUR"]
    await world.close()


@in_virtual_time
async def test_a_request_that_a_close_ends_is_not_sent_by_the_next_connect() -> None:
    world, heard = world_that_hears()
    channel = await world.connected()
    for peer in world.open_peers:
        world.cut(peer, 0, 0)
    asking = asyncio.create_task(channel.request("pay 5 EUR"))
    await asyncio.sleep(0)
    await channel.close()
    with pytest.raises(NotConnectedError):
        await asking
    await channel.connect()
    await channel.drain()
    assert heard == []
    await world.close()


@in_virtual_time
async def test_a_request_of_a_disposed_channel_ends() -> None:
    world, _ = world_that_hears()
    channel = world.channel()
    asking = asyncio.create_task(channel.request("pay 5 EUR"))
    await asyncio.sleep(1)
    channel.dispose()
    with pytest.raises(ChannelDisposedError):
        await asking
    await world.close()


@in_virtual_time
async def test_a_request_that_is_too_big_fails_at_once() -> None:
    world, _ = world_that_hears(limits=Limits(message_bytes=1000))
    channel = await world.connected()
    started = asyncio.get_running_loop().time()
    with pytest.raises(RequestFailedError, match="the server takes 1000"):
        await channel.request("x" * 2000)
    assert asyncio.get_running_loop().time() == started
    await world.close()


@in_virtual_time
async def test_requests_wait_for_room_while_the_connection_is_open() -> None:
    world, heard = world_that_hears()
    for policy in ("error", "drop_oldest", "drop_newest"):
        channel = await world.connected(queue_messages=5, queue_policy=policy)
        assert await outcomes(channel, 700) == {"paid": 700}
        assert heard == list(range(700))
        heard.clear()
    await world.close()


@in_virtual_time
async def test_a_request_for_which_there_was_no_room_in_time_is_never_sent() -> None:
    world, heard = world_that_hears()
    channel = await world.connected(queue_messages=3)
    world.open_peers[0].silent = True
    asking = [asyncio.create_task(channel.request(number, timeout=2)) for number in range(300)]
    answers = await asyncio.gather(*asking, return_exceptions=True)
    never = [number for number, answer in enumerate(answers) if "not sent any more" in str(answer)]
    assert never == list(range(256, 300))
    world.cut(world.open_peers[0], 0, 0)
    await asyncio.sleep(1)
    await channel.drain()
    assert heard == list(range(256))
    await world.close()


@in_virtual_time
async def test_a_request_that_is_dropped_fails_at_once() -> None:
    world, _ = world_that_hears()
    started = asyncio.get_running_loop().time()
    for policy, error in (
        ("error", QueueFullError),
        ("drop_oldest", RequestFailedError),
        ("drop_newest", RequestFailedError),
    ):
        channel = world.channel(queue_messages=2, queue_policy=policy)
        asking = asyncio.create_task(outcomes(channel, 5))
        await asyncio.sleep(1)
        await channel.connect()
        assert await asking == {"paid": 2, error.__name__: 3}
    assert asyncio.get_running_loop().time() - started < 4
    await world.close()


@in_virtual_time
async def test_whom_a_request_is_for_is_checked() -> None:
    world, _ = world_that_hears()
    channel = await world.connected()
    for nobody in (5, ["a"], object(), ""):
        with pytest.raises(EncodeError, match="a member is named by its id"):
            await channel.request("x", to=nobody)  # type: ignore[arg-type]
    await asyncio.sleep(1)
    assert channel.is_connected
    await world.close()


@in_virtual_time
async def test_a_request_that_arrived_says_what_to_check() -> None:
    world = World()
    asker, other = await world.connected(), await world.connected()
    with pytest.raises(RequestTimeoutError, match="is acked") as failed:
        await asker.request("x", to=other.member_id, timeout=1)
    assert "on_request" in failed.value.next_step
    world.open_peers[0].silent = True
    with pytest.raises(RequestTimeoutError, match="is sent") as failed:
        await asker.request("x", to=other.member_id, timeout=1)
    assert "may still arrive" in failed.value.next_step
    await world.close()


@in_virtual_time
async def test_an_answer_that_is_too_big_or_refused_is_told_to_both_sides() -> None:
    def on_send(client: Any, room: str | None, message: Any) -> Any:
        return message != "secret"

    world = World(on_send=on_send, limits=Limits(message_bytes=1000))
    asker, other = await world.connected(), await world.connected()
    errors: list[Exception] = []
    other.on_error(errors.append)
    other.on_request(lambda message: "secret" if message == "little" else "x" * 2000)
    await other.drain()
    with pytest.raises(RequestFailedError, match="the answer cannot be sent: it has 2002 bytes"):
        await asker.request("much", to=other.member_id)
    with pytest.raises(RequestFailedError, match="refused"):
        await asker.request("little", to=other.member_id)
    assert [type(error) for error in errors] == [RequestFailedError] * 2
    assert "did not reach who asked" in str(errors[1])
    await world.close()


@in_virtual_time
async def test_the_mailbox_is_no_room_to_join_or_leave() -> None:
    world, _ = world_that_hears()
    channel = await world.connected()
    for change in (channel.join, channel.leave):
        with pytest.raises(EncodeError, match="mailbox"):
            await change("\x00")
    assert await channel.request("still there?") == "paid"
    await world.close()


@pytest.mark.parametrize("seed", range(5))
@in_virtual_time
async def test_whatever_happens_a_request_is_worked_on_once_or_never(seed: int) -> None:
    """The network is cut at any frame; requests have short deadlines, and some are cancelled."""
    rng = random.Random(seed)
    world = World()
    asker, other = await world.connected(), await world.connected()
    handled: list[int] = []

    async def answer(number: int) -> int:
        handled.append(number)
        await asyncio.sleep(rng.choice((0, 0.01, 0.1)))
        return -number

    other.on_request(answer)
    await other.drain()
    outcome: dict[int, str] = {}

    async def ask(number: int) -> None:
        try:
            reply = await asker.request(number, to=other.member_id, timeout=rng.choice((0.02, 0.2, 60)))
            assert reply == -number
            outcome[number] = "answered"
        except RequestTimeoutError as error:
            outcome[number] = "never sent" if "not sent any more" in str(error) else "late"
        except asyncio.CancelledError:
            outcome[number] = "cancelled"
            raise

    asking = []
    for number in range(1, 150):
        asking.append(asyncio.create_task(ask(number)))
        await asyncio.sleep(rng.choice((0, 0, 0.001, 0.03)))
        if rng.random() < 0.1:
            rng.choice(asking).cancel()
        if rng.random() < 0.2 and world.open_peers:
            world.cut(rng.choice(world.open_peers), rng.choice((None, 0, 1)), rng.choice((None, 0, 1)))
    await asyncio.gather(*asking, return_exceptions=True)
    await asker.drain()
    await asyncio.sleep(1)
    assert len(handled) == len(set(handled))
    by_outcome = {kind: {n for n, told in outcome.items() if told == kind} for kind in outcome.values()}
    assert by_outcome["answered"] <= set(handled)
    assert by_outcome.get("never sent", set()).isdisjoint(handled)
    assert len(by_outcome["answered"]) > 50
    assert asker.queued_signal() == 0
    await world.close()
