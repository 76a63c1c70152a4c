"""Putting a component on a page."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from metafor.core import graph
from metafor.core.lifecycle import create_root
from metafor.dom.components import Component, Element
from metafor.dom.content import collect
from metafor.dom.errors import MountError
from metafor.dom.foreign import provide_space_of
from metafor.dom.hosts import base as op
from metafor.dom.hosts.base import Host
from metafor.dom.styles import add_styles

__all__ = ["Mounted", "mount"]


class Mounted:
    """A component on a page; :meth:`dispose` takes it off."""

    def __init__(self, host: Host, dispose: Callable[[], None]) -> None:
        #: The host that it is mounted on.
        self.host = host
        self._dispose = dispose

    def dispose(self) -> None:
        """Remove the nodes and dispose everything that the component owns. A second call does nothing."""
        self._dispose()


def mount(
    component: Component,
    target: Any,
    props: Mapping[str, Any] | None = None,
    *,
    host: Host | None = None,
) -> Mounted:
    """Show ``component`` inside ``target``, in place of what is there.

    Takes a component; ``target``, a CSS selector or an element; ``props``, the component's attributes;
    ``host``, by default the page this Python runs in. Nodes are in the document and the ``on_mount``
    callbacks have been called when it returns, unless a batch is open. Raises MountError when there is
    no such element or no page, and what the component's set-up raises. Example::

        from metafor.dom import mount
        from chat import ChatComponent

        mount(ChatComponent, "#app")
    """
    if not isinstance(component, Component):
        raise MountError(
            f"mount() got {component!r}, which is no component",
            next_step="pass the component itself, as imported from its .ptml file",
        )
    if host is None:
        host = _page_host()
    graph.enter_batch()
    try:
        node = host.target(target)
        former = host._mounts.pop(host.claim(node), None)
        if former is not None:
            former()
        try:
            return create_root(lambda dispose: _mount(host, node, component, dict(props or {}), dispose))
        except BaseException:
            host.free(node, 1)
            raise
    finally:
        graph.leave_batch()


def _mount(
    host: Host, node: int, component: Component, props: dict[str, Any], dispose: Callable[[], None]
) -> Mounted:
    add_styles(host)
    # Before the component runs: a portal of its own may stand in the same element.
    host.emit(op.CLEAR, node)
    provide_space_of(host, node)
    scope = Element(component, props).instantiate_root(host)
    ids = collect(scope.parts)
    if ids:
        host.emit(op.APPEND, node, len(ids), *ids)
    graph.schedule_mount(host.ready)

    def unmount() -> None:
        if scope.disposed:
            return
        host._mounts.pop(node, None)
        graph.enter_batch()
        try:
            host.emit(op.CLEAR, node)
            dispose()
            host.free(node, 1)
        finally:
            graph.leave_batch()

    host._mounts[node] = unmount
    return Mounted(host, unmount)


def _page_host() -> Host:
    if sys.platform != "emscripten":
        raise MountError(
            "mount() needs a page, and this Python runs in none",
            next_step="serve the app (metafor serve), or use metafor.testing.render() in a test",
        )
    from metafor.dom.hosts.browser import page_host

    return page_host()
