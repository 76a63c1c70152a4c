"""1,000 mounts and disposals of a page with handlers, refs, portals and lists leave nothing in a browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from e2e.conftest import Open, Serve

APP = Path(__file__).parent / "apps" / "leaks"
OBJECTS = "objects that Python's collector knows"


def test_1000_mounts_and_disposals(serve: Serve, open_page: Open, engine: str) -> None:
    page = open_page(serve(APP).url)
    first, first_listeners = cycles(page, 50), listeners(page, engine)
    assert first["ids in use"] == 0
    for _ in range(5):
        last = cycles(page, 190)
    # Python itself makes and drops an object now and then; one left by every tenth mount would be 95 more.
    assert last.pop(OBJECTS) < first.pop(OBJECTS) + 95
    assert last == first
    assert listeners(page, engine) == first_listeners


def cycles(page: Page, count: int) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(page.evaluate("count => cycles(count)", count))
    return held


def listeners(page: Page, engine: str) -> tuple[int, int] | None:
    """Listeners and nodes that live after garbage collection; Firefox does not tell."""
    if engine != "chromium":
        return None
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    counters = session.send("Memory.getDOMCounters")
    session.detach()
    return counters["jsEventListeners"], counters["nodes"]
