"""Runs a Python server of the specification, unchanged, on another port than the one it names.

Usage: ``python run_server.py FILE PORT``, with the old ``websockets`` release on the path.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import websockets.server

_server: Any = websockets.server
_serve = _server.serve


def serve(handler: Any, host: str, port: int) -> Any:
    """`websockets.server.serve` on the port that the test chose."""
    assert (host, port) == ("localhost", 8765)
    return _serve(handler, "127.0.0.1", int(sys.argv[2]))


if __name__ == "__main__":
    _server.serve = serve
    source = Path(sys.argv[1]).read_text(encoding="utf-8")
    exec(compile(source, sys.argv[1], "exec"), {"__name__": "__main__"})
