"""Hostile strings in every position never run and never break out (ruling 31): e2e/hostile.

The page has a strict Content-Security-Policy, so that a script which would have run is told of, too; styles
may stand in its HTML, so that they are read. The same component, rendered to a string, goes through the
browser's parser.
"""

from __future__ import annotations

import importlib.util
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from e2e.conftest import ROOT, Open
from e2e.support.serving import PATIENCE, metafor
from e2e.support.static import POLICY, static_server
from e2e.support.watching import Watch

APP = ROOT / "e2e" / "hostile"

HOOKS = (APP / "hooks.js").read_text(encoding="utf-8")


def strings() -> Any:
    spec = importlib.util.spec_from_file_location("hostile_strings", APP / "strings.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("hostile")
    command = metafor("build", APP, "--out", root / "site")
    subprocess.run(command, check=True, timeout=PATIENCE, stdout=subprocess.DEVNULL)
    with static_server(root, f"{POLICY}; style-src 'self' 'unsafe-inline'") as origin:
        yield origin


def test_nothing_runs_and_nothing_breaks_out(origin: str, open_page: Open, watch: Watch) -> None:
    # Browsers complain of addresses that lead nowhere, values that are none, styles in the frame, each in
    # words of its own. What Python has to complain of fails the test.
    watch.expect(r"^(?!.*Traceback)")
    given = strings().STRINGS
    page = open_page(f"{origin}/site/", before=HOOKS)
    wanted = [one.replace("\ud800", "\ufffd") for one in given]
    for position, shown in page.evaluate("positions(document.body)").items():
        assert shown == wanted, position
    _nothing_ran(page, "document.body")
    # Text where a handler belongs, HTML in a mapping, names of components, places of portals.
    assert page.evaluate("metaforErrors") >= 4 * len(given)

    # The same, written down and read by the browser's parser: in a frame that may run scripts.
    page.evaluate(
        """() => {
            const frame = document.body.appendChild(document.createElement("iframe"));
            frame.contentDocument.open();
            hook(frame.contentWindow);
            frame.contentDocument.write("<!doctype html><body>" + rendered);
            frame.contentDocument.close();
        }"""
    )
    # HTML has no NUL, and the encoding no half of a surrogate pair.
    wanted = [one.replace("\x00", "\ufffd").replace("\ud800", "?") for one in given]
    frame = "document.body.lastChild.contentDocument.body"
    for position, shown in page.evaluate(f"positions({frame})").items():
        assert shown == wanted, position
    _nothing_ran(page, frame)

    # This test can fail: what runs, or would without the policy, is noted.
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=pwned=1>')")
    page.wait_for_timeout(300)
    assert len(page.evaluate("ran")) == 1
    page.evaluate("document.body.lastChild.outerHTML = '<a href=\"javascript:pwned=1\">x</a>'")
    assert len(page.evaluate("escaped(document.body)")) == 1
    page.evaluate("document.querySelector('.styled').style.position = 'fixed'")
    assert len(page.evaluate("escaped(document.body)")) == 2


def _nothing_ran(page: Page, root: str) -> None:
    assert page.evaluate(f"escaped({root})") == []
    page.evaluate(f"poke({root})")
    page.wait_for_timeout(300)  # what is loaded, animated or scheduled would have run by now
    assert page.evaluate("ran") == []
