"""``docs/dom.md``: the tests it names exist, and its snippets run."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from metafor.dom.components import Component
from metafor.testing import render
from tests.dom.templates import load

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "dom.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)))
SNIPPETS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_test_that_is_named_exists(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    assert name in functions


def test_every_test_of_forms_events_and_elements_is_named() -> None:
    named = {name for _, name in NAMED}
    for path in ("test_forms.py", "test_events.py", "test_elements.py", "test_rows.py"):
        tree = ast.parse((ROOT / "e2e" / path).read_text(encoding="utf-8"))
        tests = {
            node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[:5] == "test_"
        }
        assert tests - named == set(), path


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_a_snippet_runs(number: int) -> None:
    language, text = SNIPPETS[number]
    if language == "python":
        exec(compile(text, "docs/dom.md", "exec"), {"__name__": "snippet"})
        return
    components = [one for one in vars(load(text)).values() if isinstance(one, Component)]
    assert components
    for one in components:
        assert render(one).html
