"""A page as plain data, the same for every host: what a person would see and a parser would read.

Text nodes beside each other are one, empty ones are none; a style is its declarations; a field has the
value that it holds now, not the one it began with. ``canonical.js`` says the same of a browser's page.
"""

from __future__ import annotations

import re
from typing import Any

from metafor.dom.hosts.serialize import shown_attributes
from metafor.dom.hosts.tree import MemoryElement, MemoryNode, parse

__all__ = ["canonical", "canonical_html"]


def canonical_html(html: str) -> list[Any]:
    """What an HTML text stands for."""
    return canonical(parse(html))


def canonical(parent: MemoryElement) -> list[Any]:
    """The content of an element."""
    content: list[Any] = []
    for child in parent.children:
        piece = _piece(child)
        if piece == "":
            continue
        if isinstance(piece, str) and content and isinstance(content[-1], str):
            content[-1] += piece
        else:
            content.append(piece)
    return content


def _piece(node: MemoryNode) -> Any:
    if node.is_text:
        return node.data
    attributes: dict[str, Any] = dict(shown_attributes(node))
    if "style" in attributes:
        attributes["style"] = _declarations(attributes["style"])
    for name in ("value", "checked", "selected"):
        if node.tag in _LIVE.get(name, ()):
            attributes.pop(name, None)
    if node.tag in ("input", "textarea", "select"):
        attributes["value"] = node.value
    if node.tag == "input" and node.checked:
        attributes["checked"] = True
    if node.tag == "option":
        attributes["value"] = node.value
        select = node.closest("select")
        if select is not None and node in select.selectedOptions:
            attributes["selected"] = True
    children = [] if node.tag == "textarea" else canonical(node)
    return [node.namespace, node.tag, dict(sorted(attributes.items())), children]


_LIVE = {"value": ("input", "option"), "checked": ("input",), "selected": ("option",)}


# A string with a semicolon in it ends no declaration.
_DECLARATION = re.compile(r"""([\w-]+)\s*:\s*((?:"[^"]*"|'[^']*'|[^;"'])*)""")


def _declarations(style: str) -> dict[str, str]:
    return {name: value.strip() for name, value in sorted(_DECLARATION.findall(style))}
