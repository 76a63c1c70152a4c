"""Channels in real pages: conformance of the transport, bad input, recipes, a thousand equal messages."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from e2e.support.browsers import new_context
from e2e.support.serving import Served
from tests.channels.everywhere import bad_input, conformance
from tests.channels.everywhere.place import scenarios
from tests.channels.everywhere.recipes import RECIPES
from tests.channels.everywhere.server import PathServer
from tests.channels.loopback import free_port
from tests.docs.test_channels import recipes

APP = Path(__file__).parent / "apps" / "channels"
EVERYWHERE = Path(conformance.__file__ or "").parent

#: Milliseconds for all of them together.
PATIENCE = 240_000

NAMES = [
    *scenarios(conformance),
    *scenarios(bad_input),
    *RECIPES,
    "the_page_hears_of_its_network",
    "equal_messages_in_one_turn",
    "equal_messages_from_a_server",
]

SPEAK = """
globalThis.speak = (socket, text, times) => {
  for (let i = 0; i < times; i += 1) socket.dispatchEvent(new MessageEvent("message", { data: text }));
};
"""


@pytest.fixture(scope="module")
def results(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What the page says of each: "passed", or a traceback."""
    app = shutil.copytree(APP, tmp_path_factory.mktemp("channels") / "app")
    shutil.copytree(EVERYWHERE, app / "everywhere", ignore=shutil.ignore_patterns("__pycache__", "server.py"))
    (app / "recipes_of_docs.py").write_text(recipes(), encoding="utf-8")
    served = Served(app).start()
    context = new_context(browser)
    try:
        with PathServer() as server:
            lab = {"address": f"ws://127.0.0.1:{server.port}", "refused": free_port()}
            page = context.new_page()
            page.add_init_script(f"globalThis.lab = {json.dumps(json.dumps(lab))};" + SPEAK)
            page.goto(served.url, wait_until="commit")
            page.wait_for_function(
                "globalThis.results || document.documentElement.dataset.metafor === 'error'", timeout=PATIENCE
            )
            told = page.evaluate("globalThis.results ?? null")
            assert told is not None, page.locator("body").inner_text()
            yield json.loads(told)
    finally:
        context.close()
        served.stop()


@pytest.mark.parametrize("name", NAMES)
def test_in_a_page(name: str, results: dict[str, str]) -> None:
    assert results[name] == "passed", results[name]
