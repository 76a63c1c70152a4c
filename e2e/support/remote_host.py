"""A browser host whose Python half runs here, and whose JavaScript half in a page that Playwright drives.

The differential test hands it thousands of operations; a Python in the page would add seconds and
nothing to what is compared.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from playwright.sync_api import Page

from metafor.cli.build.scripts import dom_script
from metafor.dom.hosts.browser import BrowserHost

__all__ = ["remote_host"]

ROOT = Path(__file__).parents[2]
CANONICAL = ROOT / "tests" / "dom" / "conformance" / "canonical.js"

START = """async (source) => {
    const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
    globalThis.heard = [];
    globalThis.kernel = module.createKernel((node, key) => { heard.push([node, key]); }, () => {});
}"""


@contextmanager
def remote_host(page: Page) -> Iterator[Callable[[], BrowserHost]]:
    """Gives what makes hosts that draw in ``page``, which is blank; they share one kernel."""
    page.goto("about:blank")
    page.add_script_tag(path=CANONICAL)
    page.evaluate(START, dom_script().decode())
    kernel = _Kernel(page)
    js, pyodide, ffi = ModuleType("js"), ModuleType("pyodide"), ModuleType("pyodide.ffi")
    js.metafor = SimpleNamespace(dom=SimpleNamespace(createKernel=lambda *_: kernel))  # type: ignore[attr-defined]
    ffi.create_proxy = lambda value: value  # type: ignore[attr-defined]
    modules = {"js": js, "pyodide": pyodide, "pyodide.ffi": ffi}
    sys.modules.update(modules)
    try:
        yield BrowserHost
    finally:
        for name in modules:
            del sys.modules[name]


class _Kernel:
    """Calls the kernel's functions in the page, whatever they are."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any) -> Any:
            return self._page.evaluate(
                "([name, given]) => kernel[name](...JSON.parse(given)) ?? null", [name, json.dumps(arguments)]
            )

        return call
