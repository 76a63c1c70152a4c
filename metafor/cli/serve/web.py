"""The origin: the site's files at ``/``, rooms at ``/ws``, news of changes under ``/_metafor/``."""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from metafor.cli.serve.live import LiveSite
from metafor.server import RoomServer
from metafor.server.origins import Origins

__all__ = ["CHANGES", "make_web"]

#: Where a page hears of changes, seen from ``/metafor/``.
CHANGES = "../_metafor/changes"

# What the system's own table may lack or have wrong.
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
}
_OWN = Origins(["self"])
_FOREVER = "public, max-age=31536000, immutable"
_ASK_FIRST = "no-cache"


def make_web(live: LiveSite, rooms: RoomServer, *, reload: bool) -> Starlette:
    """The ASGI app of the served origin."""

    async def file(request: Request) -> Response:
        path = request.path_params["path"] or "index.html"
        return await _answer(live, path, request)

    async def changes(socket: WebSocket) -> None:
        await _tell(live, socket)

    routes: list[BaseRoute] = [Route("/ws", rooms), WebSocketRoute("/ws", rooms)]
    if reload:
        routes.append(WebSocketRoute("/_metafor/changes", changes))
    routes.append(Route("/{path:path}", file, methods=["GET", "HEAD"]))
    return Starlette(routes=routes)


async def _answer(live: LiveSite, path: str, request: Request) -> Response:
    content = live.site.files.get(path)
    if content is None:
        return PlainTextResponse(f"There is no /{path} on this site.\n", 404)
    headers = {
        "content-type": _type_of(path),
        "cache-control": _FOREVER if path.startswith("metafor/pyodide-") else _ASK_FIRST,
    }
    if isinstance(content, bytes):
        headers["etag"] = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers)
    if not await run_in_threadpool(content.is_file):
        return PlainTextResponse(f"/{path} is gone.\n", 404)  # removed a moment ago
    return FileResponse(content, headers=headers)


async def _tell(live: LiveSite, socket: WebSocket) -> None:
    """Send the news now and whenever there are some, until the page goes or the server stops."""
    if not _OWN.allow(socket.headers.getlist("origin"), socket.headers.get("host")):
        await socket.close(1008, "another origin")  # sources in diagnostics are nobody else's affair
        return
    await socket.accept()
    gone = asyncio.create_task(_until_gone(socket))
    known: str | None = None
    try:
        while True:
            news = asyncio.create_task(live.next_news(known))
            await asyncio.wait((gone, news), return_when=asyncio.FIRST_COMPLETED)
            if not news.done():
                news.cancel()
                return
            known = news.result()
            if known is None:
                await socket.close(1001, "the server stops")
                return
            await socket.send_text(known)
    except (WebSocketDisconnect, OSError):
        return
    finally:
        gone.cancel()


async def _until_gone(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


def _type_of(path: str) -> str:
    suffix = path[path.rfind(".") :].lower() if "." in path else ""
    return _TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
