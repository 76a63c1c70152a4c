"""The nodes of a page in memory, with the few DOM names that handlers and tests use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Any, Literal

from metafor.dom.hosts.serialize import DROPS_NEWLINE, VOID_ELEMENTS, serialize

__all__ = ["MemoryElement", "MemoryNode", "MemoryText", "detach", "parse"]


#: Inside these, SVG and MathML hold HTML.
_HTML_INSIDE = {
    "svg": frozenset(("foreignObject", "desc", "title")),
    "math": frozenset(("mi", "mo", "mn", "ms", "mtext", "annotation-xml")),
}


class MemoryText:
    """A text node."""

    is_text: Literal[True] = True

    def __init__(self, data: str = "") -> None:
        self.data = data
        self.parentNode: MemoryElement | None = None

    def html(self) -> str:
        """The node as HTML text."""
        return serialize(self)

    @property
    def textContent(self) -> str:
        """The text."""
        return self.data

    def copy(self) -> MemoryText:
        """A detached copy."""
        return MemoryText(self.data)


class MemoryElement:
    """An element: tag, attributes, properties, children."""

    is_text: Literal[False] = False

    def __init__(self, tag: str, attributes: dict[str, str] | None = None, namespace: str = "html") -> None:
        self.tag = tag
        #: ``html``, ``svg`` or ``math``.
        self.namespace = namespace
        self.attributes: dict[str, str] = attributes or {}
        #: DOM properties that were set, by their JavaScript names.
        self.properties: dict[str, Any] = {}
        self.children: list[MemoryNode] = []
        self.parentNode: MemoryElement | None = None
        self.id_: int = 0
        #: The id under which it was mounted into.
        self.claimed_by = 0
        #: Of a portal's frame: the node from whose parent events go on.
        self.portal_anchor: MemoryNode | None = None

    # -- what handlers read --------------------------------------------------------------------------

    @property
    def type(self) -> str:
        """The type of a field, as the DOM's property gives it."""
        if self.tag == "select":
            return "select-multiple" if self.multiple else "select-one"
        return self.attributes.get("type", "text").lower() if self.tag == "input" else self.tag

    @property
    def multiple(self) -> bool:
        """Whether several options may be chosen."""
        return "multiple" in self.attributes

    @property
    def value(self) -> str:
        """The value of a field: what was set or typed last, else what the markup says."""
        if self.tag == "select":
            chosen = self.selectedOptions
            return chosen[0].value if chosen else ""
        if self.tag == "option":
            own = self.properties.get("value", self.attributes.get("value"))
            return " ".join(self.textContent.split()) if own is None else str(own)
        if self.tag == "textarea":
            default = self.textContent
        else:
            default = self.attributes.get("value", "on" if self.type in ("checkbox", "radio") else "")
        return str(self.properties.get("value", default))

    @value.setter
    def value(self, value: Any) -> None:
        self.properties["value"] = value

    @property
    def checked(self) -> bool:
        """Whether a box is checked."""
        return bool(self.properties.get("checked", "checked" in self.attributes))

    @checked.setter
    def checked(self, value: bool) -> None:
        self.properties["checked"] = bool(value)
        name = self.attributes.get("name")
        if value and name and self.type == "radio":
            root = self.closest("form") or self.root
            for other in root.descendants():
                if other is not self and other.type == "radio" and other.attributes.get("name") == name:
                    other.properties["checked"] = False

    @property
    def files(self) -> list[Any]:
        """The files that were chosen in a file field."""
        chosen = self.properties.get("files", [])
        return list(chosen)

    @files.setter
    def files(self, value: list[Any]) -> None:
        self.properties["files"] = value

    @property
    def options(self) -> list[MemoryElement]:
        """The options of a select, in order."""
        return self.find_all("option")

    @property
    def selectedOptions(self) -> list[MemoryElement]:
        """The options that are chosen: by the select's value, by their own word, or by default."""
        options = self.options
        wanted = self.properties.get("value")
        if isinstance(wanted, list):
            return [one for one in options if one.value in wanted]
        if wanted is not None:
            return [one for one in options if one.value == wanted][:1]
        said = [one for one in options if one.properties.get("selected", "selected" in one.attributes)]
        if self.multiple:
            return said
        return said[-1:] or [one for one in options if "disabled" not in one.attributes][:1]

    @property
    def textContent(self) -> str:
        """The text of the node and all below it."""
        return "".join(text.data for text in _texts(self))

    def getAttribute(self, name: str) -> str | None:
        """The value of an attribute, or None."""
        return self.attributes.get(name)

    def focus(self) -> None:
        """Does nothing; there is no keyboard here."""

    # -- the tree ------------------------------------------------------------------------------------

    @property
    def inner_namespace(self) -> str:
        """The namespace of the elements that stand in this one."""
        return "html" if self.tag in _HTML_INSIDE.get(self.namespace, ()) else self.namespace

    @property
    def root(self) -> MemoryElement:
        """The outermost element around this one."""
        node = self
        while node.parentNode is not None:
            node = node.parentNode
        return node

    def closest(self, tag: str) -> MemoryElement | None:
        """The nearest element with this tag: itself or one around it."""
        node: MemoryElement | None = self
        while node is not None and node.tag != tag:
            node = node.parentNode
        return node

    def insert(self, node: MemoryNode, before: MemoryNode | None) -> None:
        """Put ``node`` before ``before``, or at the end; it leaves the place where it stood."""
        detach(node)
        position = self.children.index(before) if before is not None else len(self.children)
        self.children.insert(position, node)
        node.parentNode = self

    def clear(self) -> None:
        """Remove all children."""
        for child in self.children:
            child.parentNode = None
        self.children = []

    def copy(self) -> MemoryElement:
        """A detached deep copy."""
        twin = self._bare_copy()
        waiting = [(self, twin)]
        while waiting:
            original, copied = waiting.pop()
            for child in original.children:
                new = child.copy() if child.is_text else child._bare_copy()
                copied.insert(new, None)
                if not child.is_text and not new.is_text:
                    waiting.append((child, new))
        return twin

    def _bare_copy(self) -> MemoryElement:
        return MemoryElement(self.tag, dict(self.attributes), self.namespace)

    def html(self) -> str:
        """The element as HTML text; what properties hold shows as attributes."""
        return serialize(self)

    def descendants(self) -> Iterator[MemoryElement]:
        """All elements below this one, in document order."""
        waiting = [child for child in reversed(self.children) if not child.is_text]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += [child for child in reversed(node.children) if not child.is_text]

    def find_all(self, tag: str) -> list[MemoryElement]:
        """All elements below this one with the given tag, in document order."""
        return [one for one in self.descendants() if one.tag == tag]


