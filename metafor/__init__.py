"""metafor: real-time, reactive web interfaces in Python alone.

The parts are imported by name: :mod:`metafor.core` (signals), :mod:`metafor.dom` (rendering),
:mod:`metafor.channels` (WebSocket channels), :mod:`metafor.server` (the room server),
:mod:`metafor.compiler` (``.ptml``). This package itself imports nothing.
"""

__version__ = "0.1.0"
