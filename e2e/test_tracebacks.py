"""A traceback in a page names the template's file, line and text: on the console, and in the overlay."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from e2e.conftest import MakeApp, Open, Serve
from e2e.support.watching import Watch

MAIN = 'from metafor.dom import mount\nfrom page import Page\n\nmount(Page, "#app")\n'

PAGE = """\
import asyncio
from metafor.core import create_signal

def divide(n):
    return 1 / n

def heading():
    return <h1>é @{missing}</h1>

async def send():
    await asyncio.sleep(0)
    divide(0)

@component("Part") @props {
    @prop part: int
    whole = (lambda: [divide(n) for n in (1, part)])()
}
@ptml {
    <i>@{whole}</i>
}

@component("Page") @props {
    n, set_n = create_signal(1)
    shown, show = create_signal(False)
}
@ptml {
    <button onclick=@{lambda: set_n(0)}>hole</button>
    <button onclick=@{lambda: show(True)}>props</button>
    <button onclick=@{lambda: [divide(m) for m in (1, 0)]}>lambda</button>
    <button onclick=@{send}>async</button>
    <p>é @{divide(n())}</p>
    <Show when=@{shown}><Part part=@{0}/></Show>
}
"""

DIVIDE = """\
  File "/app/page.ptml", line 5, in divide
    return 1 / n
           ^^^^^
ZeroDivisionError: division by zero"""

#: What the console shows of each, without the frames that are metafor's own.
SHOWN = {
    "hole": """\
  File "/app/page.ptml", line 31, in <lambda>
    <p>é @{divide(n())}</p>
           ^^^^^^^^^^^""",
    "props": """\
  File "/app/page.ptml", line 16, in Part
    whole = (lambda: [divide(n) for n in (1, part)])()
  File "/app/page.ptml", line 16, in <lambda>
    whole = (lambda: [divide(n) for n in (1, part)])()
                      ^^^^^^^^^""",
    "lambda": """\
  File "/app/page.ptml", line 29, in <lambda>
    <button onclick=@{lambda: [divide(m) for m in (1, 0)]}>lambda</button>
                               ^^^^^^^^^""",
    "async": """\
  File "/app/page.ptml", line 12, in send
    divide(0)
    ^^^^^^^^^""",
}

FAILING_MAIN = """\
from metafor.dom import mount
from page import Part, heading, send

try:
    await send()
except ZeroDivisionError:
    try:
        heading()
    except NameError:
        mount(Part, "#app", {"part": 0})
"""

OVERLAY = f"""\
Traceback (most recent call last):
  File "/app/main.py", line 5, in <module>
    await send()
{SHOWN["async"]}
{DIVIDE}

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/main.py", line 8, in <module>
    heading()
    ^^^^^^^^^
  File "/app/page.ptml", line 8, in heading
    return <h1>é @{{missing}}</h1>
                   ^^^^^^^
NameError: name 'missing' is not defined

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/main.py", line 10, in <module>
    mount(Part, "#app", {{"part": 0}})
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
{SHOWN["props"]}
{DIVIDE}"""

_FRAMEWORK = re.compile(r'  File "/packages/metafor/.*\n(?:    .*\n)+')


def readable(text: str) -> str:
    """Without metafor's own frames. Newer versions of Python mark the parts of a call with `~` and `^`."""
    return _FRAMEWORK.sub("", text).replace("~", "^").rstrip()


def test_on_the_console(make_app: MakeApp, serve: Serve, open_page: Open, watch: Watch) -> None:
    watch.expect("console.error")
    page = open_page(serve(make_app({"main.py": MAIN, "page.ptml": PAGE})).url)
    for where, shown in SHOWN.items():
        before = len(watch.console)
        # The note of the component's path is the last line, and each line may be a message of its own.
        with page.expect_console_message(lambda message: re.search("^in Page", message.text, re.M)):
            page.get_by_role("button", name=where).click()
        text = readable("\n".join(watch.console[before:]))
        place = "Page > Show > Part" if where == "props" else "Page"
        assert text == f"Traceback (most recent call last):\n{shown}\n{DIVIDE}\nin {place}"


def test_in_the_overlay(make_app: MakeApp, serve: Serve, open_page: Open, watch: Watch) -> None:
    watch.expect("ZeroDivisionError")
    app = make_app({"main.py": FAILING_MAIN, "page.ptml": PAGE})
    details = open_page(serve(app).url, until="error").locator("metafor-overlay").locator("pre")
    expect(details).to_be_visible()
    assert readable(details.inner_text()) == OVERLAY
