"""The static side of a template: its HTML, where the live places in it are, and what fills each.

The HTML is cloned by the runtime in one operation, so it is written as an HTML parser would print it:
what stands here is what the clone holds, node by node, and paths of child indexes stay true.
"""

from __future__ import annotations

import ast
import html
from dataclasses import dataclass, field
from typing import Final

from metafor.compiler.analyze.attributes import classify
from metafor.compiler.html import (
    ELEMENTS,
    INTEGRATION_POINTS,
    MATHML_ELEMENTS,
    RAW_TEXT,
    SHARED_ELEMENTS,
    SVG_ELEMENTS,
    TEXT_ONLY,
    VOID,
)
from metafor.compiler.parse.nodes import Attribute, Child, Element, Fragment, Hole, Spread, Text

__all__ = ["Filling", "Shape", "Slot", "content_of", "shape_of"]

_PLACEHOLDER: Final = "<!---->"

#: Attributes of metafor's own: they are no HTML and always reach the runtime.
_ALWAYS_LIVE: Final = frozenset({"inner_html"})

#: Attributes of two words, where an empty one would mean neither.
_SPELT_OUT: Final = frozenset({"draggable", "spellcheck", "contenteditable"})

#: What fills a slot: a hole, a component, text with holes in it, or a static value.
Filling = Hole | Element | list[str | Hole] | str | None


@dataclass(slots=True, eq=False)
class Slot:
    """A live place: the index of its node, its kind and name (see the contract of ``_mf.template``), and
    what fills it.
    """

    node: int
    kind: str
    name: str
    filling: Filling


@dataclass(slots=True, eq=False)
class Shape:
    """A template: ``html``, the ``nodes`` that need an id (paths of child indexes, in document order),
    the ``slots`` in source order, the indexes of the ``roots`` in ``nodes``, and the ``space``: the
    namespace of the roots, ``html``, ``svg`` or ``math``, or ``around`` for that of the place.
    """

    html: str = ""
    space: str = "html"
    nodes: list[tuple[int, ...]] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    roots: list[int] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Open:
    """An element whose children are being written."""

    children: list[str | Hole | Element]
    closing: str
    #: The namespace of the children, where an element of the template sets another than its roots have.
    space: str
    raw: bool
    done: int = 0


def content_of(children: list[Child]) -> list[str | Hole | Element]:
    """Children with literal holes turned into text, texts beside each other joined, and nothing empty."""
    content: list[str | Hole | Element] = []
    for child in children:
        piece: str | Hole | Element
        if isinstance(child, Text):
            piece = child.value
        elif isinstance(child, Hole) and (text := _literal_text(child)) is not None:
            piece = text
        else:
            piece = child
        if isinstance(piece, str) and content and isinstance(content[-1], str):
            content[-1] += piece
        elif piece != "":
            content.append(piece)
    return content


def _literal_text(hole: Hole) -> str | None:
    """What a hole with a literal in it shows (ruling 23); None when only the runtime can tell."""
    if not isinstance(hole.expr, ast.Constant):
        return None
    value = hole.expr.value
    if value is None or isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, str | int | float) else None


def shape_of(fragment: Fragment, scopes: tuple[str, ...] = ()) -> Shape:
    """Write the template of a fragment; every element gets the attributes ``scopes``."""
    return _Writer(fragment, scopes).run()


