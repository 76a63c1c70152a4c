"""The cases of ``tests/dom/conformance``, the very files that run in memory, on a real page in Pyodide."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from e2e.conftest import MakeApp, Open, Serve

CASES = Path(__file__).parent.parent / "tests" / "dom" / "conformance"

MAIN = """
import cases
from metafor.dom import component, mount
from tests_of_hosts import BrowserStage

failures = []
passed = 0
for name, case in list(vars(cases).items()):
    if name.startswith(("case_", "live_")):
        stage = BrowserStage()
        try:
            case(stage)
            stage.end()
        except Exception as error:
            failures.append(f"{name}: {type(error).__name__}: {error}")
        else:
            passed += 1

@component
def Result(props):
    return [f"{passed} passed, {len(failures)} failed. ", *failures]

mount(Result, "#app")
"""
PAGE = """
    <!doctype html>
    <link rel="icon" href="data:,">
    <script src="assets/canonical.js"></script>
    <body><div id="app"></div></body>
"""


def test_the_browser_conforms(serve: Serve, make_app: MakeApp, open_page: Open) -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in CASES.iterdir() if path.is_file()}
    app = make_app(
        {
            "main.py": MAIN,
            "index.html": PAGE,
            "cases.ptml": texts["cases.ptml"],
            "tests_of_hosts.py": texts["stages.py"].replace("tests.dom.conformance.", ""),
            "canonical.py": texts["canonical.py"],
            "assets/canonical.js": texts["canonical.js"],
        }
    )
    page = open_page(serve(app).url)
    count = len(re.findall(r"^def (?:case|live)_", texts["cases.ptml"], re.MULTILINE))
    expect(page.locator("#app")).to_have_text(f"{count} passed, 0 failed. ", timeout=60_000)
