"""The rules of TodoMVC on plain Python; e2e/test_todomvc.py has them in real pages."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from metafor.core import create_signal
from metafor.testing import Screen, render
from tests.examples.conftest import Load

KEY = "todos-metafor"


class Texts(dict[str, str]):
    """A storage in memory."""

    def load(self, key: str) -> str | None:
        return self.get(key)

    def save(self, key: str, text: str) -> None:
        self[key] = text


@pytest.fixture
def open_app(todomvc: Load) -> Any:
    def open_app(*titles: str, texts: Texts | None = None) -> SimpleNamespace:
        texts = Texts() if texts is None else texts
        route, go = create_signal("")
        todos = todomvc("todos").TodoList(texts)
        screen = render(todomvc("app").TodoApp, todos=todos, route=route)
        for title in titles:
            add(screen, title)
        return SimpleNamespace(screen=screen, go=go, texts=texts)

    return open_app


def add(screen: Screen, title: str) -> None:
    field = screen.get_by_label("What needs to be done?")
    screen.fill(field, title)
    screen.press(field, "Enter")


def titles(screen: Screen) -> list[str]:
    return [one.textContent for item in screen.all("li") for one in item.find_all("label")]


def edit(screen: Screen, title: str) -> Any:
    screen.double_click(screen.get_by_text(title))
    return screen.get_by_label("Edit")


def test_without_todos_there_is_neither_list_nor_footer(open_app: Any) -> None:
    app = open_app()
    assert app.screen.all("main") == app.screen.all("footer") == []
    add(app.screen, "   ")
    assert app.screen.all("main") == []
    add(app.screen, " milk ")
    assert titles(app.screen) == ["milk"]
    assert app.screen.get_by_label("What needs to be done?").value == ""


def test_the_count_is_of_those_left_and_in_the_plural(open_app: Any) -> None:
    screen = open_app("milk").screen
    assert screen.get_by_role("status").textContent == "1 item left"
    add(screen, "bread")
    assert screen.get_by_role("status").textContent == "2 items left"
    screen.click(screen.get_by_label("Complete bread"))
    screen.click(screen.get_by_label("Complete milk"))
    assert screen.get_by_role("status").textContent == "0 items left"
    assert screen.get_by_role("strong").textContent == "0"


def test_all_are_completed_and_not_with_one_box(open_app: Any) -> None:
    screen = open_app("milk", "bread").screen
    everything = screen.get_by_label("Mark all as complete")
    screen.click(everything)
    assert [item.getAttribute("class") for item in screen.all("li")[:2]] == ["completed", "completed"]
    screen.click(screen.get_by_label("Complete milk"))
    assert not everything.checked
    screen.click(screen.get_by_label("Complete milk"))
    assert everything.checked
    screen.click(screen.get_by_role("button", "Clear completed"))
    assert screen.all("main") == []


def test_a_todo_is_edited_until_enter_blur_or_escape(open_app: Any) -> None:
    screen = open_app("milk", "bread").screen
    field = edit(screen, "milk")
    assert field.value == "milk"
    screen.fill(field, "  oat milk ")
    screen.press(field, "Enter")
    assert titles(screen) == ["oat milk", "bread"]

    screen.fill(edit(screen, "bread"), "rye bread")
    screen.focus(None)
    assert titles(screen) == ["oat milk", "rye bread"]

    field = edit(screen, "oat milk")
    screen.fill(field, "forget it")
    screen.press(field, "Escape")
    assert titles(screen) == ["oat milk", "rye bread"]
    assert screen.all_by_label("Edit") == []

    screen.fill(edit(screen, "oat milk"), " ")
    screen.focus(None)
    assert titles(screen) == ["rye bread"]
    screen.click(screen.get_by_role("button", "Delete rye bread"))
    assert screen.all("main") == []


def test_routes_filter_what_is_shown(open_app: Any) -> None:
    app = open_app("milk", "bread")
    screen = app.screen
    screen.click(screen.get_by_label("Complete bread"))
    app.go("#/active")
    assert titles(screen) == ["milk"]
    assert screen.get_by_role("link", "Active").getAttribute("aria-current") == "page"
    screen.click(screen.get_by_label("Complete milk"))
    assert titles(screen) == []
    app.go("#/completed")
    assert titles(screen) == ["milk", "bread"]
    app.go("#/nowhere")
    assert titles(screen) == ["milk", "bread"]
    app.go("#/")
    assert screen.get_by_role("link", "All").getAttribute("class") == "selected"


def test_todos_are_kept(open_app: Any) -> None:
    app = open_app("milk", "bread")
    app.screen.click(app.screen.get_by_label("Complete bread"))
    edit(app.screen, "milk")
    saved = json.loads(app.texts[KEY])
    assert [(one["title"], one["completed"]) for one in saved] == [("milk", False), ("bread", True)]
    assert all(set(one) == {"id", "title", "completed"} for one in saved)
    again = open_app(texts=app.texts).screen
    assert titles(again) == ["milk", "bread"]
    assert again.all_by_label("Edit") == []  # editing is not kept


@pytest.mark.parametrize("text", ["", "{", "3", '[3, {"id": 1}, {"id": "1", "title": 2}]'])
def test_what_was_not_saved_by_the_app_is_left_out(open_app: Any, text: str) -> None:
    assert titles(open_app(texts=Texts({KEY: text})).screen) == []
