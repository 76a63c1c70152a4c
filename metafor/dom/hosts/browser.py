"""The host of a real page. ``js`` and ``pyodide`` are imported inside the methods, never at import."""

from __future__ import annotations

import json
from collections.abc import Iterable
from math import isfinite
from typing import Any

from metafor.core import graph
from metafor.core.graph import report_error
from metafor.core.owner import Owner
from metafor.dom.errors import DomError, MountError
from metafor.dom.hosts.base import Host
from metafor.dom.hosts.garbage import GarbageSearch

__all__ = ["BrowserHost", "page_host"]


#: So many trees are taken apart when the page is idle, and so many of them at a time (2 ms).
_MANY, _AT_ONCE = 50, 500


class BrowserHost(Host):
    """Sends each commit to the JavaScript half (``kernel/``) as one JSON string."""

    def __init__(self) -> None:
        super().__init__()
        import js
        from pyodide.ffi import create_proxy

        # One proxy for all events of the page and one for its idle times, alive as long as the page.
        self._kernel = js.metafor.dom.createKernel(create_proxy(self._heard), create_proxy(self._tidy_up))
        self._garbage = GarbageSearch()
        #: Trees that were ended and not taken apart yet.
        self._ended: list[Owner] = []
        self._apply = self._kernel.apply
        self._event = self._kernel.event

    def apply(self, ops: list[Any]) -> None:
        """Cross into JavaScript, once."""
        try:
            text = _encode(ops)
        except ValueError:
            text = json.dumps([_finite(one) for one in ops], separators=(",", ":"))
        problems = self._apply(text, self._is_untidy())
        if problems:
            report_error(
                DomError(
                    f"the browser refused part of a change: {problems}",
                    next_step="look at the attribute's name and value; the rest of the page was updated",
                )
            )

    def dispose(self, roots: Iterable[Owner]) -> None:
        """Dispose trees; what many of them hold is released when the page is idle, or others come."""
        ended = graph.end_trees(roots)
        if len(ended) >= _MANY:
            # One lot may wait, however long the page has no idle time.
            ended, self._ended = self._ended, ended
        graph.dispose_trees(ended)

    def _is_untidy(self) -> bool:
        return bool(self._ended) or self._garbage.is_due

    def _tidy_up(self) -> bool:
        """The page is idle: do some of what nobody should wait for; gives whether there is more."""
        if self._ended:
            some = self._ended[-_AT_ONCE:]
            del self._ended[-_AT_ONCE:]
            graph.dispose_trees(some)
            return self._is_untidy()
        if self._garbage.is_due:
            self._garbage.run()
        return False

    def _heard(self, place: int, what: int | str) -> None:
        """The page reports an event; the event itself crosses only for a handler that takes it."""
        self.dispatch(place, what, self._event)

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
