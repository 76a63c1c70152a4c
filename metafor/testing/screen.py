"""Rendering a component on the memory host: a test of a component needs no browser."""

from __future__ import annotations

from typing import Any

from metafor.dom.components import Component
from metafor.dom.hosts.memory import MemoryElement, MemoryEvent, MemoryHost
from metafor.dom.mounting import Mounted, mount

__all__ = ["Screen", "render"]


class Screen:
    """A component on a page in memory."""

    def __init__(self, host: MemoryHost, mounted: Mounted) -> None:
        #: The host; ``host.commits`` counts commits, ``host.live_ids`` the node ids in use.
        self.host = host
        self._mounted = mounted

    @property
    def html(self) -> str:
        """What the page shows, as HTML."""
        return "".join(child.html() for child in self.host.root.children)

    @property
    def text(self) -> str:
        """The text that the page shows."""
        return self.host.root.textContent

    def all(self, tag: str) -> list[MemoryElement]:
        """All elements with the given tag, in document order."""
        return self.host.root.find_all(tag)

    def one(self, tag: str, text: str | None = None) -> MemoryElement:
        """The one element with the given tag (and text); LookupError when there is none or more."""
        found = [one for one in self.all(tag) if text is None or one.textContent.strip() == text]
        if len(found) != 1:
            wanted = f"<{tag}>" if text is None else f"<{tag}> with the text {text!r}"
            raise LookupError(f"{len(found)} elements match {wanted} in {self.html}")
        return found[0]

    def click(self, element: MemoryElement) -> MemoryEvent:
        """Click an element."""
        return self.fire(element, "click")

    def type(self, element: MemoryElement, text: str) -> MemoryEvent:
        """Type into a field: sets its value and fires ``input``."""
        element.value = text
        return self.fire(element, "input")

    def fire(self, element: MemoryElement, type: str, **details: Any) -> MemoryEvent:
        """Fire any event; ``details`` become attributes of it (``key="Enter"``)."""
        return self.host.fire(element, type, **details)

    def dispose(self) -> None:
        """Take the component off the page."""
        self._mounted.dispose()


def render(component: Component, **props: Any) -> Screen:
    """Mount ``component`` on a page in memory and give a :class:`Screen` of it.

    Takes the component and its attributes. Raises what its set-up raises. Example::

        screen = render(Counter, start=3)
        screen.click(screen.one("button", "Add"))
        assert screen.text == "4"
    """
    host = MemoryHost()
    return Screen(host, mount(component, host.root, props, host=host))
