"""Events of a real page, from real input: e2e/gallery/events.ptml."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import MakeApp, Open, Serve
from e2e.support.watching import Watch


@pytest.fixture
def events(gallery: Page) -> Locator:
    return gallery.locator("#events")


#: Opens a page that shows ``View`` of a template, after a script of its own.
Show = Callable[..., Page]


@pytest.fixture
def show(serve: Serve, make_app: MakeApp, open_page: Open) -> Show:
    main = 'from metafor.dom import mount\nfrom view import View\nmount(View, "#app")\n'

    def show(view: str, before: str = "") -> Page:
        return open_page(serve(make_app({"view.ptml": view, "main.py": main})).url, before=before)

    return show


def said(part: Locator) -> Locator:
    return part.locator("output")


def test_events_run_from_the_target_outwards_until_they_are_stopped(events: Locator) -> None:
    part = events.locator("#order")
    part.locator("b").click()
    expect(said(part)).to_have_text("capture inner P B outer order")
    part.locator("i").click()
    expect(said(part)).to_have_text("capture inner P B outer order capture stopped")


def test_a_disabled_button_hears_nothing(events: Locator) -> None:
    part = events.locator("#order")
    before = said(part).inner_text()
    part.locator("u").click(force=True)
    part.locator("b").click()
    assert "disabled" not in said(part).inner_text().removeprefix(before)


def test_modifiers(events: Locator, gallery: Page) -> None:
    part = events.locator("#modifiers")
    part.locator("a").click()
    expect(said(part)).to_have_text("prevent bubbled True")
    assert "#gone" not in gallery.url
    part.locator("b").click()
    part.locator("i").click()
    part.locator("i").click()
    expect(said(part)).to_have_text("prevent bubbled True stop once bubbled False bubbled False")
    # A passive listener cannot prevent what the browser does.
    part.locator("#wheel").scroll_into_view_if_needed()
    part.locator("#wheel").hover()
    gallery.mouse.wheel(0, 1)
    expect(said(part)).to_have_text(re.compile(r"cancelable (True|False)$"))


def test_prevent_default_comes_in_time(events: Locator) -> None:
    box = events.locator("#modifiers input")
    box.click()
    assert not box.is_checked()


def test_a_coroutine_handler_can_prevent_and_keeps_its_event(events: Locator, gallery: Page) -> None:
    """Ruling 30: `currentTarget` is still the handler's own when it goes on after others had the event."""
    part = events.locator("#coroutines")
    part.locator("#link").click()
    expect(said(part)).to_have_text("first")
    assert "#elsewhere" not in gallery.url
    events.locator("#open-gate").click()
    expect(said(part)).to_have_text(
        re.compile("^first (inner click link link outer coroutines|outer .*link)$")
    )


def test_a_handler_may_remove_its_own_node(events: Locator) -> None:
    part = events.locator("#leaving")
    part.get_by_role("button").click()
    expect(said(part)).to_have_text("left outer done")
    expect(part.get_by_role("button")).to_have_count(0)


def test_events_that_do_not_bubble(events: Locator, gallery: Page) -> None:
    part = events.locator("#direct")
    part.locator("input").focus()
    part.locator("input").blur()
    expect(said(part)).to_have_text("focus blur")
    part.locator("b").hover()
    part.locator("i").hover()
    gallery.mouse.move(0, 0)
    expect(said(part)).to_have_text("focus blur enter leave")
    part.locator(".box").evaluate("box => box.scrollTo(0, 30)")
    expect(said(part)).to_have_text("focus blur enter leave scroll 30")
    part.locator("summary").click()
    expect(said(part)).to_have_text("focus blur enter leave scroll 30 toggle True")
    part.get_by_role("button").click()
    expect(said(part)).to_have_text(re.compile("toggle True (load error|error load)$"))


def test_custom_elements_and_events(events: Locator) -> None:
    part = events.locator("#own")
    card = part.locator("x-card")
    expect(card).to_have_text('Card: ["a",{"b":1}]')
    card.evaluate("card => card.pick('b')")
    expect(said(part)).to_have_text("picked b once")
    card.evaluate("card => card.pick('c')")
    expect(said(part)).to_have_text("picked b once picked c")
    card.evaluate("card => card.dispatchEvent(new CustomEvent('my-event', { detail: 7, bubbles: true }))")
    expect(said(part)).to_have_text("picked b once picked c bubbled 7")
    part.locator("b").press("ArrowLeft")
    expect(said(part)).to_have_text(re.compile("ArrowLeft$"))


def test_handlers_that_come_and_go(events: Locator) -> None:
    part = events.locator("#changing")
    spread = part.locator("#spread")
    part.locator("#press").click()
    spread.click()
    spread.dispatch_event("dblclick")  # Firefox makes none of Playwright's clicks
    part.locator("#nothing").click()
    expect(said(part)).to_have_text("first spread double")
    part.locator("#change").click()
    part.locator("#press").click()
    spread.click()
    spread.dispatch_event("dblclick")
    expect(spread).to_have_attribute("title", "gone")
    expect(said(part)).to_have_text("first spread double")


