"""What the Python that the compiler writes calls. Not for use by hand.

The names are the contract between ``metafor.compiler``, which emits them as text, and this package.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from metafor.dom.attributes import read_through, text_of
from metafor.dom.components import Component, Element, Lazy, component
from metafor.dom.content import is_live
from metafor.dom.events import Late
from metafor.dom.flow.boundary import ErrorBoundary
from metafor.dom.flow.dynamic import Dynamic
from metafor.dom.flow.for_each import For, Index, RowFunction
from metafor.dom.flow.portal import Portal
from metafor.dom.flow.show import Show
from metafor.dom.flow.suspense import Suspense
from metafor.dom.flow.switch import Match, Switch
from metafor.dom.styles import style
from metafor.dom.template import Template

__all__ = [
    "Dynamic",
    "ErrorBoundary",
    "For",
    "Index",
    "Match",
    "Portal",
    "Show",
    "Suspense",
    "Switch",
    "component",
    "element",
    "item_row",
    "join",
    "join_style",
    "late",
    "lazy",
    "merge",
    "row",
    "style",
    "template",
]

template = Template
late = Late
lazy = Lazy
row = RowFunction


def item_row(fn: Callable[..., Any], parameters: int) -> RowFunction:
    """A row function whose rows belong to their items: it takes the item itself."""
    return RowFunction(fn, parameters, takes_item=True)


#: Stands for children that are not written; None is a child that shows nothing.
_NO_CHILDREN: Any = object()


def element(target: Any, attributes: dict[str, Any], children: Any = _NO_CHILDREN) -> Any:
    """``<Chat …>…</Chat>``: an element of a component, or what a function makes of the attributes."""
    if children is not _NO_CHILDREN:
        attributes["children"] = children
    if isinstance(target, Component):
        return Element(target, attributes)
    return target(**attributes)


def join(*pieces: Any) -> str:
    """``class="a @{b}"``: the pieces as one text; getters are read, tracked."""
    return "".join([text_of(_value(piece)) for piece in pieces])


def join_style(texts: tuple[str, ...], *pieces: Any) -> str:
    """``style="color: @{c}"``: each piece between two of ``texts``, none beyond its declaration."""
    from metafor.dom.css_holes import join  # few pages need it

    return join(texts, [text_of(_value(piece)) for piece in pieces])


def _value(piece: Any) -> Any:
    while is_live(piece):
        piece = piece()
    return piece


def merge(attributes: dict[str, Any], spread: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """``<Chat room="a" ...@{rest}/>``: the given attributes, and those of a mapping, evaluated once."""
    return {**attributes, **(read_through(spread()) or {})}
