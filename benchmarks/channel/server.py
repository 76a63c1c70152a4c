"""The other end of the benchmark, a process of its own: ``python server.py FOLDER``.

It serves the files of FOLDER, and WebSockets: ``/flood`` sends as many messages as it is asked for, in one
piece; ``/sink`` says when it has read as many as it was told; ``/ticks`` sends messages at an even rate;
what a page says to ``/report`` is printed, a line each. The first line printed is the port.
"""

from __future__ import annotations

import asyncio
import json
import mimetypes
import random
import struct
import sys
import time
from http import HTTPStatus
from pathlib import Path

from websockets.asyncio.server import Request, Response, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed

#: Rows of the page that shows ticks.
ROWS = 100
#: A page may be served from here only, and gets a clock of 5 µs in return.
ISOLATED = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"}


def messages(count: int) -> list[str]:
    """JSON of about 60 bytes each, all of one length."""
    chance = random.Random(1)
    return [
        json.dumps(
            {"symbol": f"S{number % 1000:03}", "price": chance.randrange(10_000, 99_999), "n": 10**6 + number}
        )
        for number in range(count)
    ]


def frames(texts: list[str]) -> bytes:
    """Unmasked text frames (RFC 6455, section 5.2), shorter than 126 bytes."""
    return b"".join(struct.pack("!BB", 0x81, len(text)) + text.encode() for text in texts)


async def flood(websocket: ServerConnection) -> None:
    ready: dict[int, bytes] = {}
    async for asked in websocket:
        count = int(asked)
        if count not in ready:
            ready[count] = frames(messages(count))
        websocket.transport.write(ready[count])  # faster than any client, and than the library


async def sink(websocket: ServerConnection) -> None:
    async for asked in websocket:
        for _ in range(int(asked)):
            await websocket.recv()
        await websocket.send("done")


async def ticks(websocket: ServerConnection) -> None:
    """``RATE SECONDS`` is what the client says first."""
    rate, seconds = map(float, str(await websocket.recv()).split())
    began = time.time()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        if due > time.time():
            await asyncio.sleep(due - time.time())
        text = json.dumps({"row": number * 7 % ROWS, "price": number, "at": time.time() * 1000})
        await websocket.send(text)


async def report(websocket: ServerConnection) -> None:
    async for line in websocket:
        print(line, flush=True)


SOCKETS = {"/flood": flood, "/sink": sink, "/ticks": ticks, "/report": report}


async def connected(websocket: ServerConnection) -> None:
    assert websocket.request is not None
    try:
        await SOCKETS[websocket.request.path](websocket)
    except ConnectionClosed:
        pass


async def main(folder: Path) -> None:
    def answer(_: ServerConnection, request: Request) -> Response | None:
        path = request.path.split("?")[0]
        if path in SOCKETS:
            return None
        file = folder / (path[1:] + "index.html" if path.endswith("/") else path[1:])
        if not file.is_file():
            return Response(HTTPStatus.NOT_FOUND, "Not Found", Headers(ISOLATED), b"")
        kind = {".js": "text/javascript", ".wasm": "application/wasm"}.get(file.suffix)
        kind = kind or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        body = file.read_bytes()
        headers = Headers(
            {**ISOLATED, "Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close"}
        )
        return Response(HTTPStatus.OK, "OK", headers, body)

    async with serve(
        connected,
        "127.0.0.1",
        0,
        process_request=answer,
        compression=None,
        ping_interval=None,
        max_queue=1024,
    ) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
