"""A traceback in a page names the template's file, line and text: on the console, and in the overlay."""

from __future__ import annotations

from textwrap import dedent

from playwright.sync_api import expect

from e2e.conftest import MakeApp, Open, Serve
from e2e.support.watching import Watch

MAIN = 'from metafor.dom import mount\nfrom page import Page\n\nmount(Page, "#app")\n'

PAGE = """\
import asyncio
from metafor.core import create_signal

def divide(n):
    return 1 / n

@component("Page") @props {
    n, set_n = create_signal(1)

    async def send():
        await asyncio.sleep(0)
        divide(0)
}
@ptml {
    <button onclick=@{lambda: set_n(0)}>hole</button>
    <button onclick=@{lambda: [divide(m) for m in (1, 0)]}>lambda</button>
    <button onclick=@{send}>async</button>
    <p>é @{divide(n())}</p>
}
"""

#: What the console must show of each, from the template's first frame on.
SHOWN = {
    "hole": """\
          File "/app/page.ptml", line 18, in <lambda>
            <p>é @{divide(n())}</p>
                   ^^^^^^^^^^^
          File "/app/page.ptml", line 5, in divide
            return 1 / n
                   ^^^^^
        ZeroDivisionError: division by zero
        """,
    "lambda": """\
          File "/app/page.ptml", line 16, in <lambda>
            <button onclick=@{lambda: [divide(m) for m in (1, 0)]}>lambda</button>
                                       ^^^^^^^^^
          File "/app/page.ptml", line 5, in divide
            return 1 / n
                   ^^^^^
        ZeroDivisionError: division by zero
        """,
    "async": """\
          File "/app/page.ptml", line 12, in send
            divide(0)
            ^^^^^^^^^
          File "/app/page.ptml", line 5, in divide
            return 1 / n
                   ^^^^^
        ZeroDivisionError: division by zero
        """,
}


def marked(text: str) -> str:
    """Newer versions of Python mark the parts of a call with `~` and `^`."""
    return text.replace("~", "^")


def test_on_the_console(make_app: MakeApp, serve: Serve, open_page: Open, watch: Watch) -> None:
    watch.expect("console.error")
    page = open_page(serve(make_app({"main.py": MAIN, "page.ptml": PAGE})).url)
    for where, shown in SHOWN.items():
        before = len(watch.console)
        with page.expect_console_message(lambda message: "ZeroDivisionError" in message.text):
            page.get_by_role("button", name=where).click()
        lines = "\n".join(watch.console[before:]).splitlines()
        assert lines[0] == "Traceback (most recent call last):"
        start = next(index for index, line in enumerate(lines) if line.startswith('  File "/app/'))
        assert marked("\n".join(lines[start:])) == dedent(shown).rstrip()


def test_in_the_overlay(make_app: MakeApp, serve: Serve, open_page: Open, watch: Watch) -> None:
    watch.expect("ZeroDivisionError")
    broken = PAGE.replace("create_signal(1)", "create_signal(divide(0))")
    page = open_page(serve(make_app({"main.py": MAIN, "page.ptml": broken})).url, until="error")
    details = page.locator("metafor-overlay").locator("pre")
    expect(details).to_be_visible()
    assert marked(details.inner_text()).rstrip() == dedent(
        """\
        Traceback (most recent call last):
          File "/app/main.py", line 4, in <module>
            mount(Page, "#app")
            ^^^^^^^^^^^^^^^^^^^
          File "/app/page.ptml", line 8, in Page
            n, set_n = create_signal(divide(0))
                                     ^^^^^^^^^
          File "/app/page.ptml", line 5, in divide
            return 1 / n
                   ^^^^^
        ZeroDivisionError: division by zero"""
    )
