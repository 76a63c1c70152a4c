"""``metafor rooms``, as a process of its own."""

from __future__ import annotations

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


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere_at_all:rooms"], "there is no nowhere_at_all:rooms"),
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
