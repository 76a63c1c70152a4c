"""Debuggers, coverage and profilers see the lines of the template, wherever the code stands in it."""

from __future__ import annotations

import cProfile
import io
import pdb
import pstats
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import coverage
import pytest

from metafor.compiler import compile_file, to_portable
from metafor.page.loader import load_code
from tests.compiler import stub

PAGE = """\
LIMIT = 3

@component("Page") @props {
    @prop size: int = 0

    if size > LIMIT:
        note = "large"
    else:
        note = "small"

    def go():
        breakpoint()
        return size + LIMIT
}

@ptml {
    <p title=@{note.title()}>
        @{size
          + LIMIT}
        <button onclick=@{lambda: go()}>Go</button>
        @{[<b>@{note.upper()}</b> for _ in range(size)]}
    </p>
}
"""

Run = Callable[[], None]


@pytest.fixture(params=["compiled", "portable"])
def page(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, CodeType]:
    """The template's file and its code: as the compiler gives it, and as a page loads it."""
    stub.install(monkeypatch)
    path = tmp_path / "page.ptml"
    path.write_text(PAGE, encoding="utf-8")
    compiled = compile_file(path)
    if request.param == "compiled":
        return path, compiled.code
    portable = to_portable(compiled)
    return path, load_code(portable.source, portable.positions, str(path))


def shown(code: CodeType, **props: Any) -> list[Any]:
    """Run the template's module and its component; the values of its holes."""
    return list(stub.run(code)["Page"](**props).values)


def test_a_tracer_sees_every_line_of_the_template_and_none_beside_it(page: tuple[Path, CodeType]) -> None:
    path, code = page
    lines: list[int] = []

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        if frame.f_code.co_filename != str(path):
            return None
        if event == "line":
            lines.append(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        title, size, _, rows = shown(code, size=1)
        title(), size(), rows()[0].values[0]()
    finally:
        sys.settrace(before)
    # The file, the body of the component, and each hole when it is asked for.
    assert {1, 6, 9, 17, 18, 19, 21} <= set(lines)
    assert 7 not in lines
    assert set(lines) <= {1, 3, 4, 6, 9, 11, 16, *range(16, 24)}


def test_coverage_reports_the_lines_of_the_template(page: tuple[Path, CodeType]) -> None:
    path, code = page
    measured = coverage.Coverage(data_file=None, include=[str(path)], config_file=False)
    with measured.collect():
        shown(code, size=9)
    lines = measured.get_data().lines(str(path))
    assert lines is not None
    assert {1, 6, 7} <= set(lines)
    assert {9, 12, 13}.isdisjoint(lines)


def test_breakpoint_stops_in_the_template_and_shows_its_text(
    page: tuple[Path, CodeType], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, code = page
    said = io.StringIO()
    debugger = pdb.Pdb(
        stdin=io.StringIO("where\nlist\np size()\nnext\ncontinue\n"), stdout=said, nosigint=True
    )
    monkeypatch.setattr(sys, "breakpointhook", lambda: debugger.set_trace(sys._getframe(1)))
    before = sys.gettrace()
    try:
        assert shown(code, size=4)[2]() == 7
    finally:
        sys.settrace(before)
    text = said.getvalue().replace(str(path), "page.ptml")
    assert "  page.ptml(20)<lambda>()\n-> <button onclick=@{lambda: go()}>Go</button>\n" in text
    assert "> page.ptml(13)go()\n-> return size + LIMIT\n" in text
    assert re.search(r" 12  (->)?\t        breakpoint\(\)\n", text)
    assert "\n(Pdb) 4\n" in text


def test_a_breakpoint_can_be_set_at_a_line_of_markup(page: tuple[Path, CodeType]) -> None:
    path, code = page
    said = io.StringIO()
    debugger = pdb.Pdb(stdin=io.StringIO("continue\np size() + 40\ncontinue\n"), stdout=said, nosigint=True)
    assert debugger.set_break(str(path), 19) is None
    before = sys.gettrace()
    try:
        debugger.runcall(lambda: shown(code, size=2)[1]())
    finally:
        sys.settrace(before)
        debugger.clear_all_breaks()
    assert f"{path}(19)<lambda>()\n-> + LIMIT}}\n(Pdb) 42\n" in said.getvalue()


def test_a_profiler_names_the_line_of_a_hole(page: tuple[Path, CodeType]) -> None:
    path, code = page
    title = shown(code, size=1)[0]
    profile = cProfile.Profile()
    profile.runcall(title)
    functions = {(file, line, name) for file, line, name in pstats.Stats(profile).stats}  # type: ignore[attr-defined]
    assert (str(path), 17, "<lambda>") in functions
