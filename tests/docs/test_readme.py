"""Every snippet of README.md, executed as it stands there."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import uvicorn
from click.testing import CliRunner

import metafor.compiler
from metafor.cli import main as metafor_command
from metafor.server import RoomServer
from metafor.testing import render

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(language: str) -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [body for name, body in BLOCK.findall(text) if name == language]


def block(language: str, mark: str) -> str:
    (found,) = [body for body in blocks(language) if mark in body]
    return found


def run(source: str, **names: Any) -> dict[str, Any]:
    scope: dict[str, Any] = {"__name__": "snippet", **names}
    exec(compile(source, "README.md", "exec"), scope)
    return scope


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The app of "A first app", importable."""
    folder = tmp_path / "counter"
    folder.mkdir()
    (folder / "counter.ptml").write_text(block("ptml", '"Counter"'), encoding="utf-8")
    (folder / "main.py").write_text(block("python", "mount("), encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    metafor.compiler.install()
    yield folder
    metafor.compiler.uninstall()
    sys.modules.pop("counter", None)


def test_no_snippet_is_left_out() -> None:
    """Each block is named by the test that runs it; a new one must get a test."""
    marks = {
        "python": ("mount(", "create_memo", "send_to", "RoomServer", "render("),
        "ptml": ('"Counter"', '"Lobby"'),
        "sh": ("make demo", "metafor serve counter", "make test"),
    }
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {name for name, _ in BLOCK.findall(text)} == set(marks)
    for language, expected in marks.items():
        assert len(blocks(language)) == len(expected)
        for mark in expected:
            assert block(language, mark)


def test_signals() -> None:
    run(block("python", "create_memo"))


def test_the_test_of_the_first_app(app: Path) -> None:
    run(block("python", "render("))


def test_the_first_app_shows_what_it_promises(app: Path) -> None:
    module = __import__("counter")
    screen = render(module.Counter, start=2)
    assert screen.text == "Clicked 2 timesGo on."
    screen.click(screen.one("button"))
    screen.click(screen.one("button"))
    assert screen.text == "Clicked 4 times" + "".join(f"click {n}" for n in (1, 2, 3, 4))


def test_the_first_app_builds(app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = block("sh", "metafor build").split("\n")
    build = next(line for line in commands if line.startswith("metafor build"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    result = CliRunner().invoke(metafor_command, build.split()[1:])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "dist" / "index.html").is_file()


def test_make_knows_the_targets() -> None:
    for line in "".join(blocks("sh")).splitlines():
        if line.startswith("make "):
            subprocess.run([shutil.which("make") or "make", "-n", *line.split()[1:]], cwd=ROOT, check=True)


async def serve(app: Any) -> tuple[uvicorn.Server, asyncio.Task[None], int]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0)
    return server, task, server.servers[0].sockets[0].getsockname()[1]


async def test_the_bot_talks_to_the_mounted_room_server() -> None:
    app = run(block("python", "RoomServer"))["app"]
    greet = run(block("python", "send_to"))["greet"]
    server, task, port = await serve(app)
    try:
        await asyncio.wait_for(greet(f"ws://127.0.0.1:{port}/ws"), 10)
    finally:
        server.should_exit = True
        await task


async def test_the_lobby_shows_what_others_say(monkeypatch: pytest.MonkeyPatch) -> None:
    server, task, port = await serve(RoomServer())
    source = block("ptml", '"Lobby"').replace('"/ws"', f'"ws://127.0.0.1:{port}/ws"')
    compiled = metafor.compiler.compile_source(source, "lobby.ptml")
    module = ModuleType("lobby")
    exec(compile(compiled.module, "lobby.ptml", "exec"), module.__dict__)
    greet = run(block("python", "send_to"))["greet"]
    screen = render(module.Lobby)
    try:
        async with asyncio.timeout(10):
            while "OPEN" not in screen.text:
                await asyncio.sleep(0)
            while "Hello from a bot" not in screen.text:
                await greet(f"ws://127.0.0.1:{port}/ws")
    finally:
        screen.dispose()
        server.should_exit = True
        await task
