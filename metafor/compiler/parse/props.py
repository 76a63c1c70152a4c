"""Declarations in ``@props``: ``@prop name: type = default``."""

from __future__ import annotations

import ast

from metafor.compiler.parse.nodes import Prop
from metafor.compiler.parse.python import Scan
from metafor.compiler.parse.state import State

__all__ = ["find_props"]


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
            _report(state, start, end, "a declaration is `@prop name: type = default`, one name in a line")
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
        _report(state, start, end, f"the prop `{name}` is declared inside another statement")
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


def _report(state: State, start: int, end: int, message: str) -> None:
    state.reporter.report(
        "prop-declaration",
        start,
        end,
        message,
        'for example `@prop title: str = "Chat"`, at the top of `@props`',
    )
