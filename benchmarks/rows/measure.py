"""Runs the operations in Chromium: frameworks by turns, a fresh page for each operation of each round."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from benchmarks.rows.operations import Operation
from e2e.support.browsers import CHROMIUM_FLAGS

__all__ = ["Memory", "Times", "chromium", "memory", "run_once", "serving"]

_PROBE = (Path(__file__).parent / "probe.js").read_text(encoding="utf-8")
_FLAGS = [*CHROMIUM_FLAGS, "--disable-frame-rate-limit", "--js-flags=--expose-gc"]
#: Milliseconds until a page must be there.
_PATIENCE = 60_000


class Times(NamedTuple):
    """Milliseconds of one operation: in script, and to the next frame."""

    script: float
    frame: float


class Memory(NamedTuple):
    """What a page holds after garbage collection."""

    nodes: int
    listeners: int
    megabytes: float


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Static files of an isolated origin: it has a clock of 5 µs."""

    protocol_version = "HTTP/1.1"
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript"}

    def end_headers(self) -> None:
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve ``folder`` on loopback; gives the URL, with a slash at the end."""

    def handler(*args: Any) -> _Handler:
        return _Handler(*args, directory=str(folder))

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@contextmanager
def chromium(executable: str) -> Iterator[Browser]:
    """A headless Chromium that draws a frame as soon as there is one."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_FLAGS)
        yield browser
        browser.close()


@contextmanager
def _opened(browser: Browser, url: str) -> Iterator[Page]:
    context: BrowserContext = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("crash", lambda _: said.append("it crashed"))
    page.on("requestfailed", lambda request: said.append(f"{request.url}: {request.failure}"))
    page.add_init_script(_PROBE)
    try:
        page.goto(url)
        page.wait_for_function("probe.ready()", timeout=_PATIENCE)
    except Exception as error:
        error.add_note(f"The page said: {'; '.join(said) or 'nothing'}. It shows: {_text(page)}")
        raise
    yield page
    context.close()


def _text(page: Page) -> str:
    try:
        return repr(page.inner_text("body", timeout=1_000))
    except PlaywrightError as error:
        return f"what cannot be read ({error.message})"


def run_once(browser: Browser, url: str, operation: Operation, *, warm: bool) -> Times:
    """One operation on a fresh page, ``warm``: after its warm-ups; AssertionError when the table is not as it
    must be after it.
    """
    with _opened(browser, url) as page:
        assert page.evaluate("crossOriginIsolated"), "the clock is coarse"
        page.evaluate("(selectors) => probe.prepare(selectors)", operation.clicks_before(warm=warm))
        times = page.evaluate("(selector) => probe.measure(selector)", operation.click)
        problem = operation.check(page.evaluate("probe.table()"), warm=warm)
        assert not problem, f"{url}: {problem}"
    return Times(times["script"], times["frame"])


def memory(browser: Browser, url: str, cycles: int) -> list[Memory]:
    """What the page holds at first, after one cycle of creating and clearing 1,000 rows, after ``cycles``."""
    taken: list[Memory] = []
    with _opened(browser, url) as page:
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")

        def take() -> None:
            page.evaluate("probe.settle()")
            session.send("HeapProfiler.collectGarbage")
            counters = session.send("Memory.getDOMCounters")
            used = page.evaluate("performance.measureUserAgentSpecificMemory().then((all) => all.bytes)")
            taken.append(Memory(counters["nodes"], counters["jsEventListeners"], used / 1e6))

        take()
        for cycle in range(cycles):
            page.evaluate("probe.click('#run')")
            page.evaluate("probe.click('#clear')")
            if cycle in (0, cycles - 1):
                take()
    return taken
