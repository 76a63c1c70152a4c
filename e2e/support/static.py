"""A static file server that knows nothing of metafor: Python's own, with a strict policy for its pages."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["POLICY", "static_server"]

#: The page may reach no origin but its own, and runs no script that is not a file of the site.
POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"


@contextmanager
def static_server(folder: Path, policy: str = POLICY) -> Iterator[str]:
    """Serve ``folder`` as ``python -m http.server`` does; gives the URL, without a slash at the end."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", policy)
            super().end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
