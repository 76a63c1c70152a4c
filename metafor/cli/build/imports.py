"""What a module imports, read from its syntax tree: nothing of the app is run (ruling 34)."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Import", "imports_of"]

#: An ``except`` of one of these says that the module can do without.
_FORGIVING = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement.

    ``module`` is None in ``from . import x``; ``names`` are those after ``from … import``; ``level``
    is the number of leading dots. ``certain`` says that it is carried out whenever the module is
    imported: it stands in no function, branch or ``try``.
    """

    module: str | None
    names: tuple[str, ...]
    level: int
    line: int
    certain: bool


def imports_of(tree: ast.Module) -> list[Import]:
    """The imports of a module, those in functions too, those under ``if TYPE_CHECKING`` not."""
    return list(_of_body(tree.body, certain=True))


def _of_body(body: Sequence[ast.AST], *, certain: bool) -> Iterator[Import]:
    for node in body:
        yield from _of_node(node, certain=certain)


def _of_node(node: ast.AST, *, certain: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, (), 0, node.lineno, certain)
    elif isinstance(node, ast.ImportFrom):
        names = tuple(alias.name for alias in node.names)
        yield Import(node.module, names, node.level, node.lineno, certain)
    elif isinstance(node, ast.If) and _is_type_checking(node.test):
        yield from _of_body(node.orelse, certain=certain)
    elif isinstance(node, (ast.Try, ast.TryStar)):
        forgiven = any(_forgives(handler) for handler in node.handlers)
        yield from _of_body(node.body, certain=certain and not forgiven)
        yield from _of_body(node.handlers, certain=False)
        yield from _of_body(node.orelse, certain=certain and not forgiven)
        yield from _of_body(node.finalbody, certain=certain)
    elif isinstance(node, (ast.With, ast.ClassDef, ast.Module)):
        yield from _of_body(list(ast.iter_child_nodes(node)), certain=certain)
    else:
        yield from _of_body(list(ast.iter_child_nodes(node)), certain=False)


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else test.id if isinstance(test, ast.Name) else ""
    return name == "TYPE_CHECKING"


def _forgives(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in _FORGIVING) for kind in kinds)
