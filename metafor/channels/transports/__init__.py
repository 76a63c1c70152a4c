"""How a channel reaches a server: one file per platform, all after the protocols in ``base``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metafor.channels.transports.base import Transport

__all__ = ["platform_transport"]


def platform_transport() -> Transport:
    """The transport of the platform this runs on: the page's own WebSocket, or the library's."""
    if sys.platform == "emscripten":
        from metafor.channels.transports.browser import BrowserTransport

        return BrowserTransport()
    from metafor.channels.transports.cpython import CPythonTransport

    return CPythonTransport()
