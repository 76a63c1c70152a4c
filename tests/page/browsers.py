"""Chromium and Firefox as Debian packages them, and a static server that is strict."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Playwright

NAMES = ("chromium", "firefox")
_QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
BOOT_MS = 60_000


def launch(playwright: Playwright, name: str) -> Browser:
    if name == "chromium":
        return playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_QUIET.split())
    return playwright.firefox.launch(channel="moz-firefox", executable_path="/usr/bin/firefox-esr")


def new_context(browser: Browser, name: str) -> BrowserContext:
    if name == "chromium":
        return browser.new_context()
    # Debian's Firefox refuses the commands that would emulate these.
    return browser.new_context(
        color_scheme="null", reduced_motion="null", forced_colors="null", contrast="null"
    )


class Visit:
    """One page: what it said on its console, and which other origins it asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.console: list[tuple[str, str]] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.console.append((message.type, message.text)))
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, url: str, state: str) -> None:
        """Go to ``url`` and wait until the page says that it is in ``state`` (ruling 33)."""
        self.page.goto(url)
        self.expect_state(state)

    def expect_state(self, state: str) -> None:
        # Not wait_for_function: it would need eval, which the tests' policy forbids.
        self.page.locator(f"html[data-metafor={state}]").wait_for(state="attached", timeout=BOOT_MS)


#: As strict as the documentation promises, and stricter about everything but scripts.
POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src data:"


@contextmanager
def static_server(folder: Path, policy: str = POLICY, withheld: str | None = None) -> Iterator[str]:
    """Serves ``folder`` as Python's own ``http.server`` does, with a Content-Security-Policy.

    A request for a file called ``withheld`` is left without an answer until the server ends.
    """
    ending = threading.Event()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def do_GET(self) -> None:
            if withheld is not None and self.path.endswith(f"/{withheld}"):
                ending.wait()
                self.close_connection = True
                return
            super().do_GET()

        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", policy)
            super().end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        ending.set()
        server.shutdown()
        thread.join()
        server.server_close()
