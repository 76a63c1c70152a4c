"""A page as a string: escaped by context, complete, and without a trace of what made it."""

from __future__ import annotations

import asyncio
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metafor.core import create_effect, create_resource, create_signal, on_dispose, on_mount
from metafor.dom import MountError, render_to_string
from metafor.dom.styles import style
from tests.dom.templates import component

CASES = [
    ("<p title=@{value}>@{value}</p>", "<\"&'>", "<p title=\"&lt;&quot;&amp;'&gt;\">&lt;\"&amp;'&gt;</p>"),
    ("<p>@{value}</p>", "\r\0", "<p>&#13;\ufffd</p>"),
    ("<br class=@{value}>", "a", '<br class="a">'),
    ("<textarea value=@{value}></textarea>", "</textarea>", "<textarea>\n&lt;/textarea&gt;</textarea>"),
    ("<textarea>@{value}</textarea>", "\nx", "<textarea>\n\nx</textarea>"),
    ("<pre>@{value}</pre>", "\nx", "<pre>\n\nx</pre>"),
    ("<style>@{value}</style>", "</style><b>", "<style><\\/style><b></style>"),
    ("<svg><style>@{value}</style></svg>", "</style>", "<svg><style>&lt;/style&gt;</style></svg>"),
    ("<xmp>@{value}</xmp>", "</xmp><b>", "<xmp>&lt;/xmp&gt;&lt;b&gt;</xmp>"),
    ("<xmp>@{value}</xmp>", "a<b", "<xmp>a<b</xmp>"),
    ("<input value=@{value}>", "v", '<input value="v">'),
    ("<input type='checkbox' checked=@{value}>", True, '<input type="checkbox" checked="">'),
    ("<p ...@{value}></p>", {"a b": "x", "c>": "x", "d": "x"}, '<p d="x"></p>'),
    ("<p inner_html=@{value}></p>", "<b>x</b>", "<p><b>x</b></p>"),
    ("<p onclick=@{value}>x</p>", print, "<p>x</p>"),
    ("<svg viewBox='0'><feBlend/></svg>", "", '<svg viewBox="0"><feBlend></feBlend></svg>'),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "value", "html"), CASES)
def test_a_value_is_written_for_its_place(markup: str, value: Any, html: str) -> None:
    assert render_to_string(component(markup, value=value)) == html


def test_a_select_says_which_option_is_chosen() -> None:
    markup = "<select value=@{one}><option>a</option><option selected>b</option></select>"
    html = render_to_string(component(markup, one="a"))
    assert html == '<select><option selected="">a</option><option>b</option></select>'


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Any] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.seen.append(data)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_a_parser_reads_back_what_was_written(text: str) -> None:
    reader = Reader()
    reader.feed(render_to_string(component("<p title=@{text}>@{text}</p>", text=text)))
    reader.close()
    assert reader.seen == [("p", [("title", text)]), text]


def test_nothing_is_mounted_and_what_was_made_ends() -> None:
    log: list[str] = []
    count, set_count = create_signal(1)
    subject = component(
        "<p ref=@{lambda node: log.append('ref')}>@{count}</p>",
        """
        on_mount(lambda: log.append("mount"))
        create_effect(lambda: log.append("effect"))
        on_dispose(lambda: log.append("dispose"))
        set_count(2)
        """,
        log=log, count=count, set_count=set_count,
        on_mount=on_mount, create_effect=create_effect, on_dispose=on_dispose,
    )  # fmt: skip
    assert render_to_string(subject) == "<p>2</p>"
    assert log == ["dispose"]


async def test_what_waits_shows_its_fallback() -> None:
    async def never() -> str:
        return await asyncio.Future()

    def waiting() -> Any:
        return create_resource(never)

    markup = "<Suspense fallback=@{<i>soon</i>}><p>@{value()}</p></Suspense>"
    assert render_to_string(component(markup, "value = waiting()", waiting=waiting)) == "<i>soon</i>"


def test_portals_stand_at_the_end_and_styles_at_the_start() -> None:
    style(".only-here { color: red }")
    html = render_to_string(component("<Portal><b>p</b></Portal><i>i</i>"), styles=True)
    assert html.endswith('<i>i</i><div style="display:contents"><b>p</b></div>')
    assert html.startswith("<style>")
    assert "<style>.only-here { color: red }</style>" in html


def test_errors_of_the_set_up_and_what_is_no_component() -> None:
    with pytest.raises(ZeroDivisionError):
        render_to_string(component("<p></p>", "1 / 0"))
    with pytest.raises(MountError, match="is no component"):
        render_to_string("p")  # type: ignore[arg-type]
