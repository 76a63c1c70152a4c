"""Handlers that are called where they should be given: ``onclick=@{save()}`` saves at once, and never again.

A hole of an event is evaluated when the element is made, and what it gives is the handler. A function that
makes handlers may be called there; one that gives nothing, a coroutine function and a setter may not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

__all__ = ["Handlers"]


class Handlers:
    """The functions of a file of which no call gives a handler. Names bound more than once are left out."""

    def __init__(self, nodes: Iterable[object]) -> None:
        bound: set[str] = set()
        self._names: set[str] = set()
        for node in nodes:
            for name, useless in _bound(node):
                if name in bound or not useless:
                    self._names.discard(name)
                else:
                    self._names.add(name)
                bound.add(name)

    def called(self, expr: ast.expr | None) -> str | None:
        """What to write instead of ``expr``, given as a handler; None where it may be one."""
        if not isinstance(expr, ast.Call):
            return None
        function = expr.func
        if isinstance(function, ast.Attribute) and function.attr == "update":
            # `set_count.update(…)`, which gives None.
            function = function.value
        if not isinstance(function, ast.Name) or function.id not in self._names:
            return None
        written = ast.unparse(expr)
        if isinstance(expr.func, ast.Name) and not expr.args and not expr.keywords:
            return function.id
        return f"lambda: {written if len(written) <= 40 else '…'}"


def _bound(node: object) -> Iterable[tuple[str, bool]]:
    """The names that a node binds, each with whether a call of it gives nothing to call."""
    match node:
        case ast.AsyncFunctionDef(name=name):
            yield name, not node.decorator_list
        case ast.FunctionDef(name=name):
            yield name, not node.decorator_list and not _gives(node)
        case ast.Assign(
            targets=[ast.Tuple(elts=[ast.Name(), ast.Name(id=name)])], value=ast.Call(func=function)
        ):
            named = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
            yield name, named == "create_signal"
        case ast.Assign(targets=targets):
            yield from ((part.id, False) for target in targets for part in _names(target))
        case ast.arg(arg=name):
            yield name, False


def _names(target: ast.expr) -> Iterable[ast.Name]:
    return (part for part in ast.walk(target) if isinstance(part, ast.Name))


def _gives(function: ast.FunctionDef) -> bool:
    """Whether a call may give something: there is a value returned, or something yielded."""
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom) or (isinstance(node, ast.Return) and node.value):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            stack += ast.iter_child_nodes(node)
    return False