def test_events_of_a_portal_go_on_where_it_was_written(events: Locator, gallery: Page) -> None:
    part = events.locator("#through")
    button = gallery.locator("#in-portal")
    assert button.evaluate("button => button.closest('section')") is None
    button.focus()
    button.press("Enter")
    expect(said(part)).to_have_text("focusin portal component")
    events.locator("#close-portal").click()
    expect(button).to_have_count(0)


#: What a browser fires when something is dragged and dropped. Playwright cannot drag in Firefox.
DRAG = """(part) => {
    const dataTransfer = new DataTransfer();
    const fire = (selector, type) => part.querySelector(selector).dispatchEvent(
        new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    fire(".drag", "dragstart");
    if (!fire(".drop", "dragover")) fire(".drop", "drop");
}"""


def test_dragging(events: Locator, engine: str) -> None:
    part = events.locator("#dragging")
    if engine == "chromium":
        part.locator(".drag").drag_to(part.locator(".drop"))
    else:
        part.evaluate(DRAG)
    expect(said(part)).to_have_text("dropped cargo")


def test_what_stops_at_the_document_stops_nothing_below(show: Show) -> None:
    view = """
        from metafor.core import create_signal
        @component("View") @props {
            said, set_said = create_signal("")
            def say(word, event=None):
                set_said.update(lambda before: before + word)
                if event is not None: event.stopPropagation()
        }
        @ptml {
            <div onclick=@{lambda: say("c")}><div onclick=@{lambda: say("b")}>
                <button id="a" onclick=@{lambda: say("a")}>a</button>
                <button id="s" onclick=@{lambda e: say("s", e)}>s</button>
            </div></div>
            <output>@{said}</output>
        }
    """
    early = "document.addEventListener('click', (event) => event.stopPropagation())"
    page = show(view, early)
    page.locator("#a").click()
    page.locator("#s").click()
    expect(page.locator("output")).to_have_text("abcs")


#: An element that says so, at once, when its attribute changes; and whoever else listens to that.
TELLTALE = """customElements.define("x-tell", class extends HTMLElement {
    static observedAttributes = ["word"];
    attributeChangedCallback(_, __, word) {
        this.dispatchEvent(new CustomEvent("told", { detail: word, bubbles: true }));
    }
});"""


def test_an_event_that_a_commit_fires_is_heard_at_once_and_what_it_changes_comes_next(show: Show) -> None:
    view = """
        from metafor.core import create_signal, on_mount
        @component("View") @props {
            word, set_word = create_signal("first")
            said, set_said = create_signal([])
            shown, show = create_signal(False)
            outside, set_outside = create_signal("")
            def say(what):
                set_said.update(lambda before: [*before, what])
            def told(event):
                event.preventDefault()
                say(f"told {event.detail}")
                show(event.detail == "second")
            def listen_outside():
                import js
                from pyodide.ffi import create_proxy
                hear = create_proxy(lambda event: (say("outside"), set_outside(event.detail)))
                js.document.addEventListener("told", hear, True)  # before ours
        }
        @ptml {
            <x-tell word=@{word} on:told=@{told}></x-tell>
            <button id="change" onclick=@{lambda: (set_word("second"), say("clicked"))}>Change</button>
            <button id="again" onclick=@{lambda: set_word("third")}>Again</button>
            <button id="listen" onclick=@{listen_outside}>Listen</button>
            <Show when=@{shown}><Late say=@{say}/></Show>
            <Show when=@{word() == "third"}><p id="third">@{outside}</p></Show>
            <output>@{", ".join(said())}</output>
        }

        @component("Late") @props {
            @prop say
            import js
            on_mount(lambda: say("mounted " + str(js.document.querySelector("#late").isConnected)))
        }
        @ptml { <p id="late">late</p> }
    """
    page = show(view, TELLTALE)
    said = page.locator("output")
    page.locator("#change").click()
    expect(said).to_have_text("clicked, told second, mounted True")
    # Somebody who is not metafor, and who writes signals in the midst of a commit.
    page.locator("#listen").click()
    page.locator("#again").click()
    expect(page.locator("#late")).to_have_count(0)
    expect(page.locator("#third")).to_have_text("third")  # made by that commit, later than its event
    expect(said).to_have_text("clicked, told second, mounted True, outside, told third")
    page.locator("#change").click()
    expect(page.locator("#late")).to_have_count(1)
    expect(said).to_have_text(re.compile("clicked, outside, told second, mounted True$"))


def test_what_the_browser_refuses_of_an_events_change_is_reported(show: Show, watch: Watch) -> None:
    view = """
        from metafor.core import create_signal
        @component("View") @props { more, set_more = create_signal({}) }
        @ptml {
            <button ...@{more} onclick=@{lambda: set_more({"a b": "refused", "title": "kept"})}>Press</button>
        }
    """
    page = show(view)
    watch.expect("the browser refused part of a change")
    with page.expect_console_message(lambda message: "the browser refused part of a change" in message.text):
        page.locator("button").click()
    expect(page.locator("button")).to_have_attribute("title", "kept")
