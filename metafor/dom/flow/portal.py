"""``<Portal mount=@{…}>``: content that stands elsewhere on the page, such as a dialog.

It belongs to the component that wrote it: context, errors, disposal, and the way events bubble, which
continue from the portal at the place where it was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metafor.core import graph
from metafor.core.owner import Owner
from metafor.dom.components import component
from metafor.dom.content import Part, Renderable, TextNodes, build, collect
from metafor.dom.errors import MountError
from metafor.dom.foreign import provide_space_of
from metafor.dom.hosts import base as op
from metafor.dom.hosts.base import Host
from metafor.dom.template import Template

__all__ = ["Portal"]

# By namespace of the place. The frame has no box of its own, so that the layout is that of the place.
_FRAMES = {
    "html": Template("<div></div>", ((0,),), (), (0,)),
    "svg": Template("<g></g>", ((0,),), (), (0,), "svg"),
    "math": Template("<mrow></mrow>", ((0,),), (), (0,), "math"),
}


@component
def Portal(props: Mapping[str, Any]) -> Any:
    """Show ``children`` at the end of ``mount``: a CSS selector or an element, by default the body.

    ``mount`` is read once: to move the content, put the portal into a ``<Show>`` that changes with the place.

    A place that is not on the page yet, because the same component makes it, is looked for when the
    component is mounted. MountError, to the nearest boundary, when it is not there either.
    """
    return _PortalFactory(props)


class _Exit(Owner):
    """Takes the frame off the page. Made last, so disposed first: before the ids of the frame are freed."""

    __slots__ = ("_host", "_node", "_place")

    def __init__(self, host: Host, node: int, place: int) -> None:
        parent = graph.current_owner()
        super().__init__(parent)
        if parent is not None and not parent.disposed:
            parent._adopt(self)
        self._host = host
        self._node = node
        self._place = place

    def _release(self) -> None:
        self._host.emit(op.REMOVE, 1, self._node)
        self._host.free(self._place, 1)


class _PortalFactory(Renderable):
    __slots__ = ("_props",)

    def __init__(self, props: Mapping[str, Any]) -> None:
        self._props = props

    def instantiate(self, host: Host) -> Part:
        return _Portal(host, self._props)


class _Portal(Part):
    """The place in the tree is an empty text node; the content stands in a frame elsewhere."""

    __slots__ = ("_anchor", "_host", "_props")

    def __init__(self, host: Host, props: Mapping[str, Any]) -> None:
        self._host = host
        self._props = props
        self._anchor = TextNodes(host).make("")
        owner = graph.current_owner()
        try:
            place = host.target(props.get("mount") or host.body)
        except MountError:
            graph.schedule_mount(lambda: self._show_late(owner))
        else:
            self._show(place)

    def _show_late(self, owner: Owner | None) -> None:
        if owner is None or owner.disposed:
            return
        try:
            graph.run_owned(owner, lambda: self._show(self._host.target(self._props.get("mount"))))
        except Exception as raised:
            graph.report_error(raised, owner)

    def _show(self, place: int) -> None:
        host = self._host
        space = host.space(place)
        (node,) = collect([_FRAMES[space]().instantiate(host)])
        if space == "html":
            # Not in the markup: a Content-Security-Policy may forbid style attributes, and it allows this.
            host.emit(op.STYLE, node, "display", "contents")
        host.emit(op.PORTAL, node, self._anchor)
        provide_space_of(host, place)
        ids = collect(build(host, self._props.get("children")))
        if ids:
            host.emit(op.APPEND, node, len(ids), *ids)
        host.emit(op.APPEND, place, 1, node)
        _Exit(host, node, place)

    def collect(self, ids: list[int]) -> None:
        ids.append(self._anchor)
