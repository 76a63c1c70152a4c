"""The page around an app: how it starts, how it crosses into JavaScript, how it says what is wrong."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from e2e.conftest import START, MakeApp, Open, Serve
from e2e.support.watching import STDERR, Watch

MOUNT = 'from metafor.dom import mount\nfrom view import View\nmount(View, "#app")\n'

#: Remembers each value of <html data-metafor>.
HISTORY = """
globalThis.states = [];
new MutationObserver(() => states.push(document.documentElement.dataset.metafor))
  .observe(document, { subtree: true, attributeFilter: ["data-metafor"] });
"""

#: Counts every call into the renderer's JavaScript half, by name, before Python can make one.
COUNT_CALLS = """
globalThis.calls = {};
Object.defineProperty(globalThis, "metafor", {
  configurable: true,
  set(parts) {
    const createKernel = (dispatch) => {
      const kernel = parts.dom.createKernel(dispatch);
      const counted = ([name, member]) => [name, typeof member !== "function" ? member : (...args) => {
        calls[name] = (calls[name] ?? 0) + 1;
        return member(...args);
      }];
      return Object.fromEntries(Object.entries(kernel).map(counted));
    };
    const dom = { ...parts.dom, createKernel };
    Object.defineProperty(globalThis, "metafor", { value: { ...parts, dom } });
  },
});
"""


def overlay(page: Page) -> Any:
    return page.get_by_role("alertdialog")


def test_from_loading_to_ready(serve: Serve, make_app: MakeApp, open_page: Open) -> None:
    view = """
        from metafor.core import create_signal, on_mount
        @component("View") @props {
            there, set_there = create_signal(False)
            on_mount(lambda: set_there(True))
        }
        @ptml { <Show when=@{there} fallback=@{<p>not yet</p>}><p>mounted</p></Show> }
    """
    page = open_page(serve(make_app({"main.py": MOUNT, "view.ptml": view})).url, before=HISTORY)
    assert page.evaluate("states") == ["loading", "ready"]
    # A component that shows nothing but a hole, with nodes that come and go.
    assert page.locator("#app").inner_html() == "<p>mounted</p>"
    assert page.get_by_role("status").count() == 0  # nothing is left of the progress bar


def test_a_commit_crosses_into_javascript_once(serve: Serve, make_app: MakeApp, open_page: Open) -> None:
    view = """
        from metafor.core import create_signal
        @component("View") @props {
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
    page = open_page(serve(make_app({"main.py": MOUNT, "view.ptml": view})).url, before=COUNT_CALLS)
    assert page.evaluate("calls") == {"target": 1, "apply": 1, "ready": 1}

    page.evaluate("calls = {}")
    page.get_by_role("button", name="Fill").click()
    expect(page.get_by_role("listitem")).to_have_count(1000)
    assert page.evaluate("calls") == {"apply": 1}

    page.evaluate("calls = {}")
    page.get_by_role("button", name="Change").click()
    expect(page.locator("i").last).to_have_text("1")
    assert page.evaluate("calls") == {"apply": 1}
    assert page.locator("i").all_text_contents() == ["1"] * 100


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


def test_a_failed_start_says_where(serve: Serve, make_app: MakeApp, open_page: Open, watch: Watch) -> None:
    watch.expect("The app failed to start")
    app = make_app({"main.py": '"""An app."""\n\nraise LookupError("no such thing")\n'})
    page = open_page(serve(app).url, until="error")
    expect(overlay(page)).to_contain_text("The app failed to start")
    expect(overlay(page)).to_contain_text(re.compile(r'File "/app/main\.py", line 3, in <module>'))
    expect(overlay(page)).to_contain_text("LookupError: no such thing")

    # A traceback from a template names the template's own line, and shows it.
    view = """
        @component("View") @props {
            ratio = 1 / 0
        }
        @ptml { <p>@{ratio}</p> }
    """
    make_app({"view.ptml": view, "main.py": MOUNT})
    expect(overlay(page)).to_contain_text("ZeroDivisionError", timeout=START * 1000)
    expect(overlay(page)).to_contain_text(
        re.compile(r'File "/app/view\.ptml", line 3, in View\s+ratio = 1 / 0')
    )

    make_app({"view.ptml": view.replace("1 / 0", "1 / 2")})
    expect(page.get_by_text("0.5")).to_be_visible(timeout=START * 1000)


def test_an_error_while_running_leaves_the_rest_alive(
    serve: Serve, make_app: MakeApp, open_page: Open, watch: Watch
) -> None:
    view = """
        from metafor.core import create_signal
        @component("View") @props {
            count, set_count = create_signal(0)
        }
        @ptml {
            <button onclick=@{lambda: 1 / 0}>Break</button>
            <button onclick=@{lambda: set_count(count() + 1)}>Count</button>
            <output>@{count}</output>
        }
    """
    watch.expect(STDERR)
    page = open_page(serve(make_app({"main.py": MOUNT, "view.ptml": view})).url)
    page.get_by_role("button", name="Break").click()
    page.get_by_role("button", name="Count").click()
    expect(page.locator("output")).to_have_text("1")
    assert any('File "/app/view.ptml", line 7, in' in text for text in watch.console)
