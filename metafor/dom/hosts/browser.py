"""The host of a real page. ``js`` and ``pyodide`` are imported inside the methods, never at import."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from math import isfinite
from typing import Any

from metafor.core import graph
from metafor.core.graph import report_error
from metafor.dom.errors import DomError, MountError
from metafor.dom.hosts.base import Host

__all__ = ["BrowserHost", "page_host"]


class BrowserHost(Host):
    """Sends each commit to the JavaScript half (``browser.js``) as one JSON string."""

    def __init__(self) -> None:
        super().__init__()
        # A list of 1,000 rows is 20,000 new objects that all stay. Looking for garbage after each 2,000, as
        # Python does by itself, takes a third of the time that it takes to make them.
        gc.set_threshold(50_000, *gc.get_threshold()[1:])
        import js
        from pyodide.ffi import create_proxy

        # Two proxies for all events of the page, alive as long as the page.
        self._kernel = js.metafor.dom.createKernel(create_proxy(self._heard), create_proxy(self._settle))
        self._apply = self._kernel.apply
        self._event = self._kernel.event
        #: Whether the page waits for what an event changes; the commit that goes back to it.
        self._awaited = False
        self._answer: str | None = None
        #: The ids that leave the page with that commit.
        self._leaving: list[tuple[int, int]] = []
        #: Whether events came while the page carried out such a commit: a batch is open until it is done.
        self._interrupted = False

    def apply(self, ops: list[Any]) -> None:
        """Cross into JavaScript, once: back to the page if it waits for an event's change, else by a call."""
        try:
            text = _encode(ops)
        except ValueError:
            text = json.dumps([_finite(one) for one in ops], separators=(",", ":"))
        answer, self._answer = self._answer, None
        if answer is not None:
            self._report(self._apply(answer))
        if self._awaited and not graph.is_waiting():
            self._answer = text
        else:
            self._report(self._apply(text))

    def _use_again(self, freed: list[tuple[int, int]]) -> None:
        if self._answer is not None:
            self._leaving += freed
        else:
            super()._use_again(freed)

    def _heard(self, place: int, what: int | str, meanwhile: bool = False) -> str | None:
        """The page reports an event; gives the commit that it led to.

        Only where nothing else waits for that commit: mounts and effects look at the page. ``meanwhile`` is
        for an event that was fired by such a commit itself. The event crosses only for a handler that takes
        it.
        """
        if meanwhile:
            if not self._interrupted:
                self._interrupted = True
                graph.enter_batch()
        elif self._leaving:
            leaving, self._leaving = self._leaving, []
            super()._use_again(leaving)
        return self._answering(self.dispatch, place, what, self._event)

    def _settle(self, problems: str) -> str | None:
        """The page has carried out a commit that it was given by :meth:`_heard`; gives the next one."""
        return self._answering(self._after_answer, problems)

    def _after_answer(self, problems: str) -> None:
        try:
            self._report(problems)
        finally:
            if self._interrupted:
                self._interrupted = False
                graph.leave_batch()

    def _answering(self, fn: Callable[..., None], *arguments: Any) -> str | None:
        outer, self._awaited = self._awaited, True
        try:
            fn(*arguments)
        finally:
            self._awaited = outer
        answer, self._answer = self._answer, None
        return answer

    def _report(self, problems: str) -> None:
        if problems:
            report_error(
                DomError(
                    f"the browser refused part of a change: {problems}",
                    next_step="look at the attribute's name and value; the rest of the page was updated",
                )
            )

    def target(self, target: Any) -> int:
        """Find the element to mount into: a CSS selector, or a DOM element."""
        node = self.allocate(1)
        found = self._kernel.target(node, target)
        if found:
            raise MountError(
                f"no element to mount into: {target!r} {found}",
                next_step='put <div id="app"></div> into index.html, or name another selector in mount()',
            )
        return node

    def claim(self, node: int) -> int:
        """Note that an element is mounted into."""
        return int(self._kernel.claim(node))

    def node(self, node: int) -> Any:
        """Give the DOM node as a JsProxy."""
        return self._kernel.node(node)

    def space(self, node: int) -> str:
        """Give the namespace of what stands inside a node."""
        return str(self._kernel.space(node))

    def ready(self) -> None:
        """Set ``<html data-metafor="ready">`` (ruling 33)."""
        self._kernel.ready()


# An encoder of its own: json.dumps() makes one for each call that is not by default. Nothing in a buffer
# contains itself, which is then not looked for.
_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False).encode


def _finite(value: Any) -> Any:
    return str(value) if isinstance(value, float) and not isfinite(value) else value


_page: BrowserHost | None = None


def page_host() -> BrowserHost:
    """The host of this page, made on first use; all mounts of a page share it."""
    global _page
    if _page is None:
        _page = BrowserHost()
    return _page
