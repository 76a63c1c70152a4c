"""Style sheets of templates: added to a host's document when one of its components first shows."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from metafor.core import graph
from metafor.dom.hosts import base as op
from metafor.dom.hosts.base import Host

__all__ = ["add_styles", "style"]

_sheets: list[str] = []
_added: WeakKeyDictionary[Host, int] = WeakKeyDictionary()


def style(css: str) -> None:
    """Register a global style sheet; a template's ``@style`` block calls it at import."""
    _sheets.append(css)
    for host in list(_added):
        graph.enter_batch()
        try:
            add_styles(host)
        finally:
            graph.leave_batch()


def add_styles(host: Host) -> None:
    """Add to ``host`` the sheets that it does not have yet. Only inside a batch."""
    done = _added.get(host, 0)
    for css in _sheets[done:]:
        host.emit(op.STYLESHEET, css)
    _added[host] = len(_sheets)
