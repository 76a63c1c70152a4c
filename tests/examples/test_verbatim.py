"""The examples that the specification spells out, and the one that runs on plain Python too."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.server import ServerConnection, serve

from tests.examples.conftest import EXAMPLES
from tests.spec.sections.document import snippet


@pytest.mark.parametrize(
    ("file", "section"),
    [
        ("component/chat.ptml", "Using in Components/Basic Component Example"),
        ("rooms/room_chat.ptml", "Using in Components/Component with Rooms"),
    ],
)
def test_only_the_url_differs(file: str, section: str) -> None:
    written = (EXAMPLES / file).read_text(encoding="utf-8")
    assert written.replace('Channel("/ws"', 'Channel("ws://localhost:8000/ws"') == snippet(section).code


@pytest.mark.parametrize(
    "folder", sorted(path for path in EXAMPLES.iterdir() if path.is_dir()), ids=lambda p: p.name
)
def test_every_example_is_an_app_or_a_script_that_is_explained(folder: Path) -> None:
    assert (folder / "main.py").is_file()
    said = (folder / "README.md").read_text(encoding="utf-8")
    is_app = any(folder.glob("*.ptml"))
    assert (
        f"metafor serve examples/{folder.name}" if is_app else f"python examples/{folder.name}/main.py"
    ) in said


@pytest.fixture
def echo_url() -> Iterator[str]:
    def echo(connection: ServerConnection) -> None:
        for message in connection:
            connection.send(message)

    with serve(echo, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()


def run_basic_channel(url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLES / "basic_channel" / "main.py"), url]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_basic_channel_is_a_script_too(echo_url: str) -> None:
    done = run_basic_channel(echo_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"Connected to {echo_url}",
        "Received: Hello, World!",
        "Received: {'type': 'greeting', 'text': 'Hello as JSON'}",
        "Received: b'Hello as bytes'",
        "Closed",
    ]


def test_without_a_server_the_script_says_so() -> None:
    done = run_basic_channel("ws://127.0.0.1:9")
    assert done.returncode == 1
    assert done.stderr.startswith("Failed: no connection to ws://127.0.0.1:9")
    assert "Traceback" not in done.stderr
