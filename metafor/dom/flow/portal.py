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
from metafor.dom.foreign import provide_space_of
from metafor.dom.hosts import base as op
from metafor.dom.hosts.base import Host
from metafor.dom.template import Template

__all__ = ["Portal"]

# The frame has no box of its own, so that the layout is that of the place.
_frame = Template('<div style="display:contents"></div>', ((0,),), (), (0,))


@component
def Portal(props: Mapping[str, Any]) -> Any:
    """Show ``children`` at the end of ``mount``: a CSS selector or an element, by default the body."""
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

    __slots__ = ("_anchor",)

    def __init__(self, host: Host, props: Mapping[str, Any]) -> None:
        self._anchor = TextNodes(host).make("")
        place = host.target(props.get("mount") or host.body)
        frame = _frame()
        part = frame.instantiate(host)
        (node,) = collect([part])
        host.emit(op.PORTAL, node, self._anchor)
        provide_space_of(host, place)
        ids = collect(build(host, props.get("children")))
        if ids:
            host.emit(op.APPEND, node, len(ids), *ids)
        host.emit(op.APPEND, place, 1, node)

        _Exit(host, node, place)

    def collect(self, ids: list[int]) -> None:
        ids.append(self._anchor)
