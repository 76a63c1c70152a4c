"""A hole, ``@{ python }``, wherever markup may have one."""

from __future__ import annotations

import ast
import keyword
import re
from typing import Final

from metafor.compiler.parse.chunk import parse_expression
from metafor.compiler.parse.nodes import Hole
from metafor.compiler.parse.python import Mode, Scan, scan_python
from metafor.compiler.parse.state import State

__all__ = ["parse_hole"]

#: A hole with nothing but a name in it. Names beyond ASCII are left to Python, which normalises them.
_NAME: Final = re.compile(r"[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*\}")
_PLAIN: Final = r"""[^"'#()\[\]{}<\n\\]*+"""
#: A hole in one line, without strings, markup or brackets in brackets: its end is the next brace.
_FLAT: Final = re.compile(rf"{_PLAIN}(?:(?:\({_PLAIN}\)|\[{_PLAIN}\]){_PLAIN})*+\}}")


def parse_hole(state: State, start: int, *, tag: bool = False) -> tuple[Hole, int, bool]:
    """Parse the hole whose ``@{`` is at ``start``. Gives it, its height, and whether it was closed.

    ``tag`` says that it stands in a tag.
    """
    depth, quote = state.depth, state.quote
    state.quote = ""
    state.descend(start, start + 2)
    if (name := _NAME.match(state.text, start + 2)) and not keyword.iskeyword(name[1]):
        state.depth = depth
        return Hole(_name(state, name), start, name.end()), 1, True
    if flat := _FLAT.match(state.text, start + 2):
        scan = Scan(start + 2, flat.end() - 1)
    else:
        scan = scan_python(state, start + 2, Mode.HOLE, quote=quote, tag=tag)
    state.depth = depth
    end = scan.end + 1 if scan.closed else scan.end
    if scan.closed:
        state.pair(start, scan.end, "unclosed-hole")
    elif not state.explained:
        state.reporter.report(
            "unclosed-hole", start, start + 2, "this hole is never closed", _advice(state, scan.end)
        )
    hole = Hole(None, start, end)
    height = 0
    if scan.sound:
        if not scan.inserts and _blank(state.text[scan.start : scan.end]):
            state.reporter.report(
                "empty-hole",
                start,
                end,
                "this hole is empty",
                "put an expression between the braces; a comment is `<!-- … -->`, a literal `@{` is `@@{`",
            )
        else:
            hole.expr, height = parse_expression(state, scan)
    return hole, height + 1, scan.closed


def _name(state: State, match: re.Match[str]) -> ast.Name:
    """Most holes are a plain name, and Python's parser is not needed to see that."""
    start, end = match.span(1)
    line, column = state.source.location(start)
    return ast.Name(
        match[1],
        ast.Load(),
        lineno=line,
        col_offset=column,
        end_lineno=line,
        end_col_offset=column + end - start,
    )


def _blank(python: str) -> bool:
    return all(not line.split("#", 1)[0].strip() for line in python.split("\n"))


def _advice(state: State, end: int) -> str:
    if state.text.startswith("</", end):
        return f"add `}}` before the closing tag at {state.reporter.where(end)}"
    if state.text[end : end + 1] in ('"', "'"):
        return f"add `}}` before the quote at {state.reporter.where(end)}"
    return f"add `}}` at {state.reporter.where(end)}"
