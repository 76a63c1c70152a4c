"""Whatever the text, the outcome is code or diagnostics with places inside the file."""

from __future__ import annotations

import ast
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metafor.compiler import Compiled, TemplateError, compile_source
from metafor.compiler.codes import CODES
from metafor.compiler.compile import compile_bytes

SAMPLES = [
    path.read_bytes().decode("utf-8")
    for path in sorted((Path(__file__).parent / "samples").glob("*/input.ptml"))
    if path.stat().st_size < 3000
]
WORDS = """
    @{ @@{ } { < </ <p> </p> <A> </A> /> > " ' \"\"\" ''' # \\ <!-- --> <> </> ( ) [ ] ...@{ = é &amp; on
    class:a= bind:value=@{ref} <textarea> <style> <pre> <br> <For~each=@{x}> @{lambda~x,~i: : , ; . 0 _t0
    f"{x}" await~ yield~ import~* lambda~x: ~for~x~in~y match~x: case~_: @component("X") @component( @props~{
    @ptml~{ @style~{ @style~global~{ @prop~x @prop~x~=~1 def~f(): return
"""
SPACES = [" ", "\n", "\n    ", "\t", "\f", "\r\n", "\r", "\ufeff", "\0", "\u2028", "\ud800", "日本"]
BLOCKS = ['\n@component("Y") ', "\n@ptml {", "\n}\n"]
PIECES = st.sampled_from([*(word.replace("~", " ") for word in WORDS.split()), *SPACES, *BLOCKS])


def check(source: str | bytes) -> Compiled | None:
    """Compile; hold every promise about the outcome."""
    compiled: Compiled | None
    try:
        if isinstance(source, bytes):
            compiled = compile_bytes(source, "fuzz.ptml")
        else:
            compiled = compile_source(source, "fuzz.ptml")
        diagnostics = list(compiled.diagnostics)
    except TemplateError as error:
        diagnostics = error.diagnostics
        compiled = None
        shown = str(error)
    if compiled is None:
        assert any(d.severity == "error" for d in diagnostics)
        assert shown.endswith("\n\n".join(d.format() for d in diagnostics))
    if isinstance(source, bytes):
        source = source.decode("utf-8", errors="replace")
    lines = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    places = [(d.line, d.column) for d in diagnostics]
    assert places == sorted(places)
    for diagnostic in diagnostics:
        assert diagnostic.code in CODES
        assert 1 <= diagnostic.line <= diagnostic.end_line <= len(lines)
        assert 1 <= diagnostic.column <= len(lines[diagnostic.line - 1]) + 1
        assert 1 <= diagnostic.end_column <= len(lines[diagnostic.end_line - 1]) + 1
        assert (diagnostic.line, diagnostic.column) <= (diagnostic.end_line, diagnostic.end_column)
    if compiled is not None:
        for node in ast.walk(compiled.module):
            if isinstance(node, ast.expr | ast.stmt):
                assert 1 <= node.lineno <= (node.end_lineno or 0) <= len(lines)
    return compiled


FUZZ = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FUZZ
@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda data: data.decode("latin-1")))
def test_any_text(source: str) -> None:
    check(source)


@FUZZ
@given(
    st.lists(st.binary(max_size=3) | st.sampled_from([b"\r\n", b"\xef\xbb\xbf", b"\n", b"@{", b"\xc3\xa9"]))
)
def test_any_bytes(pieces: list[bytes]) -> None:
    check(b"".join(pieces))


@FUZZ
@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_sequence_of_pieces(source: str) -> None:
    check(source)


@FUZZ
@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_content_of_a_component(source: str) -> None:
    check(f'@component("A") @props {{\n    @prop a\n}}\n@ptml {{\n{source}\n}}\n')


@st.composite
def mutations(draw: st.DrawFn) -> str:
    source = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(source)))
        end = min(start + draw(st.integers(0, 12)), len(source))
        source = source[:start] + draw(PIECES | st.just("")) + source[end:]
    return source


@FUZZ
@given(mutations())
def test_any_mutation_of_a_sample(source: str) -> None:
    check(source)


@FUZZ
@given(st.integers(0, len(SAMPLES) - 1), st.data())
def test_any_beginning_of_a_sample(index: int, data: st.DataObject) -> None:
    source = SAMPLES[index]
    check(source[: data.draw(st.integers(0, len(source)))])