MemoryNode = MemoryElement | MemoryText


def detach(node: MemoryNode) -> None:
    """Take ``node`` out of the tree it stands in."""
    parent = node.parentNode
    if parent is not None:
        parent.children.remove(node)
        node.parentNode = None


def _texts(node: MemoryNode) -> Iterator[MemoryText]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.is_text:
            yield one
        else:
            waiting += reversed(one.children)


def parse(html: str, namespace: str = "html") -> MemoryElement:
    """Parse the HTML of a template; comments, its holes, become empty text nodes.

    ``namespace`` is that of its outermost elements.
    """
    parser = _TemplateParser(namespace)
    parser.feed(html)
    parser.close()
    return parser.root


# HTMLParser gives names in lower case; inside SVG and MathML they are as written.
_WRITTEN_NAMES = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?""")


class _TemplateParser(HTMLParser):
    """Templates are written by the compiler: every element is closed, every attribute quoted."""

    def __init__(self, namespace: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = MemoryElement("#fragment", namespace=namespace)
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        parent = self._open[-1]
        namespace = parent.inner_namespace
        if tag in ("svg", "math"):
            namespace = tag
        values = [(name, value or "") for name, value in attrs]
        if namespace != "html":
            written = _WRITTEN_NAMES.findall((self.get_starttag_text() or "").strip("<>/"))
            tag = written[0]
            values = [(name, value) for name, (_, value) in zip(written[1:], values, strict=True)]
        element = MemoryElement(tag, dict(values), namespace)
        parent.insert(element, None)
        if namespace != "html" or tag not in VOID_ELEMENTS:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self._open[-1].namespace != "html":
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if len(self._open) > 1 and self._open[-1].tag.lower() == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        parent = self._open[-1]
        if parent.tag in DROPS_NEWLINE and parent.namespace == "html" and not parent.children:
            data = data.removeprefix("\n")
        if self._open[-1].namespace != "html" and self.cdata_elem:
            data = unescape(data)
        self._open[-1].insert(MemoryText(data), None)

    def handle_comment(self, data: str) -> None:
        self._open[-1].insert(MemoryText(), None)
