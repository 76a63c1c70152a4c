"""A hole, ``@{ python }``, wherever markup may have one."""

from __future__ import annotations

from metafor.compiler.parse.chunk import parse_expression
from metafor.compiler.parse.nodes import Hole
from metafor.compiler.parse.python import Mode, scan_python
from metafor.compiler.parse.state import State

__all__ = ["parse_hole"]


def parse_hole(state: State, start: int) -> tuple[Hole, int, bool]:
    """Parse the hole whose ``@{`` is at ``start``. Gives it, its height, and whether it was closed."""
    depth = state.depth
    state.descend(start, start + 2)
    scan = scan_python(state, start + 2, Mode.HOLE)
    state.depth = depth
    end = scan.end + 1 if scan.closed else scan.end
    if not scan.closed:
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


def _blank(python: str) -> bool:
    return all(not line.split("#", 1)[0].strip() for line in python.split("\n"))


def _advice(state: State, end: int) -> str:
    if state.text.startswith("</", end):
        return f"add `}}` before the closing tag at {state.reporter.where(end)}"
    return "add `}` behind the expression"
