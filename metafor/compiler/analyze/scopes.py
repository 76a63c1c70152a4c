"""The scopes of Python that a place in a template stands in, and what a name means there."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from metafor.compiler.analyze.bindings import Bindings
from metafor.compiler.diagnostics import Reporter
from metafor.compiler.parse.nodes import Component

__all__ = ["IMPLICIT", "Kind", "Live", "Scope", "Scopes"]

#: Names that every component has.
IMPLICIT: Final = frozenset({"children", "props"})

_RESERVED: Final = re.compile(r"_mf|_props|_[ts][0-9]+")


class Kind(Enum):
    """What makes a scope."""

    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"
    COMPREHENSION = "comprehension"


class Live(Enum):
    """What a name means that the runtime hands in: reads of all but an item become calls of its getter."""

    PROP = "prop"
    ROW = "row"
    INDEX = "index"
    #: The item of a row that belongs to its item, and so never gets another: the name is the item itself.
    ITEM = "item"


@dataclass(slots=True, eq=False)
class Scope:
    """The names that one scope binds, and those that it declares to be the module's or an outer scope's."""

    kind: Kind
    bound: set[str] = field(default_factory=set)
    module: set[str] = field(default_factory=set)
    outer: set[str] = field(default_factory=set)
    live: dict[str, Live] = field(default_factory=dict)
    #: Variables of the loops around the current place, in this scope.
    loops: list[str] = field(default_factory=list)
    #: The component that this is the body of.
    component: Component | None = None


class Scopes:
    """The scopes around the current place, innermost last."""

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self.stack: list[Scope] = []
        #: Which of the names that every component has are used, by component.
        self.implicit: dict[Component, set[str]] = {}
        #: Names that some function declares `global`.
        self.declared: set[str] = set()

    @property
    def current(self) -> Scope:
        """The innermost scope."""
        return self.stack[-1]

    def enter(self, kind: Kind, found: Bindings) -> Scope:
        """Go into a scope that binds what was found."""
        scope = Scope(kind, found.bound, found.module, found.outer)
        self.declared |= found.module
        self.stack.append(scope)
        return scope

    def leave(self) -> None:
        """Go out of the innermost scope."""
        self.stack.pop()

    def find(self, name: str) -> Scope | None:
        """The scope that a read of ``name`` means; None for a built-in or an unknown name."""
        last = len(self.stack) - 1
        for index in range(last, -1, -1):
            scope = self.stack[index]
            if scope.kind is Kind.CLASS and index != last:
                # Only the code of the class itself sees its names.
                continue
            if name in scope.bound:
                return scope
            if name in scope.module:
                return self.stack[0] if name in self.stack[0].bound else None
            if scope.component is not None and name in IMPLICIT:
                self.implicit.setdefault(scope.component, set()).add(name)
                return scope
        return None

    def names(self) -> frozenset[str]:
        """All names that can be read at the current place, built-in ones left out."""
        return frozenset().union(*(scope.bound for scope in self.stack))

    def live(self, name: str, scope: Scope) -> Live | None:
        """Whether ``name``, found in ``scope``, is live."""
        if name == "children" and scope.component is not None and name not in scope.bound:
            return Live.PROP
        return scope.live.get(name)

    def bind(self, name: str, node: ast.AST) -> None:
        """``name`` is bound at ``node``: report names that are not the author's to bind."""
        self.reserve(name, node)
        scopes = [scope for scope in self.stack if scope.kind is not Kind.COMPREHENSION]
        scope = scopes[-1]
        if name in scope.module:
            scope = scopes[0]
        elif name in scope.outer:
            scope = next((s for s in reversed(scopes[1:-1]) if name in s.bound), scope)
        if name in scope.live:
            live = scope.live[name]
            kind = "prop" if live is Live.PROP else "parameter of a row function"
            why = "it is the item of its row" if live is Live.ITEM else "it follows what it was given"
            self.report(
                node,
                "prop-assigned",
                f"`{name}` is a {kind} and cannot be assigned to",
                f"{why}; keep a value of your own under another name, or in a signal",
            )
        elif scope.component is not None and name in IMPLICIT:
            self.report(
                node,
                "prop-assigned",
                f"`{name}` is always declared in a component and cannot be assigned to",
                "choose another name",
            )

    def reserve(self, name: str, node: ast.AST) -> None:
        """Report a name that generated code needs for itself."""
        if _RESERVED.fullmatch(name):
            self.report(
                node,
                "reserved-name",
                f"`{name}` is a name of generated code",
                "choose a name other than `_mf`, `_props`, and `_t` or `_s` with a number",
            )

    def report(self, node: ast.AST, code: str, message: str, hint: str) -> None:
        """Report a mistake at a node of Python; of a statement, its first line is marked."""
        source = self.reporter.source
        start = source.offset(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))
        end_line, end_column = getattr(node, "end_lineno", None), getattr(node, "end_col_offset", None)
        end = start + 1
        if end_line is not None and end_column is not None:
            end = source.offset(end_line, end_column)
        if isinstance(node, ast.stmt):
            end = min(end, source.line_end(source.line_of(start)))
        self.reporter.report(code, start, end, message, hint)
