"""A host whose page is a tree of Python objects: for tests, and wherever there is no browser.

It carries out the same operations as the JavaScript half. Nodes have the few DOM names that handlers
use (``value``, ``checked``, ``textContent``, ``parentNode``, ``focus()`` …), and :meth:`MemoryHost.fire`
bubbles an event through the tree as a browser would.
"""

from __future__ import annotations

import re
from typing import Any

from metafor.dom.errors import MountError
from metafor.dom.hosts import base as op
from metafor.dom.hosts.base import Host
from metafor.dom.hosts.tree import MemoryElement, MemoryNode, MemoryText, detach, parse

__all__ = ["MemoryElement", "MemoryEvent", "MemoryHost", "MemoryText"]

# A string with a semicolon in it ends no declaration.
_DECLARATION = re.compile(r"""([\w-]+)\s*:\s*((?:"[^"]*"|'[^']*'|\([^)]*\)|[^;"'(])*)""")
_NOT_BUBBLING = frozenset(
    ("focus", "blur", "mouseenter", "mouseleave", "scroll", "load", "error", "toggle", "metafor-reset")
)


class MemoryEvent:
    """An event of the memory host, with the DOM's names."""

    def __init__(self, type: str, target: MemoryElement, details: dict[str, Any]) -> None:
        self.type = type
        self.target = target
        self.currentTarget: MemoryElement | None = None
        self.defaultPrevented = False
        self.stopped = False
        self.__dict__.update(details)

    def preventDefault(self) -> None:
        """Note that the default action is not wanted."""
        self.defaultPrevented = True

    def stopPropagation(self) -> None:
        """Keep the event from elements further up."""
        self.stopped = True


