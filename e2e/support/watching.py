"""What pages complain of. A test fails on every error that it did not expect."""

from __future__ import annotations

import re
import time

from playwright.sync_api import ConsoleMessage, Error, Page, Request

__all__ = ["LOST_SOCKET", "STDERR", "Watch"]

#: What Python prints to sys.stderr, such as the tracebacks of reported errors.
STDERR = r"/metafor/start\.js"

#: What the browsers themselves say about a socket whose server is gone.
LOST_SOCKET = (
    "WebSocket connection to .* failed",
    "can’t establish a connection to the server at ws",
    "connection to ws.* was interrupted",
)


class Watch:
    """Hears the console, the uncaught errors and the requests of every page that it follows."""

    def __init__(self) -> None:
        self.console: list[str] = []
        self.errors: list[str] = []
        self.requests: list[str] = []
        self._expected: list[re.Pattern[str]] = []

    def follow(self, page: Page) -> None:
        """Listen to a page, from its first request on."""
        page.on("console", self._said)
        page.on("pageerror", self._raised)
        page.on("request", self._requested)

    def expect(self, *patterns: str) -> None:
        """Allow errors that match one of the regular expressions."""
        self._expected += [re.compile(pattern, re.DOTALL) for pattern in patterns]

    @property
    def unexpected(self) -> list[str]:
        """The errors that nobody allowed."""
        return [text for text in self.errors if not any(one.search(text) for one in self._expected)]

    def wait_for(self, page: Page, *texts: str, timeout: float = 60) -> None:
        """Return once the console showed every text; AssertionError after ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        while missing := [text for text in texts if text not in self.console]:
            if time.monotonic() > deadline:
                raise AssertionError(f"the console never showed {missing}:\n" + "\n".join(self.console))
            page.wait_for_timeout(50)  # lets Playwright deliver events

    def _said(self, message: ConsoleMessage) -> None:
        self.console.append(message.text)
        if message.type == "error":
            self.errors.append(f"console.error: {message.text} ({message.location.get('url', '')})")

    def _raised(self, error: Error) -> None:
        self.errors.append(f"uncaught: {error}")

    def _requested(self, request: Request) -> None:
        self.requests.append(request.url)
