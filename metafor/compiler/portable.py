"""A compiled template for another Python: source that any version parses, and a table of positions.

The build runs on the author's Python and the page on its own (ruling 36), so neither byte code nor pickled
trees will do. What is shipped is ``ast.unparse``d Python and, for every node in a fixed walk, its place in
the template; :mod:`metafor.page.loader` puts the two together again. The walk stands here and there, since
compiler and runtime never meet; the tests hold both to the same order.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from metafor.compiler.compile import Compiled
from metafor.compiler.emit.module import first_statement
from metafor.errors import MetaforError

__all__ = ["Portable", "PortableError", "to_portable"]


@dataclass(frozen=True, slots=True)
class Portable:
    """``source`` is plain Python. ``positions`` is a JSON list of four numbers per node: lines since the
    node before, column, lines to its end, end column (columns count UTF-8 bytes, as in ``ast``).
    """

    source: str
    positions: str


class PortableError(MetaforError):
    """A template cannot be written as plain Python that reads back as the same program."""

    code: ClassVar[str] = "compiler/not-portable"


def to_portable(compiled: Compiled) -> Portable:
    """The portable form of a compiled template, checked by reading it back.

    Raises :class:`PortableError` when Python cannot write the program down (an expression of great depth).
    """
    _spell_tuples(compiled.module)
    hoisted = _Hoisted(compiled.module)
    module = hoisted.module
    try:
        source = ast.unparse(module) + "\n"
        same = ast.dump(ast.parse(source)) == ast.dump(module)
        positions = _positions(module)
    except (RecursionError, MemoryError, SyntaxError, ValueError) as error:
        raise PortableError(
            f"{compiled.filename} cannot be written as plain Python: {error}",
            next_step="give the most nested part of it a name, or move it into a function",
        ) from error
    finally:
        hoisted.restore()
    if not same:
        raise PortableError(
            f"{compiled.filename} does not read back as the same program",
            next_step="write unusual strings and f-strings in it more plainly",
        )
    return Portable(source, positions)


def _spell_tuples(module: ast.Module) -> None:
    """Make trees of the constant tuples that the emitter gives to the runtime, as a parser would."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            node.args[:] = [_spelled(one) for one in node.args]
        elif isinstance(node, ast.keyword):
            node.value = _spelled(node.value)


def _spelled(expr: ast.expr) -> ast.expr:
    if not isinstance(expr, ast.Constant) or not isinstance(expr.value, tuple):
        return expr
    items = [_spelled(ast.copy_location(ast.Constant(item), expr)) for item in expr.value]
    return ast.copy_location(ast.Tuple(items, ast.Load()), expr)


def _positions(module: ast.Module) -> str:
    numbers: list[int] = []
    last = 0
    for node in _placed(module):
        line, end_line = node.lineno, node.end_lineno or node.lineno
        numbers += (line - last, node.col_offset, end_line - line, node.end_col_offset or 0)
        last = line
    return json.dumps(numbers, separators=(",", ":"))


def _placed(tree: ast.AST) -> Iterator[ast.expr]:
    """Every node with a place, parents first. Of an f-string only the expressions in it count: versions
    of Python differ in what else they make of one.
    """
    stack = [tree]
    while stack:
        node = stack.pop()
        if node._attributes:
            # Whatever has a place has the four fields that expressions have.
            yield node  # type: ignore[misc]
        if isinstance(node, ast.JoinedStr):
            stack.extend(reversed(list(_interpolated(node))))
        else:
            stack.extend(reversed(list(ast.iter_child_nodes(node))))


def _interpolated(joined: ast.JoinedStr) -> Iterator[ast.expr]:
    for part in joined.values:
        if isinstance(part, ast.FormattedValue):
            yield part.value
            if isinstance(part.format_spec, ast.JoinedStr):
                yield from _interpolated(part.format_spec)


class _Hoisted:
    """The module with the awkward strings of its f-strings under names of their own.

    Before 3.12 the expressions of an f-string can hold neither a backslash nor the quote around it, and
    ``ast.unparse`` gives up on some that were written with other quotes. ``restore`` puts the strings
    back into the tree, which is the caller's.
    """

    def __init__(self, module: ast.Module) -> None:
        self._undo: list[tuple[ast.AST, str, int | None, ast.Constant]] = []
        names: list[ast.stmt] = []
        for joined in ast.walk(module):
            if isinstance(joined, ast.JoinedStr):
                for expr in _interpolated(joined):
                    self._hoist(expr, names)
                self._hoist_direct(joined, names)
        self.module = module
        if names:
            at = first_statement(module)
            self.module = ast.Module([*module.body[:at], *names, *module.body[at:]], [])

    def _hoist_direct(self, joined: ast.JoinedStr, names: list[ast.stmt]) -> None:
        for part in joined.values:
            if isinstance(part, ast.FormattedValue) and _awkward(part.value):
                self._replace(part, "value", None, part.value, names)

    def _hoist(self, tree: ast.expr, names: list[ast.stmt]) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                continue
            for name, value in ast.iter_fields(node):
                if isinstance(value, ast.AST) and _awkward(value):
                    self._replace(node, name, None, value, names)
                elif isinstance(value, list):
                    for index, item in enumerate(value):
                        if isinstance(item, ast.AST) and _awkward(item):
                            self._replace(node, name, index, item, names)

    def _replace(
        self, parent: ast.AST, field: str, index: int | None, constant: ast.AST, names: list[ast.stmt]
    ) -> None:
        assert isinstance(constant, ast.Constant)
        name = f"_s{len(names)}"
        target = ast.copy_location(ast.Name(name, ast.Store()), constant)
        names.append(ast.copy_location(ast.Assign([target], constant), constant))
        read = ast.copy_location(ast.Name(name, ast.Load()), constant)
        self._undo.append((parent, field, index, constant))
        if index is None:
            setattr(parent, field, read)
        else:
            getattr(parent, field)[index] = read

    def restore(self) -> None:
        """Put every string back."""
        for parent, field, index, constant in reversed(self._undo):
            if index is None:
                setattr(parent, field, constant)
            else:
                getattr(parent, field)[index] = constant


def _awkward(node: ast.AST) -> bool:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str | bytes):
        return False
    written = repr(node.value)
    return "\\" in written or "'" in written[1:-1].removeprefix("'") or '"' in written
