"""Reconnects by the hundred, and what they leave behind. A page runs this file too."""

from __future__ import annotations

import asyncio
import gc
import sys
from typing import Any

from metafor.channels import Channel

#: Reconnects before the first measure: what is made once, for the first of them, is no leak.
WARM_UP = 10


async def reconnect(channel: Channel, times: int, cut: Any, settle: float = 0.05) -> dict[str, list[int]]:
    """Reconnect so many times, after `WARM_UP`; gives each of `sizes` before and after.

    ``cut`` is awaited while the channel is open, and ends its connection some time later. A message is
    sent on each connection. ``settle``: seconds of quiet before a measure.
    """
    opened: asyncio.Queue[None] = asyncio.Queue()
    channel.on_open(lambda: opened.put_nowait(None))
    channel.on_error(lambda error: None)
    await channel.connect()
    await opened.get()
    before: dict[str, int] = {}
    for number in range(WARM_UP + times):
        if number == WARM_UP:
            before = await sizes(settle)
        await channel.send(str(number))
        await cut()
        await opened.get()
    after = await sizes(settle)
    await channel.close()
    return {name: [before[name], after[name]] for name in before}


async def sizes(settle: float) -> dict[str, int]:
    """Tasks, Python objects, and in a page proxies of Python objects and references to those of JavaScript.

    ``memory`` is the WebAssembly heap of a page, in KiB.
    """
    await asyncio.sleep(settle)
    gc.collect()
    found = {"tasks": len(asyncio.all_tasks()), "objects": len(gc.get_objects())}
    if sys.platform == "emscripten":
        import pyodide_js

        module = pyodide_js._module
        found["proxies"] = module.pyproxy_alloc_map.size
        found["references"] = module._hiwire_num_refs()
        found["memory"] = module.HEAP8.length >> 10
    return found


def trace_proxies() -> None:
    """In a page: count proxies from now on."""
    import pyodide_js

    pyodide_js._module.enable_pyproxy_allocation_tracing()


def is_flat(sizes: dict[str, list[int]], times: int) -> bool:
    """Whether nothing grows with the number of reconnects: a tenth of an object for each is no growth."""
    for name, (before, after) in sizes.items():
        allowed = {"tasks": 0, "proxies": 0, "memory": before // 4}.get(name, times // 10)
        if after - before > allowed:
            return False
    return True
