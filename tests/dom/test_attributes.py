"""Attributes, properties, classes, styles (rulings 26 and 31)."""

from __future__ import annotations

from typing import Any

import pytest

from metafor.core import create_signal
from metafor.testing import render
from tests.dom.templates import component

CASES = [
    ("<a title=@{value}></a>", "x", '<a title="x"></a>'),
    ("<a title=@{value}></a>", None, "<a></a>"),
    ("<a title=@{value}></a>", False, "<a></a>"),
    ("<a hidden=@{value}></a>", True, '<a hidden=""></a>'),
    ("<a aria-busy=@{value}></a>", True, '<a aria-busy="true"></a>'),
    ("<a aria-busy=@{value}></a>", False, '<a aria-busy="false"></a>'),
    ("<a data-n=@{value}></a>", 3, '<a data-n="3"></a>'),
    ("<a data-n=@{value}></a>", None, "<a></a>"),
    ('<a class="a @{value} c"></a>', "b", '<a class="a b c"></a>'),
    ('<a class="a @{value}"></a>', None, '<a class="a "></a>'),
    ("<a class=@{value}></a>", {"a": True, "b": False}, '<a class="a"></a>'),
    ("<a class=@{value}></a>", ["a", None, "c"], '<a class="a c"></a>'),
    ("<a style=@{value}></a>", {"font_size": "2px"}, '<a style="font-size:2px"></a>'),
    ("<a class:on=@{value}></a>", 1, '<a class="on"></a>'),
    ("<a style:color=@{value}></a>", "red", '<a style="color:red"></a>'),
    ("<a className=@{value}></a>", "x", '<a class="x"></a>'),
    ("<label htmlFor=@{value}></label>", "x", '<label for="x"></label>'),
    ("<a title=@{value}></a>", '"<&', '<a title="&quot;&lt;&amp;"></a>'),
    ("<input value=@{value}/>", 5, '<input value="5">'),
    ("<input value=@{value}/>", None, '<input value="">'),
    ("<input checked=@{value}/>", True, '<input checked="">'),
    ("<a href=@{value}></a>", "/ok?javascript:", '<a href="/ok?javascript:"></a>'),
]


@pytest.mark.parametrize(("markup", "value", "html"), CASES)
def test_an_attribute_holds_a_value(markup: str, value: Any, html: str) -> None:
    assert render(component(markup, value=value)).html == html


@pytest.mark.parametrize(("markup", "value", "html"), CASES)
def test_an_attribute_follows_a_signal(markup: str, value: Any, html: str) -> None:
    got, set_value = create_signal(None)
    screen = render(component(markup, value=got))
    set_value(value)
    assert screen.html == html


def test_a_class_given_as_a_whole_keeps_what_its_parts_say() -> None:
    kind, set_kind = create_signal("x")
    on, set_on = create_signal(True)
    markup = '<a class:on=@{on} class="m @{kind}" class:off=@{not on()} class:m=@{True}></a>'
    screen = render(component(markup, kind=kind, on=on))
    assert screen.html == '<a class="m x on"></a>'
    set_kind("y")
    assert screen.html == '<a class="m y on"></a>'
    set_on(False)
    assert screen.html == '<a class="m y off"></a>'
    set_kind("on z")
    assert screen.html == '<a class="m z off"></a>'


def test_a_style_given_as_a_whole_keeps_what_its_parts_say() -> None:
    whole, set_whole = create_signal({"font_size": "2px", "top": None})
    colour, set_colour = create_signal("red")
    screen = render(component("<a style=@{whole} style:color=@{colour}></a>", whole=whole, colour=colour))
    assert screen.html == '<a style="font-size:2px;color:red"></a>'
    set_whole({"top": 0})
    assert screen.html == '<a style="top:0;color:red"></a>'
    set_colour(None)
    assert screen.html == '<a style="top:0"></a>'
    set_whole(None)
    assert screen.html == '<a style=""></a>'


@pytest.mark.parametrize("name", ["href", "src", "action", "formaction", "data", "poster", "cite", "ping"])
@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", " JavaScript:alert(1)", "java\nscript:x", "data:text/html,<script>"]
)
def test_an_address_that_would_run_code_is_refused(name: str, address: str) -> None:
    with pytest.warns(RuntimeWarning, match=f"Subject: a '{name}'"):
        html = render(component(f"<a {name}=@{{address}}></a>", address=address)).html
    assert html == f'<a {name}="about:blank"></a>'


@pytest.mark.parametrize("address", ["javascript:alert(1)", "script:alert(1)", "\tscript:x"])
def test_a_joined_address_is_judged_as_a_whole(address: str) -> None:
    whole = address.startswith("java")
    markup = '<a href="@{address}@{1}"></a>' if whole else '<a href="java@{address}"></a>'
    with pytest.warns(RuntimeWarning, match="Subject: a 'href'"):
        assert render(component(markup, address=address)).html == '<a href="about:blank"></a>'


def test_text_in_front_keeps_an_address_harmless() -> None:
    markup = '<a href="/x/@{value}"></a><a class="a @{value}"></a>'
    html = '<a href="/x/javascript:x;y"></a><a class="a javascript:x;y"></a>'
    assert render(component(markup, value="javascript:x;y")).html == html


def test_bound_fields_follow_and_write_their_signal() -> None:
    name, set_name = create_signal("Ada")
    screen = render(component("<input bind:value=@{(name, set_name)}/>", name=name, set_name=set_name))
    field = screen.one("input")
    assert field.value == "Ada"
    screen.fill(field, "Grace")
    assert name() == "Grace"
    set_name("Joan")
    assert field.value == "Joan"


def test_a_field_is_emptied_by_its_signal_after_typing() -> None:
    """The specification's components do this after each message."""
    text, set_text = create_signal("")
    screen = render(
        component(
            "<input value=@{text} oninput=@{lambda e: set_text(e.target.value)}/>",
            text=text,
            set_text=set_text,
        )
    )
    field = screen.one("input")
    screen.fill(field, "hello")
    set_text("")
    assert field.value == ""


def test_an_unchanged_attribute_is_not_written_again() -> None:
    number, set_number = create_signal(1)
    screen = render(component("<a title=@{number() // 10}></a>", number=number))
    commits = screen.host.commits
    set_number(2)
    assert screen.host.commits == commits


def test_an_attribute_that_becomes_none_is_gone() -> None:
    value, set_value = create_signal("x")
    screen = render(component("<a title=@{value} class:on=@{value} style:color=@{value}></a>", value=value))
    assert screen.html == '<a title="x" class="on" style="color:x"></a>'
    set_value(None)
    assert screen.one("a").getAttribute("title") is None
    assert screen.html == '<a class="" style=""></a>'
