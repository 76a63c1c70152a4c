"""Two server processes with a real Redis behind one address: they are as one, also when one is killed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from metafor.channels import Channel, Fixed
from metafor.server import RedisBroker, RoomServer
from tests.server.processes import RoomProcess, front, room_processes
from tests.server.redis_server import RedisServer, redis_server


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[tuple[str, list[RoomProcess], RedisServer]]:
    """The address, the two processes behind it, and their Redis."""
    with redis_server(folder) as redis:
        async with (
            room_processes(2, "--redis", redis.url) as processes,
            front([process.port for process in processes]) as url,
        ):
            yield url, processes, redis


class Person:
    """A reliable channel and everything that it was told."""

    def __init__(self, url: str | Callable[[], str]) -> None:
        self.channel = Channel(url, reliable=True, reconnect_policy=Fixed(0.05))
        self.got: list[Any] = []
        self.gaps: list[Any] = []
        self._changed = asyncio.Event()
        self.channel.on_message(self._take)
        self.channel.on_gap(self.gaps.append)

    def _take(self, message: Any) -> None:
        self.got.append(message)
        self._changed.set()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(40):
            while not condition():
                self._changed.clear()
                try:
                    async with asyncio.timeout(0.05):
                        await self._changed.wait()
                except TimeoutError:
                    pass  # a condition about something else than messages

    def of(self, name: str) -> list[int]:
        return [message["n"] for message in self.got if message.get("from") == name]


async def test_rooms_reach_over_processes(tmp_path: Path) -> None:
    async with world(tmp_path) as (url, processes, redis), AsyncExitStack() as stack:
        alice, bob = [await stack.enter_async_context(connect(url)) for _ in range(2)]
        carol = await stack.enter_async_context(connect(f"ws://127.0.0.1:{processes[1].port}/"))
        for client in (alice, bob):
            await client.send('{"type": "_join", "room": "news"}')
            await client.send('{"_room": "mine"}')  # to nobody
        async with asyncio.timeout(10):
            while True:  # a join is not answered: until it has arrived, so is this
                await alice.send('{"_room": "news", "ready": 1}')
                try:
                    async with asyncio.timeout(0.2):
                        await bob.recv()
                except TimeoutError:
                    continue
                break
        await alice.send("to all")
        for client in (alice, bob, carol):
            while await asyncio.wait_for(client.recv(), 5) != "to all":
                pass
        app = RoomServer(broker=RedisBroker(redis.url))
        await app.publish("news", {"from": "the application"})
        for client in (alice, bob):
            assert json.loads(await asyncio.wait_for(client.recv(), 5))["from"] == "the application"
        await app.close()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(carol.recv(), 0.1)


async def test_killing_one_moves_its_clients_and_loses_nothing(tmp_path: Path) -> None:
    count = 300
    async with world(tmp_path) as (url, processes, _):
        alice, bob = Person(url), Person(url)
        for person in (alice, bob):
            await person.channel.connect()
            await person.channel.room("news").join(presence={"who": "alice" if person is alice else "bob"})
        assert alice.channel.reliable_signal() is True

        async def talk(person: Person, name: str) -> None:
            for n in range(count):
                await person.channel.send_to("news", {"from": name, "n": n})
                await asyncio.sleep(0.002)

        talking = [asyncio.create_task(talk(alice, "alice")), asyncio.create_task(talk(bob, "bob"))]
        await bob.until(lambda: len(bob.got) > count // 2)
        processes[0].kill()
        await asyncio.gather(*talking)
        for person in (alice, bob):
            await person.channel.drain()
            await person.until(lambda person=person: len(person.got) >= 2 * count)
        expected = list(range(count))
        for person in (alice, bob):
            assert person.of("alice") == person.of("bob") == expected
            assert person.gaps == []
            members = person.channel.room("news").members_signal
            await person.until(lambda members=members: len(members()) == 2)
            assert [member.data["who"] for member in members()] == ["alice", "bob"]
        assert await asyncio.to_thread(processes[1].stop) == 0
        for person in (alice, bob):
            await person.channel.close()


async def test_a_killed_redis_loses_nothing_either(tmp_path: Path) -> None:  # ruling 48
    count = 200
    async with world(tmp_path) as (url, _, redis):
        alice, bob = Person(url), Person(url)
        for person in (alice, bob):
            await person.channel.connect()
            await person.channel.join("news")

        async def talk() -> None:
            for n in range(count):
                await alice.channel.send_to("news", {"from": "alice", "n": n})
                await asyncio.sleep(0.002)

        talking = asyncio.create_task(talk())
        await bob.until(lambda: len(bob.got) > count // 3)
        redis.kill()
        await asyncio.sleep(0.1)
        await asyncio.to_thread(redis.start)
        await talking
        await alice.channel.drain()
        await bob.until(lambda: len(bob.got) >= count)
        await asyncio.sleep(0.1)
        assert bob.of("alice") == alice.of("alice") == list(range(count))
        assert bob.gaps == alice.gaps == []
        for person in (alice, bob):
            await person.channel.close()


async def test_who_was_away_gets_what_was_missed_from_the_other_process(tmp_path: Path) -> None:
    async with world(tmp_path) as (_, processes, _):
        first, second = (f"ws://127.0.0.1:{process.port}/" for process in processes)
        address = first
        alice, bob = Person(second), Person(lambda: address)
        for person in (alice, bob):
            await person.channel.connect()
            await person.channel.join("news")  # and never a message before the outage
        processes[0].kill()
        for n in range(50):
            await alice.channel.send_to("news", {"from": "alice", "n": n})
        await alice.channel.drain()
        assert bob.got == []
        address = second
        await bob.until(lambda: len(bob.got) == 50)
        assert bob.of("alice") == list(range(50))
        assert bob.gaps == []
        for person in (alice, bob):
            await person.channel.close()


async def test_a_request_outlives_the_process_that_works_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "asked"
    log.touch()
    with redis_server(tmp_path) as redis:
        monkeypatch.setenv("ASKED_REDIS", redis.url)
        async with (
            room_processes(2, "tests.server.asked:rooms") as processes,
            front([process.port for process in processes]) as url,
        ):
            alice = Person(url)
            await alice.channel.connect()
            asking = asyncio.create_task(alice.channel.request(str(log), timeout=30))
            await alice.until(lambda: log.read_text())
            first = int(log.read_text())
            next(process for process in processes if process.pid == first).kill()
            assert await asking == 2
            pids = [int(line) for line in log.read_text().splitlines()]
            assert pids == [first, next(process.pid for process in processes if process.pid != first)]
            await alice.channel.close()
