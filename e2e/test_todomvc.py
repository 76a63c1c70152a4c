"""TodoMVC in real pages, point by point of the application specification that the project publishes.

One page start serves several points; a point's words stand before the lines that hold it.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import EXAMPLES, Open, Serve


@pytest.fixture
def page(serve: Serve, open_page: Open) -> Page:
    return open_page(serve(EXAMPLES / "todomvc").url)


def field(page: Page) -> Locator:
    return page.get_by_placeholder("What needs to be done?")


def add(page: Page, *titles: str) -> None:
    for title in titles:
        field(page).fill(title)
        field(page).press("Enter")


def items(page: Page) -> Locator:
    return page.locator(".todo-list li")


def expect_titles(page: Page, *titles: str) -> None:
    expect(page.locator(".todo-list label")).to_have_text(list(titles))


def double_click(locator: Locator) -> None:
    locator.dblclick()
    if locator.page.context.browser.browser_type.name == "firefox":
        locator.dispatch_event("dblclick")  # driven Firefox counts no clicks


def saved(page: Page) -> list[dict[str, Any]]:
    return list(json.loads(page.evaluate("localStorage.getItem('todos-metafor')")))


def test_todos_are_added_counted_completed_and_cleared(page: Page) -> None:
    # "When there are no todos, #main and #footer should be hidden."
    expect(page.locator(".main")).to_have_count(0)
    expect(page.locator(".footer")).to_have_count(0)
    # "The input element should be focused when the page is loaded."
    expect(field(page)).to_be_focused()
    # "Pressing Enter creates the todo, appends it to the todo list, and clears the input."
    page.keyboard.type("buy milk")
    page.keyboard.press("Enter")
    expect_titles(page, "buy milk")
    expect(field(page)).to_have_value("")
    # "Make sure to .trim() the input and then check that it's not empty before creating a new todo."
    add(page, "   bake bread   ", "  ", "")
    expect_titles(page, "buy milk", "bake bread")
    expect(page.locator(".main")).to_be_visible()
    expect(page.locator(".footer")).to_be_visible()
    # "Displays the number of active todos in a pluralized form", the number in a <strong>.
    count = page.locator(".todo-count")
    expect(count).to_have_text("2 items left")
    expect(count.locator("strong")).to_have_text("2")

    # "Clicking the checkbox marks the todo as complete", and its <li> gets the class `completed`.
    boxes = page.locator(".toggle")
    boxes.nth(0).check()
    expect(items(page).nth(0)).to_have_class("completed")
    expect(items(page).nth(1)).not_to_have_class("completed")
    expect(count).to_have_text("1 item left")
    boxes.nth(0).uncheck()
    expect(items(page).nth(0)).not_to_have_class("completed")

    # "Mark all as complete": all get its state; it follows when single ones are (un)checked.
    everything = page.get_by_label("Mark all as complete")
    everything.check()
    expect(page.locator(".completed")).to_have_count(2)
    expect(count).to_have_text("0 items left")
    boxes.nth(1).uncheck()
    expect(everything).not_to_be_checked()
    boxes.nth(1).check()
    expect(everything).to_be_checked()
    everything.uncheck()
    expect(page.locator(".completed")).to_have_count(0)

    # "Clear completed … should be hidden when there are no completed todos."
    clear = page.get_by_role("button", name="Clear completed")
    expect(clear).to_have_count(0)
    boxes.nth(0).check()
    clear.click()
    expect_titles(page, "bake bread")
    expect(clear).to_have_count(0)
    # "…clear the checked state after the Clear completed button is clicked."
    everything.check()
    clear.click()
    expect(items(page)).to_have_count(0)
    add(page, "again")
    expect(everything).not_to_be_checked()

    # "Hovering over the todo shows the remove button (.destroy)."
    destroy = page.locator(".destroy")
    if page.evaluate("matchMedia('(hover: hover)').matches"):  # where nothing hovers, it always shows
        expect(destroy).to_have_css("opacity", "0")
    items(page).nth(0).hover()
    expect(destroy).to_have_css("opacity", "1")
    destroy.click()
    expect(page.locator(".main")).to_have_count(0)


def test_todos_are_edited_in_place(page: Page) -> None:
    add(page, "one", "two", "three")
    title = items(page).nth(1).locator("label")
    edit = items(page).nth(1).locator(".edit")

    # "Double-clicking the <label> activates editing mode, by toggling the .editing class on its <li>."
    double_click(title)
    expect(items(page).nth(1)).to_have_class(re.compile(r"\bediting\b"))
    # "…bring forward an input that contains the todo title, which should be focused"; the rest is hidden.
    expect(edit).to_be_focused()
    expect(edit).to_have_value("two")
    expect(items(page).nth(1).locator(".view")).to_be_hidden()
    # "The edit should be saved on both blur and enter, and the editing class should be removed." Trimmed.
    page.keyboard.type(" and a half  ")
    page.keyboard.press("Enter")
    expect_titles(page, "one", "two and a half", "three")
    expect(page.locator(".editing")).to_have_count(0)
    double_click(title)
    edit.fill("by blur")
    field(page).click()
    expect_titles(page, "one", "by blur", "three")
    expect(page.locator(".editing")).to_have_count(0)
    # "If escape is pressed during the edit, the edit state should be left and any changes be discarded."
    double_click(title)
    edit.fill("never")
    edit.press("Escape")
    expect_titles(page, "one", "by blur", "three")
    # "If it's empty the todo should instead be destroyed."
    double_click(title)
    edit.fill("  ")
    edit.press("Enter")
    expect_titles(page, "one", "three")
    # With the keyboard alone, too.
    items(page).nth(0).get_by_role("button", name="Edit one").press("Enter")
    expect(items(page).nth(0).locator(".edit")).to_be_focused()
    page.keyboard.press("Escape")
    # Text is text.
    add(page, "<img src=x onerror='document.title = 1'>")
    expect_titles(page, "one", "three", "<img src=x onerror='document.title = 1'>")
    assert page.title() == "metafor • TodoMVC"


def test_routes_and_storage_outlive_the_page(page: Page) -> None:
    add(page, "one", "two", "three")
    page.locator(".toggle").nth(1).check()
    # "Routes: #/ (all), #/active and #/completed"; `selected` on the link of the one that is shown.
    links = page.locator(".filters a")
    assert [link.get_attribute("href") for link in links.all()] == ["#/", "#/active", "#/completed"]
    expect(page.locator(".filters .selected")).to_have_text("All")
    links.nth(1).click()
    assert page.url.endswith("#/active")
    expect_titles(page, "one", "three")
    expect(page.locator(".filters .selected")).to_have_text("Active")
    links.nth(2).click()
    expect_titles(page, "two")
    # "When an item is updated while in a filtered state, it should be updated accordingly."
    page.locator(".toggle").click()
    expect(items(page)).to_have_count(0)
    page.go_back()
    expect_titles(page, "one", "two", "three")
    page.locator(".toggle").nth(0).click()
    expect_titles(page, "two", "three")

    # "Persist the todos to localStorage … keys id, title, completed … name todos-[framework]."
    assert [(one["title"], one["completed"]) for one in saved(page)] == [
        ("one", True),
        ("two", False),
        ("three", False),
    ]
    assert all(set(one) == {"id", "title", "completed"} for one in saved(page))
    # "Editing mode should not be persisted." "The active filter should be persisted on reload."
    double_click(items(page).nth(0).locator("label"))
    page.reload()
    expect_titles(page, "two", "three")
    expect(page.locator(".filters .selected")).to_have_text("Active")
    expect(page.locator(".editing")).to_have_count(0)
    links.nth(0).click()
    expect_titles(page, "one", "two", "three")
    expect(items(page).nth(0)).to_have_class("completed")
