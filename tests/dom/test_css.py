"""A CSS value stays inside its declaration, whatever it holds (ruling 31).

What a text means is asked of a parser that is not ours.
"""

from __future__ import annotations

from typing import Any

import pytest
import tinycss2
from hypothesis import example, given
from hypothesis import strategies as st

from metafor.core import create_signal
from metafor.dom.css import declaration
from metafor.dom.css_holes import join
from metafor.testing import render
from tests.dom.templates import component, load

KEPT = [
    ("color", "red", "color:red"),
    ("font_size", "1px", "font-size:1px"),
    ("fontSize", 3, "font-size:3"),
    ("WebkitTransition", "none", "-webkit-transition:none"),
    ("--Size_a", "1px", "--Size_a:1px"),
    ("width", "calc(1px + (2px * 3))", "width:calc(1px + (2px * 3))"),
    ("content", '"; }"', 'content:"; }"'),
    ("content", r"'it\'s'", r"content:'it\'s'"),
    ("background", "url(data:image/png;base64,AA==)", "background:url(data:image/png;base64,AA==)"),
    ("background", "url( 'a(1).png' ) red", "background:url( 'a(1).png' ) red"),
    ("background", r"url(a\).png)", r"background:url(a\).png)"),
    ("color", "if(media(print): black; else: red)", "color:if(media(print): black; else: red)"),
    ("grid_template", "[a] 1fr / auto", "grid-template:[a] 1fr / auto"),
]
LEFT_OUT = [
    *(("color", value) for value in (None, False)),
    *(
        ("color", value)
        for value in (
            "red;top:0",
            "red}",
            "{",
            "/*",
            "(/*)",
            '"',
            "'a\n'",
            "'\f;top:0;'",
            "url(",
            ")",
            "a\\",
            "(]",
            "([)]",
        )
    ),
    *(
        ("background", value)
        for value in (
            # A quote in an address is no string, and the name may hide its letters and its spaces.
            *('url(a");top:0;x:url(")', 'URL(\xa0"a);top:0;x:url(b")', r'\75 rl(a");top:0;x:url(")'),
            *(
                "url(javascript:x)",
                "url( 'javascript:x' )",
                r"url(java\73 cript:x)",
                'url("data:text/html,x")',
            ),
        )
    ),
    *((name, "red") for name in ("", "a:b", "a b", "a;b", "}", "1a", "<")),
]


@pytest.mark.parametrize(("name", "value", "text"), KEPT)
def test_a_value_is_kept(name: str, value: Any, text: str) -> None:
    assert declaration(name, value) == text


@pytest.mark.parametrize(("name", "value"), LEFT_OUT)
def test_what_would_break_out_is_left_out(name: str, value: Any) -> None:
    assert declaration(name, value) == ""


TROUBLE = st.text(alphabet="aurl:;{}()[]\"'\\/*\n\f\xa0 ", max_size=14)
HOSTILE = st.one_of(
    TROUBLE,
    st.sampled_from(
        [
            "red",
            "1px",
            "",
            "/",
            "*",
            "url",
            ";top:0",
            "red;top:0;",
            "top:0",
            "}",
            "/*",
            "*/",
            "url(",
            '"',
            "'",
            ")",
        ]
    ),
    st.lists(
        st.sampled_from(
            [
                "url(",
                "URL(\xa0",
                "\\75 rl(",
                "(",
                ")",
                '"',
                "'",
                ";top:0;",
                "x:",
                "a",
                "/*",
                "*/",
                "\\",
                "\n",
                " ",
            ]
        ),
        max_size=7,
    ).map("".join),
)


def properties(css: str) -> list[str]:
    """The names that are declared, and what else there is."""
    nodes = tinycss2.parse_blocks_contents(css, skip_comments=True, skip_whitespace=True)
    return [node.name if node.type == "declaration" else f"{node.type}: {css!r}" for node in nodes]


@given(HOSTILE)
@example('url(a");top:0;x:url(")')
def test_nothing_that_is_kept_ends_a_declaration(value: str) -> None:
    written = declaration("x", value)
    assert properties(written + ";after:1") == ["x", "after"] if written else ["after"]


