"""The specification of channels in real pages: each scenario of ``tests/spec/sections``, in one page."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from e2e.support.browsers import new_context
from e2e.support.gate import Gate
from e2e.support.serving import Served
from tests.spec.loopback import LoopbackServer
from tests.spec.sections import client, servers  # noqa: F401
from tests.spec.sections.document import DOCUMENT
from tests.spec.sections.world import SCENARIOS
from tests.spec.servers import NAMES, Certificate, running_servers

APP = Path(__file__).parent / "apps" / "spec"

#: Milliseconds for all of them together.
PATIENCE = 240_000

#: The page's WebSocket, with a port of loopback put for the one that the document names.
LEAD = """
globalThis.ways = {};
globalThis.lead = (host, port, to) => { ways[`${host}:${port}`] = to; };
globalThis.WebSocket = class WebSocket extends globalThis.WebSocket {
  constructor(url, protocols) {
    const address = new URL(url);
    if (ways[address.host]) address.port = ways[address.host];
    super(address.href, protocols);
  }
};
"""


@pytest.fixture(scope="module")
def results(
    browser: Browser, gate: Gate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """What the page says of each scenario: "passed", or a traceback."""
    folder = tmp_path_factory.mktemp("spec")
    app = shutil.copytree(APP, folder / "app")
    shutil.copytree(DOCUMENT.parent, app / "sections", ignore=shutil.ignore_patterns("__pycache__", "*.md"))
    certificate = Certificate()
    with ExitStack() as stack:
        ports = stack.enter_context(running_servers(folder, certificate))
        plain = stack.enter_context(LoopbackServer())
        encrypted = stack.enter_context(LoopbackServer(tls=certificate.context))
        server = stack.enter_context(LoopbackServer(rooms=True))
        for name in NAMES:
            gate.ways |= {f"{name}:80": plain.port, f"{name}:443": encrypted.port}
        served = Served(app).start()
        stack.callback(served.stop)
        lab = {
            "document": DOCUMENT.read_text(encoding="utf-8"),
            "control": f"ws://127.0.0.1:{server.port}/control",
            "app": server.port,
            "servers": ports,
        }
        context = new_context(browser)
        stack.callback(context.close)
        page = context.new_page()
        page.add_init_script(f"globalThis.lab = {json.dumps(json.dumps(lab))};" + LEAD)
        page.goto(served.url, wait_until="commit")
        page.wait_for_function(
            "globalThis.results || document.documentElement.dataset.metafor === 'error'", timeout=PATIENCE
        )
        told = page.evaluate("globalThis.results ?? null")
        assert told is not None, page.locator("body").inner_text()
        yield json.loads(told)
        for name in NAMES:
            del gate.ways[f"{name}:80"], gate.ways[f"{name}:443"]


@pytest.mark.parametrize("name", SCENARIOS)
def test_section(name: str, results: dict[str, str]) -> None:
    assert results[name] == "passed", results[name]
