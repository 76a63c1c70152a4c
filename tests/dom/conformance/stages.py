"""The stages on which the cases are played: one for each host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metafor.dom import component, mount, render_to_string
from metafor.dom.components import Component
from metafor.dom.hosts.memory import MemoryHost
from metafor.dom.hosts.tree import MemoryElement
from tests.dom.conformance.canonical import canonical, canonical_html

__all__ = ["BrowserStage", "HtmlStage", "MemoryStage", "Stage"]


class Stage:
    """Shows the component of a case, and compares the page with what it must hold."""

    #: Whether it can click and type, and stays up to date by itself.
    live = True

    def show(self, markup: Any) -> None:
        """Put markup on the page."""
        setup: Callable[[Any], Any] = lambda props: markup  # noqa: E731
        setup.__name__ = "Case"
        self.mount(component(setup))

    def expect(self, html: str) -> None:
        """AssertionError unless the page holds what this HTML stands for."""
        found, wanted = self.tree(), canonical_html(html)
        assert found == wanted, f"\n  found  {found}\n  wanted {wanted}"

    def mount(self, subject: Component) -> None:
        raise NotImplementedError

    def tree(self) -> Any:
        raise NotImplementedError

    def end(self) -> None:
        """Take the component off, and see that nothing is left."""


class MemoryStage(Stage):
    def __init__(self) -> None:
        self.host = MemoryHost()

    def mount(self, subject: Component) -> None:
        self.mounted = mount(subject, self.host.root, host=self.host)

    def tree(self) -> Any:
        return canonical(self.host.root)

    def find(self, selector: str) -> MemoryElement:
        for one in self.host.root.descendants():
            if _matches(one, selector):
                return one
        raise LookupError(selector)

    def click(self, selector: str) -> None:
        element = self.find(selector)
        if element.type in ("checkbox", "radio") and element.tag == "input":
            element.checked = element.type == "radio" or not element.checked
            self.host.fire(element, "change")
        self.host.fire(element, "click")

    def type(self, selector: str, text: str) -> None:
        element = self.find(selector)
        element.value = text
        self.host.fire(element, "input")

    choose = type

    def end(self) -> None:
        self.mounted.dispose()
        assert canonical(self.host.root) == []
        assert self.host.live_ids == 0, f"{self.host.live_ids} ids are left"


def _matches(element: MemoryElement, selector: str) -> bool:
    """``tag``, ``[name=value]``, and several of the latter."""
    tag, *conditions = selector.replace("]", "").replace("'", "").split("[")
    pairs = [one.split("=") for one in conditions]
    return tag in ("", element.tag) and all(
        value == (element.value if name == "value" else element.getAttribute(name)) for name, value in pairs
    )


class HtmlStage(Stage):
    live = False

    def mount(self, subject: Component) -> None:
        self.subject = subject

    def tree(self) -> Any:
        return canonical_html(render_to_string(self.subject))


class BrowserStage(Stage):
    """A place in a real page; only inside Pyodide."""

    def __init__(self) -> None:
        import js

        self.js = js
        self.place = js.document.createElement("div")
        js.document.body.append(self.place)

    def mount(self, subject: Component) -> None:
        self.mounted = mount(subject, self.place)

    def tree(self) -> Any:
        return self.js.canonical(self.place).to_py()

    def click(self, selector: str) -> None:
        self.place.querySelector(selector).dispatchEvent(self._event("MouseEvent", "click"))

    def type(self, selector: str, text: str) -> None:
        field = self.place.querySelector(selector)
        field.value = text
        field.dispatchEvent(self._event("Event", "input"))

    choose = type

    def _event(self, kind: str, name: str) -> Any:
        options = self.js.Object.fromEntries(self.js.JSON.parse('[["bubbles", true], ["cancelable", true]]'))
        return getattr(self.js, kind).new(name, options)

    def end(self) -> None:
        self.mounted.dispose()
        assert self.place.childNodes.length == 0
        self.place.remove()
