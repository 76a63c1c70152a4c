"""The tree that parsing gives: Python's own ``ast`` nodes with three kinds of ours among them.

Python owns the outside of a template, so its tree does too. Where a template has something that Python
has not, one of our ``ast`` subclasses stands: :class:`MarkupExpr` for markup, :class:`ComponentStmt` for
a component, :class:`StyleStmt` for a style sheet. Holes hold Python expressions again. Offsets count
characters of ``Source.text``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = [
    "Attribute",
    "Child",
    "Component",
    "ComponentStmt",
    "Element",
    "Fragment",
    "Hole",
    "MarkupExpr",
    "Prop",
    "Spread",
    "StyleStmt",
    "Template",
    "Text",
]


@dataclass(slots=True, eq=False)
class Text:
    """A run of text; ``value`` is what the reader of the page sees (entities decoded)."""

    value: str
    start: int
    end: int


@dataclass(slots=True, eq=False)
class Hole:
    """``@{ … }``. ``expr`` is None where the Python was wrong (which has been reported)."""

    expr: ast.expr | None
    start: int
    end: int


@dataclass(slots=True, eq=False)
class Attribute:
    """``name``, ``name="…"`` or ``name=@{…}``.

    ``value`` is None without ``=``, a string for static text, a hole, or a list of both for a quoted
    value with holes in it.
    """

    name: str
    value: str | Hole | list[str | Hole] | None
    start: int
    end: int

    def holes(self) -> list[Hole]:
        """The holes in the value, in order."""
        if isinstance(self.value, Hole):
            return [self.value]
        if isinstance(self.value, list):
            return [part for part in self.value if isinstance(part, Hole)]
        return []


@dataclass(slots=True, eq=False)
class Spread:
    """``...@{mapping}`` in a tag: every item of the mapping is an attribute."""

    hole: Hole
    start: int
    end: int


@dataclass(slots=True, eq=False)
class Element:
    """An element or, when ``target`` is set, a component.

    ``tag`` is as written, ``name`` what to look up: HTML compares without case. ``target`` is the tag as a
    Python expression. ``start`` to ``tag_end`` is the opening tag.
    """

    tag: str
    name: str
    attributes: list[Attribute | Spread]
    children: list[Child]
    target: ast.expr | None
    start: int
    tag_end: int
    end: int

    def holes(self) -> Iterator[Hole]:
        """The holes of the opening tag, in order."""
        for attribute in self.attributes:
            if isinstance(attribute, Spread):
                yield attribute.hole
            else:
                yield from attribute.holes()


Child = Text | Hole | Element


@dataclass(slots=True, eq=False)
class Fragment:
    """Nodes beside each other: a markup literal, the content of ``@ptml``, the children of a component."""

    children: list[Child]
    start: int
    end: int


class MarkupExpr(ast.expr):
    """Markup where Python has an expression."""

    _fields = ()
    fragment: Fragment
    #: The levels of Python that compiling this markup nests.
    height: int


@dataclass(slots=True, eq=False)
class Prop:
    """``@prop name: annotation = default`` with the statement that stands for it in the block."""

    name: str
    annotation: ast.expr | None
    default: ast.expr | None
    statement: ast.stmt
    start: int
    end: int


@dataclass(slots=True, eq=False)
class Component:
    """``@component("name") @props { … } @ptml { … }``.

    ``body`` is the code of ``@props`` (None when it was not valid Python); ``content`` is None when
    ``@ptml`` is missing.
    """

    name: str
    start: int
    end: int
    props: list[Prop] = field(default_factory=list)
    body: list[ast.stmt] | None = field(default_factory=list)
    content: Fragment | None = None
    styles: list[StyleStmt] = field(default_factory=list)


class ComponentStmt(ast.stmt):
    """A component, where Python has a statement."""

    _fields = ()
    component: Component


class StyleStmt(ast.stmt):
    """A style sheet, where Python has a statement. ``css`` begins at the offset ``css_start``."""

    _fields = ()
    css: str
    css_start: int
    #: Whether it is for one component (or the components of the file) alone.
    scoped: bool


@dataclass(slots=True, eq=False)
class Template:
    """A parsed file. ``module`` is None when the Python between the components was not valid."""

    module: ast.Module | None
    components: list[Component]
    #: The style sheets that stand outside of components.
    styles: list[StyleStmt] = field(default_factory=list)
