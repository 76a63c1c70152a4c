"""Depth and size: the compiler stays linear and never overflows (ruling 38)."""

from __future__ import annotations

import ast
from types import CodeType

import pytest

from metafor.compiler import TemplateError, compile_source, to_portable
from tests.compiler.test_fuzz import check

OPEN = '@component("A") @ptml {\n'


def codes(source: str) -> list[str]:
    with pytest.raises(TemplateError) as caught:
        compile_source(source, "deep.ptml")
    return [d.code for d in caught.value.diagnostics]


def nested(opening: str, closing: str, depth: int) -> str:
    return OPEN + opening * depth + closing * depth + "\n}\n"


def test_what_an_html_parser_keeps_compiles() -> None:
    compile_source(nested("<div>", "</div>", 500), "deep.ptml")
    assert codes(nested("<div>", "</div>", 501)) == ["markup-depth"]
    assert codes(nested("<div>", "</div>", 20_000)) == ["markup-depth"]


def test_fifty_holes_compile() -> None:
    compiled = compile_source(nested("@{lambda: <p>", "</p>}", 49), "deep.ptml")
    to_portable(compiled)
    compile_source(nested("@{[x for x in <p>", "</p>]}", 49), "deep.ptml")
    assert codes(nested("@{lambda: <p>", "</p>}", 51)) == ["hole-depth"]
    assert codes(nested("@{lambda: <p>", "</p>}", 20_000)) == ["hole-depth"]
    assert codes(nested("<A>", "</A>", 20_000)) == ["hole-depth"]


@pytest.mark.parametrize(
    "expression",
    ["-" * 20_000 + "1", "+".join("a" * 20_000), "a" + ".b" * 20_000, "lambda: " * 20_000 + "1"],
    ids=["unary", "sum", "attributes", "lambdas"],
)
def test_python_too_deep_is_a_diagnostic(expression: str) -> None:
    assert codes(f"{OPEN}@{{{expression}}}\n}}\n") == ["expression-depth"]
    assert codes(f"x = {expression}\n") == ["expression-depth"]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (nested("<div>", "</div>", 1_000), "markup-depth"),
        (nested("@{lambda: <p>", "</p>}", 1_000), "hole-depth"),
        (nested("<A>", "</A>", 1_000), "hole-depth"),
        (nested("@{f(", ")}", 1_000), "expression-depth"),
        (f"{OPEN}@{{{'(' * 1_000}1{')' * 1_000}}}\n}}\n", "expression-depth"),
        (f"x = {'[' * 1_000}{']' * 1_000}\n", "expression-depth"),
        ("".join(f"{' ' * level}if x:\n" for level in range(1_000)), "expression-depth"),
    ],
    ids=["elements", "holes", "components", "holes in holes", "parentheses", "lists", "statements"],
)
def test_a_thousand_levels_of_anything(source: str, code: str) -> None:
    assert codes(source)[0] == code


def test_a_thousand_levels_of_what_does_not_nest() -> None:
    compile_source(nested("{", "}", 1_000), "deep.ptml")
    compile_source(f"@style {{ {'a { ' * 1_000}{'}' * 1_000} }}\n", "deep.ptml")


@pytest.mark.parametrize(
    "mistake",
    [
        "<p>",
        "@{",
        "@{x</p>",
        "</b>",
        "{",
        "}",
        '<a b="',
        "<!--",
        "(",
        "[)",
        "'",
        '"""\n',
        "<style>",
        "@{'",
        "<p a=@{'>",
    ],
)
def test_thousands_of_mistakes_end(mistake: str) -> None:
    for source in (mistake * 3000, OPEN + mistake * 3000, OPEN + (mistake + "\n") * 1000 + "}\n"):
        check(source)


@pytest.mark.parametrize("hole", ["x + 1", "[y for y in x]", "{y: 1 for y in x}", "lambda: x"])
def test_equal_holes_do_not_collide(hole: str) -> None:
    """Codes of equal hash make CPython's own compiler quadratic: 15,000 equal lines took three minutes."""
    compiled = compile_source(f"{OPEN}{f'<p>@{{{hole}}}</p>' * 300}\n}}\n", "equal.ptml")
    (component,) = (c for c in compiled.code.co_consts if isinstance(c, CodeType))
    codes = [c for c in component.co_consts if isinstance(c, CodeType)]
    assert len(codes) == 300
    assert len({hash(code) for code in codes}) > 290
    # What sets them apart is gone from the tree.
    assert "_299" not in ast.unparse(compiled.module)


@pytest.mark.parametrize(
    "before",
    [
        "",
        "@component",
        '@component("',
        '@component("A") @style ',
        '@component("A") @props { @prop x',
        f"{OPEN}<p ",
        f"{OPEN}<p a=",
        f"{OPEN}<p on",
        f"{OPEN}@{{x ",
        f"{OPEN}{{",
    ],
)
@pytest.mark.parametrize(
    "run",
    ["a", "a ", "a\n", "<a", "<a ", "x <a b ", "a<b>", "{a ", "(a)=1 ", "# }", "@a{", "-", "&a", "a=", ".a"],
)
def test_a_long_run_of_anything_ends(before: str, run: str) -> None:
    """No pattern looks at it again and again: `@style aaa…` without its brace took forever."""
    check(before + run * (1000 // len(run)))
