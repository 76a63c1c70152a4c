"""Diagnostics: places, frames, order, and what an error shows."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from metafor.compiler import Diagnostic, TemplateError, check_file, compile_file, compile_source
from metafor.compiler.codes import CODES
from metafor.compiler.diagnostics import Reporter, guess
from metafor.compiler.source import Source
from metafor.errors import MetaforError


def mistakes(source: str) -> list[Diagnostic]:
    with pytest.raises(TemplateError) as caught:
        compile_source(source, "a.ptml")
    return caught.value.diagnostics


def test_three_mistakes_are_three_diagnostics() -> None:
    source = dedent(
        """\
        from chat import Chat

        @component("Page") @ptml {
            <div>
                <button onClick=@{go}>Go</button>
                <Chatt/>
                <p>@{1 +}</p>
            </div>
        }
        """
    )
    with pytest.raises(TemplateError) as caught:
        compile_source(source, "page.ptml")
    error = caught.value
    assert [(d.code, d.line, d.column) for d in error.diagnostics] == [
        ("unknown-event", 5, 17),
        ("unknown-component", 6, 10),
        ("python-syntax", 7, 16),
    ]
    assert str(error) == dedent(
        """\
        3 mistakes in page.ptml

        page.ptml:5:17: error: `onClick` is not an event [unknown-event]
           5 |         <button onClick=@{go}>Go</button>
             |                 ^^^^^^^
          hint: did you mean `onclick`?

        page.ptml:6:10: error: unknown component `Chatt` [unknown-component]
           6 |         <Chatt/>
             |          ^^^^^
          hint: did you mean `Chat`?

        page.ptml:7:16: error: this is not valid Python: invalid syntax [python-syntax]
           7 |         <p>@{1 +}</p>
             |                ^
          hint: a hole takes one expression: an operator, a comma or an operand is missing here"""
    )
    assert isinstance(error, MetaforError)
    assert error.code == "compiler/template"


def test_the_end_of_a_diagnostic() -> None:
    (diagnostic,) = mistakes('@component("A") @ptml { <dvi/> }')
    assert (diagnostic.line, diagnostic.column) == (1, 26)
    assert (diagnostic.end_line, diagnostic.end_column) == (1, 29)
    assert (diagnostic.severity, diagnostic.filename) == ("error", "a.ptml")
    assert str(diagnostic) == diagnostic.format()


def test_carets_stand_under_wide_characters_and_tabs() -> None:
    (diagnostic,) = mistakes('@component("A") @ptml {\n\t日本e\u0301 <dvi/> }')
    frame = diagnostic.format().splitlines()
    assert frame[1:3] == ["   2 | \t日本e\u0301 <dvi/> }", "     | \t" + " " * 7 + "^^^"]
    assert diagnostic.column == 8


def test_a_frame_shows_a_part_of_a_very_long_line() -> None:
    (diagnostic,) = mistakes('@component("A") @ptml { ' + "x" * 50_000 + "<dvi/>" + "y" * 50_000 + " }")
    assert diagnostic.column == 50_026
    lines = diagnostic.format().splitlines()
    assert len(lines[1]) < 120
    assert lines[1][lines[2].index("^") :].startswith("dvi")


def test_newlines_of_every_kind_count_as_python_counts_them() -> None:
    (diagnostic,) = mistakes('\ufeffx = 1\r\ny = "\u2028\f\x0b"\r@component("A") @ptml { <dvi/> }')
    assert (diagnostic.line, diagnostic.column) == (3, 26)


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "a.ptml"
    path.write_bytes("x = 1\r\ny = 'é".encode() + b"\xff'\n")
    with pytest.raises(TemplateError) as caught:
        compile_file(path)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.line, diagnostic.column) == ("unreadable-source", 2, 7)
    assert diagnostic.filename == str(path)


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\r", b"\xef\xbb\xbf\r\n\r"])
def test_where_a_byte_is_that_is_not_utf_8(before: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.ptml"
    path.write_bytes(before + "é = '".encode() + b"\xff'\n")
    (diagnostic,) = check_file(path)
    assert (diagnostic.column, diagnostic.excerpt) == (6, "é = '\N{REPLACEMENT CHARACTER}'")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        compile_file(tmp_path / "missing.ptml")


def test_warnings_do_not_stop_the_compiler() -> None:
    compiled = compile_source('\nX = 1 is 1, "\\d"\n', "a.ptml")
    assert {(d.code, d.severity, d.line) for d in compiled.diagnostics} == {("python-warning", "warning", 2)}


def test_every_code_is_listed_and_used() -> None:
    package = Path(__file__).parents[2] / "metafor" / "compiler"
    text = "".join(p.read_text(encoding="utf-8") for p in package.rglob("*.py") if p.name != "codes.py")
    assert [code for code in CODES if f'"{code}"' not in text] == []
    with pytest.raises(ValueError, match="unlisted"):
        Reporter(Source("", "a.ptml")).report("no-such-code", 0, 0, "")


@pytest.mark.parametrize(
    ("word", "meant"), [("onClick", "onclick"), ("Chatt", "Chat"), ("xyzzy", None), ("oncilck", "onclick")]
)
def test_guesses(word: str, meant: str | None) -> None:
    assert guess(word, ["onclick", "oninput", "Chat", "Card"]) == meant


def test_positions_survive_the_trip_to_bytes_and_back() -> None:
    source = Source("a\né日x\U0001f600y\n\nz", "a.ptml")
    for offset in range(len(source) + 1):
        assert source.offset(*source.location(offset)) == offset
    assert source.location(source.text.index("y")) == (2, 10)
    assert source.position(source.text.index("y")) == (2, 5)
    assert (source.offset(99, 99), source.offset(0, -1)) == (len(source), 0)
