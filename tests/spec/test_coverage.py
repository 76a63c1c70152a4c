"""No snippet of the specification is forgotten."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

from tests.spec.document import DOCUMENT, SNIPPETS

#: Components: they need the compiler and a page, and are tested there.
COMPONENTS = {
    ("Using in Components/Basic Component Example", 0),
    ("Using in Components/Component with Rooms", 0),
}


def asked_for() -> set[tuple[str, int]]:
    """The snippets that the tests beside this one name in calls of ``snippet``."""
    asked: set[tuple[str, int]] = set()
    for file in Path(__file__).parent.glob("test_*_snippets.py"):
        names = vars(import_module(f"tests.spec.{file.stem}"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "snippet":
                section, number = (*map(ast.unparse, node.args), "0")[:2]
                name = eval(section, dict(names))
                computed = not number.isdigit()
                asked |= {key for key in SNIPPETS if key[0] == name and (computed or key[1] == int(number))}
    return asked


def test_every_snippet_is_run_by_a_test() -> None:
    assert set(SNIPPETS) - asked_for() == COMPONENTS


def test_every_block_of_code_is_a_snippet() -> None:
    assert len(SNIPPETS) == len(re.findall(r"^ *```\w", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))
