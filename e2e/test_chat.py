"""The example chat, used as people use it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import EXAMPLES, Open, OpenPages, Serve
from e2e.support.serving import Served
from e2e.support.watching import LOST_SOCKET, Watch

#: Milliseconds: two attempts of the default policy, and some.
RECONNECTED = 45_000

HOSTILE = "<img src=x onerror='document.title = 1'><b>bold</b>"


@pytest.fixture
def chat(serve: Serve) -> Served:
    return serve(EXAMPLES / "chat")


def enter(page: Page, name: str) -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Enter the chat").click()
    expect(page.get_by_role("status")).to_have_text("")  # no banner: connected


def say(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Message to").fill(text)
    page.get_by_role("button", name="Send").click()


def open_room(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def log(page: Page) -> Locator:
    return page.get_by_role("log").locator(".text")


def test_people_talk_in_rooms(chat: Served, open_page: Open, open_pages: OpenPages) -> None:
    ada, grace = open_pages(2, chat.url)
    enter(ada, "Ada")
    enter(grace, "Grace")

    say(ada, "hello, Grace")
    expect(log(grace)).to_have_text(["hello, Grace"])
    expect(log(ada)).to_have_text(["hello, Grace"])
    row = grace.get_by_role("log").get_by_role("listitem")
    expect(row).to_have_text(re.compile(r"Ada\d\d:\d\dhello, Grace"))

    # Another room: what is said there is not here, but counted.
    open_room(grace, "design")
    expect(grace.get_by_text("Nothing was said in design yet")).to_be_visible()
    say(grace, "only for designers")
    say(grace, HOSTILE)
    expect(ada.get_by_role("button", name="design 2 unread")).to_be_visible()
    expect(log(ada)).to_have_text(["hello, Grace"])
    open_room(ada, "design")
    expect(ada.get_by_role("button", name="design", exact=True)).to_have_text(re.compile("design$"))

    # What a stranger writes is text.
    expect(log(ada)).to_have_text(
        ["only for designers", "<img src=x onerror='document.title = 1'><b>bold</b>"]
    )
    assert ada.title() == "metafor chat"
    assert ada.get_by_role("log").locator("img, b b").count() == 0

    # Whoever comes later hears what was said.
    alan = open_page(chat.url)
    enter(alan, "Alan")
    expect(log(alan)).to_have_text(["hello, Grace"])
    expect(alan.get_by_text("unread")).to_have_count(0)


def test_a_restart_of_the_server_loses_nothing(chat: Served, open_pages: OpenPages, watch: Watch) -> None:
    watch.expect(*LOST_SOCKET)
    ada, grace = open_pages(2, chat.url)
    enter(ada, "Ada")
    enter(grace, "Grace")
    open_room(ada, "random")
    open_room(grace, "random")
    say(ada, "before")
    expect(log(grace)).to_have_text(["before"])

    chat.kill()
    for page in (ada, grace):
        expect(page.get_by_role("status")).to_contain_text("Connection lost. Reconnecting…")
    say(ada, "one")
    say(ada, "two")
    expect(ada.get_by_role("status")).to_contain_text("2 messages are waiting.")
    expect(ada.get_by_text("Waiting to be sent")).to_have_count(2)
    expect(log(ada)).to_have_text(["before", "one", "two"])
    expect(log(grace)).to_have_text(["before"])

    chat.start()
    for page in (ada, grace):
        expect(page.get_by_role("status")).to_have_text("", timeout=RECONNECTED)
        expect(log(page)).to_have_text(["before", "one", "two"])
    expect(ada.get_by_text("Waiting to be sent")).to_have_count(0)

    # The rooms were joined again.
    say(grace, "after")
    for page in (ada, grace):
        expect(log(page)).to_have_text(["before", "one", "two", "after"])


def test_it_is_usable_by_keyboard_alone(chat: Served, open_page: Open) -> None:
    page = open_page(chat.url)
    expect(page.get_by_label("Your name")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Enter a name to go on.")
    expect(page.get_by_label("Your name")).to_be_focused()
    page.keyboard.type("Ada")
    page.keyboard.press("Enter")

    expect(page.get_by_role("textbox", name="Message to general")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("")
    page.keyboard.type("hello")
    page.keyboard.press("Enter")
    expect(log(page)).to_have_text(["hello"])
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Send")).to_be_focused()
    assert has_visible_focus(page)

    # Back over the field and the log to the rooms, the last of them first.
    for _ in range(2):
        page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("log")).to_be_focused()
    assert has_visible_focus(page)
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="random")).to_be_focused()
    assert has_visible_focus(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("random")
    expect(page.get_by_role("button", name="random")).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("button", name="random")).to_be_focused()


def has_visible_focus(page: Page) -> bool:
    outline = page.evaluate("getComputedStyle(document.activeElement).outline")
    return "none" not in outline and not outline.startswith("0px")
