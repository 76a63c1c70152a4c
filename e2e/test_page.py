"""The page around an app: how it starts, how it crosses into JavaScript, how it says what is wrong."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import START, MakeApp, Open, Serve
from e2e.support.watching import Watch

MOUNT = 'from metafor.dom import mount\nfrom view import View\nmount(View, "#app")\n'

#: Remembers each value of <html data-metafor>.
HISTORY = """
globalThis.states = [];
new MutationObserver(() => states.push(document.documentElement.dataset.metafor))
  .observe(document, { subtree: true, attributeFilter: ["data-metafor"] });
"""

#: Counts every call between Python and the renderer's JavaScript half, by name, before one can be made.
COUNT_CALLS = """
globalThis.calls = {};
Object.defineProperty(globalThis, "metafor", {
  configurable: true,
  set(parts) {
    const counted = ([name, member]) => [name, typeof member !== "function" ? member : (...args) => {
      calls[name] = (calls[name] ?? 0) + 1;
      return member(...args);
    }];
    const counting = (members) => Object.fromEntries(Object.entries(members).map(counted));
    const createKernel = (dispatch, tidyUp) =>
      counting(parts.dom.createKernel(counting({ dispatch }).dispatch, tidyUp));
    const dom = { ...parts.dom, createKernel };
    Object.defineProperty(globalThis, "metafor", { value: { ...parts, dom } });
  },
});
"""


def overlay(page: Page) -> Any:
    return page.get_by_role("alertdialog")


def test_it_gets_ready_and_crosses_into_javascript_once_for_each_commit(
    serve: Serve, make_app: MakeApp, open_page: Open
) -> None:
    view = """
        from metafor.core import create_signal, on_mount
        @component("View") @props {
            there, set_there = create_signal(False)
            on_mount(lambda: set_there(True))
        }
        @ptml { <Show when=@{there} fallback=@{<p>not yet</p>}><Table/></Show> }

        @component("Table") @props {
            rows, set_rows = create_signal([])
            cells = [create_signal(0) for _ in range(100)]

            def change():
                for get, set in cells:
                    set(get() + 1)
        }
        @ptml {
            <button onclick=@{lambda: set_rows(range(1000))}>Fill</button>
            <button onclick=@{change}>Change</button>
            <ul><For each=@{rows}>@{lambda row: <li class=@{f"row-{row}"}>row <b>@{row}</b></li>}</For></ul>
            <p>@{[<i>@{get}</i> for get, _ in cells]}</p>
        }
    """
    app = make_app({"main.py": MOUNT, "view.ptml": view})
    page = open_page(serve(app).url, before=HISTORY + COUNT_CALLS)
    assert page.evaluate("states") == ["loading", "ready"]
    assert page.get_by_role("status").count() == 0  # nothing is left of the progress bar
    # A root that is nothing but a hole, whose content changes: on_mount wrote, which adds a round.
    expect(page.get_by_text("not yet")).to_have_count(0)
    assert page.evaluate("calls") == {"target": 1, "claim": 1, "apply": 2, "ready": 1}

    page.evaluate("calls = {}")
    page.get_by_role("button", name="Fill").click()
    expect(page.get_by_role("listitem")).to_have_count(1000)
    assert page.evaluate("calls") == {"dispatch": 1, "apply": 1}

    page.evaluate("calls = {}")
    page.get_by_role("button", name="Change").click()
    expect(page.locator("i").last).to_have_text("1")
    assert page.evaluate("calls") == {"dispatch": 1, "apply": 1}
    assert page.locator("i").all_text_contents() == ["1"] * 100


def test_garbage_is_looked_for_when_the_page_is_idle(
    serve: Serve, make_app: MakeApp, open_page: Open
) -> None:
    main = """
        import gc, js
        from pyodide.ffi import create_proxy
        js.newObjects = create_proxy(lambda: gc.get_count()[0])
    """
    view = """
        from metafor.core import create_signal
        @component("View") @props {
            rows, set_rows = create_signal([])
            marked, mark = create_signal("")
        }
        @ptml {
            <button onclick=@{lambda: set_rows(range(2000))}>Fill</button>
            <ul><For each=@{rows}>@{lambda row: <li class=@{marked}>@{row}</li>}</For></ul>
        }
    """
    app = make_app({"main.py": dedent(main) + MOUNT, "view.ptml": view})
    page = open_page(serve(app).url)
    new_objects = page.evaluate("(document.querySelector('button').click(), newObjects())")
    assert new_objects > 15_000  # nothing was looked for while the click was answered
    expect(page.get_by_role("listitem")).to_have_count(2000)
    page.wait_for_function("newObjects() < 10_000")


# Safari tells of no idle time.
@pytest.mark.parametrize("before", ["", "delete globalThis.requestIdleCallback;"], ids=["told", "not told"])
def test_what_a_cleared_list_held_is_released_when_the_page_is_idle(
    serve: Serve, make_app: MakeApp, open_page: Open, before: str
) -> None:
    main = "import gc\ngc.disable()  # taking rows apart needs no search for garbage\n"
    view = """
        import js, weakref
        from pyodide.ffi import create_proxy
        from metafor.core import create_signal

        class Item:
            pass

        held = weakref.WeakSet()
        js.held = create_proxy(lambda: len(held))

        @component("View") @props {
            rows, set_rows = create_signal([])
            marked, mark = create_signal("")

            def fill():
                items = [Item() for _ in range(200)]
                held.update(items)
                set_rows(items)
        }
        @ptml {
            <button id="fill" onclick=@{fill}>Fill</button>
            <button id="clear" onclick=@{lambda: set_rows([])}>Clear</button>
            <ul><For each=@{rows}>@{lambda row: <li class=@{marked}><b>@{id(row)}</b></li>}</For></ul>
        }
    """
    app = make_app({"main.py": main + MOUNT, "view.ptml": view})
    page = open_page(serve(app).url, before=before)
    shown = "[document.querySelectorAll('li').length, held()]"
    assert page.evaluate(f"(document.getElementById('fill').click(), {shown})") == [200, 200]
    assert page.evaluate(f"(document.getElementById('clear').click(), {shown})") == [0, 200]
    page.wait_for_function("held() === 0")


def test_all_mistakes_are_on_the_page_until_they_are_mended(
    serve: Serve, make_app: MakeApp, open_page: Open, watch: Watch
) -> None:
    wrong = """
        @component("View") @ptml {
            <main>
                <p>@{}</p>
                <button onclik=@{print}>Press</button>
                <For each=@{[1]}>@{lambda a, b, c: <i>@{a}</i>}</For>
            </main>
        }
    """
    app = make_app({"main.py": MOUNT, "view.ptml": wrong})
    served = serve(app)
    watch.expect("The app has mistakes")
    page = open_page(served.url, until="error")
    expect(overlay(page)).to_contain_text("The app has mistakes")
    for place, code, hint in (
        (r"view\.ptml:4:\d+", "empty-hole", ""),
        (r"view\.ptml:5:\d+", "unknown-event", "did you mean `onclick`?"),
        (r"view\.ptml:6:\d+", "row-function", ""),
    ):
        expect(overlay(page)).to_contain_text(
            re.compile(rf"{place}: error: .*\[{code}\][\s\S]*{re.escape(hint)}")
        )
    # The terminal says the same.
    assert all(code in "".join(served.printed) for code in ("empty-hole", "unknown-event", "row-function"))

    make_app({"view.ptml": '@component("View") @ptml { <p>mended</p> }'})
    expect(page.get_by_text("mended")).to_be_visible(timeout=START * 1000)
    expect(overlay(page)).to_have_count(0)

    # A running page is told of a mistake, too, and goes on running.
    make_app({"view.ptml": '@component("View") @ptml { <p>broken }'})
    expect(overlay(page)).to_contain_text("[unclosed-element]")
    expect(page.get_by_text("mended")).to_be_attached()


def test_a_failed_start_says_where_until_it_is_mended(
    serve: Serve, make_app: MakeApp, open_page: Open, watch: Watch
) -> None:
    watch.expect("The app failed to start")
    app = make_app({"main.py": '"""An app."""\n\nraise LookupError("no such thing")\n'})
    page = open_page(serve(app).url, until="error")
    expect(overlay(page)).to_contain_text("The app failed to start")
    expect(overlay(page)).to_contain_text(re.compile(r'File "/app/main\.py", line 3, in <module>'))
    expect(overlay(page)).to_contain_text("LookupError: no such thing")

    # The page comes back when the file is mended.
    make_app({"view.ptml": '@component("View") @ptml { <p>mended</p> }', "main.py": MOUNT})
    expect(page.get_by_text("mended")).to_be_visible(timeout=START * 1000)
    expect(overlay(page)).to_have_count(0)
