"""``docs/server.md``: its snippets run, and do what the page says."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from click.testing import CliRunner
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from metafor.cli import main
from metafor.server import Limits
from metafor.server.rules import Rules
from tests.server.asgi_driver import Peer, peers, settle

PAGE = (Path(__file__).parents[2] / "docs" / "server.md").read_text(encoding="utf-8")


def names_of_the_page() -> dict[str, Any]:
    """What all Python of the page defines."""
    log = logging.getLogger("metafor.server")
    handlers = list(log.handlers)
    names: dict[str, Any] = {}
    exec(
        compile(
            "\n".join(re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)), "page", "exec"
        ),
        names,
    )
    assert len(log.handlers) == len(handlers) + 1
    log.handlers = handlers
    return names


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    return names_of_the_page()


async def test_the_application_takes_part(page: dict[str, Any]) -> None:
    async with peers(page["rooms"], 2) as (alice, bob):
        alice.send('{"type": "_join", "room": "news"}')
        await settle()
        await page["breaking_news"]("hi")
        assert json.loads(await alice.receive()) == {"_room": "news", "text": "hi"}
        for peer in (alice, bob):
            assert json.loads(await peer.receive()) == {"notice": "thanks"}
    assert len(page["app"].routes) == 1


async def test_the_hooks_of_the_page(page: dict[str, Any]) -> None:
    stranger = Peer(page["guarded"])
    await stranger.open()
    assert await stranger.closed() == (4001, "log in first")
    ada = Peer(page["guarded"], headers=[("Cookie", "session=sesame")])
    await ada.open()
    ada.send('{"type": "_join", "room": "staff room"}')
    refused = {"type": "_error", "code": "server/refused", "message": "for staff only", "room": "staff room"}
    assert json.loads(await ada.receive()) == refused
    ada.send('{"type": "_join", "room": "news"}')
    ada.send('{"_room": "news", "text": "hi"}')
    assert json.loads(await ada.receive()) == {"_room": "news", "text": "hi", "from": "ada"}
    ada.send("hello")
    assert json.loads(await ada.receive())["message"] == "say it in a room"
    await ada.leave()


async def test_uvicorn_says_goodbye_first() -> None:
    page = names_of_the_page()  # its server can be closed only once

    class Server(page["Server"]):  # type: ignore[misc]
        def capture_signals(self) -> Any:  # signals belong to pytest
            return nullcontext()

    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(uvicorn.Config(page["app"], log_level="critical", ws="websockets-sansio"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    async with connect(f"ws://127.0.0.1:{listener.getsockname()[1]}/ws") as client:
        await client.send("hello")
        assert await client.recv() == "hello"
        server.should_exit = True
        with pytest.raises(ConnectionClosed) as closed:
            await client.recv()
    await task
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1012, "retry-after=0 the server restarts")


def test_the_page_knows_every_rule_and_option() -> None:
    for rule in fields(Rules):
        assert f"| `{rule.name}` |" in PAGE
    for limit in re.findall(r"^        (\w+)=", PAGE, re.MULTILINE):
        assert limit in {field.name for field in fields(Limits)}
    options = CliRunner().invoke(main, ["rooms", "--help"]).output
    for option in set(re.findall(r"(--[a-z][a-z-]+)", PAGE)) - {"--ws", "--ws-per-message-deflate"}:
        assert option in options


def test_a_cell_of_its_own_for_each_room() -> None:
    text = (Path(__file__).parents[2] / "docs" / "scale.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    exec(compile(code, "scale.md", "exec"), names)
    before = [names["cell_of"](f"room {number}", 9) for number in range(2000)]
    after = [names["cell_of"](f"room {number}", 10) for number in range(2000)]
    assert {new for old, new in zip(before, after, strict=True) if old != new} == {9}
    assert all(150 < after.count(cell) < 250 for cell in range(10))


def test_the_page_knows_every_code_that_clients_are_told() -> None:
    server = Path(__file__).parents[2] / "metafor" / "server"
    source = "".join(path.read_text(encoding="utf-8") for path in server.rglob("*.py"))
    codes = re.findall(r'(?:Mistake|error_frame)\(\s*"([a-z-]+)"', source)
    codes += re.findall(r'refuse\(connection, "([a-z-]+)"', source)
    assert len(set(codes)) == 9
    for code in codes:
        assert f"| `server/{code}` |" in PAGE
