"""A CSS value stays inside its declaration, whatever it holds (ruling 31)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metafor.dom.css import declaration

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
    ("grid_template", "[a] 1fr / auto", "grid-template:[a] 1fr / auto"),
]
LEFT_OUT = [
    *(("color", value) for value in (None, False)),
    *(
        ("color", value)
        for value in ("red;top:0", "red}", "{", "/*", "(/*)", '"', "'a\n'", "url(", ")", "a\\", "(]", "([)]")
    ),
    *((name, "red") for name in ("", "a:b", "a b", "a;b", "}", "1a", "<")),
]


@pytest.mark.parametrize(("name", "value", "text"), KEPT)
def test_a_value_is_kept(name: str, value: Any, text: str) -> None:
    assert declaration(name, value) == text


@pytest.mark.parametrize(("name", "value"), LEFT_OUT)
def test_what_would_break_out_is_left_out(name: str, value: Any) -> None:
    assert declaration(name, value) == ""


# A CSS parser in small: strings and brackets are skipped, what is left may hold nothing that ends.
_SKIPPED = re.compile(r"""\\.|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""", re.DOTALL)


@given(st.text(alphabet="a;:{}()[]\"'\\/*\n ", max_size=12))
def test_nothing_that_is_kept_ends_a_declaration(value: str) -> None:
    if not declaration("x", value):
        return
    rest = _SKIPPED.sub("", value)
    while (shorter := re.sub(r"\([^()\[\]]*\)|\[[^()\[\]]*\]", "", rest)) != rest:
        rest = shorter
    assert not re.search(r"""[;{}()\[\]"'\\]|/\*""", rest)
