"""The example ticker: 1,000 instruments, 3,000 prices a second, a connection that comes and goes."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import EXAMPLES, Open, Serve
from e2e.support.watching import LOST_SOCKET, Watch

RATE = 3000

#: Milliseconds: attempts of the default policy, and Firefox's own waits.
RECONNECTED = 45_000

#: How many frames there were in a second, and in how many of them the board had changed.
FRAMES = """
() => new Promise((resolve) => {
  let [frames, drawn, changed] = [0, 0, true];
  const watch = new MutationObserver(() => { changed = true; });
  watch.observe(document.querySelector(".tiles"), { subtree: true, characterData: true, childList: true });
  const began = performance.now();
  const frame = () => {
    frames += 1;
    if (changed) drawn += 1;
    changed = false;
    if (performance.now() < began + 2000) requestAnimationFrame(frame);
    else resolve([frames / 2, drawn / 2]);
  };
  requestAnimationFrame(frame);
})
"""


class Feed:
    """``feed.py`` as a process, which can be stopped and started again on the same port."""

    def __init__(self) -> None:
        self._port = "0"
        self.start()

    def start(self) -> None:
        command = [sys.executable, EXAMPLES / "ticker" / "feed.py", "--port", self._port, "--rate", str(RATE)]
        self._process = subprocess.Popen([*command, "--seed", "1"], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        found = re.search(r"ws://127\.0\.0\.1:(\d+)/", self._process.stdout.readline())
        assert found is not None
        self.url, self._port = found[0], found[1]

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture
def feed() -> Iterator[Feed]:
    feed = Feed()
    yield feed
    feed.stop()


def figure(page: Page, title: str) -> str:
    return page.locator(f"dt:text-is('{title}') + dd").inner_text()


def test_it_keeps_up_and_says_how_the_connection_is(
    serve: Serve, open_page: Open, watch: Watch, feed: Feed
) -> None:
    watch.expect(*LOST_SOCKET)
    page = open_page(f"{serve(EXAMPLES / 'ticker').url}?feed={feed.url}")
    tiles = page.locator(".tile")
    expect(tiles).to_have_count(1000)
    expect(page.get_by_role("status")).to_have_text("Connected")

    # Prices come and are drawn, and those that come are all that are made.
    page.wait_for_function(
        f"() => Number(document.querySelector('.rate').textContent.replace(',', '')) > {RATE * 0.9}"
    )
    expect(page.locator(".tile.up").first).to_be_visible()
    # Two browsers may be driven at once, one for half a minute by a heavy test: it has to keep up within some
    # looks of two seconds, not in each.
    for _ in range(20):
        frames, drawn = page.evaluate(FRAMES)
        if frames > 20 and drawn > frames / 2:
            break
    assert frames > 20
    assert drawn > frames / 2
    expect(page.locator("dt:text-is('Round trip') + dd")).to_have_text(re.compile(r"\d+ ms"))

    # The filter keeps the tiles that stay, and the market goes on behind it.
    symbol = tiles.nth(7).locator(".symbol").inner_text()
    page.get_by_label("Filter").fill(symbol.lower())
    expect(tiles.first).to_contain_text(symbol)
    assert tiles.count() < 20

    # An order is answered.
    orders = page.get_by_role("region", name="Your orders")
    tiles.first.click()
    expect(orders.get_by_role("listitem").first).to_have_text(re.compile(r"bought at \d+\.\d\d"))

    # Without a feed the page says so, and keeps what is ordered until it is back.
    feed.stop()
    expect(page.get_by_role("status")).to_have_text(re.compile("Connection lost|Connecting"))
    tiles.first.click()
    expect(orders.get_by_role("listitem").first).to_have_text(re.compile("waits for the connection"))
    assert figure(page, "Queued") == "1"
    feed.start()
    expect(page.get_by_role("status")).to_have_text("Connected", timeout=RECONNECTED)
    expect(orders.get_by_role("listitem").first).to_have_text(re.compile("bought at"))
    assert figure(page, "Queued") == figure(page, "Attempts") == "0"
