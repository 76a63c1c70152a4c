"""Which names a scope of Python binds."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from metafor.compiler.parse.nodes import Component, ComponentStmt, Element, Fragment, MarkupExpr

__all__ = ["Bindings", "bindings_of", "parameters", "target_names"]


#: What neither binds nor opens a scope: looked through without asking what it is.
_PLAIN: Final = frozenset(
    {
        *(ast.Call, ast.Attribute, ast.BinOp, ast.BoolOp, ast.Compare, ast.UnaryOp, ast.Subscript, ast.IfExp),
        *(
            ast.Tuple,
            ast.List,
            ast.Dict,
            ast.Set,
            ast.Starred,
            ast.keyword,
            ast.JoinedStr,
            ast.FormattedValue,
        ),
        *(ast.Expr, ast.Assign, ast.Return, ast.If, ast.Slice, ast.Constant, ast.Module),
    }
)
_EMPTY: Final = frozenset({ast.Constant, ast.Load, ast.Store, ast.Del})


@dataclass(slots=True)
class Bindings:
    """The names that one scope binds, and those that it declares to be another's."""

    bound: set[str] = field(default_factory=set)
    #: Declared `global` and `nonlocal`.
    module: set[str] = field(default_factory=set)
    outer: set[str] = field(default_factory=set)
    #: Whether `from … import *` may bind any name.
    star: bool = False


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    """All parameters of a function, in order."""
    found = [*arguments.posonlyargs, *arguments.args]
    if arguments.vararg:
        found.append(arguments.vararg)
    found += arguments.kwonlyargs
    if arguments.kwarg:
        found.append(arguments.kwarg)
    return found


def target_names(target: ast.expr) -> Iterator[str]:
    """The names that assigning to ``target`` binds."""
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def bindings_of(body: Iterable[ast.AST]) -> Bindings:
    """The names bound by the statements or expressions of one scope, nested scopes left out.

    An assignment expression in a comprehension binds in the scope around it, as in Python; one in a hole
    counts for the scope that the markup stands in.
    """
    found = Bindings()
    bound = found.bound
    stack: list[tuple[ast.AST, bool]] = [(node, False) for node in body]
    while stack:
        node, walrus_only = stack.pop()
        kind = type(node)
        if kind in _PLAIN:
            for name in node._fields:
                value = getattr(node, name, None)
                if type(value) is list:
                    stack += [(child, walrus_only) for child in value if isinstance(child, ast.AST)]
                elif isinstance(value, ast.AST) and type(value) not in _EMPTY:
                    stack.append((value, walrus_only))
            continue
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                if not walrus_only:
                    bound.add(name)
                continue
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                bound.add(name)
                stack.append((value, walrus_only))
                continue
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                bound.add(node.name)
                stack += ((child, walrus_only) for child in (*node.decorator_list, node.args))
                continue
            case ast.ClassDef():
                bound.add(node.name)
                stack += (
                    (child, walrus_only) for child in (*node.decorator_list, *node.bases, *node.keywords)
                )
                continue
            case ast.Lambda():
                stack.append((node.args, walrus_only))
                continue
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                stack += ((child, True) for child in ast.iter_child_nodes(node))
                continue
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    if alias.name == "*":
                        found.star = True
                    else:
                        bound.add(alias.asname or alias.name.split(".")[0])
                continue
            case ast.Global():
                found.module.update(node.names)
                continue
            case ast.Nonlocal():
                found.outer.update(node.names)
                continue
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                bound.add(name)
            case ast.MatchMapping(rest=str(name)):
                bound.add(name)
            case ComponentStmt():
                bound.add(node.component.name)
                continue
            case MarkupExpr():
                stack += ((expr, walrus_only) for expr in _holes(node.fragment))
                continue
        stack += ((child, walrus_only) for child in ast.iter_child_nodes(node))
    bound -= found.module | found.outer
    return found


def _holes(fragment: Fragment) -> Iterator[ast.expr]:
    stack = list(fragment.children)
    while stack:
        child = stack.pop()
        if isinstance(child, Element):
            yield from (hole.expr for hole in child.holes() if hole.expr is not None)
            stack += child.children
        elif (expr := getattr(child, "expr", None)) is not None:
            yield expr


def component_bindings(component: Component) -> Bindings:
    """The names that a component's ``@props`` binds, its declared props left out."""
    declared = {id(prop.statement) for prop in component.props}
    found = bindings_of(node for node in component.body or () if id(node) not in declared)
    if component.body is None:
        found.star = True
    return found