JOINED = [
    (["color: ", "; width: ", "px"], ["red", "3"], "color: red; width: 3px"),
    (["color: ", "; width: ", "px"], ["red; position: fixed; inset: 0", "3"], " width: 3px"),
    (["margin: ", " ", ";"], ["1px", "2px}"], ""),
    (["width: calc(1px * ", ")"], ["2"], "width: calc(1px * 2)"),
    (["width: calc(1px * ", ")"], ["2) + (3"], ""),
    (["aspect-ratio: ", "/", "; top: 0"], ["4", "3"], "aspect-ratio: 4/3; top: 0"),
    (["aspect-ratio: ", "/", "; top: 0"], ["4", "* 3"], " top: 0"),
    (["filter: ", "(", ")"], ["blur", "1px"], "filter: blur(1px)"),
    (["filter: ", "(", ")"], ["url", '"");top:0;x:("")"'], ""),
    # Text in a string, an address in url().
    (['content: "', '"'], ['say "a\\b";\n}'], r'content: "say \22 a\5c b\22 ;\a }"'),
    (["background: url(", ") red"], ["a b(1).png"], r"background: url(a\20 b\28 1\29 .png) red"),
    (["background: url(", ")"], ["data:image/png;base64,A"], "background: url(data:image/png;base64,A)"),
    (["src: url('/", "')"], ["'); top: 0; x: url('"], r"src: url('/\27 ); top: 0; x: url(\27 ')"),
    (["background: url(", "); top: 0"], ["javascript:x"], " top: 0"),
    (["background: url('", "'); top: 0"], ["data:text/html,x"], " top: 0"),
    (["background: ", "; top: 0"], ["url(javascript:x)"], " top: 0"),
    # The author's word, for whole declarations.
    (["", "; color: ", ""], ["top: 0; left: 0", "red"], "top: 0; left: 0; color: red"),
    (["top: 0; ", ""], ["left: 0; right: 0"], "top: 0; left: 0; right: 0"),
    # A comment says nothing; a colon or a semicolon in brackets, strings and comments is none.
    (["color: /* ", ": ; */ ", ""], ["*/; top: 0", "red"], "color:   red"),
    (["--a: ';:(' (;); ", ""], ["left: 0; right: 0"], "--a: ';:(' (;); left: 0; right: 0"),
    (["x: url(;", "); color: ", ""], ["a", "red"], "x: url(;a); color: red"),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "values", "css"), JOINED)
def test_a_style_with_holes(texts: list[str], values: list[str], css: str) -> None:
    assert join(texts, values) == css


AUTHOR = [
    "a: @",
    "a: @ @",
    "a: @@ 1px",
    "a: calc(1px + @) @",
    "a: @(@)",
    "a: @/@",
    "a: url(@)",
    "a: url( '/@' ) @",
    "a: '@' \"@\"",
    "a: [@] @px",
    "a: 1 /* @ */ @",
]


@given(st.lists(st.sampled_from(AUTHOR), min_size=1, max_size=3), st.lists(HOSTILE, min_size=9, max_size=9))
@example(["a: @(@)"], ["url", '");top:0;x:url("', *[""] * 7])
@example(["a: @@ 1px"], ["/", "*", *[""] * 7])
@example(["a: url( '/@' ) @"], ["\n');top:0;x:url('", "", *[""] * 7])
def test_no_value_adds_a_declaration_or_takes_one(author: list[str], values: list[str]) -> None:
    texts = "; ".join([*author, "after: 1"]).split("@")
    written = join(texts, values[: len(texts) - 1])
    declared = properties(written)
    assert declared[-1:] == ["after"], written
    assert set(declared[:-1]) <= {"a"}, written
    assert len(declared) <= len(author) + 1, written


@pytest.mark.parametrize(
    ("markup", "html"),
    [
        ('<p style="color: @{value}; width: @{1 + 2}px"></p>', '<p style=" width: 3px"></p>'),
        ('<p STYLE="color: @{value}; width: 3px"></p>', '<p style=" width: 3px"></p>'),
        ('<Dynamic component="p" style="color: @{value}; top: 0"/>', '<p style=" top: 0"></p>'),
        ('<p style="color: @{value}; top: 0" style:left=@{1}></p>', '<p style=" top: 0;left:1"></p>'),
        ('<p style="top: @{1 + 1}" style:left=@{value}></p>', '<p style="top: 2"></p>'),
        ("<p style:left=@{value}></p>", "<p></p>"),
        ('<p style="@{value}; color: @{2}"></p>', '<p style="red; position: fixed; color: 2"></p>'),
    ],
)
def test_a_hostile_value_in_a_template(markup: str, html: str) -> None:
    assert render(component(markup, value="red; position: fixed")).html == html


def test_a_forwarded_style_keeps_its_values_inside() -> None:
    colour, set_colour = create_signal("red")
    names = load(
        """
        @component("Inner") @props {
            @prop style
        }
        @ptml { <p style=@{style}></p> }
        @component("Outer") @ptml { <Inner style="color: @{colour}; top: 0"/> }
        """,
        colour=colour,
    )
    screen = render(names.Outer)
    assert screen.html == '<p style="color: red; top: 0"></p>'
    set_colour('red"; position: fixed')
    assert screen.html == '<p style=" top: 0"></p>'