class MemoryHost(Host):
    """A page in memory; :attr:`root` is its body."""

    def __init__(self) -> None:
        super().__init__()
        #: The element that stands for the document's body.
        self.root = MemoryElement("body")
        #: The style sheets that were added.
        self.styles: list[str] = []
        self._nodes: dict[int, MemoryNode] = {}
        self._prepared: dict[int, tuple[MemoryElement, Any, Any, Any]] = {}
        #: What nodes listen to, by key, with what to tell the dispatcher.
        self._listening: dict[int, dict[str, tuple[int, int | str]]] = {}

    def target(self, target: Any) -> int:
        """Take the element to mount into: one of the tree, or ``"body"``, ``"#id"``, or a tag."""
        found = self._find(target) if isinstance(target, str) else target
        if not isinstance(found, MemoryElement):
            raise MountError(
                f"no element to mount into: {target!r}",
                next_step="give it an element of the tree, '#id', a tag, or 'body'",
            )
        node = self.allocate(1)
        self._remember(node, found)
        return node

    def _find(self, selector: str) -> MemoryElement | None:
        if selector == "body":
            return self.root
        name, value = ("id", selector[1:]) if selector.startswith("#") else ("", selector)
        matching = (
            one for one in self.root.descendants() if (one.attributes.get(name) if name else one.tag) == value
        )
        return next(matching, None)

    def claim(self, node: int) -> int:
        """Note that an element is mounted into."""
        element = self._element(node)
        former, element.claimed_by = element.claimed_by, node
        return former

    def node(self, node: int) -> Any:
        """Give the node behind an id."""
        return self._nodes[node]

    def space(self, node: int) -> str:
        """Give the namespace of what stands inside a node."""
        return self._element(node).inner_namespace

    @property
    def body(self) -> Any:
        """The root element."""
        return self.root

    @property
    def live_ids(self) -> int:
        """How many ids are in use; flat when nothing leaks."""
        return len(self._nodes)

    def fire(self, target: MemoryElement, type: str, **details: Any) -> MemoryEvent:
        """Fire an event at ``target`` and let it bubble; ``details`` become attributes of the event."""
        event = MemoryEvent(type, target, details)
        path: list[MemoryElement] = [target]
        if type not in _NOT_BUBBLING:
            while (above := _event_parent(path[-1])) is not None:
                path.append(above)
        for element, capturing in [*((one, True) for one in reversed(path)), *((one, False) for one in path)]:
            for key in list(self._listening.get(element.id_, ())):
                name, *modifiers = key.split(":")
                if name == type and ("capture" in modifiers) is capturing:
                    self._deliver(element, event, key, modifiers)
            if event.stopped:
                break
        if type == "reset" and target.tag == "form" and not event.defaultPrevented:
            self._reset(target)
        return event

    def _reset(self, form: MemoryElement) -> None:
        """Give the fields of a form what their markup says, and tell them so, as a page does."""
        fields = [one for one in form.descendants() if one.tag in ("input", "textarea", "select")]
        for field in fields:
            field.properties.pop("value", None)
            field.properties.pop("checked", None)
        for field in fields:
            self.fire(field, "metafor-reset")

    def _deliver(self, element: MemoryElement, event: MemoryEvent, key: str, modifiers: list[str]) -> None:
        if self._nodes.get(element.id_) is not element:
            return
        if "prevent" in modifiers:
            event.preventDefault()
        if "stop" in modifiers:
            event.stopPropagation()
        place = self._listening.get(element.id_, {}).get(key)
        if place is None:  # a handler before this one has ended it
            return
        if "once" in modifiers:
            del self._listening[element.id_][key]
        event.currentTarget = element
        self.dispatch(*place, lambda: event)

    def _remember(self, node: int, value: MemoryNode) -> None:
        self._nodes[node] = value
        if isinstance(value, MemoryElement):
            value.id_ = node

    def _element(self, node: int) -> MemoryElement:
        element = self._nodes[node]
        assert isinstance(element, MemoryElement)
        return element

    def apply(self, ops: list[Any]) -> None:
        """Carry out a buffer of operations."""
        steps = iter(ops)
        for code in steps:
            _APPLY[code](self, lambda: next(steps))

    # -- operations, each taking its arguments from the list -----------------------------------------

    def _template(self, take: Any) -> None:
        key, html, paths, space, fills, events = (take() for _ in range(6))
        self._prepared[key] = (parse(html, space), paths, fills, events)

    def _clone(self, take: Any) -> None:
        key, base, values = take(), take(), take()
        prepared, paths, fills, events = self._prepared[key]
        fragment = prepared.copy()
        for offset, path in enumerate(paths):
            node: Any = fragment
            for step in path:
                node = node.children[step]
            self._remember(base + offset, node)
        for offset, event, slot in events:
            self._listening.setdefault(base + offset, {})[event] = (base, slot)
        for (offset, code, name), value in zip(fills, values, strict=True):
            if value is not None:
                arguments = (base + offset, name, value) if code == op.ATTRIBUTE else (base + offset, value)
                _APPLY[code](self, iter(arguments).__next__)

    def _text_node(self, take: Any) -> None:
        node = take()
        self._remember(node, MemoryText(take()))

    def _append(self, take: Any) -> None:
        parent = self._element(take())
        for _ in range(take()):
            parent.insert(self._nodes[take()], None)

    def _before(self, take: Any) -> None:
        anchor = self._nodes[take()]
        parent = anchor.parentNode
        assert parent is not None, "the anchor of an insertion is not in the tree"
        for _ in range(take()):
            parent.insert(self._nodes[take()], anchor)

    def _remove(self, take: Any) -> None:
        for _ in range(take()):
            detach(self._nodes[take()])

    def _clear(self, take: Any) -> None:
        self._element(take()).clear()

    def _data(self, take: Any) -> None:
        node = self._nodes[take()]
        assert isinstance(node, MemoryText)
        node.data = take()

    def _content(self, take: Any) -> None:
        element = self._element(take())
        element.clear()
        element.insert(MemoryText(take()), None)

    def _attribute(self, take: Any) -> None:
        element, name, value = self._element(take()), take(), take()
        if value is None:
            element.attributes.pop(name, None)
        else:
            element.attributes[name] = value

    def _property(self, take: Any) -> None:
        element, name, value = self._element(take()), take(), take()
        if name == "innerHTML":
            element.clear()
            for child in parse(value, element.namespace).children[:]:
                element.insert(child, None)
            return
        if name == "value" and value is None:
            if element.tag not in ("input", "textarea", "select"):
                element.attributes.pop("value", None)
                element.properties.pop("value", None)
                return
            value = ""
        if name == "checked":
            element.checked = value
        else:
            element.properties[name] = value

    def _class(self, take: Any) -> None:
        element, name, on = self._element(take()), take(), take()
        names = element.attributes.get("class", "").split()
        if (name in names) is on:
            return
        element.attributes["class"] = " ".join([*names, name] if on else [o for o in names if o != name])

    def _style(self, take: Any) -> None:
        element, name, value = self._element(take()), take(), take()
        declared = _DECLARATION.findall(element.attributes.get("style", ""))
        kept = [f"{one}:{text.strip()}" for one, text in declared if one != name]
        if value is not None:
            kept.append(f"{name}:{value}")
        elif len(kept) == len(declared):
            return
        element.attributes["style"] = ";".join(kept)

    def _listen(self, take: Any) -> None:
        node, key = take(), take()
        others = self._listening.get(node, {})
        others.pop(key, None)
        own = {key: (node, key)}
        self._listening[node] = {**own, **others} if "first" in key.split(":") else {**others, **own}

    def _unlisten(self, take: Any) -> None:
        node = take()
        self._listening.get(node, {}).pop(take(), None)

    def _forget(self, take: Any) -> None:
        for _ in range(take()):
            base = take()
            for node in range(base, base + take()):
                self._nodes.pop(node, None)
                self._listening.pop(node, None)

    def _empty(self, take: Any) -> None:
        first, anchor = self._nodes[take()], self._nodes[take()]
        parent = anchor.parentNode
        assert parent is not None, "the anchor of an emptied place is not in the tree"
        siblings = parent.children
        for node in siblings[siblings.index(first) : siblings.index(anchor)]:
            detach(node)

    def _stylesheet(self, take: Any) -> None:
        self.styles.append(take())

    def _portal(self, take: Any) -> None:
        frame, anchor = self._element(take()), self._nodes[take()]
        frame.portal_anchor = anchor


_APPLY: dict[int, Any] = {
    op.TEMPLATE: MemoryHost._template,
    op.CLONE: MemoryHost._clone,
    op.TEXT_NODE: MemoryHost._text_node,
    op.APPEND: MemoryHost._append,
    op.BEFORE: MemoryHost._before,
    op.REMOVE: MemoryHost._remove,
    op.CLEAR: MemoryHost._clear,
    op.DATA: MemoryHost._data,
    op.CONTENT: MemoryHost._content,
    op.ATTRIBUTE: MemoryHost._attribute,
    op.PROPERTY: MemoryHost._property,
    op.CLASS: MemoryHost._class,
    op.STYLE: MemoryHost._style,
    op.LISTEN: MemoryHost._listen,
    op.FREE: MemoryHost._forget,
    op.STYLESHEET: MemoryHost._stylesheet,
    op.PORTAL: MemoryHost._portal,
    op.UNLISTEN: MemoryHost._unlisten,
    op.EMPTY: MemoryHost._empty,
}


def _event_parent(element: MemoryElement) -> MemoryElement | None:
    anchor = element.portal_anchor
    return element.parentNode if anchor is None else anchor.parentNode
