"""What a hole shows (ruling 23) and when it changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from metafor.core import create_signal, on_dispose, set_error_handler
from metafor.dom import component as python_component
from metafor.testing import render
from tests.dom.templates import component


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, ""),
        (False, ""),
        ("text", "text"),
        ("", ""),
        (0, "0"),
        (1.5, "1.5"),
        (["a", 1, None, ["b", True]], "a1b"),
        (("a", "b"), "ab"),
        ({"a": 1}, "{'a': 1}"),
        (lambda: "called", "called"),
        ("<b>&amp;</b>", "&lt;b&gt;&amp;amp;&lt;/b&gt;"),
    ],
)
@pytest.mark.parametrize("markup", ["<p>@{value}</p>", "<p><i></i>@{value}</p>"])
def test_a_hole_shows_a_value_as_text(value: Any, shown: str, markup: str) -> None:
    html = render(component(markup, value=value)).html
    assert html == f"<p>{shown}</p>" if "<i>" not in markup else f"<p><i></i>{shown}</p>"


def test_a_generator_shows_its_items() -> None:
    def numbers() -> Iterator[int]:
        yield from range(3)

    assert render(component("<p>@{numbers()}</p>", numbers=numbers)).html == "<p>012</p>"


@pytest.mark.parametrize(
    "hole", ["@{count}", "@{count()}", "@{lambda: count()}", "@{[count]}", "@{str(count())}"]
)
@pytest.mark.parametrize("before", ["", "n = "])
def test_a_hole_follows_the_signals_it_reads(hole: str, before: str) -> None:
    count, set_count = create_signal(1)
    screen = render(component(f"<p>{before}{hole}</p>", count=count))
    assert screen.text == f"{before}1"
    set_count(2)
    assert screen.text == f"{before}2"


def test_a_hole_changes_from_text_to_markup_and_back() -> None:
    value, set_value = create_signal(0)
    screen = render(component("<p>a@{<b>@{value}</b> if value() % 2 else value()}z</p>", value=value))
    assert screen.html == "<p>a0z</p>"
    set_value(1)
    assert screen.html == "<p>a<b>1</b>z</p>"
    set_value(2)
    assert screen.html == "<p>a2z</p>"


def test_holes_at_the_root_of_a_fragment_keep_their_place() -> None:
    left, set_left = create_signal(["1"])
    right, set_right = create_signal("r")
    inner = component("@{left}<hr/>@{right}", left=left, right=right)
    screen = render(component("<div><i></i><Inner/><u></u></div>", Inner=inner))
    assert screen.html == "<div><i></i>1<hr>r<u></u></div>"
    set_left(["1", "2"])
    set_right("s")
    assert screen.html == "<div><i></i>12<hr>s<u></u></div>"


def test_what_a_hole_showed_is_disposed_before_it_shows_something_else() -> None:
    log: list[str] = []

    @python_component
    def Noted(props: Any) -> str:
        name = props["name"]
        on_dispose(lambda: log.append(f"{name} gone"))
        return str(name)

    which, set_which = create_signal("a")
    screen = render(
        component("<p>@{<Noted name=@{which()}/> if which() else None}</p>", which=which, Noted=Noted)
    )
    set_which("b")
    assert (screen.text, log) == ("b", ["a gone"])
    set_which("")
    assert (screen.text, log) == ("", ["a gone", "b gone"])


def test_markup_as_a_value_can_be_inserted_twice() -> None:
    screen = render(component("<div>@{piece}@{piece}</div>", "piece = <b>x</b>"))
    assert screen.html == "<div><b>x</b><b>x</b></div>"


def test_an_error_in_a_hole_is_reported_and_the_rest_of_the_page_lives() -> None:
    errors: list[BaseException] = []
    previous = set_error_handler(errors.append)
    try:
        number, set_number = create_signal(1)
        screen = render(component("<p>@{10 // number()} / @{number}</p>", number=number))
        set_number(0)
        assert screen.text == " / 0"
        set_number(5)
        assert screen.text == "2 / 5"
    finally:
        set_error_handler(previous)
    assert [type(error) for error in errors] == [ZeroDivisionError]


def test_nothing_is_left_after_the_page_is_disposed() -> None:
    items, set_items = create_signal([1, 2, 3])
    screen = render(component("<div>@{[<b>@{n}</b> for n in items()]}</div>", items=items))
    set_items([4])
    screen.dispose()
    assert (screen.html, screen.host.live_ids) == ("", 0)
    set_items([5])
    assert screen.html == ""


def test_a_loop_variable_is_captured_per_turn() -> None:
    """Ruling 27."""
    clicked: list[int] = []
    screen = render(
        component(
            "<div>@{[<button onclick=@{lambda: clicked.append(n)}>@{n}</button> for n in range(3)]}</div>",
            clicked=clicked,
        )
    )
    for button in screen.all("button"):
        screen.click(button)
    assert (screen.text, clicked) == ("012", [0, 1, 2])


@pytest.mark.parametrize("markup", ["<p>@{value}</p>", "<p><i></i>@{value}</p>"])
def test_a_hole_that_becomes_none_shows_nothing(markup: str) -> None:
    value, set_value = create_signal("text")
    screen = render(component(markup, value=value))
    assert "text" in screen.html
    set_value(None)
    assert screen.text == ""
