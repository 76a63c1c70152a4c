"""`RoomServer` on real sockets, under each shell, with the `websockets` client."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import AsyncExitStack

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from metafor.channels.protocol import retry_after
from metafor.server import Handshake, Limits, Refuse, RoomServer
from tests.server.shells import SHELLS, serving

pytestmark = pytest.mark.parametrize("shell", SHELLS)


async def membership(app: RoomServer, expected: dict[str, int]) -> None:
    async with asyncio.timeout(5):
        while app.rooms != expected:  # the server has no event for its observers
            await asyncio.sleep(0.005)


async def recv(client: ClientConnection) -> str | bytes:
    async with asyncio.timeout(5):
        return await client.recv()


async def closed(client: ClientConnection) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as error:
        await recv(client)
    assert error.value.rcvd is not None
    return error.value.rcvd.code, error.value.rcvd.reason


async def test_a_chat_over_real_sockets(shell: str) -> None:
    app = RoomServer()
    async with serving(app, shell) as address:
        url = f"ws://{address}/"
        async with connect(url) as alice, connect(url) as bob, connect(url) as carol:
            for client in (alice, bob):
                await client.send('{"type": "_join", "room": "news"}')
            await membership(app, {"news": 2})
            frame = json.dumps({"_room": "news", "text": "héllo"}, ensure_ascii=False)
            await alice.send(frame)
            assert await recv(alice) == await recv(bob) == frame
            await carol.send(b"to all")
            assert [await recv(client) for client in (alice, bob, carol)] == [b"to all"] * 3
            await app.publish("news", {"text": "x" * 70_000})
            assert json.loads(await recv(bob)) == {"_room": "news", "text": "x" * 70_000}
            await bob.close()
            await membership(app, {"news": 1})


async def test_many_messages_come_whole_and_in_order(shell: str) -> None:
    async with serving(RoomServer(), shell) as address, connect(f"ws://{address}/") as alice:
        sent = [str(number) * (1 + number % 300) for number in range(2000)]

        async def send() -> None:
            for frame in sent:
                await alice.send(frame)

        sending = asyncio.create_task(send())
        assert [await recv(alice) for _ in sent] == sent
        await sending


async def test_a_shutdown_spreads_the_return_of_the_clients(shell: str) -> None:
    async with AsyncExitStack() as stack:
        rooms = RoomServer(limits=Limits(returns_per_second=2))
        async with serving(rooms, shell) as address:
            clients = [await stack.enter_async_context(connect(f"ws://{address}/")) for _ in range(4)]
            await clients[0].send("hi")
            assert [await recv(client) for client in clients] == ["hi"] * 4
            if shell != "standalone":  # uvicorn ends sockets before it tells the app, with 1012 and no hint
                await rooms.close()
        ends = [await closed(client) for client in clients]
    assert {code for code, _ in ends} == {1012}
    assert sorted(retry_after(reason) or 0.0 for _, reason in ends) == [0, 0.5, 1, 1.5]


async def test_a_plain_shutdown_closes_with_service_restart(shell: str) -> None:
    async with AsyncExitStack() as stack:
        async with serving(RoomServer(), shell) as address:
            client = await stack.enter_async_context(connect(f"ws://{address}/"))
            await client.send("hi")
            await recv(client)
        assert (await closed(client))[0] == 1012


async def test_too_long_a_message(shell: str) -> None:
    rooms = RoomServer(limits=Limits(message_bytes=1000))
    async with serving(rooms, shell) as address, connect(f"ws://{address}/") as alice:
        await alice.send("x" * 1001)
        code, reason = await closed(alice)
        assert code == 1009
        assert "1000" in reason


async def test_a_consumer_that_reads_nothing_costs_the_others_nothing(shell: str) -> None:
    app = RoomServer(limits=Limits(queue_messages=50, close_seconds=0.2))
    async with serving(app, shell) as address:
        url = f"ws://{address}/"
        async with (
            connect(url, compression=None) as fast,
            connect(url, compression=None, max_queue=1) as slow,
        ):
            await fast.send("ready")
            assert await recv(fast) == await recv(slow) == "ready"
            slow.transport.pause_reading()  # type: ignore[attr-defined]
            frame = "x" * 50_000
            for _ in range(400):
                await fast.send(frame)
                assert await recv(fast) == frame
            async with asyncio.timeout(5):
                while app.connection_count > 1:
                    await asyncio.sleep(0.01)
            assert b'metafor_connections_closed_total{code="1013"} 1.0' in app.metrics()
            slow.transport.abort()


async def test_a_consumer_that_pauses_gets_everything_in_order(shell: str) -> None:
    app = RoomServer(limits=Limits(queue_messages=3000, queue_bytes=8 * 1024 * 1024))
    async with serving(app, shell) as address:
        url = f"ws://{address}/"
        async with connect(url, compression=None) as paused, connect(url, compression=None) as other:
            await other.send("ready")
            assert await recv(paused) == await recv(other) == "ready"
            paused.transport.pause_reading()  # type: ignore[attr-defined]
            sent = [f"{number} " + "x" * 4000 for number in range(1500)]
            for frame in sent:
                await app.publish(None, frame)
            assert [await recv(other) for _ in sent] == sent
            paused.transport.resume_reading()  # type: ignore[attr-defined]
            assert [await recv(paused) for _ in sent] == sent
            await app.publish(None, "after")
            assert await recv(paused) == "after"


async def test_text_that_is_no_utf8_ends_its_sender_alone(shell: str) -> None:
    app = RoomServer()
    async with serving(app, shell) as address:
        url = f"ws://{address}/"
        async with connect(url) as broken, connect(url) as alice:
            await broken.send(b'{"type": "_join", "room": "\xff\xc0"}', text=True)
            with pytest.raises(ConnectionClosed) as end:
                await recv(broken)
            if shell != "wsproto":  # which ends it without a word
                assert end.value.rcvd is not None
                assert end.value.rcvd.code == 1007
            await alice.send("still here")
            assert await recv(alice) == "still here"
        assert app.rooms == {}


async def test_a_room_of_any_name_and_length(shell: str) -> None:
    app = RoomServer()
    async with serving(app, shell) as address, connect(f"ws://{address}/") as alice:
        for name in ("\x00", "\ud800", "\U0001f600" * 256, "a\r\nb", "\u202e"):
            await alice.send(json.dumps({"type": "_join", "room": name}))
            await alice.send(json.dumps({"_room": name}))
            assert json.loads(await recv(alice)) == {"_room": name}
        for name in ("", "x" * 257, "x" * 900_000):
            await alice.send(json.dumps({"type": "_join", "room": name}))
            assert json.loads(await recv(alice))["code"] == "server/bad-room"
        assert len(app.rooms) == 5


async def test_a_page_of_another_origin_gets_no_socket(shell: str) -> None:
    app = RoomServer(origins=["self", "https://example.org"])
    async with serving(app, shell) as address:
        for origin in ("https://evil.example", "null", "https://example.org.evil.example"):
            with pytest.raises(InvalidStatus) as refused:
                async with connect(f"ws://{address}/", origin=origin):
                    pass
            assert refused.value.response.status_code == 403
        for origin in (f"http://{address}", "https://example.org", None):
            async with connect(f"ws://{address}/", origin=origin) as client:
                await client.send("hi")
                assert await recv(client) == "hi"
        assert app.connection_count <= 1


async def test_who_is_refused_reads_why(shell: str) -> None:
    seen: list[Handshake] = []

    async def on_connect(handshake: Handshake) -> str:
        seen.append(handshake)
        await asyncio.sleep(0)
        if handshake.query != "token=good":
            raise Refuse("no such token", code=4001)
        return "ada"

    async with serving(RoomServer(on_connect=on_connect), shell) as address:
        async with connect(f"ws://{address}/chat?token=bad", additional_headers={"X-Who": "me"}) as stranger:
            assert await closed(stranger) == (4001, "no such token")
        async with connect(f"ws://{address}/chat?token=good", subprotocols=["chat"]) as ada:  # type: ignore[list-item]
            assert ada.subprotocol == "chat"
            await ada.send("hi")
            assert await recv(ada) == "hi"
    assert [(h.path, h.query, h.address, h.subprotocols) for h in seen] == [
        ("/chat", "token=bad", "127.0.0.1", ()),
        ("/chat", "token=good", "127.0.0.1", ("chat",)),
    ]
    assert seen[0].headers["x-who"] == "me"


async def test_health_and_metrics(shell: str) -> None:
    app = RoomServer()
    async with serving(app, shell) as address, httpx.AsyncClient(base_url=f"http://{address}") as http:
        async with connect(f"ws://{address}/") as client:
            await client.send('{"type": "_join", "room": "news"}')
            await membership(app, {"news": 1})
            health = await http.get("/health")
            assert (health.status_code, health.json()) == (
                200,
                {"status": "ok", "connections": 1, "rooms": 1},
            )
            metrics = await http.get("/metrics")
            assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
            assert "metafor_connections 1.0\n" in metrics.text
            assert "metafor_messages_received_total 1.0\n" in metrics.text
        assert (await http.get("/")).status_code == 426
        assert "WebSocket" in (await http.get("/anything")).text


async def test_a_monitor_can_be_left_out(shell: str) -> None:
    async with (
        serving(RoomServer(monitor=False), shell) as address,
        httpx.AsyncClient(base_url=f"http://{address}") as http,
    ):
        assert (await http.get("/metrics")).status_code == (await http.get("/health")).status_code == 426


def test_importing_the_server_loads_neither_streams_nor_signals_nor_dom(
    shell: str,
) -> None:  # ruling 39
    module = "metafor.server.standalone" if shell == "standalone" else "metafor.server"
    program = (
        f"import sys, {module}\n"
        "from metafor.server import RoomServer, Limits, MemoryBroker\n"
        "found = [name for name in sys.modules if name.split('.')[0] == 'reactivex'\n"
        "         or name.startswith(('metafor.core', 'metafor.dom', 'metafor.rx'))]\n"
        "assert not found, found\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
