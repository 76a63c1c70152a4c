"""No snippet, no section and no sentence of the specification is forgotten."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from tests.spec.sections import client, servers
from tests.spec.sections.document import DOCUMENT, sentences, snippets
from tests.spec.sections.world import SCENARIOS

#: Components need the compiler and a page: ``e2e/test_spec.py`` uses them there.
COMPONENTS = {
    ("Using in Components/Basic Component Example", 0): "test_chat_component",
    ("Using in Components/Component with Rooms", 0): "test_room_chat",
}

#: Sentences that name the examples, and the tests in pages that use these.
EXAMPLES = {
    "See the `examples/` directory for complete working examples:": "test_basic_channel",
    "- Basic channel usage": "test_basic_channel",
    "- Component integration": "test_chat_component",
    "- Room management": "test_room_chat",
    "- Real-time chat application": "test_people_talk_in_rooms",
}


def asked_for() -> set[tuple[str, int]]:
    """The snippets that scenarios name in calls of ``snippet``."""
    asked: set[tuple[str, int]] = set()
    for module in (client, servers):
        assert module.__file__
        for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "snippet":
                section, number = (*map(ast.unparse, node.args), "0")[:2]
                name = eval(section, dict(vars(module)))
                computed = not number.isdigit()
                asked |= {key for key in snippets() if key[0] == name and (computed or key[1] == int(number))}
    return asked


def test_every_snippet_is_run_by_a_scenario() -> None:
    assert set(snippets()) - asked_for() == set(COMPONENTS)


def test_every_block_of_code_is_a_snippet() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert len(snippets()) == len(re.findall(r"^ *```\w", text, re.MULTILINE))


def test_every_sentence_is_shown_to_be_true() -> None:
    shown = [sentence for scenario in SCENARIOS.values() for sentence in scenario.says]
    assert sorted([*shown, *EXAMPLES]) == sorted(sentences())


@pytest.mark.parametrize("name", sorted({*COMPONENTS.values(), *EXAMPLES.values()}))
def test_the_tests_in_pages_exist(name: str) -> None:
    assert any(hasattr(import_module(f"e2e.{module}"), name) for module in ("test_spec", "test_chat"))


def test_the_names_of_scenarios_are_those_of_sections() -> None:
    titles = re.findall(r"^##+ (?:\d\. )?(.*)$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    words = [re.sub(r"\W+", "_", title).strip("_").lower() for title in [*titles, "introduction"]]
    for name in SCENARIOS:
        assert any(title in name for title in words), name