class _Writer:
    def __init__(self, fragment: Fragment, scopes: tuple[str, ...]) -> None:
        self.scopes = "".join(f' {scope}=""' for scope in scopes)
        content = content_of(fragment.children)
        self.shape = Shape(space=_space_of(content))
        self.out: list[str] = []
        self.path: list[int] = []
        self.stack = [_Open(content, "", "", raw=False)]

    def run(self) -> Shape:
        stack = self.stack
        while stack:
            current = stack[-1]
            index = current.done
            if index == len(current.children):
                stack.pop()
                self.out.append(current.closing)
                if self.path:
                    self.path.pop()
                continue
            current.done += 1
            child = current.children[index]
            self.path.append(index)
            if isinstance(child, Element) and child.target is None:
                self._element(child, current)
                continue
            if isinstance(child, str):
                if len(stack) == 1:
                    self._node(root=True)
                self.out.append(child if current.raw else html.escape(child, quote=False))
            else:
                node = self._node(root=len(stack) == 1)
                self.out.append(_PLACEHOLDER)
                self.shape.slots.append(Slot(node, "child", current.space, child))
            self.path.pop()
        self.shape.html = "".join(self.out)
        return self.shape

    def _node(self, *, root: bool) -> int:
        """Give the node at the current path an id."""
        node = len(self.shape.nodes)
        self.shape.nodes.append(tuple(self.path))
        if root:
            self.shape.roots.append(node)
        return node

    def _element(self, element: Element, parent: _Open) -> None:
        """Write an element's opening tag and open it. Its path is on ``self.path`` already."""
        space = element.name if element.name in ("svg", "math") else parent.space
        foreign = (space or self.shape.space) in ("svg", "math")
        inner = "html" if foreign and element.tag in INTEGRATION_POINTS else space
        tag = element.tag if foreign or element.name not in ELEMENTS else element.name
        slots: list[Slot] = []
        self.out.append(f"<{tag}{self.scopes}")
        for attribute in element.attributes:
            if isinstance(attribute, Spread):
                slots.append(Slot(0, "spread", "", attribute.hole))
            else:
                self._attribute(element, attribute, slots)
        self.out.append(">")
        content = content_of(element.children)
        text_only = element.name in TEXT_ONLY and not foreign
        if len(content) == 1 and not isinstance(content[0], str) and not _is_plain(content[0]):
            slots.append(Slot(0, "only", inner, content[0]))
            content = []
        elif text_only and any(not isinstance(part, str) for part in content):
            slots.append(Slot(0, "only", "", [p for p in content if not isinstance(p, Element)]))
            content = []
        root = len(self.stack) == 1
        if slots or root:
            node = self._node(root=root)
            for slot in slots:
                slot.node = node
            self.shape.slots += slots
        if element.name in VOID and not foreign:
            self.path.pop()
            return
        if element.name in ("pre", "textarea", "listing") and content and str(content[0])[:1] == "\n":
            # The parser drops a newline right behind these tags.
            self.out.append("\n")
        self.stack.append(_Open(content, f"</{tag}>", inner, raw=text_only and element.name in RAW_TEXT))

    def _attribute(self, element: Element, attribute: Attribute, slots: list[Slot]) -> None:
        kind, name = classify(element, attribute.name)
        value = attribute.value
        grouped = name == "value" and any(
            isinstance(one, Attribute) and one.name == "bind:group" for one in element.attributes
        )
        if kind == "attr" and name not in _ALWAYS_LIVE and not grouped:
            if isinstance(value, list):
                value = _join_literals(value)
            if isinstance(value, Hole):
                value = _literal_attribute(name, value)
            if value is None and isinstance(attribute.value, Hole):
                return
            if value is None or isinstance(value, str):
                self.out.append(f' {name}="{html.escape(value or "")}"')
                return
        slots.append(Slot(0, kind, name, value))


def _space_of(content: list[str | Hole | Element]) -> str:
    """The namespace of a template's roots: said by the first element, but for the links and titles that
    both HTML and SVG have, that belongs to one of them alone.
    """
    waiting: list[object] = list(reversed(content))
    shared = False
    while waiting:
        child = waiting.pop()
        if not isinstance(child, Element) or child.target is not None:
            continue
        if child.tag in SHARED_ELEMENTS:
            shared = True
            waiting += reversed(child.children)
        elif child.name in ELEMENTS:
            return "html"
        elif child.tag in SVG_ELEMENTS:
            return "svg"
        elif child.tag in MATHML_ELEMENTS:
            return "math"
    return "around" if shared else "html"


def _is_plain(child: str | Hole | Element) -> bool:
    return isinstance(child, Element) and child.target is None


def _join_literals(parts: list[str | Hole]) -> str | list[str | Hole]:
    """An interpolated value with its literal holes turned into text."""
    joined: list[str | Hole] = []
    for part in parts:
        text = part if isinstance(part, str) else _literal_text(part)
        if text is None:
            joined.append(part)
        elif joined and isinstance(joined[-1], str):
            joined[-1] += text
        elif text:
            joined.append(text)
    if not joined:
        return ""
    return joined[0] if len(joined) == 1 and isinstance(joined[0], str) else joined


def _literal_attribute(name: str, hole: Hole) -> str | Hole | None:
    """A literal given as attribute (ruling 26): its text, None when the attribute is absent, the hole
    itself when only the runtime can tell.
    """
    if not isinstance(hole.expr, ast.Constant):
        return hole
    value = hole.expr.value
    if isinstance(value, bool) and (name.startswith(("aria-", "data-")) or name in _SPELT_OUT):
        return "true" if value else "false"
    if value is None or value is False:
        return None
    if value is True:
        return ""
    return str(value) if isinstance(value, str | int | float) else hole
