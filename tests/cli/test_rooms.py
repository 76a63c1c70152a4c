"""``metafor rooms``, as a process of its own."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from metafor.cli import main
from metafor.server import Limits, MemoryBroker, RedisBroker, RoomServer


@contextmanager
def served(*arguments: str, folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """``metafor rooms`` on a free port: its address (without ws://) and its process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "metafor.cli", "rooms", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.match(r"Rooms on ws://([\d.:]+)/", line)
        assert found, (line, process.stderr and process.stderr.read())
        yield found[1], process
    finally:
        process.kill()
        process.communicate()


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    options = ("--log", "json", "--origin", "https://example.org", "--status-replies", "--no-echo")
    with served(*options, folder=tmp_path) as (address, process):
        with pytest.raises(InvalidStatus):
            connect(f"ws://{address}/", origin="https://evil.example")  # type: ignore[arg-type]
        with connect(f"ws://{address}/") as alice, connect(f"ws://{address}/") as bob:
            alice.send('{"type": "_join", "room": "news"}')
            assert json.loads(alice.recv(5)) == {"status": "joined", "room": "news"}
            bob.send('{"_room": "news"}')
            assert alice.recv(5) == '{"_room": "news"}'
            with urllib.request.urlopen(f"http://{address}/health", timeout=5) as answer:
                assert json.load(answer)["connections"] == 2
            process.send_signal(signal.SIGTERM)
            with pytest.raises(ConnectionClosed) as closed:
                alice.recv(5)
            assert closed.value.rcvd is not None
            assert (closed.value.rcvd.code, closed.value.rcvd.reason[:12]) == (1012, "retry-after=")
        _, errors = process.communicate(timeout=10)
        assert process.returncode == 0
    records = [json.loads(line) for line in errors.splitlines()]
    assert [record["event"] for record in records] == ["origin refused", "closing"]
    assert records[0]["origin"] == "https://evil.example"


def test_a_server_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "chat.py").write_text(
        "from metafor.server import Refuse, RoomServer\n"
        "def on_send(client, room, message):\n"
        "    raise Refuse('be quiet')\n"
        "rooms = RoomServer(on_send=on_send)\n"
    )
    with served("chat:rooms", folder=tmp_path) as (address, _), connect(f"ws://{address}/") as alice:
        alice.send("hello")
        assert json.loads(alice.recv(5))["message"] == "be quiet"


def made(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> RoomServer:
    """The server that ``metafor rooms`` would run."""
    servers: list[RoomServer] = []

    async def serve(server: RoomServer, **_: object) -> None:
        servers.append(server)

    monkeypatch.setattr("metafor.server.standalone.serve", serve)
    result = CliRunner().invoke(main, ["rooms", "--port", "0", *arguments])
    assert result.exit_code == 0, result.output
    return servers[0]


def test_limits_are_options(monkeypatch: pytest.MonkeyPatch) -> None:
    assert made(monkeypatch).limits == Limits()
    options = (
        "--max-connections 3 --max-rooms 4 --max-message 5 --max-rate 0.5 --burst 6 --max-queue 7 --returns 8"
    )
    assert made(monkeypatch, *options.split()).limits == Limits(
        connections=3,
        rooms=4,
        message_bytes=5,
        messages_per_second=0.5,
        burst=6,
        queue_bytes=7,
        returns_per_second=8,
    )


@pytest.mark.parametrize(("options", "kept"), [([], 10), (["--history", "2"], 2)])
async def test_so_many_messages_of_a_room_are_kept(
    monkeypatch: pytest.MonkeyPatch, options: list[str], kept: int
) -> None:
    rooms = await asyncio.to_thread(made, monkeypatch, *options)
    broker = rooms._broker
    begin = await broker.position("news")
    for number in range(10):
        await rooms.publish("news", {"number": number})
    replay = await broker.replay("news", begin, 100)
    numbers = [json.loads(message.frame)["number"] for message in replay.messages]
    assert numbers == list(range(10))[-kept:]
    await rooms.close()


@pytest.mark.parametrize("broker", [MemoryBroker, RedisBroker])
def test_options_of_history_have_the_defaults_of_the_brokers(broker: type) -> None:
    options = {option.name: option.default for option in main.commands["rooms"].params}
    for name in ("history", "history_seconds", "session_seconds"):
        assert options[name] == inspect.signature(broker).parameters[name].default


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere_at_all:rooms"], "there is no nowhere_at_all:rooms"),
        (["chat:rooms", "--burst", "9"], "--burst says how a RoomServer is made, and chat:rooms is one"),
        (["json:dumps"], "json:dumps is a function, not a RoomServer"),
        (["--host", "host.invalid"], "cannot listen on host.invalid"),
        (["--redis", "redis://127.0.0.1:1"], "Redis cannot be reached"),
        (["--redis", "http://x"], "'http://x' is no address of a Redis"),
    ],
)
def test_what_cannot_be_is_said(arguments: list[str], told: str) -> None:
    result = CliRunner().invoke(main, ["rooms", "--port", "0", *arguments])
    assert result.exit_code != 0
    assert told in result.stderr
    assert "Traceback" not in result.stderr
    assert "->" in result.stderr
