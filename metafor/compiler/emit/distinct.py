"""Thousands of equal lambdas in one file, and CPython's dict of constants.

Before 3.12 the hash of a code object knows neither its position nor its instructions, so equal holes of
different rows collide in the compiler's table of constants, and a template of n of them takes n² steps.
A name that is never read sets them apart: it costs nothing when the code runs, since the branch that
mentions it is dropped when the code is made.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from metafor.compiler.emit.build import Build

__all__ = ["distinct_code"]

#: Fewer than these collide without anybody noticing.
_ENOUGH: Final = 200

_LEAVES: Final = frozenset(
    {*(ast.Name, ast.Constant, ast.Load, ast.Store, ast.Del, ast.alias), str, int, bool, type(None)}
)

_Maker = ast.Lambda | ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


@contextmanager
def distinct_code(module: ast.Module) -> Iterator[None]:
    """While this is open, the lambdas and comprehensions of a big ``module`` differ by a name each."""
    if sys.version_info >= (3, 12):
        yield
        return
    makers = [node for node in _walk(module) if isinstance(node, _Maker)]
    if len(makers) < _ENOUGH:
        yield
        return
    for number, node in enumerate(makers):
        body = _body(node)
        build = Build.like(body)
        _set_body(node, build.choice(build.constant(True), body, build.name(f"_{number}")))
    try:
        yield
    finally:
        for node in makers:
            branch = _body(node)
            assert isinstance(branch, ast.IfExp)
            _set_body(node, branch.body)


def _walk(module: ast.Module) -> Iterator[ast.AST]:
    """The nodes of a module that hold others; ``ast.walk`` is twice as slow."""
    stack: list[ast.AST] = [module]
    while stack:
        node = stack.pop()
        yield node
        for name in node._fields:
            value = getattr(node, name, None)
            if type(value) is list:
                stack += [child for child in value if type(child) not in _LEAVES]
            elif type(value) not in _LEAVES:
                stack.append(value)  # type: ignore[arg-type]


def _body(node: _Maker) -> ast.expr:
    if isinstance(node, ast.Lambda):
        return node.body
    return node.value if isinstance(node, ast.DictComp) else node.elt


def _set_body(node: _Maker, body: ast.expr) -> None:
    if isinstance(node, ast.Lambda):
        node.body = body
    elif isinstance(node, ast.DictComp):
        node.value = body
    else:
        node.elt = body
