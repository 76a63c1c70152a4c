"""One browser of each engine for the session, one server for a module, one context for a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from e2e.support.browsers import ENGINES, launch, new_context
from e2e.support.gate import Gate
from e2e.support.serving import Served
from e2e.support.watching import Watch
from tests.background import Background

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"

#: Seconds that Python may take to start in a page, on a machine that has other things to do.
START = 60

Open = Callable[..., Page]
OpenPages = Callable[..., list[Page]]
MakeApp = Callable[[dict[str, str]], Path]
Serve = Callable[[Path], Served]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=ENGINES, help="only in this browser")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--engine")
        # Two processes of pytest share the work: each has one browser to itself.
        engines = [pytest.param(one, marks=pytest.mark.xdist_group(one)) for one in ENGINES]
        metafunc.parametrize("engine", [chosen] if chosen else engines, scope="session")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        expect.set_options(timeout=15_000)
        yield playwright


@pytest.fixture(scope="session")
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.close()


@pytest.fixture(scope="session")
def browser(playwright: Playwright, engine: str, gate: Gate) -> Iterator[Browser]:
    browser = launch(playwright, engine, gate.url)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """Serves apps until the module ends; the same app is served once."""
    running: dict[Path, Served] = {}

    def serve(app: Path) -> Served:
        if app not in running:
            running[app] = Served(app).start()
        return running[app]

    yield serve
    for served in running.values():
        served.stop()


@pytest.fixture
def background() -> Iterator[Background]:
    """Where a test that is not asynchronous has its servers and proxies."""
    with Background() as background:
        yield background


@pytest.fixture(scope="session")
def gallery_page(browser: Browser) -> Iterator[tuple[Page, Watch]]:
    """The page of ``e2e/gallery``, started once for all tests: each looks at a section of its own."""
    watch = Watch()
    served = Served(ROOT / "e2e" / "gallery").start()
    context = new_context(browser)
    page = context.new_page()
    watch.follow(page)
    page.goto(served.url, wait_until="commit")
    page.locator("html:is([data-metafor=ready], [data-metafor=error])").wait_for(
        state="attached", timeout=START * 1000
    )
    yield page, watch
    context.close()
    served.stop()


@pytest.fixture
def gallery(gallery_page: tuple[Page, Watch], watch: Watch) -> Page:
    """The gallery's page, whose complaints count for the test that runs."""
    page, heard = gallery_page
    heard.console, heard.errors, heard.requests = watch.console, watch.errors, watch.requests
    return page


@pytest.fixture
def make_app(tmp_path: Path) -> MakeApp:
    """Writes an app, of indented texts, and gives its directory."""

    def make(files: dict[str, str]) -> Path:
        root = tmp_path / "app"
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        return root

    return make


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What the pages of this test complain of; the test fails on what it did not expect."""
    watch = Watch()
    yield watch
    assert not watch.unexpected, "the page complained:\n" + "\n".join(watch.unexpected)


@pytest.fixture
def open_pages(browser: Browser, watch: Watch) -> Iterator[OpenPages]:
    """Opens pages of one app side by side, and waits until the app is ``ready`` in all of them.

    Each is a visitor of its own, who shares nothing with the others. ``until`` names another state to
    wait for (None: wait for nothing); ``before`` is JavaScript that runs first in each page.
    """
    contexts: list[BrowserContext] = []

    def open_pages(count: int, url: str, until: str | None = "ready", before: str = "") -> list[Page]:
        pages = []
        for _ in range(count):
            contexts.append(new_context(browser))
            page = contexts[-1].new_page()
            watch.follow(page)
            if before:
                page.add_init_script(before)
            page.goto(url, wait_until="commit")
            pages.append(page)
        for page in pages if until else ():
            settled = page.locator("html:is([data-metafor=ready], [data-metafor=error])")
            settled.wait_for(state="attached", timeout=START * 1000)
            reached = page.locator("html").get_attribute("data-metafor")
            assert reached == until, page.locator("body").inner_text()
        return pages

    yield open_pages
    for context in contexts:
        context.close()


@pytest.fixture
def open_page(open_pages: OpenPages) -> Open:
    """Opens one page, as ``open_pages`` opens many."""

    def open_page(url: str, until: str | None = "ready", before: str = "") -> Page:
        return open_pages(1, url, until, before)[0]

    return open_page
