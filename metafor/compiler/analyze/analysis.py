"""What analysis finds out, for the emitter."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from metafor.compiler.parse.nodes import Component, Element, MarkupExpr, StyleStmt

__all__ = ["Analysis"]


@dataclass(slots=True, eq=False)
class Analysis:
    """What the emitter needs to know, by node."""

    #: Reads of live names, to become calls where the value is wanted.
    live: set[ast.Name] = field(default_factory=set)
    #: Loop variables that markup must capture (ruling 27).
    captures: dict[MarkupExpr, tuple[str, ...]] = field(default_factory=dict)
    #: Component tags that mean metafor's own components.
    builtin: set[Element] = field(default_factory=set)
    #: Components of metafor's own whose child is a row function.
    takes_rows: set[Element] = field(default_factory=set)
    #: Row functions with the number of their live parameters; those whose rows belong to their items.
    rows: dict[ast.Lambda, int] = field(default_factory=dict)
    item_rows: set[ast.Lambda] = field(default_factory=set)
    #: Reads of the items of the latter: no calls, but what shows one is tracked like any expression.
    items: set[ast.Name] = field(default_factory=set)
    #: The attributes of a component's elements that its scoped styles ask for, and those styles. None
    #: stands for the file.
    scopes: dict[Component | None, tuple[str, ...]] = field(default_factory=dict)
    styles: dict[StyleStmt, str] = field(default_factory=dict)
    #: Reads of names that nothing defines, each with the names that it could have meant.
    unknown: list[tuple[ast.Name, frozenset[str]]] = field(default_factory=list)
    #: Props that are read, by component.
    used: dict[Component, set[str]] = field(default_factory=dict)
    #: Components that use the implicit names `children` and `props`.
    implicit: dict[Component, set[str]] = field(default_factory=dict)
