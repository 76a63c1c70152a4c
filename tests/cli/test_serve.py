"""The served origin: its files, its headers, its news. And the command, as a process."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from metafor.cli.build.site import Builder
from metafor.cli.runtime.find import Runtime
from metafor.cli.serve.live import LiveSite
from metafor.cli.serve.web import CHANGES, make_web
from metafor.server import RoomServer
from tests.cli.conftest import MakeApp, fake_runtime, write_tree

PYODIDE = "/metafor/pyodide-314.0.7"


@asynccontextmanager
async def client(live: LiveSite, *, reload: bool = True) -> AsyncIterator[httpx.AsyncClient]:
    web = make_web(live, RoomServer(), reload=reload)
    transport = httpx.ASGITransport(app=web)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as opened:
        yield opened


def live_site(app: Path, runtime: Runtime) -> LiveSite:
    return LiveSite(Builder(app, runtime, changes=CHANGES))


@pytest.mark.parametrize(
    ("path", "kind", "cache"),
    [
        ("/", "text/html; charset=utf-8", "no-cache"),
        ("/index.html", "text/html; charset=utf-8", "no-cache"),
        ("/metafor/boot.js?v=1", "text/javascript; charset=utf-8", "no-cache"),
        ("/metafor/manifest.json", "application/json", "no-cache"),
        ("/metafor/app.zip", "application/zip", "no-cache"),
        ("/assets/a.css", "text/css; charset=utf-8", "no-cache"),
        ("/assets/noext", "application/octet-stream", "no-cache"),
        (f"{PYODIDE}/pyodide.asm.wasm", "application/wasm", "immutable"),
        (f"{PYODIDE}/pyodide.asm.js", "text/javascript; charset=utf-8", "immutable"),
    ],
)
async def test_types_and_caches(
    make_app: MakeApp, runtime: Runtime, path: str, kind: str, cache: str
) -> None:
    live = live_site(make_app({"assets/a.css": "p{}", "assets/noext": "x"}), runtime)
    async with client(live) as http:
        answer = await http.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == kind
        assert cache in answer.headers["cache-control"]
        again = await http.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code in (200, 304)
        assert (await http.head(path)).status_code == 200


@pytest.mark.parametrize(
    "path", ["/main.py", "/nowhere", "/assets/", "/assets/../main.py", "/%2e%2e/main.py"]
)
async def test_what_is_not_on_the_site(make_app: MakeApp, runtime: Runtime, path: str) -> None:
    async with client(live_site(make_app({}), runtime)) as http:
        assert (await http.get(path)).status_code == 404


async def test_an_unchanged_file_is_not_sent_again(make_app: MakeApp, runtime: Runtime) -> None:
    async with client(live_site(make_app({}), runtime)) as http:
        first = await http.get("/")
        second = await http.get("/", headers={"if-none-match": first.headers["etag"]})
        assert (second.status_code, second.content) == (304, b"")


async def test_the_room_server_is_at_ws(make_app: MakeApp, runtime: Runtime) -> None:
    async with client(live_site(make_app({}), runtime)) as http:
        assert (await http.get("/ws")).status_code == 426


async def test_an_asset_removed_a_moment_ago(make_app: MakeApp, runtime: Runtime) -> None:
    app = make_app({"assets/a.css": ""})
    async with client(live_site(app, runtime)) as http:
        (app / "assets" / "a.css").unlink()
        assert (await http.get("/assets/a.css")).status_code == 404


async def test_mistakes_come_and_go(make_app: MakeApp, runtime: Runtime) -> None:
    app = make_app({"main.py": "x = 1"})
    live = live_site(app, runtime)
    good = live.news
    assert json.loads(good)["problems"] is None
    assert await live.rebuild() is False
    waiting = asyncio.create_task(live.next_news(good))
    write_tree(app, {"main.py": "x ="})
    assert await live.rebuild() is True
    broken = await waiting
    assert broken is not None
    assert "main.py:1: invalid syntax" in json.loads(broken)["problems"]
    async with client(live) as http:
        manifest = (await http.get("/metafor/manifest.json")).json()
        assert "main.py:1: invalid syntax" in manifest["problems"]
    (app / "main.py").unlink()
    assert await live.rebuild() is True
    assert live.problems is not None
    assert "has no main.py" in live.problems
    write_tree(app, {"main.py": "x = 1"})
    assert await live.rebuild() is True
    assert live.news == good  # the page that was good is good again, and need not reload


async def test_waiting_for_news_ends_with_the_server(make_app: MakeApp, runtime: Runtime) -> None:
    live = live_site(make_app({}), runtime)
    waiting = asyncio.create_task(live.next_news(live.news))
    await asyncio.sleep(0)
    await live.close()
    assert await waiting is None


# -- As a process ----------------------------------------------------------------------------------


@contextmanager
def served(app: Path, runtime: Path, *options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """``metafor serve`` on a free port: its address (without http://) and its process."""
    command = [sys.executable, "-m", "metafor.cli", "serve", str(app), "--port", "0"]
    process = subprocess.Popen(
        [*command, "--runtime", str(runtime), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    try:
        printed = ""
        for line in process.stdout:
            printed += line
            if found := re.search(r"on http://([\d.:]+)/", line):
                yield found[1], process
                break
        else:
            pytest.fail(f"it never listened: {printed}")
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def news(socket: Any) -> dict[str, Any]:
    received: dict[str, Any] = json.loads(socket.recv(timeout=20))
    return received


def test_a_change_reaches_the_page_and_the_terminal(make_app: MakeApp, runtime: Runtime) -> None:
    app = make_app({"main.py": "import a", "a.py": ""})
    with (
        served(app, runtime.folder) as (address, process),
        connect(f"ws://{address}/_metafor/changes", origin=Origin(f"http://{address}")) as page,
    ):
        assert process.stdout is not None
        first = news(page)
        assert first["problems"] is None
        write_tree(app, {".hidden.py": "x", "unused.py": "x", "a.py": "import metafor.server"})
        assert "a.py:1: imports metafor.server" in news(page)["problems"]
        assert "a.py" in process.stdout.readline()
        assert process.stdout.readline() == "\n"
        assert "a.py:1: imports metafor.server" in process.stdout.readline()
        write_tree(app, {"a.py": "x = 2"})
        assert news(page) == {"id": news_id(address), "problems": None}


def news_id(address: str) -> str:
    return str(httpx.get(f"http://{address}/metafor/manifest.json").json()["id"])


@pytest.mark.parametrize("path", ["/_metafor/changes", "/ws"])
def test_another_origin_hears_nothing(make_app: MakeApp, runtime: Runtime, path: str) -> None:
    with (
        served(make_app({}), runtime.folder) as (address, _),
        pytest.raises(InvalidStatus),
        connect(f"ws://{address}{path}", origin=Origin("http://evil.example")),
    ):
        pass


def test_a_broken_app_is_served_and_mended(make_app: MakeApp, runtime: Runtime) -> None:
    app = make_app({"main.py": "import nowhere"})
    with served(app, runtime.folder) as (address, _):
        manifest = httpx.get(f"http://{address}/metafor/manifest.json").json()
        assert "imports nowhere" in manifest["problems"]
        with connect(f"ws://{address}/_metafor/changes") as page:
            assert "imports nowhere" in news(page)["problems"]
            write_tree(app, {"main.py": ""})
            assert news(page)["problems"] is None


def test_no_reload_watches_nothing(make_app: MakeApp, runtime: Runtime) -> None:
    with served(make_app({}), runtime.folder, "--no-reload") as (address, _):
        manifest = httpx.get(f"http://{address}/metafor/manifest.json").json()
        assert manifest["changes"] is None
        assert httpx.get(f"http://{address}/metafor/changes.js").status_code == 404


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
async def test_stopping_is_fast_with_open_sockets(
    make_app: MakeApp, tmp_path: Path, stop: signal.Signals
) -> None:
    runtime = fake_runtime(tmp_path / "pyodide")
    with served(make_app({}), runtime) as (address, process):
        async with (
            connect_async(f"ws://{address}/ws") as room,
            connect_async(f"ws://{address}/_metafor/changes") as page,
        ):
            await page.recv()
            await room.send("hello")
            assert await room.recv() == "hello"
            began = time.monotonic()
            process.send_signal(stop)
            with pytest.raises(ConnectionClosed) as closed:
                await room.recv()
            assert closed.value.rcvd is not None
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (
                1012,
                "retry-after=0 the server restarts",
            )
        code = await asyncio.to_thread(process.wait, 10)
        assert time.monotonic() - began < 3
        assert code == (0 if stop == signal.SIGINT else -signal.SIGTERM)


def test_rooms_work_through_the_served_origin(make_app: MakeApp, runtime: Runtime) -> None:
    with (
        served(make_app({}), runtime.folder) as (address, _),
        connect(f"ws://{address}/ws") as alice,
        connect(f"ws://{address}/ws") as bob,
    ):
        alice.send('{"type": "_join", "room": "news"}')
        bob.send('{"type": "_join", "room": "news"}')
        bob.send('{"_room": "news", "text": "hi"}')
        assert bob.recv(timeout=5) == '{"_room": "news", "text": "hi"}'
        assert alice.recv(timeout=5) == '{"_room": "news", "text": "hi"}'


def test_a_port_in_use_ends_the_process(make_app: MakeApp, runtime: Runtime) -> None:
    app = make_app({})
    with served(app, runtime.folder) as (address, _):
        port = address.rpartition(":")[2]
        command = [sys.executable, "-m", "metafor.cli", "serve", str(app), "--port", port]
        done = subprocess.run(
            [*command, "--runtime", str(runtime.folder)],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 2
        assert f"port {port} on 127.0.0.1 is in use" in done.stderr
