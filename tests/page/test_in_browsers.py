"""The page's start in real browsers, with the real Pyodide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

import metafor
from metafor.cli.build.site import Builder
from metafor.cli.build.write import write_site
from metafor.cli.runtime.find import runtime_at
from tests.cli.conftest import write_tree
from tests.cli.test_serve import served
from tests.page.browsers import NAMES, Visit, launch, new_context, static_server

RUNTIME = runtime_at(Path(metafor.__file__).parent.parent)

GOOD = """\
import asyncio, sys
import js
from helper import WHO

async def main():
    await asyncio.sleep(0)
    js.document.getElementById("app").textContent = f"hello from {WHO} as {__name__}"
    print("to stdout")
    print("to stderr", file=sys.stderr)
    js.document.documentElement.dataset.metafor = "ready"

asyncio.run(main())
"""
WARMED_UP = """\
import asyncio, dis, sys, warnings
import js

def again():
    import js
    js.document.getElementById("app").textContent += " again"

warm_up = sys.modules["metafor.page.warm_up"]
# Instructions that have run adapt themselves.
adapted = any(one.opname != one.baseopname for one in dis.get_instructions(warm_up._calculate, adaptive=True))
with warnings.catch_warnings():
    # This Python is newer than that of the unit tests.
    warnings.simplefilter("error")
    warm_up.warm_up()
# From now on it is told when it happens.
warm_up.warm_up.__code__ = again.__code__
js.document.getElementById("app").textContent = "before" if adapted else "not before"
js.document.documentElement.dataset.metafor = "ready"
await asyncio.Event().wait()
"""
BAD = """\
import helper


def start():
    raise ValueError("<img src=x onerror=alert(1)>" + helper.WHO)


start()
"""


@pytest.fixture(scope="module", params=NAMES)
def browser(request: pytest.FixtureRequest) -> Iterator[tuple[str, Browser]]:
    with sync_playwright() as playwright:
        opened = launch(playwright, request.param)
        yield request.param, opened
        opened.close()


@pytest.fixture
def visit(browser: tuple[str, Browser]) -> Iterator[Visit]:
    context = new_context(browser[1], browser[0])
    yield Visit(context.new_page())
    context.close()


def make_app(folder: Path, main: str) -> Path:
    return write_tree(folder, {"main.py": main, "helper.py": 'WHO = "helper"'})


def build(folder: Path, main: str, to: Path) -> None:
    write_site(Builder(make_app(folder, main), RUNTIME).build(), to)


def test_a_built_site_under_a_path_and_a_strict_policy(visit: Visit, tmp_path: Path) -> None:
    build(tmp_path / "app", GOOD, tmp_path / "www" / "deep" / "site")
    with static_server(tmp_path / "www") as origin:
        visit.open(f"{origin}/deep/site/", "ready")
        expect(visit.page.locator("#app")).to_have_text("hello from helper as __main__")
        expect(visit.page.locator("metafor-progress")).to_have_count(0)
        assert visit.console == [("log", "to stdout"), ("error", "to stderr")]
        assert {url for url in visit.requests if not url.startswith(f"{origin}/deep/site/")} <= {"data:,"}
        assert not [url for url in visit.requests if ".mjs" in url or ".map" in url]


def test_progress_is_shown_and_announced(visit: Visit, tmp_path: Path) -> None:
    build(tmp_path / "app", GOOD, tmp_path / "www")
    # Without the interpreter the page stays where it is.
    with static_server(tmp_path / "www", withheld="pyodide.asm.wasm") as origin:
        visit.page.goto(origin, wait_until="commit")
        visit.expect_state("loading")
        expect(visit.page.get_by_role("status")).to_have_text(re.compile("Loading Python…|Starting Python…"))
        expect(visit.page.get_by_role("progressbar", name="Loading")).to_be_visible()


def test_a_failed_start_is_shown_as_text(visit: Visit, tmp_path: Path) -> None:
    build(tmp_path / "app", BAD, tmp_path / "www")
    with static_server(tmp_path / "www") as origin:
        visit.open(origin, "error")
        dialog = visit.page.get_by_role("alertdialog", name="The app failed to start")
        expect(dialog).to_contain_text('File "/app/main.py", line 8, in <module>')
        expect(dialog).to_contain_text("ValueError: <img src=x onerror=alert(1)>helper")
        expect(dialog).not_to_contain_text("pyodide")
        expect(dialog).not_to_contain_text("metafor/page")
        expect(dialog.locator("img")).to_have_count(0)
        expect(dialog.get_by_role("button", name="Dismiss")).to_be_focused()
        assert any(kind == "error" and "ValueError" in text for kind, text in visit.console)
        visit.page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


def test_a_site_with_a_part_missing_says_which(visit: Visit, tmp_path: Path) -> None:
    build(tmp_path / "app", GOOD, tmp_path / "www")
    (tmp_path / "www" / "metafor" / "app.zip").unlink()
    with static_server(tmp_path / "www") as origin:
        visit.open(origin, "error")
        expect(visit.page.get_by_role("alertdialog")).to_contain_text(
            "/metafor/app.zip: the server answered 404"
        )
        (tmp_path / "www" / "metafor" / "start.js").unlink()
        visit.open(origin, "error")
        expect(visit.page.get_by_role("alert")).to_contain_text("This page is not complete")


def test_opened_as_a_file_the_page_says_what_to_do(visit: Visit, tmp_path: Path) -> None:
    build(tmp_path / "app", GOOD, tmp_path / "www")
    visit.open((tmp_path / "www" / "index.html").as_uri(), "error")
    expect(visit.page.get_by_role("alert")).to_contain_text("python3 -m http.server")


def test_without_stack_switching_asyncio_run_still_starts_its_coroutine(visit: Visit, tmp_path: Path) -> None:
    build(tmp_path / "app", GOOD, tmp_path / "www")
    visit.page.add_init_script("delete WebAssembly.Suspending; delete WebAssembly.promising;")
    with static_server(tmp_path / "www") as origin:
        visit.open(origin, "ready")
        expect(visit.page.locator("#app")).to_have_text("hello from helper as __main__")


def test_python_is_warmed_up_before_the_app_and_twice_when_it_is_shown(visit: Visit, tmp_path: Path) -> None:
    build(tmp_path / "app", WARMED_UP, tmp_path / "www")
    with static_server(tmp_path / "www") as origin:
        visit.open(origin, "ready")
        expect(visit.page.locator("#app")).to_have_text("before again again")


def test_serve_shows_mistakes_and_reloads_when_they_are_mended(visit: Visit, tmp_path: Path) -> None:
    app = make_app(tmp_path / "app", GOOD)
    with served(app, RUNTIME.folder) as (address, _):
        visit.open(f"http://{address}/", "ready")
        write_tree(app, {"helper.py": "WHO = = 1"})
        dialog = visit.page.get_by_role("alertdialog", name="The app has mistakes")
        expect(dialog).to_contain_text("helper.py:1: invalid syntax")
        expect(visit.page.locator("#app")).to_have_text("hello from helper as __main__")  # it lives on below
        write_tree(app, {"helper.py": 'WHO = "helper"'})
        expect(dialog).to_have_count(0)  # the page is good as it is
        write_tree(app, {"helper.py": "WHO = = 1"})
        expect(dialog).to_be_visible()
        visit.open(f"http://{address}/", "error")
        expect(dialog).to_contain_text("helper.py:1: invalid syntax")
        write_tree(app, {"helper.py": 'WHO = "somebody else"'})
        visit.expect_state("ready")
        expect(visit.page.locator("#app")).to_have_text("hello from somebody else as __main__")
