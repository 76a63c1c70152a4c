"""Scoped styles end, keep their braces, and add nothing but the attribute."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from metafor.compiler import compile_source
from tests.compiler.test_fuzz import check

PIECES = st.sampled_from(
    [
        *(
            ".a",
            "p",
            "*",
            "&",
            ":hover",
            "::before",
            ":is(",
            ":global(",
            ")",
            "[x]",
            "[",
            "]",
            ",",
            " ",
            ">",
            "|",
            "||",
        ),
        *(
            "{",
            "}",
            ";",
            "top: 0",
            "--x: {",
            "/*",
            "*/",
            '"',
            "'",
            "\\",
            "url(",
            "@media x",
            "@keyframes f",
            "@layer a;",
        ),
        *("animation: f 1s", "\n", "html", "é"),
    ]
)


def sheet(css: str) -> str:
    compiled = compile_source(f'@component("A") @ptml {{ <p/> }}\n@style {{\n{css}\n}}\n', "a.ptml")
    styles: list[str] = []
    for statement in compiled.module.body[1:]:
        call = getattr(statement, "value", None)
        if getattr(getattr(call, "func", None), "attr", "") == "style":
            styles.append(call.args[0].value)  # type: ignore[union-attr]
    (style,) = styles
    return style


def test_two_components_with_equal_styles_do_not_share_them() -> None:
    css = "p { top: 0 }"
    source = "".join(f'@component("{name}") @ptml {{ <p/> }} @style {{ {css} }}\n' for name in "AB")
    code = compile_source(source, "a.ptml").code
    found = set(re.findall(r"data-s-\w+", repr(code.co_consts)))
    assert len(found) == 2


def test_the_attribute_does_not_depend_on_the_place_of_the_file() -> None:
    source = '@component("A") @ptml { <p/> } @style { p { top: 0 } }'
    first, second = (compile_source(source, name).code.co_consts for name in ("/a/b.ptml", "c.ptml"))
    assert [c for c in first if isinstance(c, str)] == [c for c in second if isinstance(c, str)]


@settings(deadline=None)
@given(st.lists(PIECES, max_size=15).map("".join))
def test_any_css(css: str) -> None:
    check(f'@component("A") @ptml {{ <p/> }}\n@style {{\n{css}\n}}\n')


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from([".a", "p", " > ", " ", ":hover", ":is(.x, y)", "[q='}']"]), min_size=1, max_size=6
    )
)
def test_a_selector_without_its_attribute_is_what_was_written(parts: list[str]) -> None:
    written = "".join(parts).strip()
    scoped = sheet(written + " { top: 0 }")
    assert re.sub(r"\[data-s-\w+\]", "", scoped) == written + " { top: 0 }"
    assert len(re.findall(r"\[data-s-\w+\]", scoped)) == (1 if written.strip(" >") else 0)


def test_thousands_of_nested_rules_and_brackets() -> None:
    sheet("a {" * 5000 + "}" * 5000)
    sheet(":is(" * 5000 + " { top: 0 }")
