"""The host whose page is a string: a component rendered once, as HTML.

It is the tree in memory, written down at the first commit, when the bindings have settled. Then what was
made is disposed: nothing is mounted, no effect runs, and no reference stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from metafor.core import graph
from metafor.core.lifecycle import create_root
from metafor.dom.components import Component, Element
from metafor.dom.content import collect
from metafor.dom.errors import MountError
from metafor.dom.hosts import base as op
from metafor.dom.hosts.memory import MemoryHost
from metafor.dom.hosts.serialize import serialize
from metafor.dom.hosts.tree import MemoryElement
from metafor.dom.styles import add_styles

__all__ = ["render_to_string"]


class _HtmlHost(MemoryHost):
    def __init__(self) -> None:
        super().__init__()
        #: Where the component stands; what portals put into the body goes behind it.
        self.place = MemoryElement("div")
        self.root.insert(self.place, None)
        self.html: str | None = None
        self.end: Callable[[], None] = lambda: None

    def commit(self) -> None:
        if self.html is not None:  # what disposal had to say
            self.ops.clear()
            return
        super().commit()
        self.html = serialize(*self.place.children, *self.root.children[1:])
        # Before the mounts and effects of this flush, which look whether their owner still is.
        self.end()


def render_to_string(
    component: Component, props: Mapping[str, Any] | None = None, *, styles: bool = False
) -> str:
    """Give what ``component`` shows as HTML.

    Takes a component and its attributes; with ``styles``, a ``<style>`` element with the style sheets of
    all imported templates goes before it. Text and attributes are escaped by where they stand, so that
    no value can become markup; ``inner_html`` is the author's word here, too. ``on_mount``, effects and
    refs do not run, handlers are left out, what waits for a resource is shown as its ``<Suspense>`` says,
    and what portals put into the body stands at the end. Raises what the set-up raises. Example::

        from metafor.dom import render_to_string

        page = render_to_string(Invoice, {"number": 7})
    """
    if not isinstance(component, Component):
        raise MountError(
            f"render_to_string() got {component!r}, which is no component",
            next_step="pass the component itself, as imported from its .ptml file",
        )
    host = _HtmlHost()

    def build(dispose: Callable[[], None]) -> None:
        host.end = dispose
        node = host.target(host.place)
        host.emit(op.CLEAR, node)  # so that there is a commit, whatever the component shows
        if styles:
            add_styles(host)
        ids = collect(Element(component, dict(props or {})).instantiate_root(host).parts)
        if ids:
            host.emit(op.APPEND, node, len(ids), *ids)

    graph.enter_batch()
    try:
        create_root(build)
    finally:
        graph.leave_batch()
    if host.html is None:  # an outer batch is open: its flush is yet to come, this string is not
        host.commit()
    sheets = "".join(f"<style>{css}</style>" for css in host.styles)
    return sheets + str(host.html)
