"""A room server that answers with the number of times that it was asked, and works on the first for long."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from metafor.server import RedisBroker, RoomServer


async def on_request(client: Any, file: str) -> int:
    asked = write_down(Path(file))
    if asked == 1:
        await asyncio.sleep(60)
    return asked


def write_down(path: Path) -> int:
    with path.open("a") as log:
        log.write(f"{os.getpid()}\n")
    return len(path.read_text().splitlines())


rooms = RoomServer(
    broker=RedisBroker(os.environ["ASKED_REDIS"], sweep_seconds=0.1),
    on_request=on_request,
)
