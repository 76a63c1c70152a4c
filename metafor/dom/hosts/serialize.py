"""Nodes as HTML text, each piece escaped by the place where it stands.

Written so that an HTML parser reads back the tree that was written (HTML Living Standard, 13.3
"serializing HTML fragments", with 13.2 in mind), and so that no text can leave its place: data is
escaped, raw text (``style``, ``iframe`` …) cannot close its element, and a name that would end a tag is
left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metafor.dom.hosts.tree import MemoryElement, MemoryNode

__all__ = ["DROPS_NEWLINE", "VOID_ELEMENTS", "escape_attribute", "escape_text", "serialize"]

VOID_ELEMENTS = frozenset(
    (
        *("area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input"),
        *("link", "meta", "param", "source", "track", "wbr"),
    )
)
#: Their content is characters up to the closing tag: entities are not decoded there.
_RAW_TEXT = frozenset(("style", "script", "iframe", "noembed", "noframes", "xmp"))
#: A parser drops one newline behind these tags.
DROPS_NEWLINE = frozenset(("pre", "textarea", "listing"))
#: Properties that have an attribute of the same name, which is what a parser can be told.
_FLAGS = frozenset(("checked", "selected", "muted"))

_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", "\0": "\ufffd"})
_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", '"': "&quot;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", "\0": "\ufffd"}
)
# What HTML calls a possible attribute name: anything that ends neither the name nor the tag.
_NAME = re.compile(r"[^\x00-\x20\x7f-\x9f\"'<>/=]+")


def escape_text(text: str) -> str:
    """Text as it stands between tags."""
    return text.translate(_TEXT)


def escape_attribute(text: str) -> str:
    """Text as it stands between the double quotes of an attribute."""
    return text.translate(_ATTRIBUTE)


def serialize(*nodes: MemoryNode) -> str:
    """The nodes as HTML text. What properties hold shows as the attribute or the content it stands for."""
    out: list[str] = []
    # Not recursive: elements nest deeper than Python's stack likes.
    waiting: list[MemoryNode | str] = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            out.append(node)
        elif node.is_text:
            out.append(escape_text(node.data))
        else:
            _open(node, out, waiting)
    return "".join(out)


def _open(element: MemoryElement, out: list[str], waiting: list[MemoryNode | str]) -> None:
    tag, is_html = element.tag, element.namespace == "html"
    out.append(f"<{tag}")
    for name, value in shown_attributes(element).items():
        if _NAME.fullmatch(name):
            out.append(f' {name}="{escape_attribute(value)}"')
    out.append(">")
    if is_html and tag in VOID_ELEMENTS:
        return
    closing = f"</{tag}>"
    if is_html and tag in _RAW_TEXT:
        out.append(_raw(tag, element.textContent) + closing)
        return
    if is_html and tag == "textarea":
        out.append(f"\n{escape_text(element.value)}{closing}")
        return
    if is_html and tag in DROPS_NEWLINE and element.textContent.startswith("\n"):
        out.append("\n")
    waiting.append(closing)
    waiting.extend(reversed(element.children))


def shown_attributes(element: MemoryElement) -> dict[str, str]:
    """The attributes of an element, and its properties as the attributes that say the same."""
    shown = dict(element.attributes)
    for name, value in element.properties.items():
        if name in _FLAGS:
            if value:
                shown[name] = ""
            else:
                shown.pop(name, None)
        elif name == "value" and element.tag not in ("textarea", "select"):
            shown[name] = str(value)
    if element.tag == "option":
        select = element.closest("select")
        if select is not None and "value" in select.properties:
            if element in select.selectedOptions:
                shown["selected"] = ""
            else:
                shown.pop("selected", None)
    return shown


def _raw(tag: str, text: str) -> str:
    text = text.replace("\0", "\ufffd")
    if tag in ("style", "script"):
        # Both languages read `<\/` in a string as `</`, and neither has it elsewhere.
        return text.replace("</", "<\\/").replace("<!--", "<\\!--")
    return escape_text(text) if "</" in text else text
