"""Builds the pages, and opens them in browsers that nobody drives: they report by themselves."""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from e2e.support.browsers import CHROMIUM_FLAGS

__all__ = ["BROWSERS", "Server", "build", "report_of"]

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
OUT = ROOT / ".cache" / "channel"
#: The bundler of the rows benchmark, with its Solid.
BUNDLE = HERE.parent / "rows" / "bundle.mjs"

#: Seconds until a page must have reported.
PATIENCE = 90

BROWSERS = {
    "chromium": [
        "/usr/bin/chromium",
        "--headless=new",
        *CHROMIUM_FLAGS,
        "--user-data-dir={profile}",
        "{url}",
    ],
    "firefox": ["/usr/bin/firefox-esr", "--headless", "--no-remote", "--profile", "{profile}", "{url}"],
}


class Server:
    """The other end, as a process; see ``server.py``. ``address`` is host and port."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, HERE / "server.py", folder]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.address = f"127.0.0.1:{self._lines.get(timeout=PATIENCE).strip()}"

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(10)

    def reported(self) -> Any:
        """What the next page reports."""
        return json.loads(self._lines.get(timeout=PATIENCE))

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)


def build() -> Path:
    """Build all pages and give the folder to serve."""
    shutil.rmtree(OUT, ignore_errors=True)
    (OUT / "solid").mkdir(parents=True)
    for name in ("flood", "ticks"):
        app = OUT / f"{name}-app"
        shutil.copytree(HERE / "apps" / name, app)
        if name == "ticks":
            (app / "assets").mkdir()
            shutil.copy(HERE / "apps" / "probe.js", app / "assets")
        runtime = ROOT / "node_modules" / "pyodide"
        command = [
            sys.executable,
            "-m",
            "metafor.cli",
            "build",
            app,
            "--out",
            OUT / name,
            "--runtime",
            runtime,
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=120)
    entry = HERE / "apps" / "solid" / "main.jsx"
    subprocess.run(["node", BUNDLE, entry, OUT / "solid" / "main.js"], check=True, timeout=120)
    shutil.copy(HERE / "apps" / "solid" / "index.html", OUT / "solid")
    return OUT


def report_of(server: Server, browser: str, path: str) -> Any:
    """Open a page in a fresh browser, and give what it reports."""
    with _running(browser, f"http://{server.address}/{path}"):
        return server.reported()


@contextmanager
def _running(browser: str, url: str) -> Iterator[None]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [part.format(profile=profile, url=url) for part in BROWSERS[browser]]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
