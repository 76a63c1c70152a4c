"""Declarations in ``@props``: ``@prop name: type = default``."""

from __future__ import annotations

import ast
import re
from typing import Final

from metafor.compiler.parse.nodes import Prop
from metafor.compiler.parse.python import Scan
from metafor.compiler.parse.state import State

__all__ = ["PROP_LINE", "find_props", "report_prop"]

#: A line that is meant as a declaration, whatever it is.
PROP_LINE: Final = re.compile(r"[ \t\f]*(@prop\b)")


def find_props(state: State, scan: Scan, body: list[ast.stmt]) -> list[Prop]:
    """The props declared in a block, in order, found by where their statements begin."""
    places = {state.source.location(start): (start, end, name) for start, end, name in scan.props}
    props: list[Prop] = []
    seen: dict[str, int] = {}
    for statement in body:
        found = places.pop((statement.lineno, statement.col_offset), None)
        if found is None:
            continue
        start, end, name = found
        prop = _declaration(name, statement, start, end)
        if prop is None:
            report_prop(state, start, end)
            # What it names is no unknown name on top of that.
            names = [part.id for part in ast.walk(statement) if isinstance(part, ast.Name)]
            props += (Prop(one, None, None, statement, start, end) for one in names)
        elif name in seen:
            state.reporter.report(
                "duplicate-prop",
                start,
                end,
                f"the prop `{name}` is declared twice, first at {state.reporter.where(seen[name])}",
                "remove one of the declarations",
            )
        else:
            seen[name] = start
            props.append(prop)
    for start, end, name in places.values():
        report_prop(state, start, end, f"the prop `{name}` is declared inside another statement")
    return props


def _declaration(name: str, statement: ast.stmt, start: int, end: int) -> Prop | None:
    match statement:
        case ast.Expr(value=ast.Name()):
            return Prop(name, None, None, statement, start, end)
        case ast.Assign(targets=[ast.Name()], value=value):
            return Prop(name, None, value, statement, start, end)
        case ast.AnnAssign(target=ast.Name(), annotation=annotation, value=default):
            return Prop(name, annotation, default, statement, start, end)
    return None


def report_prop(state: State, start: int, end: int, message: str = "") -> None:
    """Report a declaration that is none."""
    state.reporter.report(
        "prop-declaration",
        start,
        end,
        message or "a declaration is `@prop name: type = default`, one name in a line",
        'for example `@prop title: str = "Chat"`, at the top of `@props`',
    )
