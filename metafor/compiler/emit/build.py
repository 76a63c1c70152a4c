"""Small makers of ``ast`` nodes that all stand at one place of the template."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import TypedDict

from metafor.compiler.source import Source

__all__ = ["Build", "Constant"]

Constant = None | bool | int | float | str | tuple["Constant", ...]


class _Place(TypedDict):
    lineno: int
    col_offset: int
    end_lineno: int
    end_col_offset: int


class Build:
    """Makes nodes at one place: of a node (``Build.like``) or of a stretch of text (``Build.at``)."""

    __slots__ = ("_place",)

    def __init__(self, line: int, column: int, end_line: int, end_column: int) -> None:
        self._place = _Place(lineno=line, col_offset=column, end_lineno=end_line, end_col_offset=end_column)

    @classmethod
    def like(cls, node: ast.expr | ast.stmt) -> Build:
        """Makes nodes at the place of ``node``."""
        return cls(
            node.lineno,
            node.col_offset,
            node.end_lineno or node.lineno,
            node.end_col_offset or node.col_offset,
        )

    @classmethod
    def at(cls, source: Source, start: int, end: int) -> Build:
        """Makes nodes at a stretch of text, cut at the end of its first line (as a traceback shows it)."""
        line = source.line_of(start)
        end = max(min(end, source.line_end(line)), start)
        return cls(*source.location(start), *source.location(end))

    def name(self, name: str) -> ast.Name:
        """A read of a name."""
        return ast.Name(name, ast.Load(), **self._place)

    def runtime(self, name: str) -> ast.Attribute:
        """``_mf.name``."""
        return ast.Attribute(self.name("_mf"), name, ast.Load(), **self._place)

    def call(
        self, function: ast.expr, arguments: Iterable[ast.expr] = (), keywords: Iterable[ast.keyword] = ()
    ) -> ast.Call:
        """``function(*arguments, **keywords)``."""
        return ast.Call(function, list(arguments), list(keywords), **self._place)

    def keyword(self, name: str, value: ast.expr) -> ast.keyword:
        """``name=value`` in a call."""
        return ast.keyword(name, value, **self._place)

    def constant(self, value: Constant) -> ast.expr:
        """A literal; a tuple is one, too (which is quicker than a tree, and what Python makes of it)."""
        return ast.Constant(value, **self._place)  # type: ignore[arg-type]  # tuples are constants, too

    def mapping(self, keys: Sequence[str], values: Sequence[ast.expr]) -> ast.Dict:
        """``{"key": value, …}``."""
        return ast.Dict([self.constant(key) for key in keys], list(values), **self._place)

    def function(self, parameters: Sequence[str], body: ast.expr) -> ast.Lambda:
        """``lambda a, b: body``."""
        names = [ast.arg(parameter, **self._place) for parameter in parameters]
        arguments = ast.arguments(posonlyargs=[], args=names, kwonlyargs=[], kw_defaults=[], defaults=[])
        return ast.Lambda(arguments, body, **self._place)

    def choice(self, test: ast.expr, body: ast.expr, otherwise: ast.expr) -> ast.IfExp:
        """``body if test else otherwise``."""
        return ast.IfExp(test, body, otherwise, **self._place)

    def assign(self, name: str, value: ast.expr) -> ast.Assign:
        """``name = value``."""
        return ast.Assign([ast.Name(name, ast.Store(), **self._place)], value, **self._place)

    def expression(self, value: ast.expr) -> ast.Expr:
        """``value`` as a statement."""
        return ast.Expr(value, **self._place)

    def give(self, value: ast.expr) -> ast.Return:
        """``return value``."""
        return ast.Return(value, **self._place)

    def import_runtime(self) -> ast.ImportFrom:
        """``from metafor.dom import compiled as _mf``."""
        return ast.ImportFrom("metafor.dom", [ast.alias("compiled", "_mf", **self._place)], 0, **self._place)

    def definition(
        self, name: str, parameter: str, decorators: list[ast.expr], body: list[ast.stmt]
    ) -> ast.FunctionDef:
        """``def name(parameter): body`` with decorators."""
        # Parsed rather than made: newer versions of Python know more fields than older ones.
        made = ast.parse(f"def {name}({parameter}): pass").body[0]
        assert isinstance(made, ast.FunctionDef)
        for node in (made, *made.args.args):
            for attribute, value in self._place.items():
                setattr(node, attribute, value)
        made.decorator_list = decorators
        made.body = body
        return made
