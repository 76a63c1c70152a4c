"""The conformance cases of the core, the very files that run on CPython, inside Pyodide in a page."""

from __future__ import annotations

import ast
from pathlib import Path

from playwright.sync_api import expect

from e2e.conftest import MakeApp, Open, Serve

CASES = Path(__file__).parent.parent / "tests" / "core" / "conformance"

MAIN = """
import sys, tempfile
from pathlib import Path

import metafor.core
from metafor.dom import component, mount

FILES = {files!r}

root = Path(tempfile.mkdtemp())
folder = root / "tests" / "core" / "conformance"
folder.mkdir(parents=True)
for name in ("tests", "tests/core", "tests/core/conformance"):
    (root / name / "__init__.py").touch()
for name, text in FILES.items():
    (folder / name).write_text(text)
sys.path.insert(0, str(root))

from importlib import import_module

passed, failures = await import_module("tests.core.conformance.runner").run_all()

@component
def Result(props):
    return [f"{{sys.platform}}: {{passed}} passed, {{len(failures)}} failed. ", *failures]

mount(Result, "#app")
"""


def test_the_core_conforms_inside_pyodide(serve: Serve, make_app: MakeApp, open_page: Open) -> None:
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(CASES.glob("*.py"))}
    cases = sum(
        isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_")
        for text in files.values()
        for node in ast.parse(text).body
    )
    assert cases > 200
    page = open_page(serve(make_app({"main.py": MAIN.format(files=files)})).url)
    expect(page.locator("#app")).to_have_text(f"emscripten: {cases} passed, 0 failed.", timeout=120_000)
