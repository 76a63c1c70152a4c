"""What a build ships reads back as the same program at the same places."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metafor.compiler import Compiled, TemplateError, compile_source, portable, to_portable
from metafor.page import loader
from metafor.page.loader import load_code
from tests.compiler import stub

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*/expected.py"))


def codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


def places(code: CodeType) -> list[Any]:
    """Every instruction of a program with its place."""
    return [(c.co_qualname, c.co_code, c.co_firstlineno, list(c.co_positions())) for c in codes(code)]


def assert_same(compiled: Compiled) -> None:
    shipped = to_portable(compiled)
    loaded = load_code(shipped.source, shipped.positions, compiled.filename)
    assert places(loaded) == places(compiled.code)
    assert loaded.co_filename == compiled.filename


@pytest.mark.parametrize("expected", SAMPLES, ids=lambda path: path.parent.name)
def test_every_sample(expected: Path) -> None:
    source = (expected.parent / "input.ptml").read_bytes().decode("utf-8")
    assert_same(compile_source(source, "input.ptml"))


PYTHON = '''\
"""The module's own words, with a \\\\ and a \\" in them."""
from __future__ import annotations
import functools

@functools.lru_cache(maxsize=None)
@staticmethod
def decorated(a, /, b: int = 1, *args: str, c, d=2, **rest) -> list[int]:
    def inner():
        nonlocal b
        b += 1
        return lambda: (yield b)
    return inner

class Box(dict, metaclass=type):
    x: int
    y: str = "é"
    def __init__(self): super().__init__()

def matching(value):
    match value:
        case {"a": [1, 2, *rest], **others} if rest:
            return rest, others
        case Box(x=1, y="a" | "b") as box:
            return box
        case -1 | 2.5 | "s" | None | True:
            return value
        case [_, (a, b)]:
            return a, b
        case _:
            pass

async def asynchronous(items):
    async with items as one, items:
        async for item in one:
            yield [x async for x in item if await x]
    try:
        await one
    except* (ValueError, TypeError) as group:
        raise group from None
    finally:
        del one

def strings(a, b):
    return (
        f"{a}{b!r:>{10}} {a:%Y-%m-%d} {{}} {a=}",
        f"""multi
        {a
          + b} "quoted" {b!s}
        """,
        f"{a['x']}{f'{b}{a}'}" "tail",
        f'{a["é"]} {b["y"]}' f"{a}",
        rf"\\d{a}\\n", b"bytes\\x00", "\\N{BULLET}", u"u", "a\\tb" 'c"d',
        f"{', '.join(a)}",
        1_000, 0xff, 1e400, 3j, ...,
    )

values = [*range(3), *(x := [1])], {**{}, "a": 1}, {1, 2}, x[1:2, ::3], x[*values]
walrus = (y := 3) if not x else -y ** 2 @ 1 // 2
assert x, "message"; del y
while x and not x or x: break
else: pass
for i, (j, *k) in []: continue
with open("x") as f, (open("y")) as g: pass
global_name: int
lambda *a, k=1, **kw: (a, k, kw)
(yield_ := 3)
'''


def test_the_whole_of_python() -> None:
    assert_same(compile_source(PYTHON, "python.ptml"))


def test_the_tree_of_the_caller_stays_as_it_was() -> None:
    compiled = compile_source(PYTHON, "python.ptml")
    before = ast.dump(compiled.module, include_attributes=True)
    to_portable(compiled)
    assert ast.dump(compiled.module, include_attributes=True) == before


def test_awkward_strings_in_f_strings_mean_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    stub.install(monkeypatch)
    source = (
        """x = {"\t": 1, "it's": 2, 'a"b': 3, b"\\\\": 4}\n"""
        """y = f'{x["\t"]} {"-".join("\t")} {x.get(b"x")}', f"{x['\t']!r:>{x['\t']}}"\n"""
    )
    compiled = compile_source(source, "a.ptml")
    shipped = to_portable(compiled)
    assert "_s0" in shipped.source
    loaded = load_code(shipped.source, shipped.positions, "a.ptml")
    assert stub.run(loaded)["y"] == stub.run(compiled.code)["y"]


def test_both_walks_give_the_same_order() -> None:
    compiled = compile_source(PYTHON, "python.ptml")
    ours, theirs = portable._placed(compiled.module), loader._placed(compiled.module)
    assert [id(node) for node in ours] == [id(node) for node in theirs]


def test_positions_of_another_build_are_refused() -> None:
    shipped = to_portable(compile_source("x = 1\n", "a.ptml"))
    numbers = json.loads(shipped.positions)
    with pytest.raises(ImportError, match="build the app again"):
        load_code(shipped.source, json.dumps(numbers[4:]), "a.ptml")


NAMES = st.sampled_from(["a", "b", "title", "items"])
EXPRESSIONS = st.recursive(
    NAMES | st.integers(0, 99).map(str) | st.text("abé{}'\"\\\n\t ", max_size=4).map(repr),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]} + {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"[{p[0]}, *{p[1]}]"),
        inner.map(lambda e: f"(lambda a, b=1: {e})"),
        st.tuples(inner, inner).map(lambda p: f"[<p x=@{{{p[0]}}}>é @{{{p[1]}}}</p> for a in items]"),
        inner.map(lambda e: f"<For each=@{{{e}}}>@{{lambda title, i: <b>@{{{e}}}@{{i}}</b>}}</For>"),
        inner.map(lambda e: f"items[{e}].get(a=\n {e})"),
        inner.map(lambda e: f"(f\"{{a}} {{b:>{{title}}}}\" if {e} else f'{{items}}')"),
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(EXPRESSIONS)
def test_any_expression(expression: str) -> None:
    source = (
        f'@component("A") @props {{\n  @prop title\n  x = {expression}\n}} @ptml {{ @{{{expression}}} }}\n'
    )
    try:
        compiled = compile_source(source, "a.ptml")
    except TemplateError as error:
        # A name used both as prop and as parameter, or `i` outside of its row, are fine; syntax is ours.
        raise AssertionError(f"{source}\n{error}") from error
    assert_same(compiled)
