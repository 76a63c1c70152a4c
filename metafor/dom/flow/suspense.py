"""``<Suspense fallback>``: content that waits for resources, and what stands there meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metafor.core import graph
from metafor.core.graph import Pending, RenderEffect, Signal
from metafor.core.owner import Owner
from metafor.dom.components import component
from metafor.dom.content import Part, Parts, Renderable, TextNodes, build, child_scope, collect, remove
from metafor.dom.hosts import base as op
from metafor.dom.hosts.base import Host
from metafor.dom.template import Template

__all__ = ["Suspense"]

# Content that is not shown stands in an element of its own, outside the document: it stays alive.
_shelf = Template("<div></div>", ((0,),), (), (0,))


@component
def Suspense(props: Mapping[str, Any]) -> Any:
    """Show ``fallback`` while a binding, an effect or a set-up in ``children`` waits for a resource.

    The children are made once and kept while they are out of sight (ruling 21). Example::

        <Suspense fallback=@{<p>Loading…</p>}><p>@{user().name}</p></Suspense>
    """
    return _SuspenseFactory(props)


class _SuspenseFactory(Renderable):
    __slots__ = ("_props",)

    def __init__(self, props: Mapping[str, Any]) -> None:
        self._props = props

    def instantiate(self, host: Host) -> Part:
        boundary = _Boundary(host, self._props)
        boundary.start()
        return boundary


class _Boundary(RenderEffect, Part):
    """Runs when a resource that somebody below waits for has settled, and decides which side is shown."""

    __slots__ = (
        "_anchor",
        "_attached",
        "_changed",
        "_content",
        "_fallback",
        "_fallback_owner",
        "_host",
        "_props",
        "_scope",
        "_shelf",
        "_shown",
        "_waiting",
    )

    def __init__(self, host: Host, props: Mapping[str, Any]) -> None:
        # The content hangs beside this effect: what an effect owns ends with each of its runs.
        self._scope = child_scope("Suspense")
        super().__init__(self._still_waiting)
        self._host = host
        self._props = props
        texts = TextNodes(host)
        self._anchor = texts.make("")
        (self._shelf,) = collect([_shelf().instantiate(host)])
        self._attached = False
        self._shown = True
        #: What is waited for: the signal of a resource, and its value when the wait began.
        self._waiting: dict[Signal[Any], Any] = {}
        self._changed = Signal(0, False)
        self._content: Parts = []
        self._fallback: Parts = []
        self._fallback_owner: Owner | None = None

    def start(self) -> None:
        """Build the content, then show it or the fallback."""
        scope, host = self._scope, self._host
        scope._context = {graph.SUSPENSE: self._wait}
        self._content = graph.run_owned(scope, lambda: build(host, lambda: self._props.get("children")))
        self._put_on_shelf()
        self._recompute()
        self._attached = True

    def collect(self, ids: list[int]) -> None:
        ids += collect(self._content if self._shown else self._fallback)
        ids.append(self._anchor)

    def _wait(self, node: object, pending: Pending) -> None:
        source = pending.source
        self._waiting.setdefault(source, source.peek())
        graph.write(self._changed, 0)

    def _still_waiting(self) -> bool:
        self._changed()
        for source, value in list(self._waiting.items()):
            if source() != value:
                del self._waiting[source]
        return bool(self._waiting)

    def _recompute(self) -> None:
        try:
            waiting = graph.execute(self)
            if waiting is self._shown:
                graph.run_owned(self.parent, self._hide if waiting else self._reveal)
        finally:
            self._settle_state()

    def _hide(self) -> None:
        self._shown = False
        if self._attached:
            self._put_on_shelf()
        # Not below the content's scope: what the fallback waits for concerns the boundary above.
        owner = self._fallback_owner = child_scope("Suspense.fallback")
        host = self._host
        try:
            self._fallback = graph.run_owned(owner, lambda: build(host, self._props.get("fallback")))
        except Exception as raised:
            graph.report_error(raised, owner)
        self._put_in(self._fallback)

    def _reveal(self) -> None:
        self._shown = True
        remove(self._host, self._fallback)
        self._fallback = []
        if self._fallback_owner is not None:
            graph.dispose(self._fallback_owner)
        self._put_in(self._content)

    def _put_on_shelf(self) -> None:
        ids = collect(self._content)
        if ids:
            self._host.emit(op.APPEND, self._shelf, len(ids), *ids)

    def _put_in(self, parts: Parts) -> None:
        ids = collect(parts)
        if ids and self._attached:
            self._host.emit(op.BEFORE, self._anchor, len(ids), *ids)
